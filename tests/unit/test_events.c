/* kube/events.c, kube/events_store.c and kube/events_body.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>

#include "kube/events_body.h"
#include "lib/json_build.h"
#include "lib/json_write.h"
#include "tests/fake/script.h"

#define S INT64_C(1000000000)
#define NOON_US INT64_C(1795262400000000) /* 2026-11-21T12:00:00Z */

static const struct kube_events_options options = {
	.controller = STR_INIT("bulkhead.dev/controller"),
	.instance = STR_INIT("pod-0"),
	.cluster_ns = STR_INIT("default"),
};

static struct kube_event_note note(const char *name, const char *text)
{
	return (struct kube_event_note){
		.api_version = STR("agents.x-k8s.io/v1beta1"),
		.kind = STR("Sandbox"),
		.ns = STR("team"),
		.name = str_of(name),
		.uid = STR("u1"),
		.warning = true,
		.reason = "PolicyWidened",
		.action = "Repair",
		.note = str_of(text),
	};
}

static bool add(struct event_store *s, const char *name, const char *text,
		int64_t now)
{
	const struct kube_event_note n = note(name, text);

	return event_store_add(s, &n, now);
}

/* Takes and settles all that is due; how many. */
static size_t write_due(struct event_store *s, int64_t now)
{
	struct event_pick picks[EVENTS_BATCH_MAX];
	size_t n = event_store_take(s, picks, now);

	for (size_t i = 0; i < n; i++)
		event_store_settle(s, &picks[i], true, now);
	return n;
}

/* ---- the store ---- */

static void the_same_again_is_a_series_patched_once_a_minute(void **state)
{
	struct event_pick picks[EVENTS_BATCH_MAX];
	struct event_store s;

	(void)state;
	event_store_init(&s);
	assert_true(add(&s, "a", "x", 1 * S));
	assert_int_equal(write_due(&s, 1 * S), 1);
	for (int i = 2; i < 30; i++)
		assert_true(add(&s, "a", "x", i * S));
	assert_int_equal(s.n_waiting, 1);
	assert_int_equal(write_due(&s, 60 * S), 0);
	assert_int_equal(event_store_take(&s, picks, 61 * S), 1);
	assert_int_equal(picks[0].count, 29);
	assert_int_equal(picks[0].last_ns, 29 * S);
	assert_true(picks[0].entry->created);
	/* Noted while it is being written. */
	assert_true(add(&s, "a", "x", 61 * S));
	event_store_settle(&s, &picks[0], true, 61 * S);
	assert_int_equal(s.n_waiting, 1);
	assert_int_equal(write_due(&s, 120 * S), 0);
	assert_int_equal(write_due(&s, 121 * S), 1);
	assert_int_equal(write_due(&s, 9999 * S), 0);
	event_store_release(&s);
}

static void what_differs_is_an_event_of_its_own(void **state)
{
	struct event_store s;
	struct kube_event_note n = note("a", "x");

	(void)state;
	event_store_init(&s);
	assert_true(event_store_add(&s, &n, 1));
	n.warning = false;
	assert_true(event_store_add(&s, &n, 1));
	n.reason = "Other";
	assert_true(event_store_add(&s, &n, 1));
	n.note = STR("y");
	assert_true(event_store_add(&s, &n, 1));
	n.name = STR("b");
	assert_true(event_store_add(&s, &n, 1));
	n.ns = STR("");
	assert_true(event_store_add(&s, &n, 1));
	n.uid = STR("u2");
	assert_true(event_store_add(&s, &n, 1));
	assert_int_equal(s.n_entries, 7);
	assert_true(event_store_add(&s, &n, 2));
	assert_int_equal(s.n_entries, 7);
	event_store_release(&s);
}

static void after_ten_quiet_minutes_it_is_a_new_event(void **state)
{
	struct event_pick picks[EVENTS_BATCH_MAX];
	struct event_store s;

	(void)state;
	event_store_init(&s);
	assert_true(add(&s, "a", "x", 0));
	assert_int_equal(write_due(&s, 0), 1);
	assert_true(add(&s, "a", "x", 600 * S));
	assert_int_equal(event_store_take(&s, picks, 600 * S), 1);
	assert_int_equal(picks[0].count, 2);
	event_store_settle(&s, &picks[0], true, 600 * S);
	assert_true(add(&s, "a", "x", 1200 * S + 1));
	assert_int_equal(event_store_take(&s, picks, 1200 * S + 1), 1);
	assert_int_equal(picks[0].count, 1);
	assert_false(picks[0].entry->created);
	event_store_settle(&s, &picks[0], true, 1200 * S + 1);
	/* And is forgotten without being asked for. */
	assert_int_equal(write_due(&s, 9999 * S), 0);
	assert_int_equal(s.n_entries, 0);
	assert_int_equal(s.n_objects, 0);
	event_store_release(&s);
}

static void an_object_gets_25_and_then_one_in_five_minutes(void **state)
{
	struct event_store s;
	char text[16];
	int passed = 0;

	(void)state;
	event_store_init(&s);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(text, sizeof(text), "%d", i);
		passed += add(&s, "a", text, S);
	}
	assert_int_equal(passed, 25);
	assert_true(add(&s, "b", "x", S));
	/* Again is no new one. */
	assert_true(add(&s, "a", "3", S));
	assert_false(add(&s, "a", "later", 300 * S));
	assert_true(add(&s, "a", "later", 301 * S));
	assert_false(add(&s, "a", "later still", 302 * S));
	assert_true(add(&s, "a", "later still", 99999 * S));
	event_store_release(&s);
}

static void fifty_a_second_and_the_rest_waits(void **state)
{
	struct event_store s;
	char name[16];

	(void)state;
	event_store_init(&s);
	for (int i = 0; i < 200; i++) {
		(void)snprintf(name, sizeof(name), "s%d", i);
		assert_true(add(&s, name, "x", S));
	}
	assert_int_equal(write_due(&s, S), 50);
	assert_int_equal(write_due(&s, S), 0);
	assert_int_equal(write_due(&s, S + S / 2), 25);
	assert_int_equal(write_due(&s, 100 * S), 50);
	assert_int_equal(s.n_waiting, 75);
	assert_int_equal(write_due(&s, 101 * S), 50);
	assert_int_equal(write_due(&s, 102 * S), 25);
	event_store_release(&s);
}

static void at_most_10000_are_held(void **state)
{
	struct event_store s;
	char name[16];

	(void)state;
	event_store_init(&s);
	for (int i = 0; i < EVENTS_HELD_MAX + 500; i++) {
		(void)snprintf(name, sizeof(name), "s%d", i);
		assert_int_equal(add(&s, name, "x", S), i < EVENTS_HELD_MAX);
	}
	assert_int_equal(s.n_entries, EVENTS_HELD_MAX);
	/* What was written gives way, the oldest first. */
	assert_int_equal(write_due(&s, S), 50);
	for (int i = 0; i < 51; i++) {
		(void)snprintf(name, sizeof(name), "t%d", i);
		assert_int_equal(add(&s, name, "x", 2 * S), i < 50);
	}
	assert_int_equal(s.n_entries, EVENTS_HELD_MAX);
	assert_true(s.n_objects <= EVENTS_HELD_MAX);
	event_store_release(&s);
}

static void what_was_not_tried_waits_on(void **state)
{
	struct event_pick picks[EVENTS_BATCH_MAX];
	struct event_store s;

	(void)state;
	event_store_init(&s);
	assert_true(add(&s, "a", "x", S));
	assert_int_equal(event_store_take(&s, picks, S), 1);
	assert_int_equal(s.n_waiting, 1);
	event_store_return(&s, &picks[0]);
	assert_int_equal(write_due(&s, S), 1);
	assert_int_equal(s.n_waiting, 0);
	event_store_release(&s);
}

/* ---- bodies ---- */

static bool is_subdomain(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++) {
		bool inner = i > 0 && i + 1 < n && name[i - 1] != '.' &&
			     name[i + 1] != '.';

		if ((name[i] >= 'a' && name[i] <= 'z') ||
		    (name[i] >= '0' && name[i] <= '9') ||
		    (name[i] == '-' && inner) ||
		    (name[i] == '.' && inner && name[i - 1] != '-' &&
		     name[i + 1] != '-'))
			continue;
		return false;
	}
	return n > 0 && n <= EVENT_NAME_MAX;
}

static void names_are_dns_subdomains_that_differ(void **state)
{
	static const struct {
		const char *name, *begins;
	} rows[] = {
		{ "sandbox-1", "sandbox-1." },
		{ "a.b.c", "a.b.c." },
		{ "system:node", "system-node." },
		{ "UPPER_case", "upper-case." },
		{ "-a-", "a." },
		{ "a.-b", "a-b." },
		{ "a..b", "a-b." },
		{ "a/../../b", "a-b." },
		{ "\xc3\xa4", "" },
		{ "...", "" },
		{ "", "" },
	};
	struct event_entry e = { .key = STR_INIT("k") };
	char first[EVENT_NAME_MAX + 1], long_name[400];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		e.name = str_of(rows[i].name);
		event_name_make(&e, STR("pod-0"), NOON_US);
		if (!is_subdomain(e.event_name) ||
		    strncmp(e.event_name, rows[i].begins,
			    strlen(rows[i].begins)) != 0 ||
		    strlen(e.event_name) != strlen(rows[i].begins) + 16)
			fail_msg("%s: %s", rows[i].name, e.event_name);
	}
	for (size_t n = 0; n < sizeof(long_name); n++) {
		memset(long_name, n % 2 ? 'x' : '-', sizeof(long_name));
		long_name[n] = '.';
		e.name = (struct str){ long_name, n };
		event_name_make(&e, STR("pod-0"), NOON_US);
		assert_true(is_subdomain(e.event_name));
	}
	memcpy(first, e.event_name, sizeof(first));
	e.serial++;
	event_name_make(&e, STR("pod-0"), NOON_US);
	assert_string_not_equal(first, e.event_name);
	e.serial--;
	event_name_make(&e, STR("pod-1"), NOON_US);
	assert_string_not_equal(first, e.event_name);
	event_name_make(&e, STR("pod-0"), NOON_US + 1);
	assert_string_not_equal(first, e.event_name);
}

static void text_is_utf8_and_cut_between_characters(void **state)
{
	static const struct {
		struct str in;
		size_t max;
		const char *out;
	} rows[] = {
		{ STR_INIT("abc"), 10, "abc" },
		{ STR_INIT(""), 10, "" },
		{ STR_INIT("0123456789"), 10, "0123456789" },
		{ STR_INIT("0123456789a"), 10, "0123456..." },
		{ STR_INIT("012345\xc3\xa4\xc3\xa4\xc3\xa4"), 10, "012345..." },
		{ STR_INIT("01234\xc3\xa4\xc3\xa4\xc3\xa4"), 10,
		  "01234\xc3\xa4..." },
		{ STR_INIT("a\xff\xc3z\xe2\x82"), 10, "a??z??" },
		{ STR_INIT("\xed\xa0\x80"), 10, "???" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct str out = event_text(&a, rows[i].in, rows[i].max);

		assert_string_equal(out.p, rows[i].out);
		assert_true(json_utf8_valid(out, NULL));
	}
}

static void a_body_has_what_the_server_wants(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct event_entry e = {
		.api_version = STR_INIT("bulkhead.dev/v1alpha1"),
		.kind = STR_INIT("IsolationTier"),
		.name = STR_INIT("gvisor"),
		.uid = STR_INIT("u1"),
		.reason = STR_INIT("Loaded"),
		.action = STR_INIT("Load"),
		.note = STR_INIT("said \"yes\""),
		.event_name = "gvisor.1",
		.first_ns = 8 * S,
	};
	struct event_pick pick = { &e, 9 * S, 1 };
	const struct event_wall wall = { 10 * S, NOON_US };
	struct json body = event_body(&a, &options, &pick, &wall);

	(void)state;
	assert_string_equal(
		json_to_str(&a, &body).p,
		"{\"apiVersion\":\"events.k8s.io/v1\",\"kind\":\"Event\","
		"\"metadata\":{\"name\":\"gvisor.1\",\"namespace\":"
		"\"default\"},\"eventTime\":\"2026-11-21T11:59:58.000000Z\","
		"\"reportingController\":\"bulkhead.dev/controller\","
		"\"reportingInstance\":\"pod-0\",\"action\":\"Load\","
		"\"reason\":\"Loaded\",\"regarding\":{\"apiVersion\":"
		"\"bulkhead.dev/v1alpha1\",\"kind\":\"IsolationTier\","
		"\"name\":\"gvisor\",\"uid\":\"u1\"},\"note\":"
		"\"said \\\"yes\\\"\",\"type\":\"Normal\"}");
	pick.count = 7;
	body = event_series_patch(&a, &pick, &wall);
	assert_string_equal(json_to_str(&a, &body).p,
			    "{\"series\":{\"count\":7,\"lastObservedTime\":"
			    "\"2026-11-21T11:59:59.000000Z\"}}");
	body = event_body(&a, &options, &pick, &wall);
	assert_true(json_exists(json_at(&body, "series", "count")));
}

/* ---- writing ---- */

#define HEAD "\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
#define STATUS(code, reason, message)                                          \
	"{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\","   \
	"\"message\":\"" message "\",\"reason\":\"" reason "\",\"code\":" code \
	"}"
#define DONE "HTTP/1.1 201 Created" HEAD "{\"kind\":\"Event\"}"
#define NOT_FOUND "HTTP/1.1 404 Not Found" HEAD STATUS("404", "NotFound", "no")
#define EXISTS "HTTP/1.1 409 Conflict" HEAD STATUS("409", "AlreadyExists", "no")
#define ENDS                                                                   \
	"HTTP/1.1 403 Forbidden" HEAD STATUS(                                  \
		"403", "Forbidden",                                            \
		"events.events.k8s.io \\\"a.1\\\" is forbidden: unable to "    \
		"create new content in namespace team because it is being "    \
		"terminated")
#define FORBIDDEN                                                              \
	"HTTP/1.1 403 Forbidden" HEAD STATUS(                                  \
		"403", "Forbidden",                                            \
		"events.events.k8s.io is forbidden: User \\\"x\\\" cannot "    \
		"create resource")
#define INVALID "HTTP/1.1 422 Invalid" HEAD STATUS("422", "Invalid", "no")

#define EVENTS "/apis/events.k8s.io/v1/namespaces/team/events"
#define CREATE(body, reply)                                                    \
	{                                                                      \
		.expect = "POST " EVENTS "?", .holds = (body),                 \
		.answer = (reply), .close = true                               \
	}
#define PATCH(body, reply)                                                     \
	{                                                                      \
		.expect = "PATCH " EVENTS "/a.", .holds = (body),              \
		.answer = (reply), .close = true                               \
	}
#define END                                                                    \
	{                                                                      \
		.expect = NULL                                                 \
	}

struct bench {
	struct kube_stop *stop;
	struct fake_script *script;
	struct kube_client *client;
	struct kube_events *events;
};

static struct bench bench_start(const struct fake_step *steps)
{
	struct bench b = { .stop = kube_stop_new(),
			   .script = fake_script_start(steps),
			   .events = kube_events_new(&options) };
	const struct kube_config config = {
		.server = str_of(fake_script_url(b.script)),
		.source = STR("test"),
	};
	const struct kube_client_options client = { .user_agent = "test",
						    .field_manager = "test",
						    .stop = b.stop };
	struct error err = ERROR_INIT;

	if (kube_client_new(&config, &client, &b.client, &err) < 0)
		fail_msg("%s", err.msg);
	return b;
}

static void bench_end(struct bench *b, const char *name)
{
	const char *complaint;

	kube_client_free(&b->client);
	kube_events_free(&b->events);
	complaint = fake_script_stop(&b->script);
	if (complaint)
		fail_msg("%s: %s", name, complaint);
	kube_stop_free(&b->stop);
}

static void what_becomes_of_an_event(void **state)
{
	static const struct fake_step written[] = {
		CREATE("\"PolicyWidened\"", DONE),
		PATCH("{\"series\":{\"count\":3,", DONE),
		END,
	};
	static const struct fake_step expired[] = {
		CREATE("\"note\"", DONE),
		PATCH("\"count\":3", NOT_FOUND),
		CREATE("\"series\":{\"count\":3", DONE),
		END,
	};
	static const struct fake_step lost_answer[] = {
		CREATE("\"note\"", NULL),
		CREATE("\"count\":3", EXISTS),
		PATCH("\"count\":3", DONE),
		END,
	};
	static const struct fake_step exists[] = {
		CREATE("\"note\"", EXISTS),
		PATCH("\"count\":3", DONE),
		END,
	};
	static const struct fake_step namespace_ends[] = {
		CREATE("\"note\"", ENDS),
		CREATE("\"count\":3", NOT_FOUND),
		END,
	};
	static const struct fake_step ends_meanwhile[] = {
		CREATE("\"note\"", DONE),
		PATCH("\"count\":3", NOT_FOUND),
		CREATE("\"count\":3", ENDS),
		END,
	};
	static const struct fake_step forbidden[] = {
		CREATE("\"note\"", FORBIDDEN),
		CREATE("\"count\":3", DONE),
		END,
	};
	static const struct fake_step refused_patch[] = {
		CREATE("\"note\"", DONE),
		PATCH("\"count\":3", INVALID),
		END,
	};
	/* Noted once, flushed; noted twice, flushed two minutes later. */
	static const struct {
		const char *name;
		const struct fake_step *steps;
		int first, second;
		uint64_t written, dropped, failed;
	} rows[] = {
		{ "written", written, 0, 0, 2, 0, 0 },
		{ "expired", expired, 0, 0, 2, 0, 0 },
		{ "lost answer", lost_answer, -1, 0, 1, 0, 1 },
		{ "there already", exists, 0, 0, 2, 0, 0 },
		{ "namespace ends", namespace_ends, 0, 0, 0, 2, 0 },
		{ "ends meanwhile", ends_meanwhile, 0, 0, 1, 1, 0 },
		{ "forbidden", forbidden, -1, 0, 1, 0, 1 },
		{ "refused patch", refused_patch, 0, -1, 1, 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bench b = bench_start(rows[i].steps);
		const struct kube_event_note n = note("a", "x");
		struct kube_events_stats stats;
		struct error err = ERROR_INIT;

		kube_events_add(b.events, &n, S);
		assert_int_equal(kube_events_stats(b.events).waiting, 1);
		if (kube_events_flush(b.events, b.client, S, NOON_US, &err) !=
		    rows[i].first)
			fail_msg("%s: first: %s", rows[i].name, err.msg);
		kube_events_add(b.events, &n, 2 * S);
		kube_events_add(b.events, &n, 3 * S);
		if (kube_events_flush(b.events, b.client, 120 * S,
				      NOON_US + 119000000,
				      &err) != rows[i].second)
			fail_msg("%s: second: %s", rows[i].name, err.msg);
		stats = kube_events_stats(b.events);
		assert_int_equal(stats.written, rows[i].written);
		assert_int_equal(stats.dropped, rows[i].dropped);
		assert_int_equal(stats.failed, rows[i].failed);
		assert_int_equal(stats.waiting, 0);
		bench_end(&b, rows[i].name);
	}
}

static void a_refusal_does_not_hold_up_the_others(void **state)
{
	static const struct fake_step steps[] = {
		CREATE("\"one\"", INVALID),
		CREATE("\"two\"", DONE),
		CREATE("\"three\"", FORBIDDEN),
		CREATE("\"four\"", DONE),
		END,
	};
	static const char *const texts[] = { "one", "two", "three", "four" };
	struct bench b = bench_start(steps);
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const struct kube_event_note n = note("a", texts[i]);

		kube_events_add(b.events, &n, S);
	}
	assert_int_equal(
		kube_events_flush(b.events, b.client, S, NOON_US, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_int_equal(kube_events_stats(b.events).written, 2);
	assert_int_equal(kube_events_stats(b.events).failed, 2);
	bench_end(&b, "refusals");
}

static void without_an_answer_the_rest_waits(void **state)
{
	static const struct fake_step steps[] = {
		CREATE("\"one\"", NULL),
		CREATE("\"two\"", DONE),
		CREATE("\"three\"", DONE),
		END,
	};
	static const char *const texts[] = { "one", "two", "three" };
	struct bench b = bench_start(steps);
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const struct kube_event_note n = note("a", texts[i]);

		kube_events_add(b.events, &n, S);
	}
	assert_int_equal(
		kube_events_flush(b.events, b.client, S, NOON_US, &err), -1);
	assert_int_equal(kube_events_stats(b.events).waiting, 2);
	assert_int_equal(kube_events_flush(b.events, b.client, 2 * S,
					   NOON_US + 1000000, &err),
			 0);
	assert_int_equal(kube_events_stats(b.events).waiting, 0);
	bench_end(&b, "no answer");
}

static void nothing_is_lost_by_a_stop(void **state)
{
	static const struct fake_step steps[] = { END };
	struct bench b = bench_start(steps);
	const struct kube_event_note n = note("a", "x");
	struct error err = ERROR_INIT;

	(void)state;
	kube_events_add(b.events, &n, S);
	kube_stop_set(b.stop);
	assert_int_equal(
		kube_events_flush(b.events, b.client, S, NOON_US, &err), 0);
	assert_int_equal(kube_events_stats(b.events).waiting, 1);
	assert_int_equal(kube_events_stats(b.events).failed, 0);
	bench_end(&b, "stop");
}

static void a_long_note_is_cut_and_what_is_too_much_counted(void **state)
{
	static const struct fake_step steps[] = {
		CREATE("mmmm...\"", DONE),
		END,
	};
	struct bench b = bench_start(steps);
	char text[3000];
	struct kube_event_note n = note("a", "");
	struct error err = ERROR_INIT;

	(void)state;
	memset(text, 'm', sizeof(text));
	n.note = (struct str){ text, sizeof(text) };
	kube_events_add(b.events, &n, S);
	assert_int_equal(
		kube_events_flush(b.events, b.client, S, NOON_US, &err), 0);
	for (int i = 0; i < 30; i++) {
		(void)snprintf(text, sizeof(text), "%d", i);
		n.note = str_of(text);
		kube_events_add(b.events, &n, S);
	}
	assert_int_equal(kube_events_stats(b.events).dropped, 6);
	assert_int_equal(kube_events_stats(b.events).waiting, 24);
	bench_end(&b, "long");
}

static void *add_many(void *context)
{
	char text[16];

	for (int i = 0; i < 2000; i++) {
		struct kube_event_note n = note("a", text);

		(void)snprintf(text, sizeof(text), "%d", i % 10);
		n.note = str_of(text);
		kube_events_add(context, &n, S + i);
	}
	return NULL;
}

static void threads_may_add_while_one_flushes(void **state)
{
	static const struct fake_step steps[] = {
		CREATE("", DONE),
		CREATE("", DONE),
		CREATE("", DONE),
		CREATE("", DONE),
		CREATE("", DONE),
		CREATE("", DONE),
		CREATE("", DONE),
		CREATE("", DONE),
		CREATE("", DONE),
		CREATE("", DONE),
		END,
	};
	struct bench b = bench_start(steps);
	struct error err = ERROR_INIT;
	pthread_t threads[3];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, add_many, b.events),
			0);
	while (kube_events_stats(b.events).written < 10)
		assert_int_equal(kube_events_flush(b.events, b.client, 2 * S,
						   NOON_US, &err),
				 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(kube_events_stats(b.events).dropped, 0);
	bench_end(&b, "threads");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_same_again_is_a_series_patched_once_a_minute),
		cmocka_unit_test(what_differs_is_an_event_of_its_own),
		cmocka_unit_test(after_ten_quiet_minutes_it_is_a_new_event),
		cmocka_unit_test(
			an_object_gets_25_and_then_one_in_five_minutes),
		cmocka_unit_test(fifty_a_second_and_the_rest_waits),
		cmocka_unit_test(at_most_10000_are_held),
		cmocka_unit_test(what_was_not_tried_waits_on),
		cmocka_unit_test(names_are_dns_subdomains_that_differ),
		cmocka_unit_test(text_is_utf8_and_cut_between_characters),
		cmocka_unit_test(a_body_has_what_the_server_wants),
		cmocka_unit_test(what_becomes_of_an_event),
		cmocka_unit_test(a_refusal_does_not_hold_up_the_others),
		cmocka_unit_test(without_an_answer_the_rest_waits),
		cmocka_unit_test(nothing_is_lost_by_a_stop),
		cmocka_unit_test(
			a_long_note_is_cut_and_what_is_too_much_counted),
		cmocka_unit_test(threads_may_add_while_one_flushes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
