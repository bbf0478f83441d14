/*
 * Pod Security Standards, Restricted, from v1.23 on: nobody asks for user 0.
 * From v1.35 on a Pod with its own user namespace may.
 */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

static void look(const struct place *v)
{
	int64_t uid;

	if (json_int(v->json, &uid) && uid != 0)
		return;
	place_report_value(v, STR("a user id other than 0"),
			   STR("set it to a number such as 1000, or remove "
			       "it"));
}

static void check(const struct check *c)
{
	struct pod_security_walk w =
		pod_security_walk(c, OF_POD | OF_CONTAINERS, STR("runAsUser"));

	if (!pod_security_restricted(c->target, 23) ||
	    pod_security_has_user_namespace(c->target))
		return;
	while (pod_security_next(&w, JSON_NUMBER))
		look(&w.value);
}

const struct rule rule_pss_run_as_user = {
	.id = "pss.runAsUser",
	.kinds = SUBJECT_ALL,
	.title = "No container asks to run as user 0",
	.doc = "`runAsUser: 0` asks for root by number. It is refused for the "
	       "Pod and for every container, also where `runAsNonRoot` is "
	       "right.\n"
	       "\n"
	       "Leave it out or name another user. From v1.35 on a Pod with "
	       "`hostUsers: false` may run as 0: its root is nobody on the "
	       "node.",
	.fields = "spec.hostUsers\n" IN_POD_AND_CONTAINERS(
		"securityContext.runAsUser"),
	.check = check,
};
