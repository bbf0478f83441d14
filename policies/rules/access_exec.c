/* access.exec: who may run commands in a running sandbox. */
#include "policies/access.h"
#include "policies/rules/all.h"

static const struct access_way exec = {
	.kind = "PodExecOptions",
	.subresource = "pods/exec",
	.does = "runs a command in",
	.wanted = "no exec",
	.fix = "use what the sandbox serves through the sandbox router, or a "
	       "tier with access.exec: Allow",
};

static void check(const struct check *c)
{
	if (c->target->tier->access.exec == PERMISSION_DENY)
		access_deny(c, &exec);
}

const struct rule rule_access_exec = {
	.id = "access.exec",
	.kinds = SUBJECT_CONNECT,
	.title = "Commands are run in a sandbox only where the tier lets them",
	.doc = "With `access.exec: Deny` in the tier, `kubectl exec` and every "
	       "other use of `pods/exec` is refused. The tier is that of the "
	       "Pod, as it was stamped and as its Sandbox has it; of a Pod "
	       "that is not known yet, the floor of the namespace.\n\n"
	       "A command that comes in this way is started by the node, "
	       "beside whatever the agent runs, and nobody reviewed it "
	       "either: what it prints and what it is fed crosses the border "
	       "of the sandbox unseen by the network policy. Some runtimes of "
	       "agents use exec to run their steps: these need a tier that "
	       "allows it. An exception for the kind `Pod` makes sense while "
	       "someone looks into an incident.",
	.fields = "pods/exec (CONNECT)",
	.check = check,
};
