/* controller/certificates.c: faults at any call, and garbage. */
#include "tests/unit/controller/certificate_given.h"

/* From what is there, at most so many looks until all is well. */
static void settle(struct given *g)
{
	int i = 0;

	while (look(g) < 0)
		if (++i == LOOKS_MAX)
			fail_msg("%s", g->err.msg);
	assert_settled(g);
}

/* To where the CA in use is replaced: the longest plan there is. */
static void live_until_swap(struct given *g)
{
	struct str ca;

	must_look(g);
	ca = state_of(g).ca.cert;
	for (;;) {
		struct certs_state s = state_of(g);
		struct api_secret secrets[2];
		struct api_configuration configurations[2];

		memcpy(secrets, g->api.secrets, sizeof(secrets));
		memcpy(configurations, g->api.configurations,
		       sizeof(configurations));
		must_look(g);
		s = state_of(g);
		if (!str_eq(s.ca.cert, ca)) {
			memcpy(g->api.secrets, secrets, sizeof(secrets));
			memcpy(g->api.configurations, configurations,
			       sizeof(configurations));
			return;
		}
		g->api.now += g->again;
	}
}

static void with_fault(enum api_fault what, unsigned at, bool of_write,
		       bool of_swap)
{
	struct given g;
	int result;

	open(&g);
	if (of_swap)
		live_until_swap(&g);
	fault(&g, what, at, of_write);
	result = look(&g);
	if (of_write || what == FAULT_DEAD)
		assert_true(result < 0 || g.api.writes < at);
	fault(&g, FAULT_NONE, 0, false);
	settle(&g);
	/* And no second thoughts. */
	fault(&g, FAULT_NONE, 0, false);
	must_look(&g);
	assert_int_equal(g.api.writes, 0);
	close_all(&g);
}

static void a_conflict_at_any_write_is_planned_anew(void **state)
{
	(void)state;
	for (unsigned at = 1; at <= 4; at++)
		for (int swap = 0; swap < 2; swap++)
			with_fault(FAULT_CONFLICT, at, true, swap);
}

static void an_unknown_outcome_of_any_write_is_planned_anew(void **state)
{
	(void)state;
	for (unsigned at = 1; at <= 4; at++)
		for (int swap = 0; swap < 2; swap++)
			with_fault(FAULT_CUT, at, true, swap);
}

static void a_crash_at_any_call_ends_in_the_same_state(void **state)
{
	(void)state;
	for (unsigned at = 1; at <= 9; at++)
		for (int swap = 0; swap < 2; swap++)
			with_fault(FAULT_DEAD, at, false, swap);
}

static void a_conflict_is_told_as_one(void **state)
{
	struct given g;

	(void)state;
	for (unsigned at = 1; at <= 4; at++) {
		open(&g);
		fault(&g, FAULT_CONFLICT, at, true);
		assert_int_equal(look(&g), -1);
		assert_int_equal(g.err.code, ERR_CONFLICT);
		close_all(&g);
	}
}

static void an_entry_that_vanishes_is_planned_anew(void **state)
{
	struct given g;

	(void)state;
	open(&g);
	g.api.vanish_at = 1;
	assert_int_equal(look(&g), -1);
	settle(&g);
	close_all(&g);
}

static void what_is_forbidden_is_said(void **state)
{
	static const struct {
		unsigned call;
		const char *says;
	} rows[] = {
		{ 1, "get secrets \"bulkhead-ca\" in namespace \"sys\"" },
		{ 2, "get secrets \"bulkhead-webhook-tls\"" },
		{ 3, "get mutatingwebhookconfigurations \"bulkhead\"" },
		{ 4, "get validatingwebhookconfigurations \"bulkhead\"" },
		{ 5, "create secrets in namespace \"sys\"" },
		{ 6, "apply mutatingwebhookconfigurations \"bulkhead\"" },
		{ 7, "apply validatingwebhookconfigurations \"bulkhead\"" },
		{ 8, "create secrets in namespace \"sys\"" },
	};
	struct given g;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		open(&g);
		fault(&g, FAULT_FORBIDDEN, rows[i].call, false);
		assert_int_equal(look(&g), -1);
		assert_int_equal(g.err.code, ERR_CONFIG);
		assert_true(holds(str_of(g.err.msg), rows[i].says));
		assert_true(holds(str_of(g.err.msg), "403"));
		close_all(&g);
	}
}

static void garbage_in_our_secrets_is_replaced(void **state)
{
	static const char *const data[] = {
		"null",
		"[]",
		"{\"ca.crt\":7,\"ca.key\":{},\"tls.crt\":[]}",
		"{\"ca.crt\":\"%\",\"ca.key\":\"AA=\",\"tls.crt\":\"====\"}",
		"{\"ca.crt\":\"AAAA\",\"tls.crt\":\"AAAA\"}",
	};
	/* One of them or both, from the start or while all is in use. */
	static const struct {
		bool ca, leaf, in_use;
	} hit[] = {
		{ true, true, false }, { false, true, false },
		{ true, true, true },  { false, true, true },
		{ true, false, true },
	};
	struct given g;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(data) * ARRAY_LEN(hit); i++) {
		struct str text;

		open(&g);
		if (hit[i % ARRAY_LEN(hit)].in_use)
			must_look(&g);
		text = arena_printf(
			&g.api.arena,
			"{\"metadata\":{\"labels\":{\"app.kubernetes"
			".io/managed-by\":\"bulkhead\"}},\"data\":%s}",
			data[i / ARRAY_LEN(hit)]);
		if (hit[i % ARRAY_LEN(hit)].ca)
			put_secret(&g, 0, text.p);
		if (hit[i % ARRAY_LEN(hit)].leaf)
			put_secret(&g, 1, text.p);
		/* Where the pair in use was spared, by a rotation in steps. */
		for (int j = 0; j < 4; j++) {
			must_look(&g);
			g.api.now += g.again;
		}
		assert_settled(&g);
		close_all(&g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conflict_at_any_write_is_planned_anew),
		cmocka_unit_test(
			an_unknown_outcome_of_any_write_is_planned_anew),
		cmocka_unit_test(a_crash_at_any_call_ends_in_the_same_state),
		cmocka_unit_test(a_conflict_is_told_as_one),
		cmocka_unit_test(an_entry_that_vanishes_is_planned_anew),
		cmocka_unit_test(what_is_forbidden_is_said),
		cmocka_unit_test(garbage_in_our_secrets_is_replaced),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
