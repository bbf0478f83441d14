/* One case: load, judge, compare. */
#include "cli/policy_test_run.h"

#include <stdlib.h>

#include "cli/world.h"
#include "lib/json_write.h"
#include "policies/load.h"

struct run {
	struct arena *arena;
	const struct policy_test *test;
	const struct policy_case *test_case;
	struct world world;
	struct settings settings;
	struct texts *complaints;
	struct judgement *judgements; /* of each document */
	struct file inline_file;      /* of objects that stand in the test */
};

PRINTF_LIKE(2, 3)
static void complain(struct run *r, const char *fmt, ...)
{
	struct texts *list = r->complaints;
	struct error line;
	va_list args;

	va_start(args, fmt);
	error_vset(&line, ERR_INPUT, fmt, args);
	va_end(args);
	list->v = arena_grow(r->arena, list->v, list->n, &list->cap,
			     sizeof(*list->v));
	list->v[list->n++] = arena_str(r->arena, str_of(line.msg));
}

/* ---- loading ---- */

static struct str resolve(struct arena *a, const struct policy_test *t,
			  struct str path)
{
	if (str_starts(path, STR("/")))
		return arena_str(a, path);
	return arena_printf(a, "%.*s%.*s", STR_ARG(t->folder), STR_ARG(path));
}

static void add_path(struct arena *a, struct texts *list, struct str path)
{
	list->v = arena_grow(a, list->v, list->n, &list->cap, sizeof(*list->v));
	list->v[list->n++] = path;
}

/* The file names among them. */
static struct texts paths_of(struct run *r, const struct json *objects)
{
	struct texts paths = { .n = 0 };

	json_each_item(item, objects) {
		if (json_is(item, JSON_STRING))
			add_path(r->arena, &paths,
				 resolve(r->arena, r->test, json_str(item)));
	}
	return paths;
}

int policy_test_load(struct arena *a, const struct policy_test *t,
		     struct snapshot **out, struct error *err)
{
	struct str path = STR("");

	if (t->tiers.n)
		path = resolve(a, t, t->tiers);
	if (load_policies(path, out, err) < 0)
		return error_wrap(err, "%.*s: spec.tiers", STR_ARG(t->path));
	return 0;
}

static void add_inline(struct run *r)
{
	json_each_item(item, r->test_case->objects) {
		if (json_is(item, JSON_OBJECT))
			world_add(&r->world, &r->inline_file, item,
				  r->settings.namespace);
	}
}

static int load(struct run *r, struct snapshot *set, struct error *err)
{
	const struct policy_test *t = r->test;
	struct world *w = &r->world;
	struct texts paths = paths_of(r, r->test_case->objects);

	r->settings = (struct settings){
		.namespace = STR("default"),
		.namespace_labels = t->namespace_labels,
		.cluster_objects = paths_of(r, t->cluster_objects),
		.now = t->now,
	};
	r->inline_file.path = t->path;
	if (world_begin(w, &r->settings, snapshot_ref(set), err) < 0)
		return -1;
	json_each_item(item, t->cluster_objects) {
		if (json_is(item, JSON_OBJECT))
			world_know(w, &r->inline_file, item,
				   r->settings.namespace);
	}
	world_read(w, &paths, r->settings.namespace);
	add_inline(r);
	if (world_settle(w, &r->settings, err) < 0)
		return -1;
	world_tell_problems(w);
	if (!w->n_problems && w->n_documents)
		return 0;
	return error_set(err, ERR_INPUT, "case \"%.*s\" %s",
			 STR_ARG(r->test_case->name),
			 w->n_problems ? "has an object that cannot be read"
				       : "has no object");
}

static void judge(struct run *r)
{
	size_t n = r->world.n_documents;

	r->judgements = arena_new(r->arena, struct judgement, n);
	for (size_t i = 0; i < n; i++)
		world_judge(r->arena, &r->world, &r->world.documents[i],
			    &r->judgements[i]);
}

/* ---- comparing ---- */

/* Every finding that a person would be told. */
static void each_finding(struct run *r,
			 void (*fn)(struct run *r, const struct finding *f,
				    void *context),
			 void *context)
{
	for (size_t i = 0; i < r->world.n_documents; i++) {
		const struct verdict *v = &r->judgements[i].validation.verdict;

		for (size_t k = 0; k < v->n_findings; k++)
			if (v->findings[k].action >= ACTION_WARN)
				fn(r, &v->findings[k], context);
	}
}

static void strongest(struct run *r, const struct finding *f, void *context)
{
	int *verdict = context;
	int its = f->action == ACTION_DENY ? EXPECTED_DENY : EXPECTED_WARN;

	(void)r;
	if (its > *verdict)
		*verdict = its;
}

static void quote(struct run *r, const struct finding *f, void *context)
{
	struct str message = finding_message(r->arena, f);

	(void)context;
	complain(r, "  %s: %.*s", action_name(f->action), STR_ARG(message));
}

static void compare_verdict(struct run *r)
{
	int wanted = r->test_case->expect.verdict, got = EXPECTED_PASS;

	each_finding(r, strongest, &got);
	if (got == wanted)
		return;
	complain(r, "verdict is %s, wanted %s%s", expected_verdict_names[got],
		 expected_verdict_names[wanted],
		 got == EXPECTED_PASS ? "" : ":");
	each_finding(r, quote, NULL);
}

static bool listed(const struct strs *list, struct str s)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i], s))
			return true;
	return false;
}

static void collect(struct run *r, const struct finding *f, void *context)
{
	struct texts *ids = context;

	for (size_t i = 0; i < ids->n; i++)
		if (str_eq(ids->v[i], f->id))
			return;
	add_path(r->arena, ids, f->id);
}

static void compare_rules(struct run *r)
{
	const struct strs *wanted = &r->test_case->expect.rules;
	struct texts got = { .n = 0 };
	struct strs found;

	if (!r->test_case->expect.has_rules)
		return;
	each_finding(r, collect, &got);
	found = (struct strs){ got.v, got.n };
	if (got.n)
		qsort(got.v, got.n, sizeof(*got.v), str_cmp_qsort);
	for (size_t i = 0; i < wanted->n; i++)
		if (!listed(&found, wanted->v[i]))
			complain(r, "rule %.*s found nothing",
				 STR_ARG(wanted->v[i]));
	for (size_t i = 0; i < found.n; i++)
		if (!listed(wanted, found.v[i]))
			complain(r, "rule %.*s found something unexpected",
				 STR_ARG(found.v[i]));
}

static void compare_tier_of(struct run *r, const struct judgement *j)
{
	const struct selection *s = &j->validation.selection;
	struct str wanted = r->test_case->expect.tier, title;

	if (str_eq(s->effective->name, wanted))
		return;
	title = document_title(r->arena, j->document);
	complain(r, "tier of %.*s is %.*s by %.*s, wanted %.*s", STR_ARG(title),
		 STR_ARG(s->effective->name), STR_ARG(s->effective_who),
		 STR_ARG(wanted));
}

static void compare_tier(struct run *r)
{
	struct str wanted = r->test_case->expect.tier;
	bool governed = false;

	if (!wanted.n)
		return;
	for (size_t i = 0; i < r->world.n_documents; i++) {
		const struct judgement *j = &r->judgements[i];

		if (!j->validation.selection.effective)
			continue;
		governed = true;
		compare_tier_of(r, j);
	}
	if (!governed)
		complain(r, "no tier governs, wanted %.*s", STR_ARG(wanted));
}

/* What stands at a path: before filling, and after. */
struct sight {
	const struct json *value; /* wanted; NULL: any */
	size_t set, equal;
	struct json last;
};

static bool look(const struct team_match *match, void *context)
{
	struct sight *sight = context;

	if (match->reach != TEAM_REACH_VALUE)
		return true;
	sight->set++;
	sight->last = *match->value;
	sight->equal += !sight->value || json_equal(match->value, sight->value);
	return true;
}

static void compare_fill(struct run *r, const struct expected_fill *fill)
{
	struct sight after = { .value = fill->value };
	bool filled = false;
	struct str text;

	for (size_t i = 0; i < r->world.n_documents; i++) {
		const struct judgement *j = &r->judgements[i];
		struct sight before = { .value = NULL };

		team_path_each(fill->path, NULL, j->document->subject.object,
			       look, &before);
		if (!before.set)
			team_path_each(fill->path, NULL, &j->mutation.filled,
				       look, &after);
		filled |= after.equal > 0;
	}
	if (filled)
		return;
	text = after.set ? json_to_str(r->arena, &after.last) : STR("nothing");
	complain(r, "%.*s is filled with %.*s, wanted %.*s",
		 STR_ARG(fill->text), STR_ARG(text),
		 STR_ARG(fill->value ? json_to_str(r->arena, fill->value)
				     : STR("a value")));
}

struct search {
	const struct pattern *pattern;
	bool found;
};

static void search(struct run *r, const struct finding *f, void *context)
{
	struct search *s = context;

	s->found |= pattern_match(s->pattern, finding_message(r->arena, f)) ==
		    PATTERN_YES;
}

static void compare_message(struct run *r)
{
	struct search s = { .pattern = r->test_case->expect.message };

	if (!s.pattern)
		return;
	each_finding(r, search, &s);
	if (s.found)
		return;
	complain(r, "no message matches \"%.*s\"",
		 STR_ARG(pattern_text(s.pattern)));
	each_finding(r, quote, NULL);
}

int policy_case_run(struct arena *a, const struct policy_test *t,
		    const struct policy_case *c, struct snapshot *set,
		    struct texts *complaints, struct error *err)
{
	const struct expected_fill *fills = c->expect.filled.v;
	struct run r = {
		.arena = a, .test = t, .test_case = c, .complaints = complaints
	};
	int result = load(&r, set, err);

	if (result == 0) {
		judge(&r);
		compare_verdict(&r);
		compare_rules(&r);
		compare_tier(&r);
		for (size_t i = 0; i < c->expect.filled.n; i++)
			compare_fill(&r, &fills[i]);
		compare_message(&r);
	}
	world_release(&r.world);
	return result;
}
