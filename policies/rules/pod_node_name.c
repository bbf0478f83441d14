/* pod.nodeName: the scheduler chooses the node. */
#include "policies/requester.h"
#include "policies/rules/all.h"
#include "policies/says.h"

/* A Pod that runs has the node that the scheduler gave it. */
static bool may_be_scheduled(const struct target *t)
{
	return t->kind == SUBJECT_POD &&
	       (t->subject->operation != OPERATION_CREATE ||
		t->subject->subresource.n ||
		requester_of(t->subject) == REQUESTER_NONE);
}

static void check(const struct check *c)
{
	const struct target *t = c->target;
	const struct json *v = json_get(t->pod_spec, STR("nodeName"));

	if (!json_is_set(v) || json_str_is(v, STR("")) || may_be_scheduled(t))
		return;
	check_pod(c, &PATH_KEY(NULL, "nodeName"),
		  (struct says){ says_is(t->arena, v), STR("unset"),
				 STR("remove it and use nodeSelector or "
				     "affinity") });
}

const struct rule rule_pod_node_name = {
	.id = "pod.nodeName",
	.kinds = SUBJECT_ALL,
	.title = "The scheduler chooses the node",
	.doc = "`nodeName` may not be set in a Pod template, nor on a Pod that "
	       "is created. On a Pod that exists the scheduler has set it.\n\n"
	       "A Pod with a node name skips the scheduler, and with it the "
	       "scheduling gate that holds the Pod until its network policy "
	       "is in place, the node selector of its RuntimeClass, and the "
	       "taints that keep sandboxes away from other nodes.",
	.fields = "spec.nodeName",
	.check = check,
};
