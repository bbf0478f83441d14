/*
 * lifecycle.shutdownPolicy: what is left of a sandbox when its time is over.
 * The CRD fills in Retain before admission, so Retain that nobody wrote counts
 * as unset.
 */
#include "policies/lifetime.h"
#include "policies/rules/all.h"
#include "policies/says.h"

static enum shutdown_policy wanted_of(const struct target *t)
{
	return lifetime_policy_wanted(t->tier, t->kind == SUBJECT_CLAIM);
}

static enum shutdown_policy strictest_of(const struct target *t)
{
	return t->kind == SUBJECT_CLAIM ? SHUTDOWN_DELETE_FOREGROUND
					: SHUTDOWN_DELETE;
}

static bool is_accepted(const struct target *t, enum shutdown_policy policy)
{
	return lifetime_policy_is_accepted(t->tier, t->kind == SUBJECT_CLAIM,
					   policy);
}

static void fill(const struct fill *f)
{
	const struct target *t = f->target;
	enum shutdown_policy wanted = wanted_of(t);
	struct lifetime_field field;

	if (wanted == SHUTDOWN_RETAIN || !lifetime_is_own(t))
		return;
	lifetime_field(t, STR("shutdownPolicy"), &field);
	fill_object_over_default(
		f, field.path, str_of(shutdown_policy_names[SHUTDOWN_RETAIN]),
		json_make_string(str_of(shutdown_policy_names[wanted])));
}

static void report(const struct check *c, const struct path *path,
		   const struct json *v)
{
	const struct target *t = c->target;
	struct str names[3];
	struct strs accepted = { names, 0 };

	for (int p = SHUTDOWN_RETAIN; p <= (int)strictest_of(t); p++)
		if (is_accepted(t, (enum shutdown_policy)p))
			names[accepted.n++] = str_of(shutdown_policy_names[p]);
	check_object(c, path,
		     (struct says){
			     .found = json_is_set(v)
					      ? says_is(t->arena, v)
					      : STR("is not set, which means "
						    "Retain"),
			     .wanted = says_one_of(t->arena, &accepted),
			     .fix = arena_printf(
				     t->arena, "set it to %s",
				     shutdown_policy_names[wanted_of(t)]),
		     });
}

static void check(const struct check *c)
{
	const struct target *t = c->target;
	struct lifetime_field field;
	const struct json *v;

	if (wanted_of(t) == SHUTDOWN_RETAIN || !lifetime_is_own(t))
		return;
	lifetime_field(t, STR("shutdownPolicy"), &field);
	v = path_get(t->object, field.path);
	for (int p = SHUTDOWN_RETAIN; p <= (int)strictest_of(t); p++)
		if ((json_str_is(v, str_of(shutdown_policy_names[p])) ||
		     (!json_is_set(v) && p == SHUTDOWN_RETAIN)) &&
		    is_accepted(t, (enum shutdown_policy)p))
			return;
	report(c, field.path, v);
}

const struct rule rule_lifecycle_shutdown_policy = {
	.id = "lifecycle.shutdownPolicy",
	.kinds = SUBJECT_SANDBOX | SUBJECT_CLAIM,
	.title = "Nothing of a sandbox is left behind",
	.doc = "When a sandbox's time is over, `Retain` keeps its object and "
	       "its volumes, `Delete` removes them, and `DeleteForeground` (of "
	       "a SandboxClaim) keeps the name until all parts are gone. The "
	       "policy must be at least as strict as the tier's "
	       "`lifecycle.shutdownPolicy`, or be one of `shutdownPolicies`: "
	       "what an agent fetched or was given should not outlive it, and "
	       "a retained Sandbox comes back to life when someone moves its "
	       "shutdown time. Unset, or `Retain` that only the API server's "
	       "default wrote, the tier's policy is filled in; where the tier "
	       "says `DeleteForeground`, a Sandbox gets `Delete`, which is all "
	       "it knows.\n\n"
	       "Sandboxes of a claim or a warm pool are left alone: the claim "
	       "decides. Where results must survive, write them to storage "
	       "outside the sandbox rather than asking for an exception.",
	.fields = "spec.shutdownPolicy (Sandbox)\n"
		  "spec.lifecycle.shutdownPolicy (SandboxClaim)",
	.fill = fill,
	.check = check,
};
