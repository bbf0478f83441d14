/* bulkhead explain: which tier an object got, why, and what each rule said. */
#include "cli/explanation.h"

#include "cli/live.h"
#include "cli/verbs/all.h"
#include "lib/json_write.h"

enum format { TEXT, JSON };

enum { NAMES_MAX = 512, NEAR_MAX = 3 };

/* "agent", "team-a/agent" or "Sandbox/agent". */
static bool matches(const struct document *d, struct str name)
{
	const struct subject *s = &d->subject;
	size_t slash = str_find(name, '/');
	struct str before = str_sub(name, 0, slash);
	struct str after = str_sub(name, slash + 1, name.n);

	if (slash == name.n)
		return str_eq(s->name, name);
	return str_eq(s->name, after) &&
	       (str_eq(s->ns, before) || str_eq(s->kind, before));
}

static void forget(const char **names, struct str name)
{
	for (; *names; names++)
		if (str_is(name, *names))
			*names = "";
}

/* "agent-1, agent-2": each name once, whatever its namespaces. */
static struct str nearest(struct arena *a, const struct world *w,
			  struct str name)
{
	const char *names[NAMES_MAX], *near;
	struct str shown = STR("");
	size_t n = 0;

	for (size_t i = 0; i < w->n_documents && n + 1 < NAMES_MAX; i++)
		names[n++] = arena_str(a, w->documents[i].subject.name).p;
	names[n] = NULL;
	for (size_t i = 0; i < NEAR_MAX; i++) {
		near = decode_nearest(name, names);
		if (!near)
			break;
		shown = shown.n ? arena_printf(a, "%.*s, %s", STR_ARG(shown),
					       near)
				: str_of(near);
		forget(names, str_of(near));
	}
	return shown;
}

static int unknown(struct arena *a, const struct world *w, struct str name)
{
	struct str near = nearest(a, w, name);

	if (!near.n)
		return verb_usage(&verb_explain,
				  "no object is named \"%.*s\" here",
				  STR_ARG(name));
	return verb_usage(&verb_explain,
			  "no object is named \"%.*s\", the nearest: %.*s",
			  STR_ARG(name), STR_ARG(near));
}

static void explain_one(const struct world *w, const struct document *d,
			enum format format, struct buf *out)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct judgement j;
	struct json tree;

	world_judge(&a, w, d, &j);
	switch (format) {
	case TEXT:
		explanation_text(&a, out, &j);
		break;
	case JSON:
		tree = explanation_json(&a, &j);
		json_write(out, &tree);
		break;
	}
}

static bool is_governed(const struct world *w, const struct document *d)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct selection s;

	selection_make(&a, w->snapshot, w->inventory, &d->subject, &s);
	return s.effective || s.problem != SELECTION_OK;
}

/* What is to be explained, and where to. */
struct task {
	struct world *world;
	struct texts paths;
	struct str name;   /* of a document; empty: all that are governed */
	struct texts live; /* names of objects in the cluster */
	enum format format;
	struct buf out;
	size_t n; /* explained so far */
};

static void explain_next(struct task *t, const struct document *d)
{
	if (t->n++)
		buf_puts(&t->out, t->format == JSON ? ",\n" : "\n");
	explain_one(t->world, d, t->format, &t->out);
}

static void explain_live(const struct document *d, void *context)
{
	struct task *t = context;

	if (t->live.n || is_governed(t->world, d))
		explain_next(t, d);
}

static void explain_all(struct task *t, const struct settings *s)
{
	const struct live_visit visit = { &t->live, explain_live, t };
	const struct world *w = t->world;

	for (size_t i = 0; i < w->n_documents; i++) {
		const struct document *d = &w->documents[i];

		if (t->name.n ? matches(d, t->name) : is_governed(w, d))
			explain_next(t, d);
	}
	if (w->live && !t->paths.n)
		live_each(t->world, s, &visit);
}

static int explain(struct arena *a, struct task *t, const struct settings *s)
{
	const struct world *w = t->world;

	if (t->format == JSON)
		buf_puts(&t->out, "[");
	explain_all(t, s);
	if (t->format == JSON)
		buf_puts(&t->out, "]\n");
	if (!t->n && t->name.n && !w->n_problems)
		return unknown(a, w, t->name);
	if (verb_print(&t->out))
		return EXIT_INTERNAL;
	world_tell_problems(w);
	return w->n_problems ? EXIT_UNREADABLE : EXIT_CLEAN;
}

static int run(struct arena *a, const struct settings *s,
	       const struct texts *operands)
{
	struct world w;
	struct task t = { .world = &w,
			  .format = (enum format)s->format,
			  .out = BUF_INIT(VERB_OUTPUT_MAX) };
	bool live = live_is_wanted(s);
	int code;

	if (operands->n > 2 || (!operands->n && !live))
		return verb_usage(&verb_explain,
				  "wanted a path, and a name perhaps");
	if (live && operands->n == 1)
		live_split(a, operands, &t.paths, &t.live);
	else
		t.paths = (struct texts){ operands->v, operands->n > 0, 0 };
	if (operands->n == 2)
		t.name = operands->v[1];
	code = (int)world_load(&w, s, &t.paths);
	if (code == EXIT_CLEAN)
		code = explain(a, &t, s);
	buf_release(&t.out);
	world_release(&w);
	return code;
}

static const char *const format_names[] = { "text", "json", NULL };

static const struct option options[] = {
	OPTION(struct settings, format, .name = "output", .letter = 'o',
	       .type = OPTION_CHOICE, .argument = "FORMAT",
	       .choices = format_names,
	       .help = "how it is told (default: text)"),
	LIVE_OPTIONS,
	OPTION_END,
};

const struct verb verb_explain = {
	.name = "explain",
	.operands = "PATH [NAME] | KIND/NAME",
	.title = "Tell which tier an object has, why, and what each rule says",
	.doc = "NAME is a name, NAMESPACE/NAME or KIND/NAME; without it, every "
	       "object that a tier\n"
	       "governs is explained. First the steps: who set which floor, "
	       "who wished for which tier,\n"
	       "what came of it. Then every rule: what it filled in, what it "
	       "found, or that it has\n"
	       "nothing to say about this kind. Explaining is no judgement: "
	       "the exit status is 0\n"
	       "also when rules refuse the object.\n\n"
	       "With --context KIND/NAME is an object of that cluster, as it "
	       "is there; without it and\n"
	       "without a path, all that a tier governs there are explained.",
	.examples = "  bulkhead explain manifests/ agent-1\n"
		    "  bulkhead explain -o json sandbox.yaml Sandbox/agent-1\n"
		    "  bulkhead explain --context prod -n team-a "
		    "Sandbox/agent-1",
	.options = options,
	.reads_objects = true,
	.completes_paths = true,
	.run = run,
};
