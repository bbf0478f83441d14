/* Pod Security Standards, Baseline: no HostProcess containers on Windows. */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

static void check(const struct check *c)
{
	struct pod_security_walk w = pod_security_walk(
		c, OF_POD | OF_CONTAINERS, STR("windowsOptions"));

	if (!pod_security_baseline(c->target))
		return;
	while (pod_security_next(&w, JSON_OBJECT)) {
		struct place v =
			place_get(&w.value, STR("hostProcess"), JSON_BOOL);

		if (json_is_true(v.json))
			place_report_value(&v, STR("false or nothing"),
					   STR("remove it"));
	}
}

const struct rule rule_pss_host_process = {
	.id = "pss.hostProcess",
	.kinds = SUBJECT_ALL,
	.title = "No Windows HostProcess containers",
	.doc = "A HostProcess container runs directly on a Windows node, with "
	       "the node's files, network and accounts. Neither the Pod nor a "
	       "container may set `hostProcess: true`.\n"
	       "\n"
	       "There is nothing to set: leave the field out. An exception is "
	       "for node agents, never for code that nobody reviewed.",
	.fields = IN_POD_AND_CONTAINERS(
		"securityContext.windowsOptions.hostProcess"),
	.check = check,
};
