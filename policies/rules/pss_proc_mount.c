/*
 * Pod Security Standards: /proc stays masked. From v1.35 on a Pod with a user
 * namespace of its own may unmask it at level Baseline, never at Restricted.
 */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

static void check(const struct check *c)
{
	const struct target *t = c->target;
	struct pod_security_walk w =
		pod_security_walk(c, OF_CONTAINERS, STR("procMount"));

	if (!pod_security_baseline(t))
		return;
	if (t->tier->pod.level == POD_BASELINE &&
	    pod_security_has_user_namespace(t))
		return;
	while (pod_security_next(&w, JSON_STRING)) {
		if (!json_str_is(w.value.json, STR("Default")))
			place_report_value(&w.value, STR("Default"),
					   STR("remove it"));
	}
}

const struct rule rule_pss_proc_mount = {
	.id = "pss.procMount",
	.kinds = SUBJECT_ALL,
	.title = "/proc stays masked",
	.doc = "Runtimes hide the parts of `/proc` that tell about the kernel "
	       "or change it. `procMount: Unmasked` shows them. Wanted is "
	       "`Default`, or nothing.\n"
	       "\n"
	       "From v1.35 on level Baseline accepts any value for a Pod with "
	       "`hostUsers: false`; level Restricted does not.",
	.fields = "spec.hostUsers\n" IN_EVERY_CONTAINER(
		"securityContext.procMount"),
	.check = check,
};
