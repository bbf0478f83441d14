/* controller/statuses.c, status_body.c: what ours say of themselves. */
#include "tests/unit/controller/statuses.h"

#include "lib/json_write.h"

/* What was written stands in the API: members and items in another order. */
static void store(struct given *g, const char *kind, const char *name)
{
	const struct inventory_object *old =
		inventory_get(g->inventory, STR(GROUP_BULKHEAD), str_of(kind),
			      STR(""), str_of(name));
	const struct json *status = written(g);
	const struct json *list = json_get(status, STR("conditions"));
	struct json doc = json_make_object(), turned = json_make_object();
	struct json items = json_make_array();
	struct arena *a = &g->arena;

	assert_true(json_exists(status));
	for (size_t i = json_len(list); i-- > 0;)
		json_append(a, &items, *json_item(list, i));
	for (size_t i = json_len(status); i-- > 0;) {
		const struct json_member *m = &status->u.members[i];

		json_add(a, &turned, m->key,
			 str_is(m->key, "conditions") ? items : m->value);
	}
	json_each_member(m, &old->doc) {
		if (!str_is(m->key, "status"))
			json_add(a, &doc, m->key, m->value);
	}
	json_add(a, &doc, STR("status"), turned);
	given_put(g->inventory, &doc);
	inventory_object_unref(&old);
}

#define P OWN("IsolationPolicy", "p", "", "defaultTier: t")
#define E(when)                                                                \
	OWN("IsolationException", "e", "",                                     \
	    "target: {namespace: a}, rules: [lifecycle.ttl], reason: r, "      \
	    "expiresAt: '" when "'")
#define E_FAR E("2027-06-01T00:00:00Z")
#define BLAME(who) who ": spec.strength is -1, wanted 0 to 1000"

static void a_refused_set_stalls_the_one_at_fault(void **state)
{
	static const struct {
		enum reconciler_kind kind;
		const char *name, *refused, *ready, *stalled;
	} rows[] = {
		{ RECONCILE_TIER, "t", BLAME("IsolationTier t"),
		  "False/InvalidSpec", "True/InvalidSpec" },
		{ RECONCILE_POLICY, "p", BLAME("IsolationPolicy p"),
		  "False/InvalidSpec", "True/InvalidSpec" },
		{ RECONCILE_EXCEPTION, "e", BLAME("IsolationException e"),
		  "False/InvalidSpec", "True/InvalidSpec" },
		{ RECONCILE_TIER, "t", BLAME("IsolationTier tt"),
		  "False/SetRefused", "" },
		{ RECONCILE_TIER, "t", BLAME("IsolationPolicy t"),
		  "False/SetRefused", "" },
		{ RECONCILE_TIER, "t", BLAME("IsolationTier t2"),
		  "False/SetRefused", "" },
		{ RECONCILE_POLICY, "p", BLAME("IsolationTier t"),
		  "False/SetRefused", "" },
		{ RECONCILE_EXCEPTION, "e", BLAME("IsolationTier t"),
		  "False/SetRefused", "" },
		{ RECONCILE_TIER, "t", "no tier at all", "False/SetRefused",
		  "" },
		{ RECONCILE_TIER, "t", "", "True/InUse", "" },
		{ RECONCILE_POLICY, "p", "", "True/InUse", "" },
		{ RECONCILE_EXCEPTION, "e", "", "True/InUse", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct given g;

		begin(&g, TIER_OF("") P E_FAR, NOW * SECOND);
		g.world.refused = str_of(rows[i].refused);
		plan(&g, rows[i].kind, rows[i].name);
		if (strcmp(said(&g, "Ready"), rows[i].ready) ||
		    strcmp(said(&g, "Stalled"), rows[i].stalled))
			fail_msg("row %zu: ready %s, stalled %s", i,
				 said(&g, "Ready"), said(&g, "Stalled"));
		given_close(&g);
	}
}

static void what_is_not_in_the_set_is_known_to_nobody(void **state)
{
	static const char *const refusals[] = { BLAME("IsolationTier t"),
						BLAME("IsolationTier u"), "" };
	static const char *const types[] = { "RuntimeClassAvailable",
					     "EgressEnforceable",
					     "Conflicted" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct given g;

		begin(&g, TIER_OF("g") P E_FAR, NOW * SECOND);
		g.world.snapshot = NULL;
		g.world.refused = str_of(refusals[i]);
		plan(&g, RECONCILE_TIER, "t");
		for (size_t k = 0; k < ARRAY_LEN(types); k++)
			assert_string_equal(said(&g, types[k]),
					    "Unknown/NotInUse");
		plan(&g, RECONCILE_POLICY, "p");
		assert_true(json_exists(written(&g)));
		plan(&g, RECONCILE_EXCEPTION, "e");
		assert_string_equal(said(&g, "Expired"), "False/InForce");
		given_close(&g);
	}
}

/* A new spec that no set holds yet: its status of before says so by itself. */
static void what_is_being_loaded_is_said_once(void **state)
{
	struct given g;

	(void)state;
	begin(&g, TIER_OF("") P E_FAR, NOW * SECOND);
	given_put(g.inventory, load_json(&g.arena, OWN("IsolationPolicy", "p",
						       "", "rules: []")));
	plan(&g, RECONCILE_POLICY, "p");
	assert_string_equal(said(&g, "Ready"), "Unknown/Loading");
	assert_string_equal(said(&g, "Reconciling"), "True/Loading");
	assert_int_equal(g.plan->again_ns, SECOND);
	store(&g, "IsolationPolicy", "p");
	plan(&g, RECONCILE_POLICY, "p");
	assert_int_equal(g.plan->n, 0);
	assert_int_equal(g.plan->again_ns, SECOND);
	given_close(&g);
}

static void who_goes_or_is_gone_has_no_status(void **state)
{
	struct given g;

	(void)state;
	begin(&g,
	      OWN("IsolationTier", "t",
		  ", deletionTimestamp: '2026-11-21T00:00:00Z'",
		  "strength: 100"),
	      NOW * SECOND);
	plan(&g, RECONCILE_TIER, "t");
	plan(&g, RECONCILE_TIER, "u");
	plan(&g, RECONCILE_POLICY, "t");
	plan(&g, RECONCILE_EXCEPTION, "");
	assert_int_equal(g.plan->n, 0);
	given_close(&g);
}

static void what_is_there_is_not_written_again(void **state)
{
	static const struct {
		enum reconciler_kind kind;
		const char *object, *name;
	} rows[] = {
		{ RECONCILE_TIER, "IsolationTier", "t" },
		{ RECONCILE_POLICY, "IsolationPolicy", "p" },
		{ RECONCILE_EXCEPTION, "IsolationException", "e" },
	};
	struct given g;

	(void)state;
	begin(&g, TIER_OF("g") P E_FAR, NOW * SECOND);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		plan(&g, rows[i].kind, rows[i].name);
		store(&g, rows[i].object, rows[i].name);
		g.world.now_ns += HOUR;
		plan(&g, rows[i].kind, rows[i].name);
		if (g.plan->n)
			fail_msg("%s: %s", rows[i].object, given_told(&g));
		/* Stalled comes, and is taken back. */
		g.world.refused = arena_printf(&g.arena, "%s %s: x",
					       rows[i].object, rows[i].name);
		plan(&g, rows[i].kind, rows[i].name);
		assert_string_equal(said(&g, "Stalled"), "True/InvalidSpec");
		store(&g, rows[i].object, rows[i].name);
		plan(&g, rows[i].kind, rows[i].name);
		assert_int_equal(g.plan->n, 0);
		g.world.refused = STR("");
		plan(&g, rows[i].kind, rows[i].name);
		assert_true(json_exists(written(&g)));
		assert_string_equal(said(&g, "Stalled"), "");
	}
	given_close(&g);
}

static void a_status_that_was_tampered_with_is_written_again(void **state)
{
	static const char *const rows[] = {
		"text",
		"[]",
		"null",
		"{}",
		"{conditions: text}",
		"{observedGeneration: 2, conditions: []}",
		"{observedGeneration: 3, conditions: [{type: Ready, status: "
		"'True', reason: InUse, message: it is in use, "
		"observedGeneration: 2, lastTransitionTime: "
		"'2026-01-01T00:00:00Z'}]}",
		"{observedGeneration: 3, conditions: [{type: Ready, status: "
		"'True', reason: InUse, message: it is in use, "
		"observedGeneration: 3, lastTransitionTime: "
		"'2026-01-01T00:00:00Z'}, {type: Stalled, status: 'True'}]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct given g;

		begin(&g,
		      arena_printf(&a,
				   TIER_OF("") "{apiVersion: "
					       "bulkhead.dev/v1alpha1, kind: "
					       "IsolationPolicy, metadata: "
					       "{name: p, "
					       "generation: 3}, spec: "
					       "{defaultTier: t}, "
					       "status: %s}\n---\n",
				   rows[i])
			      .p,
		      NOW * SECOND);
		plan(&g, RECONCILE_POLICY, "p");
		if (strcmp(given_told(&g), "status p"))
			fail_msg("%s: \"%s\"", rows[i], given_told(&g));
		given_close(&g);
	}
}

static void the_body_is_an_apply_of_the_status_alone(void **state)
{
	struct given g;

	(void)state;
	begin(&g, TIER_OF("") P, NOW * SECOND);
	plan(&g, RECONCILE_POLICY, "p");
	assert_int_equal(g.plan->n, 1);
	assert_string_equal(g.plan->actions[0].resource.plural,
			    "isolationpolicies");
	assert_string_equal(
		json_to_str(&g.arena, &g.plan->actions[0].body).p,
		"{\"apiVersion\":\"bulkhead.dev/v1alpha1\",\"kind\":"
		"\"IsolationPolicy\",\"metadata\":{\"name\":\"p\"},\"status\":"
		"{\"observedGeneration\":3,\"conditions\":[{\"type\":\"Ready\","
		"\"status\":\"True\",\"observedGeneration\":3,"
		"\"lastTransitionTime\":\"2026-11-21T06:00:00Z\",\"reason\":"
		"\"InUse\",\"message\":\"it is in use\"}]}}");
	given_close(&g);
}

/* The life of one exception, status written each time. */
static void an_exception_warns_once_at_each_threshold(void **state)
{
	static const struct {
		int64_t left_ns; /* until it ends */
		const char *told, *expired;
		int64_t again_ns;
	} rows[] = {
		{ 30 * DAY, "status e", "False/InForce", HOUR },
		{ 7 * DAY + HOUR / 2, "", "", HOUR / 2 },
		{ 7 * DAY, "event ExpiresWithinWeek; status e",
		  "False/ExpiresWithinWeek", HOUR },
		{ 6 * DAY, "", "", HOUR },
		{ DAY + SECOND / 2, "", "", SECOND / 2 },
		{ DAY, "event ExpiresWithinDay; status e",
		  "False/ExpiresWithinDay", HOUR },
		{ SECOND, "", "", SECOND },
		{ 0, "event Expired; status e", "True/Expired", 0 },
		{ -30 * DAY, "", "", 0 },
		/* the clock was set back */
		{ DAY, "event ExpiresWithinDay; status e",
		  "False/ExpiresWithinDay", HOUR },
	};
	const int64_t end = (NOW + 86400 * 30) * SECOND;
	struct given g;

	(void)state;
	begin(&g, TIER_OF("") E("2026-12-21T06:00:00Z"), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		g.world.now_ns = end - rows[i].left_ns;
		plan(&g, RECONCILE_EXCEPTION, "e");
		if (strcmp(given_told(&g), rows[i].told) ||
		    strcmp(said(&g, "Expired"), rows[i].expired) ||
		    g.plan->again_ns != rows[i].again_ns)
			fail_msg("row %zu: \"%s\", %s, again %lld", i,
				 given_told(&g), said(&g, "Expired"),
				 (long long)g.plan->again_ns);
		if (json_exists(written(&g)))
			store(&g, "IsolationException", "e");
	}
	given_close(&g);
}

static void an_exception_of_any_time_has_a_status(void **state)
{
	static const struct {
		const char *when, *expired;
	} rows[] = {
		{ "'0000-01-01T00:00:00Z'", "True/Expired" },
		{ "'1969-12-31T23:59:59Z'", "True/Expired" },
		{ "'9999-12-31T23:59:59.9Z'", "False/InForce" },
		{ "'2026-11-21T06:00:00.9+01:00'", "True/Expired" },
		{ "soon", "Unknown/InvalidSpec" },
		{ "''", "Unknown/InvalidSpec" },
		{ "5", "Unknown/InvalidSpec" },
		{ "[]", "Unknown/InvalidSpec" },
		{ "null", "Unknown/InvalidSpec" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct given g;

		begin(&g, TIER_OF(""), NOW * SECOND);
		given_put(g.inventory,
			  load_json(&g.arena,
				    arena_printf(&g.arena,
						 OWN("IsolationException", "e",
						     "", "expiresAt: %s"),
						 rows[i].when)
					    .p));
		g.world.refused = STR("IsolationException e: spec: no");
		plan(&g, RECONCILE_EXCEPTION, "e");
		if (strcmp(said(&g, "Expired"), rows[i].expired) ||
		    strcmp(said(&g, "Stalled"), "True/InvalidSpec"))
			fail_msg("row %zu: %s", i, said(&g, "Expired"));
		given_close(&g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_set_stalls_the_one_at_fault),
		cmocka_unit_test(what_is_not_in_the_set_is_known_to_nobody),
		cmocka_unit_test(what_is_being_loaded_is_said_once),
		cmocka_unit_test(who_goes_or_is_gone_has_no_status),
		cmocka_unit_test(what_is_there_is_not_written_again),
		cmocka_unit_test(
			a_status_that_was_tampered_with_is_written_again),
		cmocka_unit_test(the_body_is_an_apply_of_the_status_alone),
		cmocka_unit_test(an_exception_warns_once_at_each_threshold),
		cmocka_unit_test(an_exception_of_any_time_has_a_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
