/*
 * Pod Security Standards, Restricted: the kubelet refuses to start containers
 * as root. From v1.35 on a Pod with its own user namespace is free of this.
 */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

static void fill(const struct fill *f)
{
	struct path context = PATH_KEY(NULL, "securityContext");
	struct path path = PATH_KEY(&context, "runAsNonRoot");
	const struct target *t = f->target;

	if (!pod_security_restricted(t, 0) ||
	    pod_security_has_user_namespace(t) ||
	    pod_security_all_set(t, STR("runAsNonRoot")))
		return;
	fill_pod(f, &path, json_make_bool(true));
}

/* Reports false; true when the Pod or container says nothing. */
static bool look(const struct place *root, bool required)
{
	struct place context =
		place_get(root, STR("securityContext"), JSON_OBJECT);
	struct place v = place_get(&context, STR("runAsNonRoot"), JSON_BOOL);

	if (json_is_false(v.json))
		place_report_value(&v, STR("true"), STR("set it to true"));
	if (!place_is_unset(&v))
		return false;
	if (required)
		place_report_value(
			&v, STR("true, here or in the Pod's securityContext"),
			STR("set runAsNonRoot to true in the Pod's "
			    "securityContext"));
	return true;
}

static void check(const struct check *c)
{
	const struct target *t = c->target;
	struct place pod;
	bool required;

	if (!pod_security_restricted(t, 0) ||
	    pod_security_has_user_namespace(t))
		return;
	pod = place_pod(c);
	required = look(&pod, false);
	target_each_container(k, t)
	{
		struct place container = place_container(c, k);

		look(&container, required);
	}
}

const struct rule rule_pss_run_as_non_root = {
	.id = "pss.runAsNonRoot",
	.kinds = SUBJECT_ALL,
	.title = "Containers do not run as root",
	.doc = "With `runAsNonRoot: true` the kubelet starts no container as "
	       "user 0. Root in a container is the best starting point for "
	       "every escape. Either the Pod sets it, or each container; "
	       "`false` is refused in both places.\n"
	       "\n"
	       "Filled in for the Pod unless every container sets it. The "
	       "image must then have a numeric user other than 0, or "
	       "`runAsUser` must say one. From v1.35 on a Pod with `hostUsers: "
	       "false` is free of this.",
	.fields = "spec.hostUsers\n" IN_POD_AND_CONTAINERS(
		"securityContext.runAsNonRoot"),
	.fill = fill,
	.check = check,
};
