/* pod.schedulerName: only schedulers that the tier knows. */
#include "policies/rules/all.h"
#include "policies/says.h"

static bool known(const struct tier *tier, struct str name)
{
	if (!name.n || str_is(name, "default-scheduler"))
		return true;
	for (size_t i = 0; i < tier->pod.scheduler_names.n; i++)
		if (str_eq(tier->pod.scheduler_names.v[i], name))
			return true;
	return false;
}

static struct str tell_wanted(const struct target *t)
{
	struct str names = says_names(t->arena, &t->tier->pod.scheduler_names);

	if (!names.n)
		return STR("default-scheduler");
	return arena_printf(t->arena, "one of default-scheduler, %.*s",
			    STR_ARG(names));
}

static void check(const struct check *c)
{
	const struct target *t = c->target;
	const struct json *v = json_get(t->pod_spec, STR("schedulerName"));

	if (!json_is_set(v) ||
	    (json_is(v, JSON_STRING) && known(t->tier, json_str(v))))
		return;
	check_pod(c, &PATH_KEY(NULL, "schedulerName"),
		  (struct says){ says_is(t->arena, v), tell_wanted(t),
				 STR("remove it") });
}

const struct rule rule_pod_scheduler_name = {
	.id = "pod.schedulerName",
	.kinds = SUBJECT_ALL,
	.title = "Only schedulers that the tier knows",
	.doc = "`schedulerName` must be unset, `default-scheduler`, or one of "
	       "the tier's `pod.schedulerNames`.\n\n"
	       "A Pod that names a scheduler which nobody runs waits for ever; "
	       "one that names a scheduler of the tenant's own lands where "
	       "the tenant wants, whatever the node selector of the runtime "
	       "class says. Clusters with a second scheduler list it in the "
	       "tier.",
	.fields = "spec.schedulerName",
	.check = check,
};
