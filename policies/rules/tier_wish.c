/* tier.wish: the tier that an object asks for exists and may be asked for. */
#include "policies/rules/all.h"

static struct says unknown(const struct check *c)
{
	const struct target *t = c->target;
	const struct selection *s = t->selection;
	struct str names = snapshot_tier_names(t->arena, t->snapshot);

	return (struct says){
		.found = arena_printf(
			t->arena, "tier \"%.*s\" of %.*s does not exist",
			STR_ARG(s->problem_tier), STR_ARG(s->problem_who)),
		.wanted = arena_printf(t->arena, "one of %.*s", STR_ARG(names)),
		.fix = snapshot_tier_fix(t->arena, t->snapshot,
					 s->problem_tier),
	};
}

static struct says too_weak(const struct check *c)
{
	const struct target *t = c->target;
	const struct selection *s = t->selection;
	const struct tier *wish = snapshot_tier(t->snapshot, s->problem_tier);

	return (struct says){
		.found = arena_printf(t->arena,
				      "tier \"%.*s\" (strength %lld) of %.*s "
				      "is weaker than the floor",
				      STR_ARG(wish->name),
				      (long long)wish->strength,
				      STR_ARG(s->problem_who)),
		.wanted = arena_printf(t->arena,
				       "\"%.*s\" (strength %lld) or stronger, "
				       "by %.*s",
				       STR_ARG(s->floor->name),
				       (long long)s->floor->strength,
				       STR_ARG(s->floor_who)),
		.fix = STR("remove the label, or ask for a stronger tier"),
	};
}

static struct says not_allowed(const struct check *c)
{
	const struct target *t = c->target;
	const struct selection *s = t->selection;

	return (struct says){
		.found = arena_printf(t->arena,
				      "tier \"%.*s\" of %.*s is not allowed "
				      "here",
				      STR_ARG(s->problem_tier),
				      STR_ARG(s->wish_who)),
		.wanted = arena_printf(t->arena,
				       "a tier in the allowed list of %.*s",
				       STR_ARG(s->problem_who)),
		.fix = STR("choose an allowed tier, or remove the label"),
	};
}

static void check(const struct check *c)
{
	const struct path metadata = PATH_KEY(NULL, "metadata");
	const struct path labels = PATH_KEY(&metadata, "labels");
	const struct path label = PATH_KEY(&labels, LABEL_TIER);
	/* What was let in before and is not touched is only told. */
	enum action action = c->target->unchanged ? ACTION_WARN : c->action;

	switch (c->target->selection->problem) {
	case SELECTION_OK:
		return;
	case SELECTION_UNKNOWN_TIER:
		check_object_as(c, action, STR_NONE, &label, unknown(c));
		return;
	case SELECTION_TOO_WEAK:
		check_object_as(c, action, STR_NONE, &label, too_weak(c));
		return;
	case SELECTION_NOT_ALLOWED:
		check_object_as(c, action, STR_NONE, &label, not_allowed(c));
		return;
	}
}

const struct rule rule_tier_wish = {
	.id = "tier.wish",
	.kinds = SUBJECT_ALL,
	.always = true,
	.title = "The tier asked for exists and is strong enough",
	.doc = "The label `bulkhead.dev/tier` on a Sandbox, template, claim or "
	       "warm pool asks for a tier. It may ask for more isolation than "
	       "the floor, never for less: a weaker wish is refused rather "
	       "than silently raised, because overriding a person's text is "
	       "drift for every GitOps tool. Under a tier with `enforcement: "
	       "Warn` it is raised with a warning.\n\n"
	       "A name that is no tier is always refused, also on a "
	       "namespace's `bulkhead.dev/enforce` label. What else is wrong "
	       "is told as if the name were not there.",
	.fields = "metadata.labels[bulkhead.dev/tier]",
	.check = check,
};
