/*
 * The table. Order matters twice: fills see what earlier fills did (the class
 * is chosen before what depends on it), and it is the order of docs/rules.md.
 */
#include "policies/rules.h"

#include "policies/rules/all.h"

const struct rule *const rules[] = {
	&rule_tier_wish,
	&rule_api_spelling,
	&rule_api_unknown_field,
	&rule_label_reserved,
	&rule_owner_forged,
	&rule_runtime_class,
	&rule_runtime_missing,
	&rule_runtime_annotations,
	&rule_runtime_compatibility,
	&rule_pss_host_process,
	&rule_pss_host_namespaces,
	&rule_pss_privileged,
	&rule_pss_capabilities,
	&rule_pss_host_path_volumes,
	&rule_pss_host_ports,
	&rule_pss_host_probes,
	&rule_pss_app_armor,
	&rule_pss_se_linux,
	&rule_pss_proc_mount,
	&rule_pss_seccomp,
	&rule_pss_sysctls,
	&rule_pss_volume_types,
	&rule_pss_allow_privilege_escalation,
	&rule_pss_run_as_non_root,
	&rule_pss_run_as_user,
	&rule_pss_seccomp_required,
	&rule_pss_capabilities_restricted,
	&rule_pod_service_account_token,
	&rule_pod_volumes,
	&rule_pod_images,
	&rule_pod_max_containers,
	&rule_pod_node_name,
	&rule_pod_scheduler_name,
	&rule_pod_read_only_root_filesystem,
	&rule_resources_defaults,
	&rule_resources_max,
	&rule_network_template,
	&rule_network_dns,
	&rule_network_gate,
	&rule_claim_injection,
	&rule_lifecycle_ttl,
	&rule_lifecycle_shutdown_policy,
	&rule_access_exec,
	&rule_access_attach,
	&rule_access_port_forward,
	&rule_access_ephemeral_containers,
	&rule_network_policy,
	&rule_network_owned,
	&rule_namespace_tier,
	&rule_own_config,
	&rule_team_rules,
	NULL,
};

const struct rule *rules_find(struct str id)
{
	for (size_t i = 0; rules[i]; i++)
		if (str_is(id, rules[i]->id))
			return rules[i];
	return NULL;
}
