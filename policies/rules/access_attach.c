/* access.attach: who may attach to a process of a running sandbox. */
#include "policies/access.h"
#include "policies/rules/all.h"

static const struct access_way attach = {
	.kind = "PodAttachOptions",
	.subresource = "pods/attach",
	.does = "attaches to a process of",
	.wanted = "no attach",
	.fix = "read its output with kubectl logs, or use a tier with "
	       "access.attach: Allow",
};

static void check(const struct check *c)
{
	if (c->target->tier->access.attach == PERMISSION_DENY)
		access_deny(c, &attach);
}

const struct rule rule_access_attach = {
	.id = "access.attach",
	.kinds = SUBJECT_CONNECT,
	.title = "Terminals are attached only where the tier lets them",
	.doc = "With `access.attach: Deny` in the tier, `kubectl attach` and "
	       "every other use of `pods/attach` is refused. Who attaches can "
	       "type into the process that runs the agent. Logs stay readable "
	       "without it. An exception for the kind `Pod` makes sense while "
	       "someone looks into an incident.",
	.fields = "pods/attach (CONNECT)",
	.check = check,
};
