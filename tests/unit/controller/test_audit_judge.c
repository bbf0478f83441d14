/* controller/audit_judge.c and what it calls: one live object in a cluster. */
#include "tests/unit/controller/audit_judging.h"

static void a_pod_is_held_against_its_stamp_and_its_policy(void **state)
{
	static const struct row rows[] = {
		{ TIERED RUNS, BEFORE, "", NULL },
		/* times are whole seconds: that is no proof */
		{ TIERED RUNS, SAME_SECOND, "", NULL },
		{ TIERED RUNS, AFTER, "fail network.gate",
		  "is 2026-11-21T05:00:10Z, and the NetworkPolicy bulkhead-t "
		  "that is there was made later, at 2026-11-21T05:00:11Z" },
		{ TIERED RUNS, NONE, "fail network.gate",
		  "bulkhead-t is not there" },
		{ TIERED RUNS, CHANGED, "fail network.gate",
		  "bulkhead-t is not as the tier says" },
		{ TIERED RUNS, MARKED, "fail network.gate", NULL },
		/* it has not started: the gate, or the scheduler, holds it */
		{ TIERED LIVE_POD(STAMP, "", "", "phase: Pending"), NONE, "",
		  NULL },
		{ TIERED LIVE_POD(STAMP, "", "", "startTime: 7"), AFTER, "",
		  NULL },
		{ TIERED LIVE_POD(STAMP, "", "", "startTime: soon"), AFTER, "",
		  NULL },
		{ TIERED LIVE_POD("", "", "", STARTED), BEFORE,
		  "fail label.reserved", "is not set" },
		{ TIERED LIVE_POD(LABEL_TIER ": u", "", "", STARTED), NONE,
		  "fail label.reserved, fail tier.wish", "\"u\"" },
		{ TIERED LIVE_POD(LABEL_TIER ": 7", "", "", STARTED), NONE,
		  "fail label.reserved, fail tier.wish", NULL },
		/* its time is over, or there is nothing to hold it against */
		{ TIERED LIVE_POD("", "", "", "phase: Succeeded"), NONE,
		  "passed over", NULL },
		{ TIERED LIVE_POD("", "", "", "phase: Failed"), NONE,
		  "passed over", NULL },
		{ TIERED LIVE_POD("",
				  ", deletionTimestamp: "
				  "'2026-11-21T05:59:59Z'",
				  "", STARTED),
		  NONE, "passed over", NULL },
		{ CLOSED("t", "200", "") NAMESPACE("a", "x: y")
			  LIVE_POD("", "", "", STARTED),
		  NONE, "passed over", NULL },
		{ CLOSED("t", "200", "") LIVE_POD("", "", "", STARTED), NONE,
		  "passed over", NULL },
	};

	(void)state;
	judge_rows(rows, ARRAY_LEN(rows));
}

static void enforcement_and_exceptions_say_how_much_it_is(void **state)
{
	static const struct row rows[] = {
		{ CLOSED("t", "200", ", enforcement: Warn")
			  NAMESPACE("a", "bulkhead.dev/enforce: t") RUNS,
		  NONE, "warn network.gate", NULL },
		{ CLOSED("t", "200", ", enforcement: Audit")
			  NAMESPACE("a", "bulkhead.dev/enforce: t") RUNS,
		  NONE, "warn network.gate", NULL },
		{ EXCEPTION("e", "namespace: a, kinds: [Pod]", "network.gate",
			    "2030-01-01T00:00:00Z") TIERED RUNS,
		  NONE, "skip network.gate",
		  "excepted by IsolationException e: [network.gate]" },
		{ EXCEPTION("e", "namespace: a, kinds: [Pod]", "network.gate",
			    "2026-11-21T05:00:00Z") TIERED RUNS,
		  NONE, "fail network.gate", NULL },
		{ EXCEPTION("e", "namespace: b, kinds: [Pod]", "network.gate",
			    "2030-01-01T00:00:00Z") TIERED RUNS,
		  NONE, "fail network.gate", NULL },
		/* a tier that only runs beside */
		{ OURS("IsolationTier", "t",
		       "strength: 200, pod: {level: Baseline, "
		       "serviceAccountToken: Allow}")
			  NAMESPACE("a", "bulkhead.dev/warn: t") LIVE_POD(
				  "", "", ", hostNetwork: true", STARTED),
		  NONE, "warn pss.hostNamespaces", NULL },
	};

	(void)state;
	judge_rows(rows, ARRAY_LEN(rows));
}

static void what_other_policies_open_for_a_pod_is_told_at_the_pod(void **state)
{
	static const struct row rows[] = {
		{ TIERED NET("n1", "", OPEN) RUNS, BEFORE,
		  "fail network.policy",
		  "NetworkPolicy a/n1: spec.egress[0]: opens every destination "
		  "on every port for this Pod" },
		/* agent-sandbox's own, of which the rule says nothing */
		{ TIERED NET("n1",
			     OWNED_BY("extensions.agents.x-k8s.io/v1beta1",
				      "SandboxTemplate", "t", "t1"),
			     OPEN) RUNS,
		  BEFORE, "fail network.policy", NULL },
		{ TIERED NET("n1", "",
			     "podSelector: {}, policyTypes: [Ingress], "
			     "ingress: [{}]") RUNS,
		  BEFORE, "fail network.policy", "spec.ingress[0]" },
		{ TIERED NET("n1", "", OPEN) NET("o", "", OPEN) RUNS, BEFORE,
		  "fail network.policy, fail network.policy",
		  "NetworkPolicy a/n1" },
		/* rules of a type that does not count */
		{ TIERED NET("n1", "",
			     "podSelector: {}, policyTypes: [Ingress], "
			     "egress: [{}]") RUNS,
		  BEFORE, "", NULL },
		{ TIERED NET("n1", "",
			     "podSelector: {matchLabels: {a: b}}, "
			     "policyTypes: [Egress], egress: [{}]") RUNS,
		  BEFORE, "", NULL },
		{ TIERED NET("n1", "",
			     "podSelector: {matchExpressions: [{key: "
			     "bulkhead.dev/tier, operator: DoesNotExist}]}, "
			     "policyTypes: [Egress], egress: [{}]") RUNS,
		  BEFORE, "", NULL },
		/* what cannot be read opens more, for all that is known */
		{ TIERED NET("n1", "",
			     "podSelector: {}, policyTypes: [Egress], egress: "
			     "[{to: [{ipBlock: {cidr: x}}]}]") RUNS,
		  BEFORE, "fail network.policy", "more than can be compared" },
		{ TIERED NET("n1", "",
			     "podSelector: {}, policyTypes: [Egress], egress: "
			     "7") RUNS,
		  BEFORE, "fail network.policy", NULL },
		{ EXCEPTION("e", "namespace: a, kinds: [NetworkPolicy]",
			    "network.policy", "2030-01-01T00:00:00Z")
			  TIERED NET("n1", "", OPEN) RUNS,
		  BEFORE, "skip network.policy",
		  "excepted by IsolationException e" },
		/* the policy itself */
		{ TIERED NET("n1", "", OPEN), BEFORE, "fail network.policy",
		  "for Pods of tier \"t\"" },
	};

	(void)state;
	judge_rows(rows, ARRAY_LEN(rows));
}

static void a_node_must_be_one_that_the_class_chooses(void **state)
{
	static const struct row rows[] = {
		{ KATA_TIER CLASS NODE("kata: 'true'") ON_NODE("kata"), BEFORE,
		  "", NULL },
		{ KATA_TIER CLASS NODE("kata: 'false'") ON_NODE("kata"), BEFORE,
		  "fail pod.nodeName",
		  "is \"n1\", a node without the label kata=true, by which "
		  "RuntimeClass kata" },
		{ KATA_TIER CLASS NODE("") ON_NODE("kata"), BEFORE,
		  "fail pod.nodeName", NULL },
		{ KATA_TIER CLASS ON_NODE("kata"), BEFORE, "", NULL },
		{ KATA_TIER NODE("") ON_NODE("kata"), BEFORE, "", NULL },
		{ KATA_TIER CLASS NODE("") LIVE_POD(
			  STAMP, "", ", runtimeClassName: kata", STARTED),
		  BEFORE, "", NULL },
		{ KATA_TIER CLASS NODE("") ON_NODE("7"), BEFORE,
		  "fail runtime.class", NULL },
		{ KATA_TIER CLASS NODE("") ON_NODE("''"), BEFORE,
		  "fail runtime.class", NULL },
	};

	(void)state;
	judge_rows(rows, ARRAY_LEN(rows));
}

#define ENDS(time, more)                                                       \
	LIVE_SANDBOX("", ", shutdownTime: '2026-11-21T" time "Z'" more)
#define DELETES ", shutdownPolicy: Delete"
#define END_TIER(more)                                                         \
	TIER("t", "200", more) NAMESPACE("a", "bulkhead.dev/enforce: t")

static void what_outlives_its_end_is_told(void **state)
{
	static const struct row rows[] = {
		{ END_TIER("") ENDS("07:00:00", DELETES), NONE, "", NULL },
		{ END_TIER("") ENDS("05:56:00", DELETES), NONE, "", NULL },
		{ END_TIER("") ENDS("05:54:00", DELETES), NONE,
		  "fail lifecycle.ttl",
		  "spec.shutdownTime: ended it at 2026-11-21T05:54:00Z, and "
		  "it is still there" },
		/* kept on purpose */
		{ END_TIER("") ENDS("05:54:00", ", shutdownPolicy: Retain"),
		  NONE, "", NULL },
		{ END_TIER("") ENDS("05:54:00", ""), NONE, "", NULL },
		{ END_TIER("")
			  LIVE_SANDBOX(", annotations: {"
				       "argocd.argoproj.io/tracking-id: x}",
				       ", shutdownTime: "
				       "'2026-11-21T05:54:00Z'" DELETES),
		  NONE, "fail lifecycle.ttl",
		  "it is kept because Argo CD tracks it" },
		{ END_TIER("") LIVE_SANDBOX("", ""), NONE, "", NULL },
		/* older than the tier's longest time */
		{ CLOSED("t", "200", "") NAMESPACE(
			  "a",
			  "bulkhead.dev/enforce: t") "{apiVersion: "
						     "agents.x-k8s.io/v1beta1, "
						     "kind: "
						     "Sandbox, metadata: "
						     "{namespace: a, name: s, "
						     "creationTimestamp: "
						     "'2026-11-21T03:00:00Z'}, "
						     "spec: {}}\n",
		  NONE, "fail lifecycle.ttl, fail lifecycle.ttl",
		  "lifecycle.ttl.max of the tier passed at "
		  "2026-11-21T05:00:00Z" },
		/* a claim decides */
		{ CLOSED("t", "200", "")
			  NAMESPACE("a", "bulkhead.dev/enforce: t")
				  LIVE_SANDBOX(BY_CLAIM, ""),
		  NONE, "", NULL },
		{ END_TIER("") LIVE_SANDBOX(", deletionTimestamp: "
					    "'2026-11-21T05:59:00Z'",
					    ", shutdownTime: "
					    "'2026-11-21T05:54:00Z'" DELETES),
		  NONE, "passed over", NULL },
		/* without a tier nobody asked for an end */
		{ CLOSED("t", "200", "") NAMESPACE("a", "x: y")
			  ENDS("05:54:00", DELETES),
		  NONE, "passed over", NULL },
	};

	(void)state;
	judge_rows(rows, ARRAY_LEN(rows));
}

static void
what_is_no_object_as_it_should_be_is_judged_all_the_same(void **state)
{
	static const struct row rows[] = {
		{ TIERED "{apiVersion: v1, kind: Pod, metadata: {namespace: a, "
			 "name: x, labels: 7}, spec: 5, status: []}\n",
		  BEFORE,
		  "fail label.reserved, fail label.reserved, "
		  "fail access.ephemeralContainers",
		  NULL },
		{ TIERED "{apiVersion: v1, kind: Pod, metadata: {namespace: a, "
			 "name: x, ownerReferences: {a: b}, labels: {" STAMP
			 "}}, spec: null, status: {startTime: null}}\n",
		  BEFORE, "", NULL },
		{ TIERED "{apiVersion: v1, kind: ConfigMap, metadata: "
			 "{namespace: a, name: x}}\n",
		  NONE, "passed over", NULL },
		{ TIERED "{apiVersion: x.agents.x-k8s.io/v1, kind: Sandbox, "
			 "metadata: {namespace: a, name: x}}\n",
		  NONE, "passed over", NULL },
	};

	(void)state;
	judge_rows(rows, ARRAY_LEN(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_pod_is_held_against_its_stamp_and_its_policy),
		cmocka_unit_test(enforcement_and_exceptions_say_how_much_it_is),
		cmocka_unit_test(
			what_other_policies_open_for_a_pod_is_told_at_the_pod),
		cmocka_unit_test(a_node_must_be_one_that_the_class_chooses),
		cmocka_unit_test(what_outlives_its_end_is_told),
		cmocka_unit_test(
			what_is_no_object_as_it_should_be_is_judged_all_the_same),
	};

	return cmocka_run_group_tests_name("controller/audit_judge", tests,
					   NULL, NULL)
		       ? 1
		       : 0;
}
