/* Pod Security Standards, Baseline: none of the node's namespaces. */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

static void look(const struct place *pod, struct str key)
{
	struct place v = place_get(pod, key, JSON_BOOL);

	if (json_is_true(v.json))
		place_report_value(&v, STR("false or nothing"),
				   STR("remove it"));
}

static void check(const struct check *c)
{
	struct place pod;

	if (!pod_security_baseline(c->target))
		return;
	pod = place_pod(c);
	look(&pod, STR("hostNetwork"));
	look(&pod, STR("hostPID"));
	look(&pod, STR("hostIPC"));
}

const struct rule rule_pss_host_namespaces = {
	.id = "pss.hostNamespaces",
	.kinds = SUBJECT_ALL,
	.title = "The Pod does not share the node's network, PIDs or IPC",
	.doc = "`hostNetwork`, `hostPID` and `hostIPC` put the Pod's processes "
	       "into a namespace of the node: they reach services that listen "
	       "on the node's loopback, escape every NetworkPolicy, and see "
	       "or signal the node's processes.\n"
	       "\n"
	       "Leave the three fields out. To be reachable, use a Service.",
	.fields = "spec.hostNetwork\n"
		  "spec.hostPID\n"
		  "spec.hostIPC",
	.check = check,
};
