/*
 * Pod Security Standards, Baseline: seccomp is not switched off. Before v1.19
 * annotations said it, since then fields. From v1.19 on pss.seccompRequired
 * takes over at level Restricted.
 */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

#define POD_ANNOTATION "seccomp.security.alpha.kubernetes.io/pod"
#define ANNOTATION "container.seccomp.security.alpha.kubernetes.io/"

/* The key is the Pod's, or that of one of its containers. */
static bool is_seccomp_key(const struct target *t, struct str key)
{
	static const struct str prefix = STR_INIT(ANNOTATION);

	if (str_is(key, POD_ANNOTATION))
		return true;
	if (!str_starts(key, prefix))
		return false;
	key = str_sub(key, prefix.n, key.n);
	target_each_container(k, t)
	{
		if (str_eq(k->name, key))
			return true;
	}
	return false;
}

static void look_annotation(const struct check *c, const struct json_member *m)
{
	struct str value = json_str(&m->value);

	if (!is_seccomp_key(c->target, m->key) ||
	    str_is(value, "runtime/default") ||
	    str_is(value, "docker/default") ||
	    str_starts(value, STR("localhost/")))
		return;
	pod_security_report_annotation(
		c, m, STR("runtime/default or localhost/PROFILE"));
}

static void check(const struct check *c)
{
	const struct target *t = c->target;
	struct pod_security_walk w = pod_security_walk(
		c, OF_POD | OF_CONTAINERS, STR("seccompProfile"));

	if (!pod_security_baseline(t) || pod_security_restricted(t, 19))
		return;
	if (!pod_security_since(t, 19)) {
		json_each_member(m, pod_security_annotations(c))
			look_annotation(c, m);
		return;
	}
	while (pod_security_next(&w, JSON_OBJECT))
		pod_security_check_profile(&w.value);
}

const struct rule rule_pss_seccomp = {
	.id = "pss.seccomp",
	.kinds = SUBJECT_ALL,
	.title = "Seccomp is not switched off",
	.doc = "A seccomp profile keeps containers from the system calls that "
	       "most kernel exploits need. A Pod that says anything about it "
	       "must say `RuntimeDefault` or `Localhost`; `Unconfined` is "
	       "refused. Before v1.19 of the standards the alpha annotations "
	       "`seccomp.security.alpha.kubernetes.io/pod` and "
	       "`container.seccomp.security.alpha.kubernetes.io/CONTAINER` are "
	       "judged instead.\n"
	       "\n"
	       "At level Restricted `pss.seccompRequired` replaces this rule "
	       "from v1.19 on.",
	.fields =
		"metadata.annotations[" POD_ANNOTATION "]\n"
		"metadata.annotations[" ANNOTATION "*]\n" IN_POD_AND_CONTAINERS(
			"securityContext.seccompProfile.type"),
	.check = check,
};
