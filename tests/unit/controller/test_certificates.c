/* controller/certificates.c, with what it stands on, against an API server. */
#include "tests/unit/controller/certificate_given.h"

static void the_first_start_stores_publishes_and_stores(void **state)
{
	static const char *const names[] = { "hook.sys.svc",
					     "hook.sys.svc.cluster.local",
					     "hook.sys", "hook" };
	CLEANUP(buf_release) struct buf metrics = BUF_INIT(1 << 20);
	struct certificate leaf;
	struct given g;

	(void)state;
	open(&g);
	must_look(&g);
	assert_settled(&g);
	assert_int_equal(g.api.calls, 8);
	assert_int_equal(g.api.writes, 4);
	assert_int_equal(g.again, 60);
	leaf = leaf_of(&g);
	assert_int_equal(leaf.names.n_dns, ARRAY_LEN(names));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_true(str_is(leaf.names.dns[i], names[i]));
	assert_true(json_str_is(json_at(&g.api.secrets[1].doc, "type"),
				STR("kubernetes.io/tls")));
	assert_true(
		json_str_is(json_at(&g.api.secrets[0].doc, "metadata", "labels",
				    "app.kubernetes.io/managed-by"),
			    STR("bulkhead")));
	metrics_write(g.metrics, &metrics);
	assert_true(
		holds(buf_str(&metrics), "{certificate=\"ca\"} 1800002880"));
	assert_true(holds(buf_str(&metrics),
			  "{certificate=\"serving\"} 1800000720"));
	assert_true(holds(told(&g), "MutatingWebhookConfiguration"));
	assert_true(holds(told(&g), "CertificatesChanged"));
	assert_false(holds(told(&g), "PRIVATE"));
	close_all(&g);
}

static void a_restart_changes_nothing(void **state)
{
	struct str before[2];
	struct given g;

	(void)state;
	open(&g);
	must_look(&g);
	for (int i = 0; i < 2; i++)
		before[i] = text_of(&g, &g.api.secrets[i]);
	fault(&g, FAULT_NONE, 0, false);
	must_look(&g);
	assert_int_equal(g.api.writes, 0);
	for (int i = 0; i < 2; i++)
		assert_true(str_eq(before[i], text_of(&g, &g.api.secrets[i])));
	close_all(&g);
}

static void without_the_option_nothing_is_asked(void **state)
{
	struct given g;

	(void)state;
	open(&g);
	g.settings.certificates = false;
	must_look(&g);
	assert_int_equal(g.api.calls, 0);
	assert_int_equal(g.again, 0);
	close_all(&g);
}

static void what_is_due_is_renewed_in_time_and_stays_covered(void **state)
{
	struct str serial = STR(""), ca = STR("");
	unsigned leaves = 0, cas = 0;
	struct given g;

	(void)state;
	open(&g);
	while (g.api.now < START + (int64_t)LIFE * 8) {
		struct certs_state s;

		must_look(&g);
		assert_in_range(g.again, 1, 60);
		assert_settled(&g);
		s = state_of(&g);
		leaves += !str_eq(serial, s.leaf.cert);
		cas += !str_eq(ca, s.ca.cert);
		serial = s.leaf.cert;
		ca = s.ca.cert;
		g.api.now += g.again;
	}
	assert_in_range(leaves, 10, 20);
	assert_in_range(cas, 3, 5);
	assert_true(json_len(json_at(&g.api.secrets[0].doc, "data")) >= 2);
	close_all(&g);
}

static void a_configuration_may_come_later(void **state)
{
	struct given g;

	(void)state;
	open(&g);
	g.api.configurations[0].there = g.api.configurations[1].there = false;
	must_look(&g);
	assert_int_equal(g.api.writes, 2);
	g.api.configurations[1].there = true;
	must_look(&g);
	assert_true(str_eq(published(&g, 1, 0), state_of(&g).bundle));
	g.api.configurations[0].there = true;
	must_look(&g);
	assert_settled(&g);
	close_all(&g);
}

static void a_caBundle_that_was_removed_comes_back(void **state)
{
	struct api_entry *e;
	struct given g;

	(void)state;
	open(&g);
	must_look(&g);
	e = &g.api.configurations[1].entries[1];
	*e = (struct api_entry){ .there = true };
	g.api.configurations[1].version++;
	fault(&g, FAULT_NONE, 0, false);
	must_look(&g);
	assert_int_equal(g.api.writes, 1);
	assert_settled(&g);
	close_all(&g);
}

static void names_of_the_options_are_in_the_certificate(void **state)
{
	struct str dns[] = { STR("other.example") };
	struct str ips[] = { STR("127.0.0.1"), STR("::1") };
	struct certificate leaf;
	struct given g;

	(void)state;
	open(&g);
	must_look(&g);
	g.settings.certificate_names = (struct cert_names){ dns, 1, ips, 2 };
	must_look(&g);
	leaf = leaf_of(&g);
	assert_int_equal(leaf.names.n_dns, 5);
	assert_int_equal(leaf.names.n_ips, 2);
	assert_true(str_is(leaf.names.dns[0], "hook.sys.svc"));
	assert_settled(&g);
	close_all(&g);
}

static void what_people_added_to_a_secret_stays(void **state)
{
	struct given g;

	(void)state;
	open(&g);
	put_secret(&g, 1,
		   "{\"kind\":\"Secret\",\"type\":\"Opaque\",\"metadata\":{"
		   "\"name\":\"bulkhead-webhook-tls\",\"labels\":{\"x\":\"y\","
		   "\"app.kubernetes.io/managed-by\":\"bulkhead\"}}}");
	must_look(&g);
	assert_settled(&g);
	assert_true(holds(text_of(&g, &g.api.secrets[1]), "\"x\":\"y\""));
	assert_true(holds(text_of(&g, &g.api.secrets[1]), "\"Opaque\""));
	close_all(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_start_stores_publishes_and_stores),
		cmocka_unit_test(a_restart_changes_nothing),
		cmocka_unit_test(without_the_option_nothing_is_asked),
		cmocka_unit_test(
			what_is_due_is_renewed_in_time_and_stays_covered),
		cmocka_unit_test(a_configuration_may_come_later),
		cmocka_unit_test(a_caBundle_that_was_removed_comes_back),
		cmocka_unit_test(names_of_the_options_are_in_the_certificate),
		cmocka_unit_test(what_people_added_to_a_secret_stays),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
