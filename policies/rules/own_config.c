/* own.config: tiers, policies and exceptions that can be loaded. */
#include "lib/timestamp.h"
#include "policies/policy_fields.h"
#include "policies/rules/all.h"
#include "policies/says.h"
#include "policies/tier_uses.h"

/* Of an exception, in seconds. */
static const int64_t longest = INT64_C(90) * 24 * 60 * 60;

static const struct path metadata_at = { NULL, STR_INIT("metadata"), 0 };
static const struct path name_at = { &metadata_at, STR_INIT("name"), 0 };
static const struct path spec_at = { NULL, STR_INIT("spec"), 0 };

/* Labels and finalizers of what is stored already are not refused. */
static enum action most(const struct check *c)
{
	return c->target->unchanged ? ACTION_WARN : ACTION_DENY;
}

static void report(const struct check *c, enum action action,
		   const struct path *path, struct says says)
{
	check_object_as(c, action, STR_NONE, path, says);
}

/* True when there was none. */
static bool report_problems(const struct check *c, const struct decode *d)
{
	struct arena *a = c->target->arena;

	for (size_t i = 0; i < d->n_problems; i++)
		check_note(c, most(c), d->problems[i].path, d->problems[i].at,
			   (struct says){ .found = d->problems[i].msg });
	if (d->dropped)
		check_note(c, most(c), STR("spec"), c->target->object->start,
			   (struct says){ .found = arena_printf(
						  a, "has %zu more problems",
						  d->dropped) });
	return d->n_problems == 0;
}

/* ---- tiers ---- */

/* Beside a file the set may be another one than it is written for. */
static void check_strength(const struct check *c, const struct tier *tier)
{
	const struct target *t = c->target;
	const struct snapshot *s = t->snapshot;
	struct path path = PATH_KEY(&spec_at, "strength");
	enum action action = t->subject->from_file ? ACTION_WARN : most(c);

	for (size_t i = 0; i < s->n_tiers; i++) {
		if (s->tiers[i]->strength != tier->strength ||
		    str_eq(s->tiers[i]->name, tier->name))
			continue;
		report(c, action, &path,
		       (struct says){
			       arena_printf(t->arena,
					    "is %lld, the strength of tier "
					    "\"%.*s\"",
					    (long long)tier->strength,
					    STR_ARG(s->tiers[i]->name)),
			       STR("a strength of its own for each tier"),
			       STR("choose another number") });
	}
}

static void check_tier(const struct check *c)
{
	struct arena *a = c->target->arena;
	struct decode d = DECODE_INIT(a);
	struct patterns owned = { .n = 0 };
	struct tier tier;

	tier_decode(&d, c->target->object, &tier, &owned);
	for (size_t i = 0; i < owned.n; i++)
		pattern_free(&owned.v[i]);
	if (report_problems(c, &d))
		check_strength(c, &tier);
}

/* ---- policies ---- */

/* Only told: GitOps may bring the tier a moment later. */
static void check_known(const struct check *c, const struct path *path,
			struct str name)
{
	const struct target *t = c->target;
	struct str names;

	if (!name.n || snapshot_tier(t->snapshot, name))
		return;
	names = snapshot_tier_names(t->arena, t->snapshot);
	report(c, ACTION_WARN, path,
	       (struct says){
		       arena_printf(t->arena,
				    "names tier %s, which is not "
				    "there (yet)",
				    says_quoted(t->arena, name).p),
		       arena_printf(t->arena, "one of %.*s", STR_ARG(names)),
		       STR("apply the tier too: until then the set in "
			   "force stays the old one") });
}

static void check_policy_rule(const struct check *c, const struct path *item,
			      const struct policy_rule *rule)
{
	struct path floor = PATH_KEY(item, "floor");
	struct path allowed = PATH_KEY(item, "allowed");

	check_known(c, &floor, rule->floor_name);
	for (size_t i = 0; i < rule->allowed.n; i++) {
		struct path at = path_index(&allowed, i);

		check_known(c, &at, rule->allowed.v[i]);
	}
}

static void check_policy(const struct check *c)
{
	struct path fallback = PATH_KEY(&spec_at, "defaultTier");
	struct path list = PATH_KEY(&spec_at, "rules");
	struct decode d = DECODE_INIT(c->target->arena);
	struct policy policy = { .n_rules = 0 };

	policy_decode(&d, c->target->object, &policy);
	if (!report_problems(c, &d))
		return;
	check_known(c, &fallback, policy.default_tier_name);
	for (size_t i = 0; i < policy.n_rules; i++) {
		struct path item = path_index(&list, i);

		check_policy_rule(c, &item, &policy.rules[i]);
	}
}

/* ---- exceptions ---- */

static void check_exception(const struct check *c)
{
	const struct target *t = c->target;
	int64_t last = t->now + longest;
	struct path path = PATH_KEY(&spec_at, "expiresAt");
	struct decode d = DECODE_INIT(t->arena);
	struct exception e = { .expires_at = 0 };
	struct str found;

	exception_decode(&d, t->object, &e);
	if (!report_problems(c, &d) ||
	    (e.expires_at > t->now && e.expires_at <= last))
		return;
	found = says_is(t->arena, path_get(t->object, &path));
	report(c, most(c), &path,
	       (struct says){
		       arena_printf(t->arena, "%.*s, which is %s",
				    STR_ARG(found),
				    e.expires_at > t->now
					    ? "more than 90 days from now"
					    : "over"),
		       arena_printf(t->arena, "a time until %.*s",
				    STR_ARG(timestamp_str(t->arena, last))),
		       STR("choose a nearer end and renew it, or change the "
			   "tier") });
}

/* ---- all ---- */

static void check_deletion(const struct check *c)
{
	const struct target *t = c->target;
	const struct json *old = t->subject->old_object;
	struct str name = json_str(path_get(old, &name_at));
	struct str who;

	if (!str_is(t->subject->kind, "IsolationTier"))
		return;
	who = tier_uses_find(t, name.n ? name : t->subject->name);
	if (!who.p)
		return;
	report(c, ACTION_DENY, &name_at,
	       (struct says){
		       arena_printf(t->arena, "is a tier in use, by %.*s",
				    STR_ARG(who)),
		       STR("a tier that nobody names"),
		       STR("name another tier there, then delete this one") });
}

static bool check_head(const struct check *c)
{
	const struct target *t = c->target;
	struct path version = PATH_KEY(NULL, "apiVersion");

	if (!str_is(t->subject->version, "v1alpha1"))
		report(c, most(c), &version,
		       (struct says){
			       says_is(t->arena, path_get(t->object, &version)),
			       STR(GROUP_BULKHEAD "/v1alpha1"),
			       STR("correct it") });
	else if (!json_str(path_get(t->object, &name_at)).n)
		report(c, most(c), &name_at,
		       (struct says){
			       says_is(t->arena, path_get(t->object, &name_at)),
			       STR("a name"), STR("set it") });
	else
		return true;
	return false;
}

static void check(const struct check *c)
{
	struct str kind = c->target->subject->kind;

	if (c->target->subject->operation == OPERATION_DELETE)
		check_deletion(c);
	else if (!check_head(c))
		return;
	else if (str_is(kind, "IsolationTier"))
		check_tier(c);
	else if (str_is(kind, "IsolationPolicy"))
		check_policy(c);
	else
		check_exception(c);
}

const struct rule rule_own_config = {
	.id = "own.config",
	.kinds = SUBJECT_CONFIG,
	.title = "Tiers, policies and exceptions can be loaded",
	.doc = "IsolationTiers, IsolationPolicies and IsolationExceptions are "
	       "read as they would be when they are loaded; every unknown, "
	       "missing or malformed field is refused with its place. A set "
	       "that cannot be loaded would leave the old one in force, which "
	       "nobody expects.\n\n"
	       "A tier's `strength` is its own. A tier that an "
	       "IsolationPolicy or a label of a Namespace names cannot be "
	       "deleted. A policy that names a tier which is not there yet is "
	       "warned of, so that objects may be applied in any order. An "
	       "exception ends in the future, and at most 90 days from now: "
	       "what is needed for longer belongs into a tier. Who may write "
	       "these kinds decides about all isolation: give the verbs to "
	       "the platform team alone.",
	.fields = "spec\nspec.strength (of an IsolationTier)\n"
		  "spec.expiresAt (of an IsolationException)",
	.always = true,
	.check = check,
};
