/*
 * Pod Security Standards, Baseline: only capabilities that container runtimes
 * give by default may be added. From v1.22 on pss.capabilitiesRestricted takes
 * over at level Restricted.
 */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

static const char *const defaults[] = {
	"AUDIT_WRITE", "CHOWN",	 "DAC_OVERRIDE",     "FOWNER",	"FSETID",
	"KILL",	       "MKNOD",	 "NET_BIND_SERVICE", "SETFCAP", "SETGID",
	"SETPCAP",     "SETUID", "SYS_CHROOT",	     NULL,
};

static void look(const struct place *capabilities)
{
	struct place add = place_get(capabilities, STR("add"), JSON_ARRAY);

	for (size_t i = 0; i < json_len(add.json); i++) {
		struct place v = place_item(&add, i, JSON_STRING);

		if (v.wrong || pod_security_listed(json_str(v.json), defaults))
			continue;
		place_report_value(
			&v, STR("a capability that containers have by default"),
			STR("remove it from the list"));
	}
}

static void check(const struct check *c)
{
	struct pod_security_walk w =
		pod_security_walk(c, OF_CONTAINERS, STR("capabilities"));

	if (!pod_security_baseline(c->target) ||
	    pod_security_restricted(c->target, 22))
		return;
	while (pod_security_next(&w, JSON_OBJECT))
		look(&w.value);
}

const struct rule rule_pss_capabilities = {
	.id = "pss.capabilities",
	.kinds = SUBJECT_ALL,
	.title = "No capabilities beyond the default set are added",
	.doc = "Capabilities such as `SYS_ADMIN`, `NET_RAW` or `SYS_PTRACE` "
	       "are pieces of root's power over the node. Containers may add "
	       "only what a runtime grants anyway: `AUDIT_WRITE`, `CHOWN`, "
	       "`DAC_OVERRIDE`, `FOWNER`, `FSETID`, `KILL`, `MKNOD`, "
	       "`NET_BIND_SERVICE`, `SETFCAP`, `SETGID`, `SETPCAP`, `SETUID`, "
	       "`SYS_CHROOT`. Names are in capitals, without `CAP_`.\n"
	       "\n"
	       "At level Restricted `pss.capabilitiesRestricted` replaces this "
	       "rule from v1.22 on.",
	.fields = IN_EVERY_CONTAINER("securityContext.capabilities.add"),
	.check = check,
};
