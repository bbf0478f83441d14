/* Every check by name; their order stands in table.c. And what several of them
 * ask. */
#ifndef CLI_DOCTOR_ALL_H
#define CLI_DOCTOR_ALL_H

#include "cli/doctor/check.h"

extern const struct doctor_check doctor_server_version;
extern const struct doctor_check doctor_server_access;
extern const struct doctor_check doctor_bulkhead_crds;
extern const struct doctor_check doctor_agents_crds;
extern const struct doctor_check doctor_agents_conversion;
extern const struct doctor_check doctor_agents_controller;
extern const struct doctor_check doctor_agents_router;
extern const struct doctor_check doctor_agents_sandboxes;
extern const struct doctor_check doctor_agents_pods;
extern const struct doctor_check doctor_tiers_load;
extern const struct doctor_check doctor_tiers_default;
extern const struct doctor_check doctor_tiers_exceptions;
extern const struct doctor_check doctor_namespaces_tiers;
extern const struct doctor_check doctor_namespaces_plain_pods;
extern const struct doctor_check doctor_namespaces_pod_security;
extern const struct doctor_check doctor_runtime_classes;
extern const struct doctor_check doctor_runtime_handlers;
extern const struct doctor_check doctor_runtime_scheduling;
extern const struct doctor_check doctor_runtime_nodes;
extern const struct doctor_check doctor_webhook_registered;
extern const struct doctor_check doctor_webhook_failure;
extern const struct doctor_check doctor_webhook_certificate;
extern const struct doctor_check doctor_webhook_endpoints;
extern const struct doctor_check doctor_webhook_answers;
extern const struct doctor_check doctor_controller_lease;
extern const struct doctor_check doctor_network_plugin;
extern const struct doctor_check doctor_network_policies;
extern const struct doctor_check doctor_network_gates;

/* CAs in base64, as a caBundle holds them. */
struct doctor_bundle {
	struct str pem;
	struct str problem; /* "is not set"; empty: none */
	int64_t not_after;  /* of the one that lasts longest */
	size_t n;
};
void doctor_bundle_read(struct arena *a, struct str base64, int64_t now,
			struct doctor_bundle *out);

/* Endpoints that are ready, of a service {name, namespace}. */
size_t doctor_ready_endpoints(const struct doctor_facts *f,
			      const struct json *service);

/* A namespace, policy or default names it: Pods may get it. */
bool doctor_tier_is_used(const struct doctor_facts *f, const struct tier *tier);

#endif
