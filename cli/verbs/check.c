/* bulkhead check: every object of the files, judged and told. */
#include <stdio.h>
#include <unistd.h>

#include "cli/live.h"
#include "cli/report.h"
#include "cli/terminal.h"
#include "cli/verbs/all.h"
#include "lib/file.h"

struct gather {
	struct arena *arena;
	const struct world *world;
	struct arena scratch; /* as long as a judgement */
	struct report report;
	struct report_object *objects;
	size_t cap;
};

static void count_findings(struct report *r, const struct report_object *o)
{
	for (size_t i = 0; i < o->n_findings; i++)
		switch (o->findings[i].action) {
		case ACTION_EXCEPTED:
			r->excepted++;
			break;
		case ACTION_AUDIT:
			r->audited++;
			break;
		case ACTION_WARN:
			r->warned++;
			break;
		case ACTION_DENY:
			r->denied++;
			break;
		}
}

/* Judgements live in a scratch arena; what the report shows is copied. */
static struct str keep(struct gather *g, struct str s)
{
	return s.n ? arena_str(g->arena, s) : STR("");
}

static void keep_findings(struct gather *g, struct report_object *o,
			  const struct verdict *v)
{
	struct finding *copy =
		arena_new(g->arena, struct finding, v->n_findings);

	for (size_t i = 0; i < v->n_findings; i++) {
		struct finding *f = &copy[i];

		*f = v->findings[i];
		f->id = keep(g, f->id);
		f->field = keep(g, f->field);
		f->origin = keep(g, f->origin);
		f->found = keep(g, f->found);
		f->wanted = keep(g, f->wanted);
		f->fix = keep(g, f->fix);
		f->who = keep(g, f->who);
	}
	o->findings = copy;
	o->n_findings = v->n_findings;
}

static void keep_fills(struct gather *g, struct report_object *o,
		       const struct verdict *v)
{
	struct filled *copy = arena_new(g->arena, struct filled, v->n_fills);

	for (size_t i = 0; i < v->n_fills; i++) {
		copy[i] = v->fills[i];
		copy[i].field = keep(g, copy[i].field);
		copy[i].pointer = keep(g, copy[i].pointer);
		copy[i].value = json_copy(g->arena, &copy[i].value);
	}
	o->fills = copy;
	o->n_fills = v->n_fills;
}

/* The cluster is full of what is none of ours; files are what was given. */
static bool is_told(const struct document *d, const struct judgement *j)
{
	return !d->live || live_is_agent(d) || j->validation.governed ||
	       j->validation.verdict.n_findings;
}

static void gather_document(struct gather *g, const struct document *d)
{
	struct report_object *o;
	const struct selection *s;
	struct judgement j;

	world_judge(&g->scratch, g->world, d, &j);
	if (!is_told(d, &j))
		return;
	g->objects = arena_grow(g->arena, g->objects, g->report.n_objects,
				&g->cap, sizeof(*g->objects));
	o = &g->objects[g->report.n_objects++];
	s = &j.validation.selection;
	*o = (struct report_object){
		.path = keep(g, d->file->path),
		.api_version = keep(g, json_str(json_get(d->subject.object,
							 STR("apiVersion")))),
		.kind = keep(g, d->subject.kind),
		.ns = keep(g, d->subject.ns),
		.name = keep(g, d->subject.name),
		.at = d->written.start,
		.governed = j.validation.governed,
		.known = d->kind != NULL,
		.action = verdict_action(&j.validation.verdict),
	};
	if (s->effective) {
		o->tier = s->effective->name;
		o->tier_who = keep(g, s->effective_who);
	}
	keep_findings(g, o, &j.validation.verdict);
	keep_fills(g, o, &j.mutation.verdict);
	count_findings(&g->report, o);
	g->report.objects_denied += o->action == ACTION_DENY;
	g->report.objects_governed += o->governed;
}

static void gather_live(const struct document *d, void *context)
{
	struct gather *g = context;

	gather_document(g, d);
	arena_reset(&g->scratch);
}

static void gather_files(struct gather *g)
{
	const struct world *w = g->world;
	bool progress = isatty(STDERR_FILENO) && w->n_documents > 5000;

	for (size_t i = 0; i < w->n_documents; i++) {
		gather_document(g, &w->documents[i]);
		arena_reset(&g->scratch);
		if (progress && i % 1000 == 0)
			fprintf(stderr, "\r%zu of %zu objects", i,
				w->n_documents);
	}
	if (progress)
		fputs("\r\033[K", stderr);
}

static void finish(struct gather *g, const struct settings *s)
{
	const struct world *w = g->world;

	g->report.objects = g->objects;
	g->report.problems = w->problems;
	g->report.n_problems = w->n_problems;
	g->report.policy_digest = w->snapshot->digest;
	g->report.color = terminal_wants_color((enum terminal_color)s->color);
	g->report.width = terminal_width();
}

static void gather(struct gather *g, struct world *w, const struct settings *s,
		   const struct texts *names, bool files)
{
	const struct live_visit visit = { names, gather_live, g };

	gather_files(g);
	if (w->live && (names->n || !files))
		live_each(w, s, &visit);
	arena_release(&g->scratch);
	finish(g, s);
}

/* ---- output ---- */

struct output {
	const struct report_format *format;
	const char *path;
};

enum { OUTPUTS_MAX = 16 };

/* The n-th -o goes to the n-th --output-file, or to standard output. */
static int plan_outputs(const struct settings *s, struct output *out,
			size_t *planned)
{
	struct str names[OUTPUTS_MAX] = { STR("table") };
	size_t n = s->outputs.n ? s->outputs.n : 1;

	if (n > OUTPUTS_MAX)
		return verb_usage(&verb_check, "too many outputs: %d at most",
				  OUTPUTS_MAX);
	if (s->output_files.n > n)
		return verb_usage(&verb_check,
				  "more --output-file than --output");
	if (n > s->output_files.n + 1)
		return verb_usage(&verb_check,
				  "%zu outputs, wanted an --output-file for "
				  "all but one",
				  n);
	for (size_t i = 0; i < s->outputs.n; i++)
		names[i] = s->outputs.v[i];
	for (size_t i = 0; i < n; i++) {
		out[i].format = report_format_find(names[i]);
		out[i].path =
			i < s->output_files.n ? s->output_files.v[i].p : "-";
		if (!out[i].format)
			return verb_usage(&verb_check,
					  "--output is \"%.*s\", wanted table, "
					  "json, yaml, junit, sarif, github or "
					  "tap",
					  STR_ARG(names[i]));
	}
	*planned = n;
	return 0;
}

static int write_output(const struct output *o, const struct report *r)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(REPORT_BYTES_MAX);
	struct report plain = *r;
	struct error err = ERROR_INIT;

	if (!str_is(str_of(o->path), "-")) {
		plain.color = false;
		plain.width = 0;
	}
	o->format->write(&out, &plain);
	if (buf_failed(&out)) {
		error_set(&err, ERR_LIMIT, "the report is larger than %d bytes",
			  REPORT_BYTES_MAX);
		return verb_fail(EXIT_INTERNAL, &err);
	}
	if (file_write(o->path, buf_str(&out), &err) < 0)
		return verb_fail(EXIT_INTERNAL, &err);
	return 0;
}

static enum exit_code outcome(const struct settings *s, const struct report *r)
{
	if (r->n_problems)
		return EXIT_UNREADABLE;
	if (s->require_match && !r->objects_governed) {
		fputs("bulkhead check: no object here is governed by a tier\n",
		      stderr);
		return EXIT_FINDINGS;
	}
	switch ((enum fail_on)s->fail_on) {
	case FAIL_ON_DENY:
		return r->denied ? EXIT_FINDINGS : EXIT_CLEAN;
	case FAIL_ON_WARN:
		return r->denied || r->warned ? EXIT_FINDINGS : EXIT_CLEAN;
	case FAIL_ON_NEVER:
		return EXIT_CLEAN;
	}
	BUG("fail-on");
}

static int run(struct arena *a, const struct settings *s,
	       const struct texts *operands)
{
	struct output outputs[OUTPUTS_MAX];
	struct world w;
	struct gather g = { .arena = a, .world = &w };
	struct texts paths = *operands, names = { .n = 0 };
	size_t n = 0;
	int code;

	if (live_is_wanted(s))
		live_split(a, operands, &paths, &names);
	else if (!operands->n)
		return verb_usage(&verb_check,
				  "no path given (nor --context, for what is "
				  "in a cluster)");
	code = plan_outputs(s, outputs, &n);
	if (code)
		return code;
	code = (int)world_load(&w, s, &paths);
	if (code == EXIT_CLEAN) {
		gather(&g, &w, s, &names, paths.n > 0);
		for (size_t i = 0; i < n && code == 0; i++)
			code = write_output(&outputs[i], &g.report);
		if (code == 0)
			code = (int)outcome(s, &g.report);
	}
	world_release(&w);
	return code;
}

/* For help and completion; report_format_find decides. */
static const char *const output_names[] = { "table", "json",   "yaml", "junit",
					    "sarif", "github", "tap",  NULL };
static const char *const fail_on_names[] = { "deny", "warn", "never", NULL };

static const struct option options[] = {
	OPTION(struct settings, outputs, .name = "output", .letter = 'o',
	       .type = OPTION_TEXTS, .argument = "FORMAT",
	       .choices = output_names,
	       .help = "how it is told; may be given more than once"),
	OPTION(struct settings, output_files, .name = "output-file",
	       .type = OPTION_TEXTS, .argument = "FILE",
	       .help = "where the --output of the same rank goes"),
	OPTION(struct settings, fail_on, .name = "fail-on",
	       .type = OPTION_CHOICE, .argument = "WHAT",
	       .choices = fail_on_names,
	       .help = "which findings make the exit status 1 (default: deny)"),
	OPTION(struct settings, require_match, .name = "require-match",
	       .type = OPTION_FLAG,
	       .help = "exit with 1 when no object is governed by a tier"),
	OPTION(struct settings, color, .name = "color", .type = OPTION_CHOICE,
	       .argument = "WHEN", .choices = terminal_color_names,
	       .help = "colours in the table (default: at a terminal)"),
	LIVE_OPTIONS,
	OPTION_END,
};

const struct verb verb_check = {
	.name = "check",
	.operands = "[PATH | KIND/NAME]...",
	.title = "Judge manifests or live objects by the tiers, as the cluster "
		 "would",
	.doc = "Reads files, folders (all .yaml, .yml and .json files below "
	       "them) and \"-\" for standard\n"
	       "input. Each object is filled in by its tier, then judged; "
	       "every "
	       "violation is told with\n"
	       "file, line and column, the rule, and the cure. Files that "
	       "cannot be read are told too,\n"
	       "the others are still judged.\n\n"
	       "With --context (or --kubeconfig, --in-cluster) files are "
	       "judged "
	       "by the tiers of that\n"
	       "cluster, with its namespaces, RuntimeClasses, templates and "
	       "pools. Without a file, what\n"
	       "is in the cluster is judged, as it is: agent objects, Pods, "
	       "workloads, network policies\n"
	       "and namespaces, all of them or those of the namespaces that -n "
	       "names, or the objects\n"
	       "named by KIND/NAME. What is neither an agent object nor "
	       "governed by a tier is left\n"
	       "out. What may not be read is told, and the exit status is 3.",
	.examples = "  bulkhead check manifests/\n"
		    "  kustomize build . | bulkhead check -\n"
		    "  bulkhead check -o sarif --output-file bulkhead.sarif -o "
		    "table manifests/\n"
		    "  bulkhead check --context prod\n"
		    "  bulkhead check --context prod -n team-a "
		    "Sandbox/agent-1\n"
		    "  bulkhead check --context prod manifests/",
	.options = options,
	.reads_objects = true,
	.completes_paths = true,
	.run = run,
};
