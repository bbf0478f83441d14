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

#define SECOND_NS INT64_C(1000000000)

static void a_socket_is_shut_down_at_its_deadline_and_only_then(void **state)
{
	struct deadlines *all = deadlines_new(NULL);
	struct deadline soon, never;
	int64_t soon_ns = clock_monotonic_ns() + SECOND_NS / 10;
	int a[2], b[2];
	char byte;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, a), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, b), 0);
	deadline_set(&soon, soon_ns);
	deadline_set(&never, DEADLINE_NONE);
	deadlines_add(all, &soon, a[0]);
	deadlines_add(all, &never, b[0]);
	assert_int_equal(deadlines_watched(all), 2);
	assert_int_equal(recv(a[1], &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(recv(a[1], &byte, 1, 0), 0);
	assert_int_equal(recv(b[1], &byte, 1, MSG_DONTWAIT), -1);
	/* Counted behind the shutdown that recv has seen. */
	while (deadlines_passed(all) == 0 &&
	       clock_monotonic_ns() < soon_ns + 20 * SECOND_NS)
		(void)usleep(1000);
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
	struct deadlines *all = deadlines_new(NULL);
	struct deadline d;
	int a[2];
	char byte;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, a), 0);
	deadline_set(&d, clock_monotonic_ns() + SECOND_NS);
	deadlines_add(all, &d, a[0]);
	for (int i = 0; i < 15; i++) {
		(void)usleep(100000);
		deadline_set(&d, clock_monotonic_ns() + SECOND_NS);
	}
	assert_int_equal(recv(a[1], &byte, 1, MSG_DONTWAIT), -1);
	deadlines_remove(all, &d);
	deadlines_free(&all);
	(void)close(a[0]);
	(void)close(a[1]);
}

static atomic_uint thinned;

static void count_thinned(void)
{
	atomic_fetch_add(&thinned, 1);
}

/* The sockets are never due: their descriptors are not looked at. */
static void is_told(size_t many, size_t left, unsigned wanted)
{
	struct deadlines *all = deadlines_new(count_thinned);
	struct deadline d[DEADLINES_MANY];
	unsigned before = atomic_load(&thinned);
	int64_t since = clock_monotonic_ns();
	int64_t patience = wanted ? 20 * SECOND_NS : SECOND_NS;

	for (size_t i = 0; i < many; i++) {
		deadline_set(&d[i], DEADLINE_NONE);
		deadlines_add(all, &d[i], -1);
	}
	for (size_t i = left; i < many; i++)
		deadlines_remove(all, &d[i]);
	while (atomic_load(&thinned) == before &&
	       clock_monotonic_ns() - since < patience)
		(void)usleep(10000);
	for (size_t i = 0; i < left; i++)
		deadlines_remove(all, &d[i]);
	deadlines_free(&all);
	assert_int_equal(atomic_load(&thinned) - before, wanted);
}

static void it_is_told_once_that_most_sockets_have_gone(void **state)
{
	(void)state;
	is_told(DEADLINES_MANY, 0, 1);
	is_told(DEADLINES_MANY, DEADLINES_MANY / 4, 1);
	is_told(DEADLINES_MANY, DEADLINES_MANY / 2, 0);
	is_told(DEADLINES_MANY - 1, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_socket_is_shut_down_at_its_deadline_and_only_then),
		cmocka_unit_test(a_deadline_that_moves_on_in_time_is_not_met),
		cmocka_unit_test(it_is_told_once_that_most_sockets_have_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
