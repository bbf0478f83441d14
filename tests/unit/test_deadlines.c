/* lib/deadlines.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/deadlines.h"

static void a_socket_is_shut_down_at_its_deadline_and_only_then(void **state)
{
	struct deadlines *all = deadlines_new();
	struct deadline soon, never;
	int a[2], b[2];
	char byte;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, a), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, b), 0);
	deadline_set(&soon, clock_monotonic_ns() + 100000000);
	deadline_set(&never, DEADLINE_NONE);
	deadlines_add(all, &soon, a[0]);
	deadlines_add(all, &never, b[0]);
	assert_int_equal(deadlines_watched(all), 2);
	assert_int_equal(recv(a[1], &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(recv(a[1], &byte, 1, 0), 0);
	assert_int_equal(recv(b[1], &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(deadlines_passed(all), 1);
	deadlines_remove(all, &soon);
	deadlines_remove(all, &never);
	assert_int_equal(deadlines_watched(all), 0);
	deadlines_free(&all);
	for (int i = 0; i < 2; i++) {
		(void)close(a[i]);
		(void)close(b[i]);
	}
}

static void a_deadline_that_moves_on_in_time_is_not_met(void **state)
{
	struct deadlines *all = deadlines_new();
	struct deadline d;
	int a[2];
	char byte;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, a), 0);
	deadline_set(&d, clock_monotonic_ns() + 300000000);
	deadlines_add(all, &d, a[0]);
	for (int i = 0; i < 6; i++) {
		(void)usleep(100000);
		deadline_set(&d, clock_monotonic_ns() + 300000000);
	}
	assert_int_equal(recv(a[1], &byte, 1, MSG_DONTWAIT), -1);
	deadlines_remove(all, &d);
	deadlines_free(&all);
	(void)close(a[0]);
	(void)close(a[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_socket_is_shut_down_at_its_deadline_and_only_then),
		cmocka_unit_test(a_deadline_that_moves_on_in_time_is_not_met),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
