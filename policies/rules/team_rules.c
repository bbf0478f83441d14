/*
 * team.rules: the team's own assertions (IsolationTier.spec.rules). Each
 * finding carries the assertion's id and message.
 */
#include "policies/lifetime.h"
#include "policies/rules/all.h"
#include "policies/says.h"
#include "policies/team_path.h"

struct judging {
	const struct check *c;
	const struct team_rule *rule;
	enum action action;
};

static void report(const struct judging *j, const struct path *path,
		   struct str found, struct str wanted)
{
	const struct team_rule *r = j->rule;
	struct says says = { found, wanted, r->message };

	if (r->from_pod)
		check_template_as(j->c, j->action, r->id, path, says);
	else
		check_object_as(j->c, j->action, r->id, path, says);
}

/* A scalar as text, as the assertion's author wrote it. */
static struct str scalar_text(const struct json *v)
{
	if (json_is(v, JSON_BOOL))
		return json_is_true(v) ? STR("true") : STR("false");
	return json_text(v);
}

static bool contains(const struct strs *list, struct str s)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i], s))
			return true;
	return false;
}

/* What a value violates, as "wanted ..."; p NULL when nothing. */
static struct str judge_pattern(struct arena *a, const struct pattern *p,
				bool match, struct str text)
{
	enum pattern_result result;

	if (!p)
		return STR_NONE;
	result = pattern_match(p, text);
	if (result == (match ? PATTERN_YES : PATTERN_NO))
		return STR_NONE;
	return arena_printf(
		a, "text that %s %.*s%s", match ? "matches" : "does not match",
		STR_ARG(says_quoted(a, pattern_text(p))),
		result == PATTERN_LIMIT ? " (matching was given up)" : "");
}

static struct str judge_text(struct arena *a, const struct team_rule *r,
			     struct str text)
{
	struct str wanted = judge_pattern(a, r->matches, true, text);

	if (!wanted.p)
		wanted = judge_pattern(a, r->not_matches, false, text);
	if (wanted.p)
		return wanted;
	if (r->in.n && !contains(&r->in, text))
		return says_one_of(a, &r->in);
	if (r->not_in.n && contains(&r->not_in, text))
		return arena_printf(a, "none of %.*s",
				    STR_ARG(says_names(a, &r->not_in)));
	return STR_NONE;
}

static struct str judge_quantity(struct arena *a, const struct team_rule *r,
				 const struct json *v)
{
	struct error err = ERROR_INIT;
	struct quantity q;

	if (!r->min.set && !r->max.set)
		return STR_NONE;
	if (quantity_parse(json_text(v), &q, &err) < 0)
		return arena_printf(a, "a number or quantity (%s)", err.msg);
	if (r->min.set && quantity_cmp(q, r->min) < 0)
		return arena_printf(a, "at least %.*s",
				    STR_ARG(quantity_str(a, r->min)));
	if (r->max.set && quantity_cmp(q, r->max) > 0)
		return arena_printf(a, "at most %.*s",
				    STR_ARG(quantity_str(a, r->max)));
	return STR_NONE;
}

static bool needs_scalar(const struct team_rule *r)
{
	return r->matches || r->not_matches || r->in.n || r->not_in.n ||
	       r->min.set || r->max.set;
}

static struct str judge_value(struct arena *a, const struct team_rule *r,
			      const struct json *v)
{
	struct str wanted;

	if (json_is_false(r->exists))
		return STR("nothing there");
	if (!needs_scalar(r))
		return STR_NONE;
	if (json_is(v, JSON_OBJECT) || json_is(v, JSON_ARRAY))
		return STR("a single value");
	wanted = judge_text(a, r, scalar_text(v));
	return wanted.p ? wanted : judge_quantity(a, r, v);
}

static struct str judge_missing(struct arena *a, const struct team_rule *r)
{
	if (json_is_true(r->exists))
		return STR("a value");
	if (r->matches)
		return arena_printf(
			a, "text that matches %.*s",
			STR_ARG(says_quoted(a, pattern_text(r->matches))));
	if (r->in.n)
		return says_one_of(a, &r->in);
	return STR_NONE;
}

static struct str judge_match(struct arena *a, const struct team_rule *r,
			      const struct team_match *m)
{
	switch (m->reach) {
	case TEAM_REACH_VALUE:
		return judge_value(a, r, m->value);
	case TEAM_REACH_MISSING:
		return judge_missing(a, r);
	case TEAM_REACH_TYPE:
		return STR("an object or a list that the path can follow");
	}
	BUG("unknown end of a path");
}

static bool judge(const struct team_match *m, void *context)
{
	struct judging *j = context;
	struct arena *a = j->c->target->arena;
	struct str wanted = judge_match(a, j->rule, m);

	/* To the end: on an update of a Pod a later one may weigh more. */
	if (wanted.p)
		report(j, m->path, says_is(a, m->value), wanted);
	return true;
}

/* What a controller made from an object that was judged itself. */
static bool is_made(const struct target *t)
{
	if (t->kind == SUBJECT_POD)
		return target_owned_by(t, STR(GROUP_AGENTS), STR("Sandbox"));
	return t->kind == SUBJECT_SANDBOX && lifetime_is_controlled(t);
}

static void judge_pod(struct judging *j)
{
	const struct target *t = j->c->target;
	struct json_member members[2];
	struct json holder = json_make_object();

	if (!json_exists(t->pod_spec) && !json_exists(t->pod_metadata))
		return;
	/* The two may come from a claim and its template merged: what holds
	 * them is put together here. */
	members[0] = (struct json_member){ .key = STR("metadata"),
					   .value = *t->pod_metadata };
	members[1] = (struct json_member){ .key = STR("spec"),
					   .value = *t->pod_spec };
	holder.u.members = members;
	holder.n = ARRAY_LEN(members);
	team_path_each(j->rule->path, NULL, &holder, judge, j);
}

static void check(const struct check *c)
{
	const struct target *t = c->target;
	bool made = t->tier->n_rules && is_made(t);

	for (size_t i = 0; i < t->tier->n_rules; i++) {
		const struct team_rule *r = &t->tier->rules[i];
		struct judging j = { c, r,
				     action_of_enforcement(r->enforcement) };

		if (r->from_pod)
			judge_pod(&j);
		else if (!made)
			team_path_each(r->path, NULL, t->object, judge, &j);
	}
}

const struct rule rule_team_rules = {
	.id = "team.rules",
	.kinds = SUBJECT_ALL,
	.title = "The team's own assertions hold",
	.doc = "A tier may carry assertions of the team's own in `spec.rules`: "
	       "a path, operators and a message. They are judged beside the "
	       "built-in rules, under their own ids, which is what messages "
	       "and exceptions name. `from: Object` (the default) judges what "
	       "a person applied: not the Pods of a Sandbox, nor the Sandboxes "
	       "of a claim or a warm pool, whose labels a controller wrote. "
	       "`from: Pod` starts at the Pod template, whatever kind holds "
	       "it, "
	       "and judges every Pod: use it for all that must be true of what "
	       "runs. All operators of one assertion must hold.\n\n"
	       "- `matches`, `in`, `exists: true`: a field that is not set "
	       "violates them.\n"
	       "- `notMatches`, `notIn`, `exists: false`, `min`, `max`: a "
	       "field "
	       "that is not set satisfies them. Add `exists: true` where it "
	       "must be set.\n"
	       "- `min` and `max` compare quantities: `500m`, `2Gi`, `3`. What "
	       "is no quantity is refused.\n"
	       "- Patterns look at the text of a string, number or boolean; a "
	       "pattern that takes too long refuses.\n"
	       "- `[*]` stands for every item of a list, or every value of a "
	       "map; over an empty or missing one nothing is asserted. null "
	       "counts as not set; a value of a type through which the path "
	       "cannot lead is refused.",
	.fields = "whatever the assertions name",
	.check = check,
};
