/* cli/doctor/policy.c, cli/doctor/plain_pods.c and cli/doctor/runtime.c */
#include "tests/unit/doctor_rows.h"

#define DEFAULT                                                                \
	"[{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationPolicy, "         \
	"metadata: {name: p}, spec: {defaultTier: g}}]"
#define EXCEPTION(expires)                                                     \
	"[{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationException, "      \
	"metadata: {name: e}, spec: {target: {namespace: a}, rules: "          \
	"[pod.nodeName], reason: r, expiresAt: '" expires "'}}]"
#define CLASS(name, handler, more) NAMED(name, "handler: " handler more)
#define KATA_SELECTOR                                                          \
	", scheduling: {nodeSelector: {katacontainers.io/kata-runtime: "       \
	"'true'}}"
#define BOTH "[" CLASS("gvisor", "runsc", "") ", " KATA "]"
#define KATA CLASS("kata-fc", "kata-fc", KATA_SELECTOR)
#define NODE(label, ready, more)                                               \
	"{metadata: {name: n, labels: {" label "}}, status: {conditions: "     \
	"[{type: Ready, status: '" ready "'}]" more "}}"

static void tiers_are_loaded_as_the_cluster_loads_them(void **state)
{
	static const struct row rows[] = {
		{ &doctor_tiers_load,
		  { { FACT_TIERS, TIERS } },
		  DOCTOR_PASS,
		  "2 tiers" },
		{ &doctor_tiers_load,
		  { { FACT_TIERS, "[]" } },
		  DOCTOR_FAIL,
		  "refused" },
		{ &doctor_tiers_load,
		  { { FACT_TIERS,
		      "[" TIER("a", "1", "x") ", " TIER("b", "1", "x") "]" } },
		  DOCTOR_FAIL,
		  "refused" },
		{ &doctor_tiers_default,
		  { { FACT_TIERS, TIERS }, { FACT_POLICIES, DEFAULT } },
		  DOCTOR_PASS,
		  "g, by IsolationPolicy p" },
		{ &doctor_tiers_default,
		  { { FACT_TIERS, TIERS } },
		  DOCTOR_WARN,
		  "no default" },
		{ &doctor_tiers_default,
		  { { FACT_TIERS, "[]" } },
		  DOCTOR_SKIP,
		  "tiers.load" },
		{ &doctor_tiers_exceptions,
		  { { FACT_TIERS, TIERS },
		    { FACT_EXCEPTIONS, EXCEPTION("2027-11-21T12:00:00Z") } },
		  DOCTOR_PASS,
		  "1 in force" },
		{ &doctor_tiers_exceptions,
		  { { FACT_TIERS, TIERS },
		    { FACT_EXCEPTIONS, EXCEPTION("2026-11-21T12:00:00Z") } },
		  DOCTOR_WARN,
		  "expired: e" },
		{ &doctor_tiers_exceptions,
		  { { FACT_TIERS, TIERS },
		    { FACT_EXCEPTIONS, EXCEPTION("2026-11-22T12:00:00Z") } },
		  DOCTOR_WARN,
		  "about to expire" },
		{ &doctor_namespaces_tiers,
		  { { FACT_TIERS, TIERS },
		    { FACT_NAMESPACES,
		      "[{metadata: {name: a, labels: {bulkhead.dev/enforce: g, "
		      "bulkhead.dev/warn: k}}}]" } },
		  DOCTOR_PASS,
		  "2 labels" },
		{ &doctor_namespaces_tiers,
		  { { FACT_TIERS, TIERS },
		    { FACT_NAMESPACES,
		      "[{metadata: {name: a, labels: {bulkhead.dev/audit: "
		      "gg}}}]" } },
		  DOCTOR_FAIL,
		  "a (bulkhead.dev/audit=gg)" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

#define RULES                                                                  \
	"[{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationPolicy, "         \
	"metadata: {name: p}, spec: {defaultTier: g, rules: [{name: r, "       \
	"namespaceSelector: {matchLabels: {tenancy: untrusted}}, floor: k}, "  \
	"{name: weaker, namespaceSelector: {matchExpressions: [{key: "         \
	"tenancy, operator: Exists}]}, floor: g}]}}]"
#define UNTRUSTED(name, more)                                                  \
	"{metadata: {name: " name ", labels: {tenancy: untrusted" more "}}}"

static void plain_pods_need_a_label_where_a_rule_governs(void **state)
{
	static const struct row rows[] = {
		{ &doctor_namespaces_plain_pods,
		  { { FACT_TIERS, TIERS },
		    { FACT_POLICIES, RULES },
		    { FACT_NAMESPACES,
		      "[" UNTRUSTED("a", "") ", " UNTRUSTED(
			      "b", ", bulkhead.dev/enforce: k") "]" } },
		  DOCTOR_WARN,
		  "unjudged: a (k)" },
		{ &doctor_namespaces_plain_pods,
		  { { FACT_TIERS, TIERS },
		    { FACT_POLICIES, RULES },
		    { FACT_NAMESPACES,
		      "[{metadata: {name: a, labels: {tenancy: ours}}}]" } },
		  DOCTOR_WARN,
		  "a (g)" },
		{ &doctor_namespaces_plain_pods,
		  { { FACT_TIERS, TIERS },
		    { FACT_POLICIES, RULES },
		    { FACT_NAMESPACES,
		      "[" UNTRUSTED(
			      "a",
			      ", bulkhead.dev/audit: g") ", "
							 "{metadata: {name: "
							 "b}}, {metadata: "
							 "{name: c, labels: "
							 "[tenancy]}},"
							 " " UNTRUSTED(
								 "kube-system",
								 "") "]" } },
		  DOCTOR_PASS,
		  "1 namespaces are governed" },
		/* a default reaches no plain Pod */
		{ &doctor_namespaces_plain_pods,
		  { { FACT_TIERS, TIERS },
		    { FACT_POLICIES, DEFAULT },
		    { FACT_NAMESPACES, "[" UNTRUSTED("a", "") "]" } },
		  DOCTOR_PASS,
		  "0 namespaces" },
		{ &doctor_namespaces_plain_pods,
		  { { FACT_TIERS, "[{apiVersion: bulkhead.dev/v1alpha1, kind: "
				  "IsolationTier, metadata: {name: g}, spec: "
				  "{strenght: 1}}]" },
		    { FACT_NAMESPACES, "[" UNTRUSTED("a", "") "]" } },
		  DOCTOR_SKIP,
		  "no policy set" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void runtime_classes_lead_to_nodes_that_run_them(void **state)
{
	static const struct row rows[] = {
		{ &doctor_runtime_classes,
		  { { FACT_TIERS, TIERS }, { FACT_CLASSES, BOTH } },
		  DOCTOR_PASS,
		  "2 tiers" },
		/* nobody uses them */
		{ &doctor_runtime_classes,
		  { { FACT_TIERS, TIERS }, { FACT_CLASSES, "[]" } },
		  DOCTOR_WARN,
		  "not found" },
		{ &doctor_runtime_classes,
		  { { FACT_TIERS, TIERS }, { FACT_POLICIES, DEFAULT } },
		  DOCTOR_FAIL,
		  "gvisor (tier g)" },
		{ &doctor_runtime_handlers,
		  { { FACT_TIERS, TIERS }, { FACT_CLASSES, BOTH } },
		  DOCTOR_PASS,
		  "g: runsc, k: kata-fc" },
		{ &doctor_runtime_handlers,
		  { { FACT_TIERS, TIERS },
		    { FACT_CLASSES, "[" CLASS("gvisor", "runc", "") "]" } },
		  DOCTOR_FAIL,
		  "another runtime" },
		{ &doctor_runtime_handlers,
		  { { FACT_TIERS, TIERS },
		    { FACT_CLASSES, BOTH },
		    { FACT_NODES,
		      "[" NODE("a: b", "True",
			       ", runtimeHandlers: [{name: runc}, {name: "
			       "kata-fc}]") "]" } },
		  DOCTOR_FAIL,
		  "has the handler \"runsc\"" },
		{ &doctor_runtime_handlers,
		  { { FACT_TIERS, TIERS } },
		  DOCTOR_SKIP,
		  "none" },
		{ &doctor_runtime_scheduling,
		  { { FACT_TIERS, TIERS }, { FACT_CLASSES, BOTH } },
		  DOCTOR_PASS,
		  "" },
		{ &doctor_runtime_scheduling,
		  { { FACT_TIERS, TIERS },
		    { FACT_CLASSES, "[" CLASS("kata-fc", "kata-fc", "") "]" } },
		  DOCTOR_WARN,
		  "without KVM" },
		{ &doctor_runtime_scheduling,
		  { { FACT_TIERS, TIERS },
		    { FACT_CLASSES, "[" CLASS("gvisor", "gvisor", "") "]" },
		    { FACT_NODES, "[" NODE("cloud.google.com/gke-nodepool: p",
					   "True", "") "]" } },
		  DOCTOR_WARN,
		  "GKE Sandbox" },
		{ &doctor_runtime_nodes,
		  { { FACT_TIERS, TIERS },
		    { FACT_CLASSES, BOTH },
		    { FACT_NODES,
		      "[" NODE("katacontainers.io/kata-runtime: 'true'", "True",
			       "") "]" } },
		  DOCTOR_PASS,
		  "of 1" },
		/* the default tier's class has a node, the other's has none */
		{ &doctor_runtime_nodes,
		  { { FACT_TIERS, TIERS },
		    { FACT_POLICIES, DEFAULT },
		    { FACT_CLASSES, BOTH },
		    { FACT_NODES, "[" NODE("a: b", "True", "") "]" } },
		  DOCTOR_WARN,
		  "kata-fc" },
		{ &doctor_runtime_nodes,
		  { { FACT_TIERS, TIERS },
		    { FACT_POLICIES, DEFAULT },
		    { FACT_CLASSES, BOTH },
		    { FACT_NODES, "[" NODE("a: b", "Unknown", "") "]" } },
		  DOCTOR_FAIL,
		  "1 nodes match RuntimeClass gvisor" },
		{ &doctor_runtime_nodes,
		  { { FACT_TIERS, TIERS }, { FACT_CLASSES, BOTH } },
		  DOCTOR_FAIL,
		  "no node" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_pods_need_a_label_where_a_rule_governs),
		cmocka_unit_test(tiers_are_loaded_as_the_cluster_loads_them),
		cmocka_unit_test(runtime_classes_lead_to_nodes_that_run_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
