/*
 * What an admission server judges beside new objects: scale, connections,
 * network policies, deletions, and who asks. Each row is one request.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/load.h"

#define SA "system:serviceaccount:"
#define AGENTS SA "agent-sandbox-system:agent-sandbox-controller"
#define BULKHEAD SA "bulkhead-system:bulkhead-controller"
#define GC SA "kube-system:generic-garbage-collector"

static const char world[] = OURS(
	"IsolationTier", "t",
	"strength: 200, pod: {level: Restricted, "
	"images: {allow: "
	"['^good/']}}, runtime: {classNames: "
	"[gvisor]}, resources: "
	"{max: {cpu: '2', replicas: '5'}}, network: "
	"{egress: {mode: None}}, "
	"access: {exec: Deny, ephemeralContainers: "
	"Allow}") OURS("IsolationTier", "u",
		       "strength: 300, access: "
		       "{ephemeralContainers: Deny}") OURS("IsolationTier",
							   "free",
							   "strength: 1")
	POLICY("rules: [{name: r, namespaceSelector: {matchLabels: {team: x}}, "
	       "floor: u}]") EXCEPTION("pools",
				       "namespace: b, kinds: "
				       "[SandboxWarmPool]",
				       "resources.max",
				       "2026-12-01T00:00:00Z") EXCEPTION("exe"
									 "c",
									 "name"
									 "spac"
									 "e: "
									 "b, "
									 "kind"
									 "s: "
									 "[Pod"
									 "], "
									 "sele"
									 "ctor"
									 ": "
									 "{mat"
									 "chLa"
									 "bels"
									 ": "
									 "{inc"
									 "iden"
									 "t: "
									 "'1'}"
									 "}",
									 "acce"
									 "ss."
									 "exe"
									 "c",
									 "2026"
									 "-12-"
									 "01T0"
									 "0:"
									 "00:"
									 "00Z")
		NAMESPACE("a", "bulkhead.dev/enforce: t") NAMESPACE(
			"b",
			"bulkhead.dev/enforce: t") "{apiVersion: v1, kind: "
						   "Namespace, metadata: "
						   "{name: going, "
						   "deletionTimestamp: "
						   "'2026-11-21T05:00:00Z', "
						   "labels: "
						   "{bulkhead.dev/enforce: "
						   "t}}}\n---\n" DOC(
							   "v1", "Pod",
							   "name: p, "
							   "namespace: b, "
							   "labels: {incident: "
							   "'1'}",
							   "{}") DOC("v1",
								     "Pod",
								     "name: q, "
								     "namespace"
								     ": b",
								     "{}")
							   DOC("extensions."
							       "agents.x-k8s."
							       "io/v1beta1",
							       "SandboxWarmPoo"
							       "l",
							       "name: pool, "
							       "namespace: a, "
							       "labels: "
							       "{bulkhead.dev/"
							       "tier: t}",
							       "{}")
	/* The subject that every row replaces. */
	DOC("v1", "Pod", "name: x, namespace: a", "{}");

#define SCALE(ns, name, n)                                                     \
	"{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: " name     \
	", namespace: " ns "}, spec: {" n "}}"
#define SCALE_ROW(n, resource, old, now, denied, warned)                       \
	{                                                                      \
		n, "jane", resource, "scale", OPERATION_UPDATE, old, now,      \
			"resources.max", denied, warned                        \
	}

static const struct request scales[] = {
	SCALE_ROW("within", "sandboxwarmpools",
		  SCALE("a", "pool", "replicas: 1"),
		  SCALE("a", "pool", "replicas: 5"), 0, 0),
	SCALE_ROW("beyond", "sandboxwarmpools",
		  SCALE("a", "pool", "replicas: 1"),
		  SCALE("a", "pool", "replicas: 6"), 1, 0),
	SCALE_ROW("an unknown pool", "sandboxwarmpools",
		  SCALE("a", "none", "replicas: 1"),
		  SCALE("a", "none", "replicas: 6"), 1, 0),
	SCALE_ROW("smaller, still beyond", "sandboxwarmpools",
		  SCALE("a", "pool", "replicas: 9"),
		  SCALE("a", "pool", "replicas: 6"), 0, 1),
	SCALE_ROW("to nothing", "sandboxwarmpools",
		  SCALE("a", "pool", "replicas: 9"), SCALE("a", "pool", ""), 0,
		  0),
	SCALE_ROW("text", "sandboxwarmpools", SCALE("a", "pool", "replicas: 1"),
		  SCALE("a", "pool", "replicas: '3'"), 1, 0),
	SCALE_ROW("negative", "sandboxwarmpools",
		  SCALE("a", "pool", "replicas: 1"),
		  SCALE("a", "pool", "replicas: -1"), 1, 0),
	SCALE_ROW("beyond int64", "sandboxwarmpools",
		  SCALE("a", "pool", "replicas: 1"),
		  SCALE("a", "pool", "replicas: 99999999999999999999"), 1, 0),
	SCALE_ROW("no old object", "sandboxwarmpools", NULL,
		  SCALE("a", "pool", "replicas: 6"), 1, 0),
	SCALE_ROW("excepted as a pool", "sandboxwarmpools",
		  SCALE("b", "pool", "replicas: 1"),
		  SCALE("b", "pool", "replicas: 6"), 0, 0),
	SCALE_ROW("a sandbox resumed", "sandboxes",
		  SCALE("a", "s", "replicas: 0"),
		  SCALE("a", "s", "replicas: 1"), 0, 0),
	SCALE_ROW("a sandbox to six", "sandboxes",
		  SCALE("b", "s", "replicas: 0"),
		  SCALE("b", "s", "replicas: 6"), 1, 0),
	SCALE_ROW("somebody else's", "deployments",
		  SCALE("a", "s", "replicas: 0"),
		  SCALE("a", "s", "replicas: 9"), 0, 0),
};

#define EXEC(ns, name)                                                         \
	"{apiVersion: v1, kind: PodExecOptions, metadata: {name: " name        \
	", namespace: " ns "}}"
#define CONNECT_ROW(n, ns, name, denied)                                       \
	{                                                                      \
		n, "jane", "pods", "exec", OPERATION_CONNECT, NULL,            \
			EXEC(ns, name), "access.exec", denied, 0               \
	}

static const struct request connects[] = {
	CONNECT_ROW("an unknown pod", "a", "none", 1),
	CONNECT_ROW("no name", "a", "''", 1),
	CONNECT_ROW("no tier", "none", "p", 0),
	CONNECT_ROW("excepted by the pod's labels", "b", "p", 0),
	CONNECT_ROW("not excepted", "b", "q", 1),
	{ "options in a file", "jane", "pods", "", OPERATION_CREATE, NULL,
	  EXEC("a", "p"), NULL, 0, 0 },
	{ "a pod instead of options", "jane", "pods", "exec", OPERATION_CONNECT,
	  NULL, POD("", "{}"), NULL, 0, 0 },
};

#define NETWORK(ns, metadata, spec)                                            \
	"{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: "   \
	"{name: web, namespace: " ns ", " metadata                             \
	"}, spec: {podSelector: {}, " spec "}}"
#define OPEN "egress: [{}]"
#define MINE "labels: {app.kubernetes.io/managed-by: bulkhead}"
#define OF_TEMPLATE                                                            \
	"ownerReferences: [{apiVersion: extensions.agents.x-k8s.io/v1beta1, "  \
	"kind: SandboxTemplate, name: t, controller: true}]"
#define NETWORK_ROW(n, user, op, old, now, rule, denied, warned)               \
	{                                                                      \
		n, user, "networkpolicies", "", OPERATION_##op, old, now,      \
			rule, denied, warned                                   \
	}

static const struct request networks[] = {
	NETWORK_ROW("a person opens", "jane", CREATE, NULL,
		    NETWORK("a", "", OPEN), "network.policy", 1, 0),
	NETWORK_ROW("a person with a forged owner", "jane", CREATE, NULL,
		    NETWORK("a", OF_TEMPLATE, OPEN), "network.policy", 1, 0),
	NETWORK_ROW("the agent-sandbox controller", AGENTS, CREATE, NULL,
		    NETWORK("a", OF_TEMPLATE, OPEN), NULL, 0, 0),
	NETWORK_ROW("nearly its name", AGENTS "2", CREATE, NULL,
		    NETWORK("a", OF_TEMPLATE, OPEN), "network.policy", 1, 0),
	NETWORK_ROW("our reconciler", BULKHEAD, CREATE, NULL,
		    NETWORK("a", MINE, OPEN), NULL, 0, 0),
	NETWORK_ROW("the agent-sandbox controller as us", AGENTS, CREATE, NULL,
		    NETWORK("a", MINE, OPEN), "network.owned", 1, 0),
	NETWORK_ROW("live, of a template", NULL, CREATE, NULL,
		    NETWORK("a", OF_TEMPLATE, OPEN), NULL, 0, 0),
	NETWORK_ROW("live, of nobody", NULL, CREATE, NULL,
		    NETWORK("a", "", OPEN), "network.policy", 1, 0),
	NETWORK_ROW("open as it was", "jane", UPDATE, NETWORK("a", "", OPEN),
		    NETWORK("a", "annotations: {a: b}", OPEN), "network.policy",
		    0, 1),
	NETWORK_ROW("opened", "jane", UPDATE, NETWORK("a", "", ""),
		    NETWORK("a", "", OPEN), "network.policy", 1, 0),
	NETWORK_ROW("another's deleted", "jane", DELETE, NETWORK("a", "", OPEN),
		    NULL, NULL, 0, 0),
	NETWORK_ROW("ours deleted", "jane", DELETE, NETWORK("a", MINE, ""),
		    NULL, NULL, 1, 0),
	NETWORK_ROW("ours deleted by an administrator", "kubernetes-admin",
		    DELETE, NETWORK("a", MINE, ""), NULL, NULL, 1, 0),
	NETWORK_ROW("ours deleted by us", BULKHEAD, DELETE,
		    NETWORK("a", MINE, ""), NULL, NULL, 0, 0),
	NETWORK_ROW("ours deleted by the garbage collector", GC, DELETE,
		    NETWORK("a", MINE, ""), NULL, NULL, 0, 0),
	NETWORK_ROW("ours deleted by the namespace controller",
		    SA "kube-system:namespace-controller", DELETE,
		    NETWORK("a", MINE, ""), NULL, NULL, 0, 0),
	NETWORK_ROW("nearly in kube-system", SA "kube-system2:gc", DELETE,
		    NETWORK("a", MINE, ""), NULL, NULL, 1, 0),
	NETWORK_ROW("ours deleted with its namespace", "jane", DELETE,
		    NETWORK("going", MINE, ""), NULL, NULL, 0, 0),
	NETWORK_ROW("ours in a namespace that nobody knows", "jane", DELETE,
		    NETWORK("none", MINE, ""), NULL, NULL, 1, 0),
};

#define EXPIRED(metadata, rules)                                               \
	"{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationException, "       \
	"metadata: {name: e" metadata "}, spec: {target: {namespace: a}, "     \
	"rules: [" rules "], reason: r, expiresAt: '2025-01-01T00:00:00Z'}}"
#define A_TIER(name, strength)                                                 \
	"{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationTier, metadata: "  \
	"{name: " name "}, spec: {strength: " strength "}}"
#define OWN_ROW(n, user, op, old, now, denied, warned)                         \
	{                                                                      \
		n, user, "anything", "", OPERATION_##op, old, now,             \
			"own.config", denied, warned                           \
	}

static const struct request own[] = {
	OWN_ROW("over, a label", "jane", UPDATE, EXPIRED("", "x"),
		EXPIRED(", labels: {a: b}", "x"), 0, 1),
	OWN_ROW("over, changed", "jane", UPDATE, EXPIRED("", "x"),
		EXPIRED("", "y.z"), 1, 0),
	OWN_ROW("a tier as it was", "jane", UPDATE, A_TIER("v", "200"),
		A_TIER("v", "200"), 0, 1),
	OWN_ROW("a tier gets a strength of another", "jane", UPDATE,
		A_TIER("v", "150"), A_TIER("v", "200"), 1, 0),
	OWN_ROW("a tier moves", "jane", UPDATE, A_TIER("t", "200"),
		A_TIER("t", "250"), 0, 0),
	OWN_ROW("a tier in use goes", "jane", DELETE, A_TIER("t", "200"), NULL,
		1, 0),
	OWN_ROW("a floor goes", "jane", DELETE, A_TIER("u", "300"), NULL, 1, 0),
	OWN_ROW("a tier in use goes by the garbage collector", GC, DELETE,
		A_TIER("t", "200"), NULL, 0, 0),
	OWN_ROW("a free tier goes", "jane", DELETE, A_TIER("free", "1"), NULL,
		0, 0),
};

#define SPACE(labels)                                                          \
	"{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: "       \
	"{" labels "}}}"
#define SPACE_ROW(n, old, now, denied, warned)                                 \
	{                                                                      \
		n, "jane", "namespaces", "", OPERATION_UPDATE, old, now,       \
			"namespace.tier", denied, warned                       \
	}

static const struct request namespaces[] = {
	SPACE_ROW("an unknown tier", SPACE(""),
		  SPACE("bulkhead.dev/enforce: none"), 1, 0),
	SPACE_ROW("an unknown tier as it was",
		  SPACE("bulkhead.dev/enforce: none"),
		  SPACE("bulkhead.dev/enforce: none, a: b"), 0, 1),
	SPACE_ROW("lowered", SPACE("bulkhead.dev/enforce: u"),
		  SPACE("bulkhead.dev/enforce: t"), 0, 1),
	SPACE_ROW("removed", SPACE("bulkhead.dev/enforce: u"), SPACE(""), 0, 1),
	SPACE_ROW("raised", SPACE("bulkhead.dev/enforce: t"),
		  SPACE("bulkhead.dev/enforce: u"), 0, 0),
	SPACE_ROW("another label lowered", SPACE("bulkhead.dev/warn: u"),
		  SPACE("bulkhead.dev/warn: t"), 0, 0),
};

static void a_scale_is_held_to_the_tier_of_its_pool(void **state)
{
	(void)state;
	requests_run(world, scales, ARRAY_LEN(scales));
}

static void a_connection_is_held_to_the_tier_of_its_pod(void **state)
{
	(void)state;
	requests_run(world, connects, ARRAY_LEN(connects));
}

static void a_network_policy_is_judged_by_who_writes_it(void **state)
{
	(void)state;
	requests_run(world, networks, ARRAY_LEN(networks));
}

static void our_kinds_are_judged_when_they_change(void **state)
{
	(void)state;
	requests_run(world, own, ARRAY_LEN(own));
}

static void a_namespaces_tier_is_watched(void **state)
{
	(void)state;
	requests_run(world, namespaces, ARRAY_LEN(namespaces));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scale_is_held_to_the_tier_of_its_pool),
		cmocka_unit_test(a_connection_is_held_to_the_tier_of_its_pod),
		cmocka_unit_test(a_network_policy_is_judged_by_who_writes_it),
		cmocka_unit_test(our_kinds_are_judged_when_they_change),
		cmocka_unit_test(a_namespaces_tier_is_watched),
	};

	return cmocka_run_group_tests_name("policies/engine.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
