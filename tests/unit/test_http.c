/* lib/http.c, lib/http_server.c: loopback, plain */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/http.h"
#include "tests/unit/http_talk.h"

#define SECOND_NS INT64_C(1000000000)

enum { BODY_MAX = 1000 };

static atomic_uint calls;
static atomic_bool hold;
static struct http_server *server;

static void echo(const struct http_request *request, struct http_answer *answer,
		 void *context)
{
	assert_ptr_equal(context, &calls);
	atomic_fetch_add(&calls, 1);
	answer->body = arena_printf(request->arena, "%.*s %zu %.*s",
				    STR_ARG(request->path), request->body.n,
				    STR_ARG(http_query(request, "timeout")));
}

static void wait_long(const struct http_request *request,
		      struct http_answer *answer, void *context)
{
	(void)request;
	(void)context;
	while (atomic_load(&hold))
		(void)usleep(1000);
	answer->status = 503;
	answer->retry_after = 7;
}

static const struct http_route routes[] = {
	{ .path = "/echo",
	  .methods = HTTP_POST,
	  .content_type = "application/json",
	  .body_max = BODY_MAX,
	  .counted = true,
	  .handle = echo },
	{ .path = "/get", .methods = HTTP_GET | HTTP_HEAD, .handle = echo },
	{ .path = "/wait", .methods = HTTP_GET, .handle = wait_long },
	{ .path = NULL },
};

static void start(struct http_config config)
{
	struct error err = ERROR_INIT;

	config.listen = STR("127.0.0.1:0");
	config.routes = routes;
	config.context = &calls;
	atomic_store(&calls, 0);
	if (http_server_start(&config, &server, &err) < 0)
		fail_msg("%s", err.msg);
}

static int set_up(void **state)
{
	(void)state;
	start((struct http_config){ .threads = 2 });
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	atomic_store(&hold, false);
	http_server_stop(&server, 5);
	assert_null(server);
	return 0;
}

static int dial(void)
{
	return loopback_dial(http_server_address(server));
}

static const char *ask(const char *text)
{
	return ask_at(http_server_address(server), text);
}

static void a_handler_gets_the_whole_body(void **state)
{
	int fd = dial();

	(void)state;
	say(fd, POST("/echo?timeout=5s&x=y", "Content-Length: 10\r\n", "01"));
	(void)usleep(50000);
	assert_int_equal(atomic_load(&calls), 0);
	say(fd, "23456789");
	has(hear(fd), "/echo 10 5s");
	has(got, "HTTP/1.1 200 OK\r\n");
	has(got, "Content-Type: application/json\r\n");
	say(fd, POST("/echo", "Transfer-Encoding: chunked\r\n",
		     "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
	has(hear(fd), "/echo 5 ");
	assert_int_equal(atomic_load(&calls), 2);
	(void)close(fd);
}

static void what_the_table_does_not_have_is_refused(void **state)
{
	static const struct {
		const char *request, *status, *more;
	} rows[] = {
		{ POST("/nowhere", "Content-Length: 2\r\n", "{}"), " 404 ",
		  "" },
		{ POST("/echo/", "Content-Length: 2\r\n", "{}"), " 404 ", "" },
		{ "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n", " 405 ",
		  "Allow: POST\r\n" },
		{ "BREW /get HTTP/1.1\r\nHost: x\r\n\r\n", " 405 ",
		  "Allow: GET, HEAD\r\n" },
		{ "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: "
		  "0\r\n\r\n",
		  " 415 ", "" },
		{ POST("/echo", "Content-Length: 1001\r\n", ""), " 413 ", "" },
		{ POST("/echo", "Content-Length: 5\r\nContent-Length: 6\r\n",
		       ""),
		  " 400 ", "" },
		{ POST("/echo",
		       "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
		       ""),
		  " 400 ", "" },
		{ "GET /get HTTP/1.1\r\n\r\n", " 400 ", "" },
		{ "nonsense\r\n\r\n", " 400 ", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strstr(rows[i].request, "1001")) {
			int fd = dial();
			char body[1002];

			memset(body, 'x', sizeof(body) - 1);
			body[sizeof(body) - 1] = '\0';
			say(fd, rows[i].request);
			say(fd, body);
			has(hear(fd), rows[i].status);
			(void)close(fd);
			continue;
		}
		if (strcmp(rows[i].status, " 400 ") == 0 &&
		    strncmp(rows[i].request, "nonsense", 8) == 0) {
			/* A line that is no HTTP may just be hung up on. */
			ask(rows[i].request);
			assert_null(strstr(got, " 200 "));
			continue;
		}
		has(ask(rows[i].request), rows[i].status);
		has(got, rows[i].more);
	}
	assert_int_equal(atomic_load(&calls), 0);
	assert_int_equal(http_server_stats(server).refused[HTTP_REFUSED_PATH],
			 2);
}

static void a_refusal_keeps_the_connection(void **state)
{
	int fd = dial();

	(void)state;
	say(fd, POST("/nowhere", "Content-Length: 2\r\n", "{}"));
	has(hear(fd), " 404 ");
	say(fd, POST("/echo", "Content-Length: 2\r\n", "{}"));
	has(hear(fd), "/echo 2");
	assert_int_equal(http_server_stats(server).accepted, 1);
	(void)close(fd);
}

static void head_has_no_body(void **state)
{
	(void)state;
	ask("HEAD /get HTTP/1.1\r\nHost: x\r\n\r\n");
	has(got, " 200 ");
	assert_string_equal(strstr(got, "\r\n\r\n"), "\r\n\r\n");
}

static void too_many_at_once_are_sent_away(void **state)
{
	int one, two;

	(void)state;
	http_server_stop(&server, 1);
	start((struct http_config){ .threads = 1, .max_in_flight = 1 });
	one = dial();
	two = dial();
	say(one, POST("/echo", "Content-Length: 2\r\n", "{"));
	while (http_server_stats(server).in_flight != 1)
		(void)usleep(1000);
	say(two, POST("/echo", "Content-Length: 2\r\n", "{}"));
	has(hear(two), " 503 ");
	has(got, "Retry-After: 1\r\n");
	say(one, "}");
	has(hear(one), "/echo 2");
	say(two, POST("/echo", "Content-Length: 2\r\n", "{}"));
	has(hear(two), "/echo 2");
	(void)close(one);
	(void)close(two);
}

static void a_drip_is_closed(void **state)
{
	char byte;
	int fd;

	(void)state;
	http_server_stop(&server, 1);
	start((struct http_config){ .threads = 1, .request_seconds = 1 });
	fd = dial();
	say(fd, POST("/echo", "Content-Length: 200\r\n", ""));
	for (int i = 0; i < 40; i++) {
		if (send(fd, "x", 1, MSG_NOSIGNAL) < 0)
			break;
		(void)usleep(50000);
		assert_true(i < 39);
	}
	assert_true(recv(fd, &byte, 1, 0) <= 0);
	(void)close(fd);
	assert_int_equal(http_server_stats(server).timed_out, 1);
	assert_int_equal(atomic_load(&calls), 0);
}

static void an_old_connection_is_asked_to_come_again(void **state)
{
	int fd;

	(void)state;
	http_server_stop(&server, 1);
	start((struct http_config){ .threads = 1, .max_age_seconds = 1 });
	fd = dial();
	say(fd, "GET /get HTTP/1.1\r\nHost: x\r\n\r\n");
	has(hear(fd), " 200 ");
	assert_null(strstr(got, "Connection: close"));
	(void)usleep(1100000);
	say(fd, "GET /get HTTP/1.1\r\nHost: x\r\n\r\n");
	has(hear(fd), "Connection: close\r\n");
	(void)close(fd);
}

static bool is_closed(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

/* Where the clock has not moved far, nothing may be closed yet. */
static void an_idle_connection_is_closed_and_a_busy_one_is_not(void **state)
{
	static const char *const request =
		"GET /get HTTP/1.1\r\nHost: x\r\n\r\n";
	int64_t since;
	int idle, busy;

	(void)state;
	http_server_stop(&server, 1);
	start((struct http_config){ .threads = 1, .idle_seconds = 2 });
	idle = dial();
	busy = dial();
	since = clock_monotonic_ns();
	say(idle, request);
	has(hear(idle), " 200 ");
	while (!is_closed(idle)) {
		say(busy, request);
		has(hear(busy), " 200 ");
		assert_true(clock_monotonic_ns() - since < 20 * SECOND_NS);
	}
	assert_true(clock_monotonic_ns() - since > SECOND_NS);
	say(busy, request);
	has(hear(busy), " 200 ");
	(void)close(idle);
	(void)close(busy);
}

static void an_idle_connection_outlives_the_client_s_patience(void **state)
{
	(void)state;
	assert_true(HTTP_IDLE_SECONDS >= 90 + 30);
}

static void *stop_server(void *unused)
{
	(void)unused;
	http_server_stop(&server, 10);
	return NULL;
}

static void what_is_under_way_is_finished(void **state)
{
	pthread_t stopper;
	int fd = dial(), idle = dial();
	char byte;

	(void)state;
	http_server_drain(server);
	say(idle, "GET /get HTTP/1.1\r\nHost: x\r\n\r\n");
	has(hear(idle), "Connection: close\r\n");
	assert_int_equal(recv(idle, &byte, 1, 0), 0);
	atomic_store(&hold, true);
	say(fd, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
	(void)usleep(100000);
	assert_int_equal(pthread_create(&stopper, NULL, stop_server, NULL), 0);
	(void)usleep(300000);
	atomic_store(&hold, false);
	has(hear(fd), " 503 ");
	has(got, "Retry-After: 7\r\n");
	has(got, "Connection: close\r\n");
	assert_int_equal(pthread_join(stopper, NULL), 0);
	(void)close(fd);
	(void)close(idle);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_handler_gets_the_whole_body),
		TEST(what_the_table_does_not_have_is_refused),
		TEST(a_refusal_keeps_the_connection),
		TEST(head_has_no_body),
		TEST(too_many_at_once_are_sent_away),
		TEST(a_drip_is_closed),
		TEST(an_old_connection_is_asked_to_come_again),
		TEST(an_idle_connection_is_closed_and_a_busy_one_is_not),
		TEST(an_idle_connection_outlives_the_client_s_patience),
		TEST(what_is_under_way_is_finished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
