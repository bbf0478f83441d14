/* controller/certificates.c, with what it stands on, against an API server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "controller/certificates.h"
#include "controller/measures.h"
#include "controller/options.h"
#include "kube/stop.h"
#include "lib/clock.h"
#include "tests/unit/controller/certificate_api.h"

#define SECOND INT64_C(1000000000)

enum { START = 1800000000, LIFE = 720, WAIT = 60, LOOKS_MAX = 12 };

static const struct settings settings = {
	.ns = STR_INIT("sys"),
	.service = STR_INIT("hook"),
	.webhook_configuration = STR_INIT("bulkhead"),
	.certificates = true,
	.ca_life = (int64_t)LIFE * 4,
	.leaf_life = LIFE,
	.wait = WAIT,
};

/* The controller, and what it talks to. */
struct given {
	struct api api;
	struct kube_config config;
	struct kube_stop *stop;
	struct kube_client *client;
	struct kube_events *events;
	struct metrics *metrics;
	struct settings settings;
	int64_t again; /* seconds, of the last look */
	struct error err;
};

static void open(struct given *g)
{
	const struct kube_events_options events = {
		.controller = STR("bulkhead.dev/controller"),
		.instance = STR("host"),
		.cluster_ns = STR("default"),
	};
	struct kube_client_options options = {
		.user_agent = "test/1",
		.field_manager = "bulkhead-controller",
	};

	*g = (struct given){ .settings = settings };
	g->config.server = api_start(&g->api, START);
	options.stop = g->stop = kube_stop_new();
	if (kube_client_new(&g->config, &options, &g->client, &g->err) < 0)
		fail_msg("%s", g->err.msg);
	g->events = kube_events_new(&events);
	g->metrics = metrics_new(measures, MEASURES);
}

static void close_all(struct given *g)
{
	kube_client_free(&g->client);
	kube_stop_free(&g->stop);
	kube_events_free(&g->events);
	metrics_free(&g->metrics);
	api_stop(&g->api);
	if (g->api.uncovered[0])
		fail_msg("the serving certificate was not covered: %s",
			 g->api.uncovered);
}

/* One key taken from the queue. */
static int look(struct given *g)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct world world = {
		.settings = &g->settings,
		.now_ns = g->api.now * SECOND,
	};
	const struct queue_key key = { .kind = RECONCILE_CERTIFICATES };
	const struct reconcile r = {
		.world = &world,
		.client = g->client,
		.events = g->events,
		.metrics = g->metrics,
		.arena = &a,
		.mono_ns = clock_monotonic_ns(),
	};
	struct plan plan = { .arena = &a };
	int result;

	g->err = (struct error)ERROR_INIT;
	result = certificates_run(&r, &key, &plan, &g->err);
	g->again = (plan.again_ns + SECOND - 1) / SECOND;
	return result;
}

static void must_look(struct given *g)
{
	if (look(g) < 0)
		fail_msg("%s", g->err.msg);
}

static void fault(struct given *g, enum api_fault what, unsigned at,
		  bool of_write)
{
	g->api.calls = g->api.writes = g->api.applies = 0;
	g->api.fault = what;
	g->api.fault_at = at;
	g->api.fault_of_write = of_write;
}

/* ---- what is there ---- */

static struct certs_state state_of(struct given *g)
{
	struct certs_state state = { .bundle = STR("") };

	for (int i = 0; i < 2; i++)
		certs_state_read(&g->api.arena,
				 json_at(&g->api.secrets[i].doc, "data"),
				 (enum certs_secret)i, &state);
	return state;
}

static struct str published(struct given *g, size_t configuration, size_t entry)
{
	struct json data =
		api_wrap(&g->api, STR("ca.crt"),
			 json_make_string(g->api.configurations[configuration]
						  .entries[entry]
						  .base64));
	struct certs_state state = { .bundle = STR("") };

	certs_state_read(&g->api.arena, &data, CERTS_SECRET_LEAF, &state);
	return state.bundle;
}

static struct certificate leaf_of(struct given *g)
{
	struct certificate leaf;

	if (certificate_read(&g->api.arena, state_of(g).leaf.cert, &leaf,
			     &g->err) < 0)
		fail_msg("%s", g->err.msg);
	return leaf;
}

/* Everything is stored, and published everywhere. */
static void assert_settled(struct given *g)
{
	struct certs_state state = state_of(g);
	struct certificate leaf = leaf_of(g);

	assert_true(state.ca.key.n && state.leaf.key.n);
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < API_ENTRIES; j++)
			assert_true(
				!g->api.configurations[i].entries[j].there ||
				str_eq(published(g, i, j), state.bundle));
	assert_int_equal(
		certificate_verify(&leaf, state.bundle, g->api.now, &g->err),
		0);
}

static struct str text_of(struct given *g, const struct api_secret *s)
{
	return json_to_str(&g->api.arena, &s->doc);
}

static void put_secret(struct given *g, size_t i, const char *text)
{
	struct json doc;

	if (json_read(&g->api.arena, str_of(text), 0, NULL, &doc, &g->err) < 0)
		fail_msg("%s", g->err.msg);
	api_keep(&g->api, &g->api.secrets[i], &doc);
}

static void own(struct given *g, size_t configuration, size_t entry,
		struct str manager, struct str base64)
{
	struct api_entry *e =
		&g->api.configurations[configuration].entries[entry];

	e->manager = manager;
	e->operation = STR("Update");
	e->base64 = base64;
}

static struct str told(struct given *g)
{
	if (kube_events_flush(g->events, g->client,
			      clock_monotonic_ns() + SECOND,
			      START * INT64_C(1000000), &g->err) < 0)
		fail_msg("%s", g->err.msg);
	return buf_str(&g->api.events);
}

static bool holds(struct str text, const char *part)
{
	return str_find_str(text, str_of(part)) < text.n;
}

/* ---- good days ---- */

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

/* ---- faults ---- */

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

/* ---- others ---- */

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

/* ---- the option ---- */

static void names_are_checked_when_they_are_given(void **state)
{
	static const struct {
		const char *given;
		size_t n_dns, n_ips;
		const char *says;
	} rows[] = {
		{ "a.example", 1, 0, NULL },
		{ "a.example, 127.0.0.1,::1", 1, 2, NULL },
		{ "", 0, 0, "--certificate-name" },
		{ "a,,b", 0, 0, "--certificate-name" },
		{ "*.example", 0, 0, "--certificate-name" },
		{ "A.example", 0, 0, "--certificate-name" },
		{ "127.0.0.1:443", 0, 0, "--certificate-name" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		char option[64];
		char *argv[] = { option };
		struct error err = ERROR_INIT;
		struct options o;
		int result;

		(void)snprintf(option, sizeof(option), "--certificate-name=%s",
			       rows[i].given);
		result = options_parse(&a, 1, argv, &o, &err);
		assert_int_equal(result, rows[i].says ? -1 : 0);
		if (rows[i].says) {
			assert_true(holds(str_of(err.msg), rows[i].says));
			continue;
		}
		assert_int_equal(o.settings.certificate_names.n_dns,
				 rows[i].n_dns);
		assert_int_equal(o.settings.certificate_names.n_ips,
				 rows[i].n_ips);
	}
}

static void no_more_names_than_a_certificate_takes(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	char options[CERT_NAMES_MAX][32];
	char *argv[CERT_NAMES_MAX];
	struct options o;

	(void)state;
	for (int i = 0; i < CERT_NAMES_MAX; i++) {
		(void)snprintf(options[i], sizeof(options[i]),
			       "--certificate-name=n%d", i);
		argv[i] = options[i];
	}
	assert_int_equal(options_parse(&a, CERT_NAMES_MAX - 4, argv, &o, &err),
			 0);
	assert_int_equal(options_parse(&a, CERT_NAMES_MAX - 3, argv, &o, &err),
			 -1);
	assert_true(holds(str_of(err.msg), "more than 60 names"));
}

static void lives_that_cannot_work_are_refused_at_once(void **state)
{
	static const struct {
		const char *ca, *leaf, *wait, *says;
	} rows[] = {
		{ "72s", "36s", "6s", NULL },
		{ "72s", "36s", "7s", "six times --certificate-wait" },
		{ "36s", "72s", "6s", "wanted at least --certificate-life" },
		{ "1s", "36s", "6s", "--ca-life" },
		{ "72s", "36s", "0s", "--certificate-wait" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct error err = ERROR_INIT;
		struct options o;
		char *argv[] = {
			(char *)(uintptr_t) "--ca-life",
			(char *)(uintptr_t)rows[i].ca,
			(char *)(uintptr_t) "--certificate-life",
			(char *)(uintptr_t)rows[i].leaf,
			(char *)(uintptr_t) "--certificate-wait",
			(char *)(uintptr_t)rows[i].wait,
		};

		assert_int_equal(
			options_parse(&a, ARRAY_LEN(argv), argv, &o, &err),
			rows[i].says ? -1 : 0);
		if (rows[i].says)
			assert_true(holds(str_of(err.msg), rows[i].says));
	}
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
		cmocka_unit_test(a_conflict_at_any_write_is_planned_anew),
		cmocka_unit_test(
			an_unknown_outcome_of_any_write_is_planned_anew),
		cmocka_unit_test(a_crash_at_any_call_ends_in_the_same_state),
		cmocka_unit_test(a_conflict_is_told_as_one),
		cmocka_unit_test(an_entry_that_vanishes_is_planned_anew),
		cmocka_unit_test(what_is_forbidden_is_said),
		cmocka_unit_test(garbage_in_our_secrets_is_replaced),
		cmocka_unit_test(what_others_keep_altogether_is_left_alone),
		cmocka_unit_test(cert_manager_is_left_alone),
		cmocka_unit_test(cert_manager_may_inject_from_our_secret),
		cmocka_unit_test(
			one_entry_of_another_manager_is_left_alone_and_told),
		cmocka_unit_test(a_stranger_does_not_hold_up_a_rotation),
		cmocka_unit_test(a_copy_of_our_bundle_holds_a_rotation_up),
		cmocka_unit_test(a_secret_that_is_not_ours_is_never_written),
		cmocka_unit_test(a_caBundle_without_a_record_is_left_alone),
		cmocka_unit_test(names_are_checked_when_they_are_given),
		cmocka_unit_test(no_more_names_than_a_certificate_takes),
		cmocka_unit_test(lives_that_cannot_work_are_refused_at_once),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
