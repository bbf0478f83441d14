/* For the tests of certificates: the controller, and what it talks to. */
#ifndef TESTS_UNIT_CONTROLLER_CERTIFICATE_GIVEN_H
#define TESTS_UNIT_CONTROLLER_CERTIFICATE_GIVEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "controller/certificates.h"
#include "controller/measures.h"
#include "kube/stop.h"
#include "lib/clock.h"
#include "lib/log.h"
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

static inline void open(struct given *g)
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

static inline void close_all(struct given *g)
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
static inline int look(struct given *g)
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

static inline void must_look(struct given *g)
{
	if (look(g) < 0)
		fail_msg("%s", g->err.msg);
}

static inline void fault(struct given *g, enum api_fault what, unsigned at,
			 bool of_write)
{
	g->api.calls = g->api.writes = g->api.applies = 0;
	g->api.fault = what;
	g->api.fault_at = at;
	g->api.fault_of_write = of_write;
}

/* ---- what is there ---- */

static inline struct certs_state state_of(struct given *g)
{
	struct certs_state state = { .bundle = STR("") };

	for (int i = 0; i < 2; i++)
		certs_state_read(&g->api.arena,
				 json_at(&g->api.secrets[i].doc, "data"),
				 (enum certs_secret)i, &state);
	return state;
}

static inline struct str published(struct given *g, size_t configuration,
				   size_t entry)
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

static inline struct certificate leaf_of(struct given *g)
{
	struct certificate leaf;

	if (certificate_read(&g->api.arena, state_of(g).leaf.cert, &leaf,
			     &g->err) < 0)
		fail_msg("%s", g->err.msg);
	return leaf;
}

/* Everything is stored, and published everywhere. */
static inline void assert_settled(struct given *g)
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

static inline struct str text_of(struct given *g, const struct api_secret *s)
{
	return json_to_str(&g->api.arena, &s->doc);
}

static inline void put_secret(struct given *g, size_t i, const char *text)
{
	struct json doc;

	if (json_read(&g->api.arena, str_of(text), 0, NULL, &doc, &g->err) < 0)
		fail_msg("%s", g->err.msg);
	api_keep(&g->api, &g->api.secrets[i], &doc);
}

static inline void own(struct given *g, size_t configuration, size_t entry,
		       struct str manager, struct str base64)
{
	struct api_entry *e =
		&g->api.configurations[configuration].entries[entry];

	e->manager = manager;
	e->operation = STR("Update");
	e->base64 = base64;
}

static inline struct str told(struct given *g)
{
	if (kube_events_flush(g->events, g->client,
			      clock_monotonic_ns() + SECOND,
			      START * INT64_C(1000000), &g->err) < 0)
		fail_msg("%s", g->err.msg);
	return buf_str(&g->api.events);
}

static inline bool holds(struct str text, const char *part)
{
	return str_find_str(text, str_of(part)) < text.n;
}

#endif
