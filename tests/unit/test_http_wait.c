/* lib/http_wait.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

#include "lib/http.h"
#include "tests/unit/http_talk.h"

enum { WAITS = 3, BODY_MAX = 1000 };
static struct http_server *server;
static atomic_uint calls;
static struct http_waiter *_Atomic handed;
static atomic_bool early;  /* woken before the handler has returned */
static size_t used_before; /* of the arena, at the first call */

/* Waits so many times, then says how often it was called, and its body. */
static void wait_often(const struct http_request *request,
		       struct http_answer *answer, void *context)
{
	unsigned n = atomic_fetch_add(&calls, 1) + 1;

	(void)context;
	if (n == 1)
		used_before = request->arena->used;
	assert_int_equal(request->arena->used, used_before);
	(void)arena_new(request->arena, char, 1 << 20);
	answer->status = 418;
	answer->retry_after = 9;
	if (n <= WAITS && request->waiter) {
		answer->waits = true;
		if (atomic_load(&early))
			http_wake(request->waiter);
		else
			atomic_store(&handed, request->waiter);
		return;
	}
	answer->status = 200;
	answer->retry_after = 0;
	answer->body =
		arena_printf(request->arena, "%u %d %.*s", n,
			     request->waiter != NULL, STR_ARG(request->body));
}

static void wake_next(void)
{
	struct http_waiter *waiter;

	while (!(waiter = atomic_exchange(&handed, NULL)))
		(void)usleep(1000);
	http_wake(waiter);
}

static void *wake_all(void *unused)
{
	(void)unused;
	for (int i = 0; i < WAITS; i++) {
		(void)usleep(20000);
		wake_next();
	}
	return NULL;
}

static void echo(const struct http_request *request, struct http_answer *answer,
		 void *context)
{
	(void)context;
	answer->body = request->body;
}

static const struct http_route routes[] = {
	{ .path = "/echo",
	  .methods = HTTP_POST,
	  .content_type = "application/json",
	  .body_max = BODY_MAX,
	  .counted = true,
	  .handle = echo },
	{ .path = "/waits",
	  .methods = HTTP_POST,
	  .content_type = "application/json",
	  .body_max = BODY_MAX,
	  .counted = true,
	  .handle = wait_often },
	{ .path = NULL },
};

static int set_up(void **state)
{
	const struct http_config config = { .listen = STR("127.0.0.1:0"),
					    .routes = routes,
					    .threads = 1 };
	struct error err = ERROR_INIT;

	(void)state;
	atomic_store(&calls, 0);
	if (http_server_start(&config, &server, &err) < 0)
		fail_msg("%s", err.msg);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
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

static void *stop_server(void *unused)
{
	(void)unused;
	http_server_stop(&server, 10);
	return NULL;
}

static void a_request_waits_and_is_handled_again(void **state)
{
	pthread_t waker;
	int fd = dial();

	(void)state;
	assert_int_equal(pthread_create(&waker, NULL, wake_all, NULL), 0);
	say(fd, POST("/waits", "Content-Length: 4\r\n", "body"));
	has(hear(fd), " 200 ");
	has(got, "\r\n\r\n4 1 body");
	assert_null(strstr(got, "Retry-After"));
	assert_int_equal(pthread_join(waker, NULL), 0);
	say(fd, POST("/echo", "Content-Length: 2\r\n", "{}"));
	has(hear(fd), "\r\n\r\n{}");
	assert_int_equal(http_server_stats(server).in_flight, 0);
	(void)close(fd);
}

static void what_is_woken_early_does_not_wait(void **state)
{
	(void)state;
	atomic_store(&early, true);
	has(ask(POST("/waits", "Content-Length: 4\r\n", "body")),
	    "\r\n\r\n4 1 body");
	atomic_store(&early, false);
}

static void a_thread_serves_others_while_one_waits(void **state)
{
	int fd, other;

	(void)state;
	fd = dial();
	other = dial();
	say(fd, POST("/waits", "Content-Length: 1\r\n", "b"));
	while (!atomic_load(&handed))
		(void)usleep(1000);
	say(other, POST("/echo", "Content-Length: 2\r\n", "{}"));
	has(hear(other), "\r\n\r\n{}");
	assert_int_equal(http_server_stats(server).in_flight, 1);
	for (int i = 0; i < WAITS; i++)
		wake_next();
	has(hear(fd), " 200 ");
	(void)close(fd);
	(void)close(other);
}

static void one_that_hung_up_is_woken_in_vain(void **state)
{
	int fd = dial();

	(void)state;
	say(fd, POST("/waits", "Content-Length: 1\r\n", "b"));
	while (!atomic_load(&handed))
		(void)usleep(1000);
	(void)close(fd);
	(void)usleep(20000);
	wake_next();
	/* Whether the handler is called again is the library's affair. */
	while (http_server_stats(server).connections)
		if (atomic_load(&handed))
			wake_next();
	assert_int_equal(http_server_stats(server).in_flight, 0);
}

static void nothing_waits_while_draining(void **state)
{
	(void)state;
	http_server_drain(server);
	has(ask(POST("/waits", "Content-Length: 1\r\n", "b")), "\r\n\r\n1 0 b");
}

static void a_server_stops_when_all_are_woken(void **state)
{
	pthread_t stopper;
	int fd = dial();

	(void)state;
	say(fd, POST("/waits", "Content-Length: 1\r\n", "b"));
	while (!atomic_load(&handed))
		(void)usleep(1000);
	assert_int_equal(pthread_create(&stopper, NULL, stop_server, NULL), 0);
	(void)usleep(50000);
	wake_next();
	/* It drains: the second call may not wait. */
	has(hear(fd), "\r\n\r\n2 0 b");
	assert_int_equal(pthread_join(stopper, NULL), 0);
	(void)close(fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_request_waits_and_is_handled_again),
		TEST(what_is_woken_early_does_not_wait),
		TEST(a_thread_serves_others_while_one_waits),
		TEST(one_that_hung_up_is_woken_in_vain),
		TEST(nothing_waits_while_draining),
		TEST(a_server_stops_when_all_are_woken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
