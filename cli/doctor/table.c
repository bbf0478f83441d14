/* The checks in the order in which causes come before effects. */
#include "cli/doctor/all.h"

const struct doctor_check *const doctor_checks[] = {
	&doctor_server_version,
	&doctor_server_access,
	&doctor_agents_crds,
	&doctor_agents_conversion,
	&doctor_agents_controller,
	&doctor_agents_router,
	&doctor_bulkhead_crds,
	&doctor_tiers_load,
	&doctor_tiers_default,
	&doctor_tiers_exceptions,
	&doctor_namespaces_tiers,
	&doctor_namespaces_plain_pods,
	&doctor_namespaces_pod_security,
	&doctor_runtime_classes,
	&doctor_runtime_handlers,
	&doctor_runtime_scheduling,
	&doctor_runtime_nodes,
	&doctor_webhook_registered,
	&doctor_webhook_failure,
	&doctor_webhook_certificate,
	&doctor_webhook_endpoints,
	&doctor_webhook_answers,
	&doctor_controller_lease,
	&doctor_network_plugin,
	&doctor_network_policies,
	&doctor_network_gates,
	&doctor_agents_sandboxes,
	&doctor_agents_pods,
	NULL,
};

const struct doctor_symptom doctor_symptoms[] = {
	{ "Pod stuck in ContainerCreating: \"containerd-shim-runsc-v1\": file "
	  "does not exist",
	  "agents.pods" },
	{ "Pod stuck in ContainerCreating: no access to /dev/kvm",
	  "agents.pods" },
	{ "Pod stuck in ContainerCreating: no runtime for \"runsc\" is "
	  "configured",
	  "runtime.handlers" },
	{ "Sandbox stuck in Pending", "agents.controller" },
	{ "Sandbox Pending although the controller runs", "agents.sandboxes" },
	{ "RuntimeClass not found", "runtime.classes" },
	{ "Kata Pods Pending: no node matches katacontainers.io/kata-runtime",
	  "runtime.nodes" },
	{ "Kata Pods on nodes without nested virtualization",
	  "runtime.scheduling" },
	{ "no matches for kind \"Sandbox\" in version "
	  "\"agents.x-k8s.io/v1alpha1\"",
	  "agents.crds" },
	{ "no matches for kind \"SandboxTemplate\"", "agents.crds" },
	{ "conversion webhook for agents.x-k8s.io failed",
	  "agents.conversion" },
	{ "port-forward to a gVisor or Kata sandbox fails", "agents.router" },
	{ "Pod Pending with the gate bulkhead.dev/egress", "network.gates" },
	{ "failed calling webhook \"...bulkhead.dev\"", "webhook.answers" },
	{ "x509: certificate signed by unknown authority",
	  "webhook.certificate" },
	{ "a sandbox reaches what its tier forbids", "network.plugin" },
	{ "Sandboxes are refused for an unknown tier", "namespaces.tiers" },
	{ "a Pod runs unjudged where a policy governs",
	  "namespaces.plainPods" },
	{ NULL, NULL },
};

const struct doctor_check *doctor_check_find(struct str id)
{
	for (size_t i = 0; doctor_checks[i]; i++)
		if (str_is(id, doctor_checks[i]->id))
			return doctor_checks[i];
	return NULL;
}
