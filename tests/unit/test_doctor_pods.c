/* cli/doctor/network.c, and why Pods wait */
#include "tests/unit/doctor_rows.h"

#define POD(more)                                                              \
	"[{metadata: {name: p, namespace: a, creationTimestamp: '" more "}]"
#define DAEMON(ns, name) "{metadata: {namespace: " ns ", name: " name "}}"
#define EVENT(message)                                                         \
	"[{involvedObject: {namespace: a, name: p}, lastTimestamp: "           \
	"'2026-11-21T11:59:00Z', message: '" message "'}]"

static void pods_that_wait_are_found_with_the_cause(void **state)
{
	static const struct row rows[] = {
		{ &doctor_network_plugin,
		  { { FACT_DAEMON_SETS,
		      "[" DAEMON("kube-system", "cilium") "]" } },
		  DOCTOR_PASS,
		  "Cilium" },
		{ &doctor_network_plugin,
		  { { FACT_DAEMON_SETS,
		      "[" DAEMON("kube-flannel", "kube-flannel-ds") ", " DAEMON(
			      "kube-system", "kube-network-policies") "]" } },
		  DOCTOR_PASS,
		  "kube-network-policies" },
		/* anybody may call a DaemonSet so */
		{ &doctor_network_plugin,
		  { { FACT_DAEMON_SETS, "[" DAEMON("tenant", "cilium") "]" } },
		  DOCTOR_WARN,
		  "cannot be told" },
		{ &doctor_network_plugin,
		  { { FACT_DAEMON_SETS,
		      "[" DAEMON("kube-flannel", "kube-flannel-ds") "]" } },
		  DOCTOR_FAIL,
		  "Flannel" },
		{ &doctor_network_plugin,
		  { { FACT_DAEMON_SETS,
		      "[" DAEMON("kube-system", "kube-proxy") "]" } },
		  DOCTOR_WARN,
		  "cannot be told" },
		{ &doctor_network_policies,
		  { { FACT_TIERS, TIERS },
		    { FACT_PODS, POD("2026-11-21T11:00:00Z', labels: "
				     "{bulkhead.dev/tier: g}}") } },
		  DOCTOR_FAIL,
		  "a/bulkhead-g" },
		{ &doctor_network_policies,
		  { { FACT_TIERS, TIERS },
		    { FACT_PODS, POD("2026-11-21T11:00:00Z', labels: "
				     "{bulkhead.dev/tier: g}}") },
		    { FACT_NETWORK_POLICIES,
		      "[{metadata: {name: bulkhead-g, namespace: a}}]" } },
		  DOCTOR_PASS,
		  "1 in all" },
		{ &doctor_network_gates,
		  { { FACT_PODS,
		      POD("2026-11-21T11:58:59Z'}, spec: {schedulingGates: "
			  "[{name: bulkhead.dev/egress}]}") } },
		  DOCTOR_FAIL,
		  "a/p" },
		{ &doctor_network_gates,
		  { { FACT_PODS,
		      POD("2026-11-21T11:59:30Z'}, spec: {schedulingGates: "
			  "[{name: bulkhead.dev/egress}]}") } },
		  DOCTOR_PASS,
		  "" },
		{ &doctor_agents_pods,
		  { { FACT_EVENTS,
		      EVENT("exec: \"containerd-shim-runsc-v1\": file does "
			    "not exist") } },
		  DOCTOR_FAIL,
		  "shim of gVisor" },
		{ &doctor_agents_pods,
		  { { FACT_EVENTS,
		      EVENT("open /dev/kvm: permission denied") } },
		  DOCTOR_FAIL,
		  "KVM" },
		{ &doctor_agents_pods,
		  { { FACT_EVENTS,
		      EVENT("no runtime for \"runsc\" is configured") } },
		  DOCTOR_FAIL,
		  "handler" },
		{ &doctor_agents_pods,
		  { { FACT_EVENTS, "[]" } },
		  DOCTOR_PASS,
		  "" },
		{ &doctor_agents_sandboxes,
		  { { FACT_SANDBOXES,
		      POD("2026-11-21T11:00:00Z'}, status: {conditions: "
			  "[{type: Ready, status: 'False', message: "
			  "'RuntimeClass "
			  "\"x\" not found'}]}") } },
		  DOCTOR_WARN,
		  "\"x\" not found" },
		{ &doctor_agents_sandboxes,
		  { { FACT_SANDBOXES,
		      POD("2026-11-21T11:00:00Z'}, status: {conditions: "
			  "[{type: Ready, status: 'False', reason: "
			  "SandboxExpired}]}") } },
		  DOCTOR_PASS,
		  "" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pods_that_wait_are_found_with_the_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
