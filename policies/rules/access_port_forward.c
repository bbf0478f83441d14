/* access.portForward: ports of a sandbox are reached through its router. */
#include "policies/access.h"
#include "policies/rules/all.h"

#define FIX                                                                    \
	"reach it through the sandbox router; gVisor and Kata cannot forward " \
	"ports anyway"

static const struct access_way ways[] = {
	{ "PodPortForwardOptions", "pods/portforward", "forwards ports of",
	  "no port-forward", FIX },
	{ "PodProxyOptions", "pods/proxy", "asks the API server to proxy to",
	  "no way past the sandbox router",
	  "reach it through the sandbox router" },
};

static void check(const struct check *c)
{
	if (c->target->tier->access.port_forward != PERMISSION_DENY)
		return;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		access_deny(c, &ways[i]);
}

const struct rule rule_access_port_forward = {
	.id = "access.portForward",
	.kinds = SUBJECT_CONNECT,
	.title = "Ports of a sandbox are reached through the sandbox router",
	.doc = "With `access.portForward: Deny` in the tier, `kubectl "
	       "port-forward` and `kubectl proxy` to a Pod "
	       "(`pods/portforward`, `pods/proxy`) are refused. Both come in "
	       "from the node or from the API server, past the tier's ingress "
	       "rules. The sandbox router is the way that network policies "
	       "know.\n\n"
	       "Under gVisor and Kata port-forward does not work in any case: "
	       "the node's side looks into a network namespace in which the "
	       "sandbox does not listen. An exception makes sense for Pods "
	       "under runc while someone looks into an incident.",
	.fields = "pods/portforward (CONNECT)\npods/proxy (CONNECT)",
	.check = check,
};
