/* controller/certificates.c: what others keep. */
#include "tests/unit/controller/certificate_given.h"

static void assert_untouched(struct given *g)
{
	must_look(g);
	assert_int_equal(g->api.writes, 0);
	assert_int_equal(g->again, 60);
}

static void what_others_keep_altogether_is_left_alone(void **state)
{
	struct given g;

	(void)state;
	open(&g);
	for (size_t i = 0; i < 4; i++)
		own(&g, i / 2, i % 2, STR("terraform"), STR("AAAA"));
	assert_untouched(&g);
	put_secret(&g, 1, "{\"metadata\":{\"name\":\"bulkhead-webhook-tls\"}}");
	assert_untouched(&g);
	close_all(&g);
}

static void cert_manager_is_left_alone(void **state)
{
	static const char *const annotations[] = {
		"cert-manager.io/inject-ca-from",
		"cert-manager.io/inject-ca-from-secret",
		"cert-manager.io/inject-apiserver-ca",
	};
	struct given g;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(annotations); i++) {
		open(&g);
		for (size_t j = 0; j < 2; j++) {
			g.api.configurations[j].annotation =
				str_of(annotations[i]);
			g.api.configurations[j].value = STR("sys/other");
		}
		assert_untouched(&g);
		close_all(&g);
	}
}

static void cert_manager_may_inject_from_our_secret(void **state)
{
	struct given g;

	(void)state;
	open(&g);
	for (size_t j = 0; j < 2; j++) {
		g.api.configurations[j].annotation =
			STR("cert-manager.io/inject-ca-from-secret");
		g.api.configurations[j].value = STR("sys/bulkhead-webhook-tls");
	}
	must_look(&g);
	assert_int_equal(g.api.writes, 2);
	assert_true(leaf_of(&g).pem.n > 0);
	close_all(&g);
}

static void one_entry_of_another_manager_is_left_alone_and_told(void **state)
{
	struct given g;

	(void)state;
	open(&g);
	own(&g, 1, 0, STR("argocd-controller"), STR("Cg=="));
	must_look(&g);
	assert_true(str_is(g.api.configurations[1].entries[0].base64, "Cg=="));
	assert_true(str_eq(published(&g, 1, 1), state_of(&g).bundle));
	assert_true(str_eq(published(&g, 0, 0), state_of(&g).bundle));
	assert_true(holds(told(&g), "CABundleNotOurs"));
	assert_true(holds(told(&g), "w0.bulkhead.dev is kept by argocd"));
	close_all(&g);
}

/* Else it would never be over: the stranger never trusts our next CA. */
static void a_stranger_does_not_hold_up_a_rotation(void **state)
{
	struct str ca;
	struct given g;

	(void)state;
	open(&g);
	own(&g, 1, 0, STR("argocd-controller"), STR("Cg=="));
	must_look(&g);
	ca = state_of(&g).ca.cert;
	while (g.api.now < START + (int64_t)LIFE * 4) {
		must_look(&g);
		g.api.now += g.again;
	}
	assert_false(str_eq(ca, state_of(&g).ca.cert));
	close_all(&g);
}

static void a_copy_of_our_bundle_holds_a_rotation_up(void **state)
{
	struct api_entry *copy;
	struct str ca;
	struct given g;

	(void)state;
	open(&g);
	must_look(&g);
	copy = &g.api.configurations[1].entries[0];
	copy->manager = STR("copier");
	ca = state_of(&g).ca.cert;
	while (g.api.now < START + (int64_t)LIFE * 3) {
		must_look(&g);
		g.api.now += g.again;
	}
	assert_true(str_eq(ca, state_of(&g).ca.cert));
	assert_true(state_of(&g).next.cert.n > 0);
	copy->base64 = g.api.configurations[1].entries[1].base64;
	for (int i = 0; i < 5; i++) {
		must_look(&g);
		g.api.now += g.again;
	}
	assert_false(str_eq(ca, state_of(&g).ca.cert));
	close_all(&g);
}

static void a_secret_that_is_not_ours_is_never_written(void **state)
{
	static const struct {
		size_t secret;
		const char *metadata, *says;
	} rows[] = {
		{ 0, "{}", "Secret \"bulkhead-ca\" in namespace \"sys\"" },
		{ 1, "{}", "inject-ca-from" },
		{ 1, "{\"labels\":{\"app.kubernetes.io/managed-by\":\"Helm\"}}",
		  "label it app.kubernetes.io/managed-by=bulkhead" },
		{ 1,
		  "{\"labels\":{\"app.kubernetes.io/managed-by\":\"bulkhead\"},"
		  "\"annotations\":{\"cert-manager.io/certificate-name\":"
		  "\"x\"}}",
		  "is not Bulkhead's" },
	};
	struct given g;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		open(&g);
		put_secret(&g, rows[i].secret,
			   arena_printf(&g.api.arena,
					"{\"metadata\":%s,\"data\":{}}",
					rows[i].metadata)
				   .p);
		assert_int_equal(look(&g), -1);
		assert_int_equal(g.err.code, ERR_CONFIG);
		assert_true(holds(str_of(g.err.msg), rows[i].says));
		assert_int_equal(g.api.writes, 0);
		close_all(&g);
	}
}

/* A backup that was played back without managedFields. */
static void a_caBundle_without_a_record_is_left_alone(void **state)
{
	struct given g;

	(void)state;
	open(&g);
	own(&g, 0, 0, STR(""), STR("AAAA"));
	must_look(&g);
	assert_true(str_is(g.api.configurations[0].entries[0].base64, "AAAA"));
	close_all(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_others_keep_altogether_is_left_alone),
		cmocka_unit_test(cert_manager_is_left_alone),
		cmocka_unit_test(cert_manager_may_inject_from_our_secret),
		cmocka_unit_test(
			one_entry_of_another_manager_is_left_alone_and_told),
		cmocka_unit_test(a_stranger_does_not_hold_up_a_rotation),
		cmocka_unit_test(a_copy_of_our_bundle_holds_a_rotation_up),
		cmocka_unit_test(a_secret_that_is_not_ours_is_never_written),
		cmocka_unit_test(a_caBundle_without_a_record_is_left_alone),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
