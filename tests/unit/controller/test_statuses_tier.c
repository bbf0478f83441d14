/* controller/statuses_tier.c: what a tier says of the cluster. */
#include "tests/unit/controller/statuses.h"

static void a_tier_tells_whether_its_runtime_can_be_had(void **state)
{
	static const struct {
		const char *given, *runtime, *ready, *reconciling;
	} rows[] = {
		{ TIER_OF("g") CLASS("g", "null") NODE("n", "{}"),
		  "True/Available", "True/InUse", "" },
		{ TIER_OF("g") CLASS("g", "{nodeSelector: {a: b}}")
			  NODE("n", "{a: b, c: d}"),
		  "True/Available", "True/InUse", "" },
		{ TIER_OF("f, g") CLASS("g", "{}") NODE("n", "null"),
		  "True/Available", "True/InUse", "" },
		{ TIER_OF("f, g") CLASS("f", "{nodeSelector: {a: c}}")
			  CLASS("g", "{}") NODE("n", "{a: b}"),
		  "True/Available", "True/InUse", "" },
		{ TIER_OF("''"), "True/DefaultRuntime", "True/InUse", "" },
		{ TIER_OF("g, ''"), "True/DefaultRuntime", "True/InUse", "" },
		{ TIER_OF(""), "True/AnyRuntime", "True/InUse", "" },
		/* missing */
		{ TIER_OF("g") NODE("n", "{}"), "False/NoRuntimeClass",
		  "False/NoRuntimeClass", "True/NoRuntimeClass" },
		{ TIER_OF("g") CLASS("gg", "{}") NODE("n", "{}"),
		  "False/NoRuntimeClass", "False/NoRuntimeClass",
		  "True/NoRuntimeClass" },
		{ TIER_OF("g") CLASS("g", "{}"), "False/NoNode", "False/NoNode",
		  "True/NoNode" },
		{ TIER_OF("g") CLASS("g", "{nodeSelector: {a: b}}")
			  NODE("n", "{a: c}") NODE("m", "{b: a}"),
		  "False/NoNode", "False/NoNode", "True/NoNode" },
		{ TIER_OF("g") CLASS("g", "{nodeSelector: {a: b, c: d}}")
			  NODE("n", "{a: b}") NODE("m", "{c: d}"),
		  "False/NoNode", "False/NoNode", "True/NoNode" },
		{ TIER_OF("g, f") CLASS("f", "{nodeSelector: {a: b}}")
			  NODE("n", "[a, b]"),
		  "False/NoNode", "False/NoNode", "True/NoNode" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct given g;

		begin(&g, rows[i].given, NOW * SECOND);
		plan(&g, RECONCILE_TIER, "t");
		if (strcmp(said(&g, "RuntimeClassAvailable"),
			   rows[i].runtime) ||
		    strcmp(said(&g, "Ready"), rows[i].ready) ||
		    strcmp(said(&g, "Reconciling"), rows[i].reconciling) ||
		    strcmp(said(&g, "Stalled"), ""))
			fail_msg("row %zu: %s, ready %s", i,
				 said(&g, "RuntimeClassAvailable"),
				 said(&g, "Ready"));
		given_close(&g);
	}
}

static void a_tier_tells_whether_the_network_keeps_to_it(void **state)
{
	static const struct {
		const char *given, *want;
	} rows[] = {
		{ DAEMON("kube-system", "cilium"), "True/Enforced" },
		{ DAEMON("calico-system", "calico-node"), "True/Enforced" },
		{ DAEMON("kube-flannel", "kube-flannel-ds")
			  DAEMON("kube-system", "kube-network-policies"),
		  "True/Enforced" },
		{ DAEMON("kube-flannel", "kube-flannel-ds"),
		  "False/NotEnforced" },
		{ DAEMON("kube-system", "kindnet"), "Unknown/NotRecognized" },
		{ DAEMON("kube-system", "aws-node"), "Unknown/NotRecognized" },
		{ DAEMON("kube-system", "kube-proxy"),
		  "Unknown/NotRecognized" },
		/* anybody may call a DaemonSet so */
		{ DAEMON("tenant", "cilium"), "Unknown/NotRecognized" },
		{ "", "Unknown/NotRecognized" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct given g;

		begin(&g, arena_printf(&a, "%s" TIER_OF(""), rows[i].given).p,
		      NOW * SECOND);
		plan(&g, RECONCILE_TIER, "t");
		if (strcmp(said(&g, "EgressEnforceable"), rows[i].want))
			fail_msg("row %zu: %s", i,
				 said(&g, "EgressEnforceable"));
		given_close(&g);
	}
}

#define WEAK OWN("IsolationTier", "w", "", "strength: 100")
#define STRONG(more) OWN("IsolationTier", "t", "", "strength: 200" more)

static void a_tier_tells_where_it_is_laxer_than_a_weaker_one(void **state)
{
	static const struct {
		const char *given, *name, *want;
	} rows[] = {
		{ WEAK STRONG(""), "t", "False/Ordered" },
		{ WEAK STRONG(", pod: {level: Baseline}"), "t", "True/Laxer" },
		{ WEAK STRONG(", pod: {level: Baseline}"), "w",
		  "False/Ordered" },
		{ WEAK STRONG(", access: {exec: Allow, attach: Allow, "
			      "portForward: Allow, ephemeralContainers: "
			      "Allow}, pod: {level: Privileged, "
			      "serviceAccountToken: Allow}"),
		  "t", "True/Laxer" },
		/* a warning of another kind is none of a tier */
		{ STRONG("") OWN("IsolationException", "e", "",
				 "target: {namespace: a}, rules: [none], "
				 "reason: r, expiresAt: "
				 "'2027-01-01T00:00:00Z'"),
		  "t", "False/Ordered" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct given g;

		begin(&g, rows[i].given, NOW * SECOND);
		plan(&g, RECONCILE_TIER, rows[i].name);
		if (strcmp(said(&g, "Conflicted"), rows[i].want))
			fail_msg("row %zu: %s", i, said(&g, "Conflicted"));
		given_close(&g);
	}
}

static void a_tier_counts_the_namespaces_whose_floor_it_is(void **state)
{
	static const struct {
		const char *given;
		int64_t want;
	} rows[] = {
		{ STRONG(""), 0 },
		{ STRONG("") SPACE("a", "bulkhead.dev/enforce: t")
			  SPACE("b", ""),
		  1 },
		{ STRONG("") SPACE("a", "bulkhead.dev/enforce: t")
			  SPACE("b", "bulkhead.dev/enforce: t"),
		  2 },
		{ STRONG("") SPACE("a", "bulkhead.dev/enforce: x")
			  SPACE("b", "bulkhead.dev/warn: t"),
		  0 },
		{ WEAK STRONG("") OWN("IsolationPolicy", "p", "",
				      "defaultTier: t") SPACE("a", "")
			  SPACE("b", "bulkhead.dev/enforce: w"),
		  2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct given g;
		int64_t n = -1;

		begin(&g, rows[i].given, NOW * SECOND);
		plan(&g, RECONCILE_TIER, "t");
		assert_string_equal(given_told(&g), "status t");
		(void)json_int(json_get(written(&g), STR("matchedNamespaces")),
			       &n);
		if (n != rows[i].want)
			fail_msg("row %zu: %lld", i, (long long)n);
		given_close(&g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tier_tells_whether_its_runtime_can_be_had),
		cmocka_unit_test(a_tier_tells_whether_the_network_keeps_to_it),
		cmocka_unit_test(
			a_tier_tells_where_it_is_laxer_than_a_weaker_one),
		cmocka_unit_test(
			a_tier_counts_the_namespaces_whose_floor_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
