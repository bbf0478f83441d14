/* cli/doctor/crds.c and cli/doctor/upstream.c: releases of agent-sandbox */
#include "tests/unit/doctor_rows.h"

#define CRD(name, versions, stored)                                            \
	"{metadata: {name: " name "}, spec: {versions: [" versions             \
	"]}, status: {storedVersions: [" stored "], conditions: [{type: "      \
	"Established, status: 'True'}]}}"
#define ALPHA "{name: v1alpha1, served: true, storage: false}"
#define BETA "{name: v1beta1, served: true, storage: true}"
#define ALL(versions, stored)                                                  \
	"[" CRD("sandboxes.agents.x-k8s.io", versions, stored) ", " CRD(       \
		"sandboxtemplates.extensions.agents.x-k8s.io", versions,       \
		stored) ", " CRD("sandboxclaims.extensions.agents.x-k8s.io",   \
				 versions, stored) ", " CRD("sandboxwarmpools" \
							    ".extensions."     \
							    "agents.x-k8s.io", \
							    versions,          \
							    stored) "]"

static void releases_of_agent_sandbox_are_told_apart(void **state)
{
	static const struct row rows[] = {
		{ &doctor_agents_crds,
		  { { FACT_CRDS, ALL(BETA, "v1beta1") } },
		  DOCTOR_PASS,
		  "v1beta1 is served" },
		{ &doctor_agents_crds,
		  { { FACT_CRDS, ALL(ALPHA ", " BETA, "v1beta1") } },
		  DOCTOR_PASS,
		  "v0.5" },
		{ &doctor_agents_crds,
		  { { FACT_CRDS, ALL(ALPHA, "v1alpha1") } },
		  DOCTOR_WARN,
		  "v1alpha1 only" },
		{ &doctor_agents_crds,
		  { { FACT_CRDS, ALL(BETA, "v1alpha1, v1beta1") } },
		  DOCTOR_WARN,
		  "no longer served" },
		{ &doctor_agents_crds,
		  { { FACT_CRDS, "[" CRD("sandboxes.agents.x-k8s.io", BETA,
					 "v1beta1") "]" } },
		  DOCTOR_WARN,
		  "missing: sandboxtemplates" },
		{ &doctor_agents_crds,
		  { { FACT_CRDS,
		      "[" CRD("sandboxes.agents.x-k8s.io", BETA,
			      "v1beta1") ", " CRD("sandboxclaims.extensions."
						  "agents.x-k8s.io",
						  ALPHA, "v1alpha1") "]" } },
		  DOCTOR_FAIL,
		  "different releases" },
		{ &doctor_agents_crds,
		  { { FACT_CRDS, "[]" } },
		  DOCTOR_FAIL,
		  "not installed" },
		{ &doctor_bulkhead_crds,
		  { { FACT_CRDS,
		      "[" CRD("isolationtiers.bulkhead.dev", ALPHA,
			      "") ", " CRD("isolationpolicies.bulkhead.dev",
					   ALPHA,
					   "") ", " CRD("isolationexceptions."
							"bulkhead.dev",
							ALPHA, "") "]" } },
		  DOCTOR_PASS,
		  "" },
		{ &doctor_bulkhead_crds,
		  { { FACT_CRDS,
		      "[" CRD("isolationtiers.bulkhead.dev", ALPHA, "") "]" } },
		  DOCTOR_FAIL,
		  "isolationpolicies" },
		{ &doctor_bulkhead_crds,
		  { { FACT_CRDS,
		      "[{metadata: {name: isolationtiers.bulkhead.dev}}]" } },
		  DOCTOR_FAIL,
		  "not established" },
		{ &doctor_agents_conversion,
		  { { FACT_CRDS, ALL(BETA, "v1beta1") } },
		  DOCTOR_PASS,
		  "nothing is converted" },
		{ &doctor_agents_conversion,
		  { { FACT_CRDS,
		      "[{metadata: {name: sandboxes.agents.x-k8s.io}, spec: "
		      "{conversion: {strategy: Webhook, webhook: "
		      "{clientConfig: {service: {name: s, namespace: "
		      "n}}}}}}]" } },
		  DOCTOR_FAIL,
		  "caBundle is not set" },
		{ &doctor_agents_controller,
		  { { FACT_DEPLOYMENTS, "[]" } },
		  DOCTOR_WARN,
		  "no Deployment" },
		{ &doctor_agents_controller,
		  { { FACT_DEPLOYMENTS,
		      "[{metadata: {name: agent-sandbox-controller, namespace: "
		      "agent-sandbox-system}, spec: {template: {spec: "
		      "{containers: [{image: 'r.io:5/c:v1.0.3@sha256:00'}]}}}, "
		      "status: {availableReplicas: 1}}]" } },
		  DOCTOR_PASS,
		  "v1.0.3 is available" },
		{ &doctor_agents_controller,
		  { { FACT_DEPLOYMENTS,
		      "[{metadata: {name: agent-sandbox-controller, namespace: "
		      "agent-sandbox-system}, spec: {template: {spec: "
		      "{containers: [{image: 'c:v1'}]}}}, status: "
		      "{availableReplicas: 1}}]" },
		    { FACT_CRDS, ALL(BETA, "v1beta1") } },
		  DOCTOR_WARN,
		  "without --extensions" },
		{ &doctor_agents_controller,
		  { { FACT_DEPLOYMENTS,
		      "[{metadata: {name: agent-sandbox-controller, namespace: "
		      "agent-sandbox-system}}]" } },
		  DOCTOR_FAIL,
		  "not available" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(releases_of_agent_sandbox_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
