/*
 * Pod Security Standards, Restricted, from v1.8 on: no process gains more
 * rights than its parent.
 */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

/*
 * The API server refuses false beside either of these. They are violations on
 * their own; a fill would only add a second, puzzling one.
 */
static bool contradicts_false(const struct json *context)
{
	const struct json *add = json_at(context, "capabilities", "add");

	if (json_is_true(json_get(context, STR("privileged"))))
		return true;
	json_each_item(v, add) {
		if (json_str_is(v, STR("SYS_ADMIN")) ||
		    json_str_is(v, STR("CAP_SYS_ADMIN")))
			return true;
	}
	return false;
}

static void fill(const struct fill *f)
{
	struct path context = PATH_KEY(NULL, "securityContext");
	struct path path = PATH_KEY(&context, "allowPrivilegeEscalation");
	const struct target *t = f->target;

	if (!pod_security_restricted(t, 8) || t->windows)
		return;
	target_each_container(k, t)
	{
		if (k->type == CONTAINER_EPHEMERAL ||
		    contradicts_false(json_at(k->json, "securityContext")))
			continue;
		fill_container(f, k, &path, json_make_bool(false));
	}
}

static void look(const struct place *container)
{
	struct place context =
		place_get(container, STR("securityContext"), JSON_OBJECT);
	struct place v =
		place_get(&context, STR("allowPrivilegeEscalation"), JSON_BOOL);

	if (!v.wrong && !json_is_false(v.json))
		place_report_value(&v, STR("false"), STR("set it to false"));
}

static void check(const struct check *c)
{
	const struct target *t = c->target;

	if (!pod_security_restricted(t, 8) || pod_security_is_windows(t))
		return;
	target_each_container(k, t)
	{
		struct place container = place_container(c, k);

		look(&container);
	}
}

const struct rule rule_pss_allow_privilege_escalation = {
	.id = "pss.allowPrivilegeEscalation",
	.kinds = SUBJECT_ALL,
	.title = "No process gains more rights than its parent",
	.doc = "`allowPrivilegeEscalation: false` sets the kernel's "
	       "no_new_privs flag: setuid programs such as `sudo` or a planted "
	       "copy of a shell give nothing. Every container must set it.\n"
	       "\n"
	       "Filled in where it is unset. Not demanded of Windows Pods from "
	       "v1.25 on. A program that needs setuid helpers should run as "
	       "the right user from the start.",
	.fields =
		IN_EVERY_CONTAINER("securityContext.allowPrivilegeEscalation"),
	.fill = fill,
	.check = check,
};
