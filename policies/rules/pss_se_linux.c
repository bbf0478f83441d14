/*
 * Pod Security Standards, Baseline: SELinux types made for containers only, no
 * user or role of one's own.
 */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

static void look_type(const struct place *options)
{
	static const char *const types[] = { "container_t", "container_init_t",
					     "container_kvm_t", NULL };
	struct place v = place_get(options, STR("type"), JSON_STRING);
	bool engine = pod_security_since(v.check->target, 31);
	struct str type = json_str(v.json);

	if (type.n == 0 || pod_security_listed(type, types) ||
	    (engine && str_is(type, "container_engine_t")))
		return;
	place_report_value(
		&v,
		engine ? STR("container_t, container_init_t, container_kvm_t "
			     "or container_engine_t")
		       : STR("container_t, container_init_t or "
			     "container_kvm_t"),
		STR("remove it"));
}

static void look_empty(const struct place *options, struct str key)
{
	struct place v = place_get(options, key, JSON_STRING);

	if (json_str(v.json).n > 0)
		place_report_value(&v, STR("nothing"), STR("remove it"));
}

static void check(const struct check *c)
{
	struct pod_security_walk w = pod_security_walk(
		c, OF_POD | OF_CONTAINERS, STR("seLinuxOptions"));

	if (!pod_security_baseline(c->target))
		return;
	while (pod_security_next(&w, JSON_OBJECT)) {
		look_type(&w.value);
		look_empty(&w.value, STR("user"));
		look_empty(&w.value, STR("role"));
	}
}

const struct rule rule_pss_se_linux = {
	.id = "pss.seLinux",
	.kinds = SUBJECT_ALL,
	.title = "SELinux labels are those made for containers",
	.doc = "On nodes with SELinux the label decides what a process may "
	       "touch. `spc_t` and the like switch the confinement off. "
	       "Allowed types are `container_t`, `container_init_t`, "
	       "`container_kvm_t` and, from v1.31 on, `container_engine_t`; "
	       "`user` and `role` stay unset. `level` is free.\n"
	       "\n"
	       "Leave `seLinuxOptions` out: the runtime chooses a label per "
	       "Pod.",
	.fields = IN_POD_AND_CONTAINERS("securityContext.seLinuxOptions"),
	.check = check,
};
