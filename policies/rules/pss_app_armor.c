/*
 * Pod Security Standards, Baseline: AppArmor is not switched off, neither by
 * field nor by the annotation of older clusters.
 */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

#define ANNOTATION "container.apparmor.security.beta.kubernetes.io/"

static void look_annotation(const struct check *c, const struct json_member *m)
{
	static const struct str prefix = STR_INIT(ANNOTATION);
	struct str value = json_str(&m->value);

	if (!str_starts(m->key, prefix) || !json_is_set(&m->value))
		return;
	if (json_is(&m->value, JSON_STRING) &&
	    (value.n == 0 || str_is(value, "runtime/default") ||
	     str_starts(value, STR("localhost/"))))
		return;
	pod_security_report_annotation(
		c, m, STR("runtime/default or localhost/PROFILE"));
}

static void check(const struct check *c)
{
	struct pod_security_walk w = pod_security_walk(
		c, OF_POD | OF_CONTAINERS, STR("appArmorProfile"));

	if (!pod_security_baseline(c->target))
		return;
	while (pod_security_next(&w, JSON_OBJECT))
		pod_security_check_profile(&w.value);
	json_each_member(m, pod_security_annotations(c))
		look_annotation(c, m);
}

const struct rule rule_pss_app_armor = {
	.id = "pss.appArmor",
	.kinds = SUBJECT_ALL,
	.title = "AppArmor is not switched off",
	.doc = "Nodes with AppArmor confine containers by the runtime's "
	       "default profile. A Pod may keep it or name a profile of the "
	       "node (`Localhost`); `Unconfined` is refused, in "
	       "`appArmorProfile` and in the older annotation "
	       "`container.apparmor.security.beta.kubernetes.io/CONTAINER`.\n"
	       "\n"
	       "Leave both out, or set `type: RuntimeDefault`.",
	.fields =
		"metadata.annotations[" ANNOTATION "*]\n" IN_POD_AND_CONTAINERS(
			"securityContext.appArmorProfile.type"),
	.check = check,
};
