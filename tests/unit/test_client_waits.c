/* kube/client.c: deadlines, stop and the rate limit */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "lib/clock.h"
#include "tests/unit/client_world.h"

#define S INT64_C(1000000000)
/* Far more than a call takes that ends when it should. */
#define FAR_MS 20000

static void a_silent_server_is_left_at_the_deadline(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = GET_X, .answer = OK, .hold_ms = FAR_MS },
		{ 0 },
	};
	struct world w = { .tries = 0 };
	struct kube_call call = world_get();
	int64_t start = clock_monotonic_ns();

	(void)state;
	world_start(&w, steps);
	call.timeout_ms = 300;
	assert_int_equal(kube_do(w.client, &w.arena, &call, &w.err), -1);
	assert_int_equal(w.err.code, ERR_IO);
	assert_int_equal(call.status, 0);
	assert_false(call.maybe_done || call.stopped);
	assert_true(clock_monotonic_ns() - start < FAR_MS / 2 * S / 1000);
	world_finish(&w);
}

static void a_write_that_was_left_may_have_been_done(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = POST, .answer = OK, .hold_ms = FAR_MS },
		{ 0 },
	};
	const struct json body = json_make_object();
	struct world w = { .tries = 0 };
	struct kube_call call = world_create(&body);

	(void)state;
	world_start(&w, steps);
	call.timeout_ms = 300;
	assert_int_equal(kube_do(w.client, &w.arena, &call, &w.err), -1);
	assert_true(call.maybe_done);
	world_finish(&w);
}

static void a_wait_beyond_the_deadline_is_not_begun(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = GET_X,
		  .answer = ANSWER("429", "Retry-After: 30\r\n",
				   STATUS("429", "TooManyRequests")) },
		{ 0 },
	};
	struct world w = { .tries = 0 };
	struct kube_call call = world_get();
	int64_t start = clock_monotonic_ns();

	(void)state;
	world_start(&w, steps);
	call.timeout_ms = FAR_MS;
	assert_int_equal(kube_do(w.client, &w.arena, &call, &w.err), -1);
	assert_int_equal(call.status, 429);
	assert_true(str_is(call.reason, "TooManyRequests"));
	assert_true(clock_monotonic_ns() - start < FAR_MS / 2 * S / 1000);
	world_finish(&w);
}

static void a_server_that_stays_away_is_given_up_after_five_tries(void **state)
{
	static const struct fake_step none[] = { { 0 } };
	struct world w = { .tries = 0 };
	struct kube_call call = world_get();

	(void)state;
	world_start(&w, none);
	/* Nobody listens on the port any more. */
	assert_null(fake_script_stop(&w.script));
	assert_int_equal(kube_do(w.client, &w.arena, &call, &w.err), -1);
	assert_int_equal(w.tries, 5);
	assert_int_equal(call.status, 0);
	assert_non_null(strstr(w.err.msg, "get pods \"x\" in namespace \"a\": "
					  "after 5 tries: "));
	w.script = fake_script_start(none);
	world_finish(&w);
}

static void nothing_is_sent_once_stop_is_set(void **state)
{
	static const struct fake_step none[] = { { 0 } };
	struct world w = { .tries = 0 };
	struct kube_call call = world_get();

	(void)state;
	world_start(&w, none);
	kube_stop_set(w.stop);
	assert_int_equal(kube_do(w.client, &w.arena, &call, &w.err), -1);
	assert_true(call.stopped);
	assert_false(call.maybe_done);
	assert_int_equal(w.tries, 0);
	world_finish(&w);
}

static void stop_ends_the_wait_for_the_next_try(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = GET_X,
		  .answer = ANSWER("503", "Retry-After: 10\r\n", "") },
		{ 0 },
	};
	struct world w = { .tries = 0, .stop_after_try = true };
	struct kube_call call = world_get();

	(void)state;
	world_start(&w, steps);
	assert_int_equal(kube_do(w.client, &w.arena, &call, &w.err), -1);
	assert_true(call.stopped);
	assert_int_equal(call.status, 0);
	assert_int_equal(w.tries, 1);
	world_finish(&w);
}

static void *stop_soon(void *arg)
{
	struct world *w = arg;

	(void)kube_stop_wait(w->stop, 300);
	kube_stop_set(w->stop);
	return NULL;
}

static void stop_ends_a_request_under_way(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = POST, .answer = OK, .hold_ms = FAR_MS },
		{ 0 },
	};
	const struct json body = json_make_object();
	struct world w = { .tries = 0 };
	struct kube_call call = world_create(&body);
	pthread_t thread;

	(void)state;
	world_start(&w, steps);
	assert_int_equal(pthread_create(&thread, NULL, stop_soon, &w), 0);
	assert_int_equal(kube_do(w.client, &w.arena, &call, &w.err), -1);
	pthread_join(thread, NULL);
	assert_true(call.stopped && call.maybe_done);
	assert_int_equal(w.tries, 1);
	world_finish(&w);
}

static void a_turn_under_the_rate_limit_is_waited_for(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = GET_X, .answer = OK },
		{ .expect = GET_X, .answer = OK },
		{ .expect = GET_X, .answer = OK },
		{ 0 },
	};
	struct world w = { .limit = kube_limit_new(10, 1) };
	int64_t start = clock_monotonic_ns();

	(void)state;
	world_start(&w, steps);
	for (size_t i = 0; i < 3; i++) {
		struct kube_call call = world_get();

		assert_int_equal(kube_do(w.client, &w.arena, &call, &w.err), 0);
	}
	assert_true(clock_monotonic_ns() - start >= S / 5);
	world_finish(&w);
}

static void a_turn_that_comes_too_late_is_an_error(void **state)
{
	static const struct fake_step none[] = { { 0 } };
	struct world w = { .limit = kube_limit_new(1, 1) };
	struct kube_call call = world_get();

	(void)state;
	world_start(&w, none);
	for (size_t i = 0; i < 30; i++)
		(void)kube_limit_take(w.limit, clock_monotonic_ns());
	call.timeout_ms = 1000;
	assert_int_equal(kube_do(w.client, &w.arena, &call, &w.err), -1);
	assert_int_equal(w.err.code, ERR_IO);
	assert_non_null(strstr(w.err.msg, "rate limit"));
	assert_int_equal(w.tries, 0);
	assert_false(call.stopped);
	world_finish(&w);
}

static void a_path_is_read_as_a_get(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = "GET /version HTTP/1.1\r\n",
		  .answer = ANSWER("503", "", "") },
		{ .expect = "GET /version HTTP/1.1\r\n", .answer = OK },
		{ .expect = "GET /no HTTP/1.1\r\n",
		  .answer = ANSWER("404", "", "404 page not found") },
		{ 0 },
	};
	struct world w = { .tries = 0 };
	struct json answer;
	unsigned status = 0;

	(void)state;
	world_start(&w, steps);
	assert_int_equal(kube_get_path(w.client, &w.arena, STR("/version"),
				       &status, &answer, &w.err),
			 0);
	assert_int_equal(status, 200);
	assert_true(json_is(&answer, JSON_OBJECT));
	assert_int_equal(kube_get_path(w.client, &w.arena, STR("/no"), &status,
				       &answer, &w.err),
			 -1);
	assert_int_equal(status, 404);
	assert_false(json_exists(&answer));
	assert_non_null(strstr(w.err.msg, "get /no: not found (404): "));
	world_finish(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_silent_server_is_left_at_the_deadline),
		cmocka_unit_test(a_write_that_was_left_may_have_been_done),
		cmocka_unit_test(a_wait_beyond_the_deadline_is_not_begun),
		cmocka_unit_test(
			a_server_that_stays_away_is_given_up_after_five_tries),
		cmocka_unit_test(nothing_is_sent_once_stop_is_set),
		cmocka_unit_test(stop_ends_the_wait_for_the_next_try),
		cmocka_unit_test(stop_ends_a_request_under_way),
		cmocka_unit_test(a_turn_under_the_rate_limit_is_waited_for),
		cmocka_unit_test(a_turn_that_comes_too_late_is_an_error),
		cmocka_unit_test(a_path_is_read_as_a_get),
	};

	return cmocka_run_group_tests_name("kube/client.c: waits", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
