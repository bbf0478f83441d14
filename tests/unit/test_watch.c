/* kube/watch.c, kube/watch_event.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kube/watch.h"
#include "kube/watch_event.h"
#include "tests/fake/script.h"

static const struct kube_resource pods = {
	.version = "v1",
	.group = "",
	.plural = "pods",
	.kind = "Pod",
	.namespaced = true,
};

#define HEAD                                                                   \
	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"                \
	"Connection: close\r\n\r\n"
#define REFUSAL(status)                                                        \
	"HTTP/1.1 " status "\r\nContent-Type: application/json\r\n"            \
	"Connection: close\r\n"
#define EVENT(type, name, version)                                             \
	"{\"type\":\"" type "\",\"object\":{\"kind\":\"Pod\","                 \
	"\"metadata\":{\"name\":\"" name                                       \
	"\",\"namespace\":\"n\",\"resourceVersion\":\"" version "\"}}}\n"
#define BOOKMARK(version)                                                      \
	"{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\",\"metadata\":"    \
	"{\"resourceVersion\":\"" version "\"}}}\n"
#define ERROR_EVENT(code, reason, details)                                     \
	"{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\","                 \
	"\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"m\","      \
	"\"reason\":\"" reason "\",\"details\":{" details "},\"code\":" code   \
	"}}\n"

/* A server, and a client of it. */
struct fixture {
	struct fake_script *script;
	struct kube_stop *stop;
	struct kube_client *client;
	struct kube_watch *watch;
	struct kube_watch_failure failure;
	struct error err;
};

static void set_up(struct fixture *f, const struct fake_step *steps)
{
	struct kube_client_options options = { .user_agent = "test",
					       .field_manager = "test" };
	struct kube_config config = { .context = STR("test") };

	*f = (struct fixture){ .script = fake_script_start(steps),
			       .stop = kube_stop_new() };
	options.stop = f->stop;
	config.server = str_of(fake_script_url(f->script));
	if (kube_client_new(&config, &options, &f->client, &f->err) < 0)
		fail_msg("%s", f->err.msg);
}

static void tear_down(struct fixture *f)
{
	const char *complaint;

	kube_watch_close(&f->watch);
	kube_client_free(&f->client);
	complaint = fake_script_stop(&f->script);
	kube_stop_free(&f->stop);
	if (complaint)
		fail_msg("%s", complaint);
}

static int open_watch(struct fixture *f, struct kube_watch_options options)
{
	options.resource = &pods;
	options.failure = &f->failure;
	if (!options.resource_version.p)
		options.resource_version = STR("7");
	return kube_watch_open(f->client, &options, &f->watch, &f->err);
}

static int next(struct fixture *f, struct kube_event *event)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	int result = kube_watch_next(f->watch, &a, event, &f->err);

	if (result > 0 && event->resource_version.n > 8)
		fail_msg("a long version");
	return result;
}

static void asks_for_what_is_wanted(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = "GET /api/v1/namespaces/n/pods?watch=true&"
			    "allowWatchBookmarks=true&resourceVersion=7&"
			    "timeoutSeconds=9&labelSelector=a%3Db&"
			    "fieldSelector=spec.nodeName%3Dx HTTP/1.1\r\n",
		  .holds = "as=PartialObjectMetadata;",
		  .answer = HEAD,
		  .close = true },
		{ .expect = NULL },
	};
	struct fixture f;
	struct kube_event event;

	(void)state;
	set_up(&f, steps);
	assert_int_equal(
		open_watch(&f,
			   (struct kube_watch_options){
				   .ns = STR("n"),
				   .label_selector = STR("a=b"),
				   .field_selector = STR("spec.nodeName=x"),
				   .metadata_only = true,
				   .timeout_seconds = 9,
			   }),
		0);
	assert_int_equal(next(&f, &event), 0);
	/* It is over, and stays so. */
	assert_int_equal(next(&f, &event), -1);
	tear_down(&f);
}

static const char all_types[] = HEAD EVENT("ADDED", "a", "8")
	EVENT("MODIFIED", "\xe2\x82\xac\xf0\x9f\x98\x80",
	      "9") "\n" BOOKMARK("12") EVENT("DELETED", "a", "13");

static void check_all_types(size_t chunk)
{
	const struct fake_step steps[] = {
		{ .expect = "GET /api/v1/pods?watch=true",
		  .answer = all_types,
		  .chunk = chunk,
		  .close = true },
		{ .expect = NULL },
	};
	static const struct {
		enum kube_event_type type;
		const char *name, *version;
	} want[] = {
		{ KUBE_ADDED, "a", "8" },
		{ KUBE_MODIFIED, "\xe2\x82\xac\xf0\x9f\x98\x80", "9" },
		{ KUBE_BOOKMARK, "", "12" },
		{ KUBE_DELETED, "a", "13" },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct kube_event events[ARRAY_LEN(want)], event;
	struct fixture f;

	set_up(&f, steps);
	assert_int_equal(open_watch(&f, (struct kube_watch_options){ 0 }), 0);
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_int_equal(
			kube_watch_next(f.watch, &a, &events[i], &f.err), 1);
	assert_int_equal(kube_watch_next(f.watch, &a, &event, &f.err), 0);
	/* All still there: the arena was not reset. */
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_int_equal(events[i].type, want[i].type);
		assert_true(str_is(json_str(json_at(&events[i].object,
						    "metadata", "name")),
				   want[i].name));
		assert_true(
			str_is(events[i].resource_version, want[i].version));
	}
	tear_down(&f);
}

static void events_are_the_same_wherever_they_are_cut(void **state)
{
	static const size_t chunks[] = { 0, 1, 2, 3, 7, 64, 1000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chunks); i++)
		check_all_types(chunks[i]);
}

static const struct refusal {
	const char *answer;
	enum error_code code;
	unsigned status, retry_after;
	const char *says;
} refusals[] = {
	{ REFUSAL("410 Gone") "\r\n"
			      "{\"kind\":\"Status\",\"apiVersion\":"
			      "\"v1\",\"reason\":\"Expired\",\"code\":"
			      "410}",
	  ERR_GONE, 410, 0, "watch pods" },
	{ REFUSAL("403 Forbidden") "\r\n"
				   "{\"kind\":\"Status\",\"apiVersion\":"
				   "\"v1\",\"message\":\"no way\","
				   "\"reason\":\"Forbidden\"}",
	  ERR_CONFIG, 403, 0, "no way" },
	{ REFUSAL("404 Not Found") "\r\n404 page not found\n", ERR_IO, 404, 0,
	  "watch pods" },
	{ REFUSAL("429 Too Many Requests") "Retry-After: 3\r\n\r\n{}", ERR_IO,
	  429, 3, "watch pods" },
	{ REFUSAL("500 Internal Server Error") "\r\n{", ERR_IO, 500, 0,
	  "watch pods" },
	{ REFUSAL("503 Service Unavailable") "\r\n", ERR_IO, 503, 0,
	  "watch pods" },
	{ NULL, ERR_IO, 0, 0, "watch pods" },
	{ "nonsense\r\n\r\n", ERR_IO, 0, 0, "watch pods" },
};

static void a_refused_watch_says_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		const struct refusal *row = &refusals[i];
		const struct fake_step steps[] = {
			{ .expect = "GET /api/v1/pods?watch=true",
			  .answer = row->answer,
			  .close = true },
			{ .expect = NULL },
		};
		struct fixture f;

		set_up(&f, steps);
		assert_int_equal(
			open_watch(&f, (struct kube_watch_options){ 0 }), -1);
		assert_null(f.watch);
		if (f.err.code != row->code || f.failure.status != row->status)
			fail_msg("row %zu: %d %u: %s", i, (int)f.err.code,
				 f.failure.status, f.err.msg);
		assert_int_equal(f.failure.retry_after, row->retry_after);
		assert_non_null(strstr(f.err.msg, row->says));
		tear_down(&f);
	}
}

static const struct ending {
	const char *body;
	enum error_code code;
	unsigned status, retry_after;
} endings[] = {
	{ ERROR_EVENT("410", "Expired", ""), ERR_GONE, 410, 0 },
	{ ERROR_EVENT("410", "", ""), ERR_GONE, 410, 0 },
	{ ERROR_EVENT("0", "Gone", ""), ERR_GONE, 0, 0 },
	{ ERROR_EVENT("500", "InternalError", ""), ERR_IO, 500, 0 },
	{ ERROR_EVENT("429", "TooManyRequests", "\"retryAfterSeconds\":5"),
	  ERR_IO, 429, 5 },
	{ ERROR_EVENT("429", "TooManyRequests", "\"retryAfterSeconds\":-5"),
	  ERR_IO, 429, 0 },
	{ ERROR_EVENT("422", "Invalid", ""), ERR_IO, 422, 0 },
	{ "{\"type\":\"ERROR\",\"object\":{}}\n", ERR_IO, 0, 0 },
	/* what is no event */
	{ "{\"type\":\"ERROR\"}\n", ERR_INPUT, 0, 0 },
	{ "garbage\n", ERR_INPUT, 0, 0 },
	{ "<html>\n", ERR_INPUT, 0, 0 },
	{ "null\n", ERR_INPUT, 0, 0 },
	{ "{}\n", ERR_INPUT, 0, 0 },
	{ "{\"type\":\"ADDED\",\"object\":null}\n", ERR_INPUT, 0, 0 },
	{ "{\"type\":7,\"object\":{}}\n", ERR_INPUT, 0, 0 },
	{ EVENT("added", "a", "1"), ERR_INPUT, 0, 0 },
	{ EVENT("ADDED", "", "1"), ERR_INPUT, 0, 0 },
	{ EVENT("DELETED", "a", ""), ERR_INPUT, 0, 0 },
	{ EVENT("ADDED", "\xff", "1"), ERR_INPUT, 0, 0 },
	{ BOOKMARK(""), ERR_INPUT, 0, 0 },
	{ "{\"type\":\"ADDED\",\"type\":\"ADDED\"}\n", ERR_INPUT, 0, 0 },
	{ EVENT("ADDED", "a", "1\",\"resourceVersion\":\"2"), ERR_INPUT, 0, 0 },
	{ EVENT("ADDED", "a", "1") "x", ERR_IO, 0, 0 },
	{ "{\"type\":\"ADDED\",\"object\":", ERR_IO, 0, 0 },
	{ EVENT("ADDED",
		"a-name-that-is-far-too-long-for-the-cap-of-this-test"
		"-which-is-two-hundred-bytes-0123456789012345678901234"
		"56789",
		"1"),
	  ERR_LIMIT, 0, 0 },
};

static void a_watch_that_ends_badly_says_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		const struct ending *row = &endings[i];
		char answer[1024];
		const struct fake_step steps[] = {
			{ .expect = "GET /api/v1/pods?watch=true",
			  .answer = answer,
			  .chunk = i % 3 ? 0 : 5,
			  .close = true },
			{ .expect = NULL },
		};
		struct kube_event event;
		struct fixture f;
		int result;

		snprintf(answer, sizeof(answer), "%s%s", HEAD, row->body);
		set_up(&f, steps);
		assert_int_equal(open_watch(&f,
					    (struct kube_watch_options){
						    .line_max = 200 }),
				 0);
		while ((result = next(&f, &event)) > 0)
			;
		if (result == 0 || f.err.code != row->code ||
		    f.failure.status != row->status ||
		    f.failure.retry_after != row->retry_after)
			fail_msg("row %zu: %d %d %u %u: %s", i, result,
				 (int)f.err.code, f.failure.status,
				 f.failure.retry_after, f.err.msg);
		assert_non_null(strstr(f.err.msg, "watch pods"));
		assert_int_equal(next(&f, &event), -1);
		tear_down(&f);
	}
}

static const struct fake_step hanging[] = {
	{ .expect = "GET /api/v1/pods?watch=true",
	  .answer = HEAD EVENT("ADDED", "a", "8"),
	  .linger = true },
	{ .expect = NULL },
};

static void silence_beyond_the_idle_time_is_a_failure(void **state)
{
	struct kube_event event;
	struct fixture f;

	(void)state;
	set_up(&f, hanging);
	assert_int_equal(
		open_watch(&f, (struct kube_watch_options){ .idle_ms = 1000 }),
		0);
	assert_int_equal(next(&f, &event), 1);
	assert_int_equal(next(&f, &event), -1);
	assert_int_equal(f.err.code, ERR_IO);
	tear_down(&f);
}

static void stop_ends_a_watch(void **state)
{
	struct kube_event event;
	struct fixture f;

	(void)state;
	set_up(&f, hanging);
	assert_int_equal(open_watch(&f, (struct kube_watch_options){ 0 }), 0);
	assert_int_equal(next(&f, &event), 1);
	kube_stop_set(f.stop);
	assert_int_equal(next(&f, &event), -1);
	assert_int_equal(f.err.code, ERR_IO);
	tear_down(&f);
}

static void without_a_wish_the_server_ends_by_chance(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = "GET /api/v1/pods?watch=true",
		  .holds = "&timeoutSeconds=",
		  .answer = HEAD,
		  .close = true },
		{ .expect = NULL },
	};
	struct fixture f;

	(void)state;
	set_up(&f, steps);
	assert_int_equal(open_watch(&f, (struct kube_watch_options){ 0 }), 0);
	tear_down(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_for_what_is_wanted),
		cmocka_unit_test(events_are_the_same_wherever_they_are_cut),
		cmocka_unit_test(a_refused_watch_says_why),
		cmocka_unit_test(a_watch_that_ends_badly_says_why),
		cmocka_unit_test(silence_beyond_the_idle_time_is_a_failure),
		cmocka_unit_test(stop_ends_a_watch),
		cmocka_unit_test(without_a_wish_the_server_ends_by_chance),
	};

	return cmocka_run_group_tests_name("kube/watch.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
