/*
 * Pod Security Standards, Baseline: no privileged containers. Every control
 * about containers relies on seeing all of them, so the shape of the three
 * lists is checked here, once.
 */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

/* Nothing else reports a list of containers that is none. */
static void check_lists(const struct check *c)
{
	struct place pod = place_pod(c);

	place_get(&pod, STR("containers"), JSON_ARRAY);
	place_get(&pod, STR("initContainers"), JSON_ARRAY);
	place_get(&pod, STR("ephemeralContainers"), JSON_ARRAY);
}

static void check(const struct check *c)
{
	struct pod_security_walk w =
		pod_security_walk(c, OF_CONTAINERS, STR("privileged"));

	if (!pod_security_baseline(c->target))
		return;
	check_lists(c);
	while (pod_security_next(&w, JSON_BOOL)) {
		if (json_is_true(w.value.json))
			place_report_value(&w.value, STR("false or nothing"),
					   STR("remove it"));
	}
}

const struct rule rule_pss_privileged = {
	.id = "pss.privileged",
	.kinds = SUBJECT_ALL,
	.title = "No privileged containers",
	.doc = "A privileged container has all capabilities and the node's "
	       "devices, and no seccomp or AppArmor profile: whoever controls "
	       "it controls the node. No container may set `privileged: "
	       "true`.\n"
	       "\n"
	       "Leave the field out. What needs one capability or one device "
	       "should ask for just that, in a tier that allows it.",
	.fields = IN_EVERY_CONTAINER("securityContext.privileged"),
	.check = check,
};
