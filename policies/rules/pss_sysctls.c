/*
 * Pod Security Standards, Baseline: only sysctls that are the Pod's own. The
 * list grew with the kernel's namespaces.
 */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

/* clang-format off */
static const struct {
	const char *name;
	int64_t since;
} safe[] = {
	{ "kernel.shm_rmid_forced", 0 },
	{ "net.ipv4.ip_local_port_range", 0 },
	{ "net.ipv4.tcp_syncookies", 0 },
	{ "net.ipv4.ping_group_range", 0 },
	{ "net.ipv4.ip_unprivileged_port_start", 0 },
	{ "net.ipv4.ip_local_reserved_ports", 27 },
	{ "net.ipv4.tcp_keepalive_time", 29 },
	{ "net.ipv4.tcp_fin_timeout", 29 },
	{ "net.ipv4.tcp_keepalive_intvl", 29 },
	{ "net.ipv4.tcp_keepalive_probes", 29 },
	{ "net.ipv4.tcp_rmem", 32 },
	{ "net.ipv4.tcp_wmem", 32 },
};
/* clang-format on */

static bool is_safe(const struct target *t, struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(safe); i++) {
		if (str_is(name, safe[i].name))
			return pod_security_since(t, safe[i].since);
	}
	return false;
}

static void look(const struct place *sysctls, size_t i)
{
	struct place item = place_item(sysctls, i, JSON_OBJECT);
	struct place v = place_get(&item, STR("name"), JSON_STRING);

	if (!v.wrong && !is_safe(v.check->target, json_str(v.json)))
		place_report_value(&v, STR("a sysctl on the list of safe ones"),
				   STR("remove the entry"));
}

static void check(const struct check *c)
{
	struct pod_security_walk w =
		pod_security_walk(c, OF_POD, STR("sysctls"));

	if (!pod_security_baseline(c->target))
		return;
	while (pod_security_next(&w, JSON_ARRAY)) {
		for (size_t i = 0; i < json_len(w.value.json); i++)
			look(&w.value, i);
	}
}

const struct rule rule_pss_sysctls = {
	.id = "pss.sysctls",
	.kinds = SUBJECT_ALL,
	.title = "Only safe sysctls",
	.doc = "Most kernel parameters are the node's: changing one changes it "
	       "for every Pod there. Accepted are those that a Pod has to "
	       "itself: `kernel.shm_rmid_forced` and, below `net.ipv4.`, "
	       "`ip_local_port_range`, `tcp_syncookies`, `ping_group_range`, "
	       "`ip_unprivileged_port_start`, `ip_local_reserved_ports` "
	       "(v1.27), `tcp_keepalive_time`, `tcp_fin_timeout`, "
	       "`tcp_keepalive_intvl`, `tcp_keepalive_probes` (v1.29), "
	       "`tcp_rmem`, `tcp_wmem` (v1.32).",
	.fields = "spec.securityContext.sysctls[*].name",
	.check = check,
};
