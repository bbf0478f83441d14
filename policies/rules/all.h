/* Every rule by name; the order in which they run stands in rules.c. */
#ifndef POLICIES_RULES_ALL_H
#define POLICIES_RULES_ALL_H

#include "policies/rule.h"

extern const struct rule rule_tier_wish;
extern const struct rule rule_api_spelling;
extern const struct rule rule_api_unknown_field;
extern const struct rule rule_label_reserved;
extern const struct rule rule_owner_forged;
extern const struct rule rule_runtime_class;
extern const struct rule rule_runtime_missing;
extern const struct rule rule_runtime_annotations;
extern const struct rule rule_runtime_compatibility;
extern const struct rule rule_pod_service_account_token;
extern const struct rule rule_pod_volumes;
extern const struct rule rule_pod_images;
extern const struct rule rule_pod_max_containers;
extern const struct rule rule_pod_node_name;
extern const struct rule rule_pod_scheduler_name;
extern const struct rule rule_pod_read_only_root_filesystem;
extern const struct rule rule_resources_defaults;
extern const struct rule rule_resources_max;
extern const struct rule rule_network_template;
extern const struct rule rule_network_dns;
extern const struct rule rule_network_gate;
extern const struct rule rule_claim_injection;
extern const struct rule rule_lifecycle_ttl;
extern const struct rule rule_lifecycle_shutdown_policy;
extern const struct rule rule_team_rules;
extern const struct rule rule_access_exec;
extern const struct rule rule_access_attach;
extern const struct rule rule_access_port_forward;
extern const struct rule rule_access_ephemeral_containers;
extern const struct rule rule_network_policy;
extern const struct rule rule_network_owned;
extern const struct rule rule_namespace_tier;
extern const struct rule rule_own_config;

extern const struct rule rule_pss_host_process;
extern const struct rule rule_pss_host_namespaces;
extern const struct rule rule_pss_privileged;
extern const struct rule rule_pss_capabilities;
extern const struct rule rule_pss_host_path_volumes;
extern const struct rule rule_pss_host_ports;
extern const struct rule rule_pss_host_probes;
extern const struct rule rule_pss_app_armor;
extern const struct rule rule_pss_se_linux;
extern const struct rule rule_pss_proc_mount;
extern const struct rule rule_pss_seccomp;
extern const struct rule rule_pss_sysctls;
extern const struct rule rule_pss_volume_types;
extern const struct rule rule_pss_allow_privilege_escalation;
extern const struct rule rule_pss_run_as_non_root;
extern const struct rule rule_pss_run_as_user;
extern const struct rule rule_pss_seccomp_required;
extern const struct rule rule_pss_capabilities_restricted;

#endif
