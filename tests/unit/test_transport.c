/* kube/transport.c: whole answers */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "kube/transport.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "tests/fake/script.h"

#define SECRET "eyJhbGciOi-secret-token"
#define MS_NS INT64_C(1000000)
/* What a slow machine needs at most, and what must not be waited out. */
#define ENOUGH_MS 60000

static struct kube_stop *stop;
static struct arena arena;

static struct kube_transport *open_at(const char *url, const char *token)
{
	const struct kube_config config = {
		.server = str_of(url),
		.token = str_of(token),
		.source = STR("test.conf"),
	};
	struct kube_transport *t;
	struct error err = ERROR_INIT;

	if (kube_transport_new(&config, stop, "test/1", &t, &err) < 0)
		fail_msg("%s", err.msg);
	return t;
}

static void check_script(struct fake_script **script)
{
	const char *complaint = fake_script_stop(script);

	if (complaint)
		fail_msg("%s", complaint);
}

static struct kube_transport_request get(const char *path)
{
	return (struct kube_transport_request){ .method = "GET",
						.path = str_of(path),
						.timeout_ms = ENOUGH_MS };
}

static int set_up(void **state)
{
	(void)state;
	stop = kube_stop_new();
	arena = (struct arena)ARENA_INIT;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	kube_stop_free(&stop);
	arena_release(&arena);
	return 0;
}

/* ---- answers ---- */

#define OK_ABC "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
#define WITH_NUL "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na\0b"

static void answers_of_any_status_are_answers(void **state)
{
	static const struct {
		const char *answer;
		size_t length, chunk;
		unsigned status, retry_after;
		struct str body;
	} rows[] = {
		{ OK_ABC, 0, 0, 200, 0, STR_INIT("abc") },
		{ OK_ABC, 0, 1, 200, 0, STR_INIT("abc") },
		{ WITH_NUL, sizeof(WITH_NUL) - 1, 0, 200, 0, STR_INIT("a\0b") },
		{ "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", 0, 0,
		  201, 0, STR_INIT("") },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		  "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
		  0, 1, 200, 0, STR_INIT("abcde") },
		{ "HTTP/1.1 100 Continue\r\n\r\n" OK_ABC, 0, 0, 200, 0,
		  STR_INIT("abc") },
		{ "HTTP/1.1 301 Moved\r\nLocation: /x\r\n"
		  "Content-Length: 0\r\n\r\n",
		  0, 0, 301, 0, STR_INIT("") },
		{ "HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\n"
		  "Content-Length: 0\r\n\r\n",
		  0, 0, 429, 7, STR_INIT("") },
		{ "HTTP/1.1 503 No\r\nretry-after:  12 \r\n"
		  "Content-Length: 0\r\n\r\n",
		  0, 0, 503, 12, STR_INIT("") },
		{ "HTTP/1.1 503 No\r\nRetry-After: 9999999999\r\n"
		  "Content-Length: 0\r\n\r\n",
		  0, 0, 503, 3600, STR_INIT("") },
		{ "HTTP/1.1 503 No\r\nRetry-After: soon\r\n"
		  "Content-Length: 0\r\n\r\n",
		  0, 0, 503, 0, STR_INIT("") },
		{ "HTTP/1.1 503 No\r\nRetry-After: -5\r\n"
		  "Content-Length: 0\r\n\r\n",
		  0, 0, 503, 0, STR_INIT("") },
		{ "HTTP/1.1 503 No\r\n"
		  "Retry-After: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
		  "Content-Length: 0\r\n\r\n",
		  0, 0, 503, 0, STR_INIT("") },
		{ "HTTP/1.1 503 No\r\n"
		  "Retry-After: Thu, 01 Jan 2099 00:00:00 GMT\r\n"
		  "Content-Length: 0\r\n\r\n",
		  0, 0, 503, 3600, STR_INIT("") },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct fake_step steps[] = {
			{ .expect = "GET /a?b=%20c HTTP/1.1\r\n",
			  .answer = rows[i].answer,
			  .length = rows[i].length,
			  .chunk = rows[i].chunk },
			{ .expect = NULL },
		};
		struct fake_script *script = fake_script_start(steps);
		struct kube_transport *t =
			open_at(fake_script_url(script), NULL);
		struct kube_transport_request request = get("/a?b=%20c");
		struct kube_transport_answer answer;
		struct error err = ERROR_INIT;

		if (kube_transport_send(t, &arena, &request, &answer, &err) !=
		    TRANSPORT_ANSWERED)
			fail_msg("row %zu: %s", i, err.msg);
		if (answer.status != rows[i].status ||
		    answer.retry_after != rows[i].retry_after ||
		    !str_eq(answer.body, rows[i].body))
			fail_msg("row %zu: %u, %u, \"%.*s\"", i, answer.status,
				 answer.retry_after, STR_ARG(answer.body));
		kube_transport_free(&t);
		check_script(&script);
	}
}

static void sends_method_headers_and_body(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = "POST /x HTTP/1.1\r\n",
		  .holds = "\r\nAuthorization: Bearer " SECRET "\r\n",
		  .answer = OK_ABC },
		{ .expect = "PATCH /x HTTP/1.1\r\n",
		  .holds = "\r\nContent-Type: application/merge-patch+json\r\n",
		  .answer = OK_ABC },
		{ .expect = "PUT /x HTTP/1.1\r\n",
		  .holds = "\r\nContent-Length: 6\r\n\r\n{\"a\":1",
		  .answer = OK_ABC },
		{ .expect = "DELETE /x HTTP/1.1\r\n",
		  .holds = "\r\nUser-Agent: test/1\r\n",
		  .answer = OK_ABC },
		{ .expect = "GET /x HTTP/1.1\r\n",
		  .holds = "\r\nAccept: text/plain\r\n",
		  .answer = OK_ABC },
		{ .expect = "DELETE /x HTTP/1.1\r\n",
		  .holds = "\r\nAccept: application/json\r\n\r\n",
		  .answer = OK_ABC },
		{ .expect = NULL },
	};
	static const struct kube_transport_request requests[] = {
		{ .method = "POST", .content_type = "application/json" },
		{ .method = "PATCH",
		  .content_type = "application/merge-patch+json" },
		{ .method = "PUT", .content_type = "application/json" },
		{ .method = "DELETE", .content_type = "application/json" },
		{ .method = "GET", .accept = "text/plain" },
		{ .method = "DELETE" },
	};
	struct fake_script *script = fake_script_start(steps);
	struct kube_transport *t = open_at(fake_script_url(script), SECRET);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		struct kube_transport_request request = requests[i];
		struct kube_transport_answer answer;
		struct error err = ERROR_INIT;

		request.path = STR("/x");
		request.timeout_ms = ENOUGH_MS;
		if (request.content_type)
			request.body = STR("{\"a\":1");
		if (kube_transport_send(t, &arena, &request, &answer, &err) !=
			    TRANSPORT_ANSWERED ||
		    answer.status != 200)
			fail_msg("row %zu: %s %.*s", i, err.msg,
				 STR_ARG(answer.body));
	}
	kube_transport_free(&t);
	check_script(&script);
}

/* The body comes back as it went: NULs, and more than one buffer. */
static void large_bodies_are_sent_whole(void **state)
{
	enum { SIZE = 3 << 20 };
	static const struct fake_step steps[] = {
		{ .expect = "POST /",
		  .holds = "the very end",
		  .answer = OK_ABC },
		{ .expect = NULL },
	};
	struct fake_script *script = fake_script_start(steps);
	struct kube_transport *t = open_at(fake_script_url(script), NULL);
	char *body = arena_new(&arena, char, SIZE);
	struct kube_transport_request request = {
		.method = "POST",
		.path = STR("/"),
		.content_type = "application/json",
		.body = { body, SIZE },
		.timeout_ms = ENOUGH_MS,
	};
	struct kube_transport_answer answer;
	struct error err = ERROR_INIT;

	(void)state;
	memcpy(body + SIZE - 12, "the very end", 12);
	assert_int_equal(
		kube_transport_send(t, &arena, &request, &answer, &err),
		TRANSPORT_ANSWERED);
	assert_int_equal(answer.status, 200);
	kube_transport_free(&t);
	check_script(&script);
}

static void keeps_its_connection(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = "GET /1", .answer = OK_ABC },
		{ .expect = "GET /2", .answer = OK_ABC },
		{ .expect = "GET /3", .answer = OK_ABC },
		{ .expect = NULL },
	};
	static const char *const paths[] = { "/1", "/2", "/3" };
	struct fake_script *script = fake_script_start(steps);
	struct kube_transport *t = open_at(fake_script_url(script), NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct kube_transport_request request = get(paths[i]);
		struct kube_transport_answer answer;
		struct error err = ERROR_INIT;

		assert_int_equal(
			kube_transport_send(t, &arena, &request, &answer, &err),
			TRANSPORT_ANSWERED);
		assert_int_equal(answer.status, 200);
	}
	assert_int_equal(fake_script_connections(script), 1);
	kube_transport_free(&t);
	check_script(&script);
}

/* ---- stop ---- */

static void *stop_when_asked(void *context)
{
	const struct fake_script *script = context;
	struct timespec moment = { .tv_nsec = 50 * MS_NS };

	/* The request is there soon after its connection. */
	while (fake_script_connections(script) == 0)
		(void)nanosleep(&moment, NULL);
	(void)nanosleep(&moment, NULL);
	kube_stop_set(stop);
	return NULL;
}

static void stop_ends_a_wait_at_once(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = "GET /",
		  .answer = OK_ABC,
		  .hold_ms = 2 * ENOUGH_MS },
		{ .expect = NULL },
	};
	struct fake_script *script = fake_script_start(steps);
	struct kube_transport *t = open_at(fake_script_url(script), NULL);
	struct kube_transport_request request = get("/");
	int64_t start = clock_monotonic_ns();
	struct kube_transport_answer answer;
	struct error err = ERROR_INIT;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, stop_when_asked, script),
			 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(
			kube_transport_send(t, &arena, &request, &answer, &err),
			TRANSPORT_STOPPED);
	assert_true(clock_monotonic_ns() - start < ENOUGH_MS * MS_NS);
	assert_int_equal(pthread_join(thread, NULL), 0);
	kube_transport_free(&t);
	check_script(&script);
}

/* ---- tokens ---- */

static void write_token(const char *path, const char *text)
{
	struct error err = ERROR_INIT;

	if (file_write(path, str_of(text), &err) < 0)
		fail_msg("%s", err.msg);
}

static void reads_the_token_again_after_a_401(void **state)
{
	static const char refused[] =
		"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
	static const struct fake_step steps[] = {
		{ .expect = "GET /",
		  .holds = "Bearer one\r\n",
		  .answer = OK_ABC },
		{ .expect = "GET /",
		  .holds = "Bearer one\r\n",
		  .answer = refused },
		{ .expect = "GET /",
		  .holds = "Bearer two\r\n",
		  .answer = refused },
		{ .expect = "GET /",
		  .holds = "Bearer two\r\n",
		  .answer = OK_ABC },
		{ .expect = NULL },
	};
	static const unsigned want[] = { 200, 401, 401, 200 };
	/*
	 * What stands in the file by then; NULL: it is gone. The second goes
	 * with what was read before, the last with what there was.
	 */
	static const char *const tokens[] = { "one", " two\n", " two\n", NULL };
	char path[] = "/tmp/test_transport.XXXXXX";
	int fd = mkstemp(path);
	struct fake_script *script = fake_script_start(steps);
	const struct kube_config config = {
		.server = str_of(fake_script_url(script)),
		.token_file = str_of(path),
	};
	struct kube_transport *t;
	struct error err = ERROR_INIT;

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(kube_transport_new(&config, stop, "test/1", &t, &err),
			 0);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		struct kube_transport_request request = get("/");
		struct kube_transport_answer answer;

		if (tokens[i])
			write_token(path, tokens[i]);
		else
			(void)unlink(path);
		if (kube_transport_send(t, &arena, &request, &answer, &err) !=
			    TRANSPORT_ANSWERED ||
		    answer.status != want[i])
			fail_msg("row %zu: %s, %.*s", i, err.msg,
				 STR_ARG(answer.body));
	}
	kube_transport_free(&t);
	check_script(&script);
}

/* ---- connections that are gone ---- */

/*
 * The server closes a connection that it kept, just when it is used again:
 * what only reads goes out once more, what writes does not.
 */
static void does_not_repeat_a_write_by_itself(void **state)
{
	static const struct fake_step reads[] = {
		{ .expect = "GET /", .answer = OK_ABC },
		{ .expect = "GET /", .answer = NULL },
		{ .expect = "GET /", .answer = OK_ABC },
		{ .expect = NULL },
	};
	static const struct fake_step writes[] = {
		{ .expect = "POST /", .answer = OK_ABC },
		{ .expect = "POST /", .answer = NULL },
		{ .expect = NULL },
	};
	static const struct fake_step deletes[] = {
		{ .expect = "DELETE /", .answer = OK_ABC },
		{ .expect = "DELETE /", .answer = NULL },
		{ .expect = NULL },
	};
	static const struct {
		const struct fake_step *steps;
		const char *method, *type;
		enum kube_transport_outcome want;
	} rows[] = {
		{ reads, "GET", NULL, TRANSPORT_ANSWERED },
		{ writes, "POST", "application/json", TRANSPORT_UNKNOWN },
		{ deletes, "DELETE", NULL, TRANSPORT_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fake_script *script = fake_script_start(rows[i].steps);
		struct kube_transport *t =
			open_at(fake_script_url(script), NULL);
		const struct kube_transport_request request = {
			.method = rows[i].method,
			.path = STR("/"),
			.content_type = rows[i].type,
			.body = STR("{}"),
			.timeout_ms = ENOUGH_MS,
		};
		struct kube_transport_answer answer;
		struct error err = ERROR_INIT;

		assert_int_equal(
			kube_transport_send(t, &arena, &request, &answer, &err),
			TRANSPORT_ANSWERED);
		if (kube_transport_send(t, &arena, &request, &answer, &err) !=
		    rows[i].want)
			fail_msg("row %zu: %s", i, err.msg);
		kube_transport_free(&t);
		check_script(&script);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_of_any_status_are_answers),
		TEST(sends_method_headers_and_body),
		TEST(large_bodies_are_sent_whole),
		TEST(keeps_its_connection),
		TEST(stop_ends_a_wait_at_once),
		TEST(reads_the_token_again_after_a_401),
		TEST(does_not_repeat_a_write_by_itself),
	};

	return cmocka_run_group_tests_name("kube/transport.c", tests, NULL,
					   NULL) != 0;
}
