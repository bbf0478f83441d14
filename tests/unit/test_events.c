/* kube/events.c: writing, against a scripted server */
#include "tests/unit/event_notes.h"

#include <pthread.h>
#include <stdio.h>

#include "tests/fake/script.h"

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
