/*
 * Pod Security Standards, Restricted, from v1.19 on: every container has a
 * seccomp profile. Replaces pss.seccomp.
 */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

static void fill(const struct fill *f)
{
	struct path context = PATH_KEY(NULL, "securityContext");
	struct path path = PATH_KEY(&context, "seccompProfile");
	struct json profile = json_make_object();
	const struct target *t = f->target;

	if (!pod_security_restricted(t, 19) || t->windows ||
	    pod_security_all_set(t, STR("seccompProfile")))
		return;
	json_add(t->arena, &profile, STR("type"),
		 json_make_string(STR("RuntimeDefault")));
	fill_pod(f, &path, profile);
}

/* True when the Pod or container has no profile. */
static bool look(const struct place *root, bool required)
{
	struct place context =
		place_get(root, STR("securityContext"), JSON_OBJECT);
	struct place v =
		place_get(&context, STR("seccompProfile"), JSON_OBJECT);

	if (!place_is_unset(&v)) {
		pod_security_check_profile(&v);
		return false;
	}
	if (required)
		place_report_value(
			&v,
			STR("a profile, here or in the Pod's securityContext"),
			STR("set seccompProfile to {type: RuntimeDefault} in "
			    "the Pod's securityContext"));
	return true;
}

static void check(const struct check *c)
{
	const struct target *t = c->target;
	struct place pod;
	bool required;

	if (!pod_security_restricted(t, 19) || pod_security_is_windows(t))
		return;
	pod = place_pod(c);
	required = look(&pod, false);
	target_each_container(k, t)
	{
		struct place container = place_container(c, k);

		look(&container, required);
	}
}

const struct rule rule_pss_seccomp_required = {
	.id = "pss.seccompRequired",
	.kinds = SUBJECT_ALL,
	.title = "Every container has a seccomp profile",
	.doc = "Without a profile a container may call the whole kernel. The "
	       "Pod, or each container, must say `RuntimeDefault` or "
	       "`Localhost`; anything else is refused wherever it stands.\n"
	       "\n"
	       "`{type: RuntimeDefault}` is filled in for the Pod unless every "
	       "container has a profile. Not demanded of Windows Pods from "
	       "v1.25 on. Replaces `pss.seccomp` from v1.19 on.",
	.fields = IN_POD_AND_CONTAINERS("securityContext.seccompProfile"),
	.fill = fill,
	.check = check,
};
