/* kube/transport_stream.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "kube/transport.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "tests/fake/script.h"

#define MS_NS INT64_C(1000000)
#define ENOUGH_MS 60000

static struct kube_stop *stop;
static struct arena arena;

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

static struct kube_transport *open_at(const struct fake_script *script)
{
	const struct kube_config config = {
		.server = str_of(fake_script_url(script)),
		.token = STR("secret"),
	};
	struct kube_transport *t;
	struct error err = ERROR_INIT;

	if (kube_transport_new(&config, stop, "test/1", &t, &err) < 0)
		fail_msg("%s", err.msg);
	return t;
}

static void close_all(struct kube_transport **t, struct fake_script **script)
{
	const char *complaint;

	kube_transport_free(t);
	complaint = fake_script_stop(script);
	if (complaint)
		fail_msg("%s", complaint);
}

static const struct kube_transport_request watch = {
	.method = "GET",
	.path = STR_INIT("/w?watch=1"),
	.timeout_ms = ENOUGH_MS,
};

static struct kube_stream *open_stream(struct kube_transport *t)
{
	struct kube_transport_answer answer;
	struct kube_stream *stream;
	struct error err = ERROR_INIT;

	if (kube_stream_open(t, &arena, &watch, &answer, &stream, &err) !=
	    TRANSPORT_ANSWERED)
		fail_msg("%s", err.msg);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.body.n, 0);
	assert_non_null(stream);
	return stream;
}

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define WITH_NUL CHUNKED "3\r\na\0b\r\n0\r\n\r\n"
#define OK_ABC "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"

/* ---- reading ---- */

static void reads_what_was_sent_however_it_was_cut(void **state)
{
	static const struct {
		const char *answer;
		size_t length, chunk, step;
		bool close;
		int64_t end; /* of the last read */
		struct str want;
	} rows[] = {
		{ CHUNKED "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 0, 0, 100, false,
		  0, STR_INIT("abcde") },
		{ CHUNKED "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 0, 0, 1, false, 0,
		  STR_INIT("abcde") },
		{ CHUNKED "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 0, 1, 1, false, 0,
		  STR_INIT("abcde") },
		{ WITH_NUL, sizeof(WITH_NUL) - 1, 1, 2, false, 0,
		  STR_INIT("a\0b") },
		{ OK_ABC, 0, 1, 2, false, 0, STR_INIT("abc") },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, 0, 1,
		  false, 0, STR_INIT("") },
		{ "HTTP/1.1 200 OK\r\n\r\nabc", 0, 0, 2, true, 0,
		  STR_INIT("abc") },
		{ CHUNKED, 0, 0, 100, true, -1, STR_INIT("") },
		{ CHUNKED "3\r\nabc\r\n", 0, 0, 1, true, -1, STR_INIT("abc") },
		{ CHUNKED "5\r\nabc", 0, 1, 1, true, -1, STR_INIT("abc") },
		{ CHUNKED "3\r\nabc\r\n0\r\n", 0, 0, 9, true, -1,
		  STR_INIT("abc") },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc", 0, 0, 9,
		  true, -1, STR_INIT("abc") },
		{ CHUNKED "3\r\nabc\r\nzz\r\n", 0, 0, 9, true, -1,
		  STR_INIT("abc") },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct fake_step steps[] = {
			{ .expect = "GET /w?watch=1 ",
			  .holds = "Bearer secret\r\n",
			  .answer = rows[i].answer,
			  .length = rows[i].length,
			  .chunk = rows[i].chunk,
			  .close = rows[i].close },
			{ .expect = NULL },
		};
		struct fake_script *script = fake_script_start(steps);
		struct kube_transport *t = open_at(script);
		struct kube_stream *stream = open_stream(t);
		struct buf got = BUF_INIT(1000);
		struct error err = ERROR_INIT;
		char p[100];
		int64_t n;

		while ((n = kube_stream_read(stream, p, rows[i].step, ENOUGH_MS,
					     &err)) > 0)
			buf_add(&got, (struct str){ p, (size_t)n });
		if (n != rows[i].end || !str_eq(buf_str(&got), rows[i].want))
			fail_msg("row %zu: %d, \"%.*s\", %s", i, (int)n,
				 STR_ARG(buf_str(&got)), err.msg);
		/* And again. */
		assert_int_equal(kube_stream_read(stream, p, 1, 0, &err), n);
		if (n < 0) {
			assert_int_equal(err.code, ERR_IO);
			assert_non_null(strstr(err.msg, "GET /w at http://"));
			assert_null(strstr(err.msg, "secret"));
		}
		buf_release(&got);
		kube_stream_close(&stream);
		assert_null(stream);
		close_all(&t, &script);
	}
}

static void what_is_no_stream_is_an_answer(void **state)
{
	static const struct {
		struct fake_step step;
		int64_t timeout_ms;
		enum kube_transport_outcome want;
		unsigned status, retry_after;
		struct str body;
	} rows[] = {
		{ { .answer = "HTTP/1.1 410 Gone\r\nContent-Length: 3\r\n"
			      "\r\nabc",
		    .chunk = 1 },
		  ENOUGH_MS,
		  TRANSPORT_ANSWERED,
		  410,
		  0,
		  STR_INIT("abc") },
		{ { .answer = "HTTP/1.1 429 No\r\nRetry-After: 3\r\n"
			      "Content-Length: 0\r\n\r\n" },
		  ENOUGH_MS,
		  TRANSPORT_ANSWERED,
		  429,
		  3,
		  STR_INIT("") },
		{ { .answer = "HTTP/1.1 204 None\r\n\r\n" },
		  ENOUGH_MS,
		  TRANSPORT_ANSWERED,
		  204,
		  0,
		  STR_INIT("") },
		{ { .answer = "HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\nabc",
		    .close = true },
		  ENOUGH_MS,
		  TRANSPORT_UNKNOWN,
		  0,
		  0,
		  STR_INIT("") },
		{ { .answer = "HTTP/1.1 500 No\r\nContent-Length: 2000\r\n\r\n",
		    .linger = true },
		  200,
		  TRANSPORT_UNKNOWN,
		  0,
		  0,
		  STR_INIT("") },
		{ { .answer = "HTTP/1.1 200 OK\r\nTransf", .close = true },
		  ENOUGH_MS,
		  TRANSPORT_UNKNOWN,
		  0,
		  0,
		  STR_INIT("") },
		{ { .answer = "HTTP/1.1 200 OK\r\nTransf", .linger = true },
		  200,
		  TRANSPORT_UNKNOWN,
		  0,
		  0,
		  STR_INIT("") },
		{ { .answer = NULL },
		  ENOUGH_MS,
		  TRANSPORT_UNKNOWN,
		  0,
		  0,
		  STR_INIT("") },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fake_step steps[2] = { rows[i].step };
		struct kube_transport_request request = watch;
		struct kube_transport_answer answer = { .status = 0 };
		struct kube_stream *stream;
		struct error err = ERROR_INIT;
		struct fake_script *script;
		struct kube_transport *t;
		enum kube_transport_outcome got;

		steps[0].expect = "GET /w";
		request.timeout_ms = rows[i].timeout_ms;
		script = fake_script_start(steps);
		t = open_at(script);
		got = kube_stream_open(t, &arena, &request, &answer, &stream,
				       &err);
		if (got != rows[i].want || stream ||
		    answer.status != rows[i].status ||
		    answer.retry_after != rows[i].retry_after ||
		    !str_eq(answer.body, rows[i].body))
			fail_msg("row %zu: %d, %u, %s", i, got, answer.status,
				 err.msg);
		close_all(&t, &script);
	}
}

/* ---- waiting ---- */

static void silence_ends_a_read(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = "GET /w",
		  .answer = CHUNKED "3\r\nabc\r\n",
		  .linger = true },
		{ .expect = NULL },
	};
	struct fake_script *script = fake_script_start(steps);
	struct kube_transport *t = open_at(script);
	struct kube_stream *stream = open_stream(t);
	struct error err = ERROR_INIT;
	char p[10];

	(void)state;
	assert_int_equal(kube_stream_read(stream, p, 10, ENOUGH_MS, &err), 3);
	assert_int_equal(kube_stream_read(stream, p, 10, 100, &err), -1);
	assert_non_null(strstr(err.msg, "nothing more within 100 ms"));
	kube_stream_close(&stream);
	close_all(&t, &script);
}

static void *stop_soon(void *context)
{
	struct timespec moment = { .tv_nsec = 100 * MS_NS };

	(void)nanosleep(&moment, NULL);
	kube_stop_set(context);
	return NULL;
}

static void stop_ends_a_read_at_once(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = "GET /w",
		  .answer = CHUNKED "3\r\nabc\r\n",
		  .linger = true },
		{ .expect = NULL },
	};
	struct fake_script *script = fake_script_start(steps);
	struct kube_transport *t = open_at(script);
	struct kube_stream *stream = open_stream(t);
	int64_t start = clock_monotonic_ns();
	struct error err = ERROR_INIT;
	pthread_t thread;
	char p[10];

	(void)state;
	assert_int_equal(kube_stream_read(stream, p, 1, ENOUGH_MS, &err), 1);
	assert_int_equal(pthread_create(&thread, NULL, stop_soon, stop), 0);
	while (kube_stream_read(stream, p, 1, 2 * ENOUGH_MS, &err) > 0)
		;
	assert_true(kube_stop_is_set(stop));
	assert_true(clock_monotonic_ns() - start < ENOUGH_MS * MS_NS);
	assert_int_equal(pthread_join(thread, NULL), 0);
	kube_stream_close(&stream);
	close_all(&t, &script);
}

/*
 * 64 MiB are more than the kernel keeps between us: the server cannot send
 * them before they are read, and nothing of them is lost meanwhile.
 */
static void a_slow_reader_makes_the_server_wait(void **state)
{
	enum { SIZE = 64 << 20, PERIOD = 251, STEP = 64 << 10 };
	static const char head[] = CHUNKED "4000000\r\n";
	static const char tail[] = "\r\n0\r\n\r\n";
	const size_t head_n = sizeof(head) - 1, tail_n = sizeof(tail) - 1;
	char *answer = malloc(head_n + SIZE + tail_n);
	struct fake_step steps[] = {
		{ .expect = "GET /w",
		  .answer = answer,
		  .length = head_n + SIZE + tail_n },
		{ .expect = NULL },
	};
	struct timespec moment = { .tv_nsec = 200 * MS_NS };
	struct fake_script *script;
	struct kube_transport *t;
	struct kube_stream *stream;
	struct error err = ERROR_INIT;
	char *p = arena_new(&arena, char, STEP);
	size_t at = 0;
	int64_t n;

	(void)state;
	assert_non_null(answer);
	memcpy(answer, head, head_n);
	for (size_t i = 0; i < SIZE; i++)
		answer[head_n + i] = (char)(i % PERIOD);
	memcpy(answer + head_n + SIZE, tail, tail_n);
	script = fake_script_start(steps);
	t = open_at(script);
	stream = open_stream(t);
	while ((n = kube_stream_read(stream, p, STEP, ENOUGH_MS, &err)) > 0) {
		assert_memory_equal(p, answer + head_n + at, (size_t)n);
		at += (size_t)n;
		if (at > SIZE / 8 && moment.tv_nsec) {
			(void)nanosleep(&moment, NULL);
			assert_int_equal(fake_script_done(script), 0);
			moment.tv_nsec = 0;
		}
	}
	assert_int_equal(n, 0);
	assert_int_equal(at, SIZE);
	assert_int_equal(fake_script_done(script), 1);
	kube_stream_close(&stream);
	close_all(&t, &script);
	free(answer);
}

/* ---- connections ---- */

static void send_ok(struct kube_transport *t, struct str path)
{
	const struct kube_transport_request request = {
		.method = "GET", .path = path, .timeout_ms = ENOUGH_MS
	};
	struct kube_transport_answer answer;
	struct error err = ERROR_INIT;

	if (kube_transport_send(t, &arena, &request, &answer, &err) !=
	    TRANSPORT_ANSWERED)
		fail_msg("%s", err.msg);
	assert_true(str_is(answer.body, "abc"));
}

static void requests_go_on_beside_an_open_stream(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = "GET /w",
		  .answer = CHUNKED "3\r\nabc\r\n",
		  .linger = true },
		{ .expect = "GET /1", .answer = OK_ABC },
		{ .expect = "GET /2", .answer = OK_ABC },
		{ .expect = NULL },
	};
	struct fake_script *script = fake_script_start(steps);
	struct kube_transport *t = open_at(script);
	struct kube_stream *stream = open_stream(t);
	struct error err = ERROR_INIT;
	char p[10];

	(void)state;
	send_ok(t, STR("/1"));
	assert_int_equal(kube_stream_read(stream, p, 10, ENOUGH_MS, &err), 3);
	send_ok(t, STR("/2"));
	assert_int_equal(fake_script_connections(script), 2);
	kube_stream_close(&stream);
	close_all(&t, &script);
}

static void a_stream_that_ended_gives_its_connection_back(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = "GET /w",
		  .answer = CHUNKED "3\r\nabc\r\n0\r\n\r\n" },
		{ .expect = "GET /1", .answer = OK_ABC },
		{ .expect = "GET /w", .answer = CHUNKED "3\r\nabc\r\n" },
		{ .expect = "GET /2", .answer = OK_ABC },
		{ .expect = NULL },
	};
	struct fake_script *script = fake_script_start(steps);
	struct kube_transport *t = open_at(script);
	struct error err = ERROR_INIT;
	struct kube_stream *stream;
	char p[10];

	(void)state;
	stream = open_stream(t);
	assert_int_equal(kube_stream_read(stream, p, 10, ENOUGH_MS, &err), 3);
	assert_int_equal(kube_stream_read(stream, p, 10, ENOUGH_MS, &err), 0);
	kube_stream_close(&stream);
	send_ok(t, STR("/1"));
	assert_int_equal(fake_script_connections(script), 1);
	/* One that is left in the middle does not. */
	stream = open_stream(t);
	kube_stream_close(&stream);
	kube_stream_close(&stream);
	send_ok(t, STR("/2"));
	assert_int_equal(fake_script_connections(script), 2);
	close_all(&t, &script);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_what_was_sent_however_it_was_cut),
		TEST(what_is_no_stream_is_an_answer),
		TEST(silence_ends_a_read),
		TEST(stop_ends_a_read_at_once),
		TEST(a_slow_reader_makes_the_server_wait),
		TEST(requests_go_on_beside_an_open_stream),
		TEST(a_stream_that_ended_gives_its_connection_back),
	};

	return cmocka_run_group_tests_name("kube/transport_stream.c", tests,
					   NULL, NULL) != 0;
}
