/* bulkhead check: every object of the files, judged and told. */
#include <stdio.h>
#include <unistd.h>

#include "cli/report.h"
#include "cli/terminal.h"
#include "cli/verbs/all.h"
#include "lib/file.h"

struct gather {
	struct arena *arena;
	const struct world *world;
	struct report report;
	struct report_object *objects;
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

static void gather_document(struct gather *g, struct arena *scratch,
			    const struct document *d)
{
	struct report_object *o = &g->objects[g->report.n_objects++];
	const struct selection *s;
	struct judgement j;

	world_judge(scratch, g->world, d, &j);
	s = &j.validation.selection;
	*o = (struct report_object){
		.path = d->file->path,
		.api_version = json_str(
			json_get(d->subject.object, STR("apiVersion"))),
		.kind = d->subject.kind,
		.ns = d->subject.ns,
		.name = d->subject.name,
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

static void gather(struct gather *g, const struct settings *s)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT;
	const struct world *w = g->world;
	bool progress = isatty(STDERR_FILENO) && w->n_documents > 5000;

	g->objects = arena_new(g->arena, struct report_object, w->n_documents);
	for (size_t i = 0; i < w->n_documents; i++) {
		gather_document(g, &scratch, &w->documents[i]);
		arena_reset(&scratch);
		if (progress && i % 1000 == 0)
			fprintf(stderr, "\r%zu of %zu objects", i,
				w->n_documents);
	}
	if (progress)
		fputs("\r\033[K", stderr);
	g->report.objects = g->objects;
	g->report.problems = w->problems;
	g->report.n_problems = w->n_problems;
	g->report.policy_digest = w->snapshot->digest;
	g->report.color = terminal_wants_color((enum terminal_color)s->color);
	g->report.width = terminal_width();
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
	size_t n = 0;
	int code;

	if (!operands->n)
		return verb_usage(&verb_check, "no path given");
	code = plan_outputs(s, outputs, &n);
	if (code)
		return code;
	code = (int)world_load(&w, s, operands);
	if (code == EXIT_CLEAN) {
		gather(&g, s);
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
	OPTION_END,
};

const struct verb verb_check = {
	.name = "check",
	.operands = "PATH...",
	.title = "Judge manifests by the tiers, as the cluster would",
	.doc = "Reads files, folders (all .yaml, .yml and .json files below "
	       "them) and \"-\" for standard\n"
	       "input. Each object is filled in by its tier, then judged; "
	       "every "
	       "violation is told with\n"
	       "file, line and column, the rule, and the cure. Files that "
	       "cannot be read are told too,\n"
	       "the others are still judged.",
	.examples = "  bulkhead check manifests/\n"
		    "  kustomize build . | bulkhead check -\n"
		    "  bulkhead check -o sarif --output-file bulkhead.sarif -o "
		    "table manifests/",
	.options = options,
	.reads_objects = true,
	.completes_paths = true,
	.run = run,
};
