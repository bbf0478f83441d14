/* kube/stop.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "kube/stop.h"
#include "lib/clock.h"

#define MS_NS INT64_C(1000000)
#define LONG_MS 60000

static void is_not_set_at_first(void **state)
{
	struct kube_stop *stop = kube_stop_new();
	struct pollfd fd = { kube_stop_fd(stop), POLLIN, 0 };

	(void)state;
	assert_false(kube_stop_is_set(stop));
	assert_int_equal(poll(&fd, 1, 0), 0);
	kube_stop_free(&stop);
	assert_null(stop);
	kube_stop_free(&stop);
}

static void waits_as_long_as_it_was_told(void **state)
{
	static const int64_t waits[] = { INT64_MIN, -1, 0, 1, 30 };
	struct kube_stop *stop = kube_stop_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
		int64_t start = clock_monotonic_ns();

		assert_false(kube_stop_wait(stop, waits[i]));
		assert_true(clock_monotonic_ns() - start >=
			    (waits[i] > 0 ? waits[i] - 1 : 0) * MS_NS);
	}
	kube_stop_free(&stop);
}

static void once_set_it_stays_set_for_all(void **state)
{
	struct kube_stop *stop = kube_stop_new();
	struct pollfd fd = { kube_stop_fd(stop), POLLIN, 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		kube_stop_set(stop);
	for (size_t i = 0; i < 3; i++) {
		assert_true(kube_stop_is_set(stop));
		assert_true(kube_stop_wait(stop, INT64_MAX));
		assert_true(kube_stop_wait(stop, 0));
		assert_int_equal(poll(&fd, 1, 0), 1);
	}
	kube_stop_free(&stop);
}

static void *wait_long(void *context)
{
	const struct kube_stop *stop = context;

	return kube_stop_wait(stop, LONG_MS) ? context : NULL;
}

static void wakes_every_thread_that_waits(void **state)
{
	struct kube_stop *stop = kube_stop_new();
	int64_t start = clock_monotonic_ns();
	pthread_t threads[4];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, wait_long, stop), 0);
	kube_stop_set(stop);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		void *woken;

		assert_int_equal(pthread_join(threads[i], &woken), 0);
		assert_ptr_equal(woken, stop);
	}
	assert_true(clock_monotonic_ns() - start < LONG_MS * MS_NS);
	kube_stop_free(&stop);
}

/* A signal handler has no argument for it. */
static struct kube_stop *signalled;

static void on_signal(int number)
{
	(void)number;
	kube_stop_set(signalled);
}

static void can_be_set_by_a_signal_handler(void **state)
{
	struct sigaction action = { .sa_handler = on_signal };

	(void)state;
	signalled = kube_stop_new();
	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	assert_int_equal(raise(SIGUSR1), 0);
	assert_true(kube_stop_wait(signalled, LONG_MS));
	kube_stop_free(&signalled);
}

static void ignored(int number)
{
	(void)number;
}

static void *disturb(void *context)
{
	const pthread_t *waiter = context;

	for (size_t i = 0; i < 20; i++) {
		struct timespec moment = { .tv_nsec = MS_NS };

		(void)nanosleep(&moment, NULL);
		(void)pthread_kill(*waiter, SIGUSR2);
	}
	return NULL;
}

static void other_signals_do_not_end_a_wait(void **state)
{
	struct kube_stop *stop = kube_stop_new();
	struct sigaction action = { .sa_handler = ignored };
	pthread_t self = pthread_self(), thread;
	int64_t start;

	(void)state;
	assert_int_equal(sigaction(SIGUSR2, &action, NULL), 0);
	assert_int_equal(pthread_create(&thread, NULL, disturb, &self), 0);
	start = clock_monotonic_ns();
	assert_false(kube_stop_wait(stop, 100));
	assert_true(clock_monotonic_ns() - start >= 99 * MS_NS);
	assert_int_equal(pthread_join(thread, NULL), 0);
	kube_stop_free(&stop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_not_set_at_first),
		cmocka_unit_test(waits_as_long_as_it_was_told),
		cmocka_unit_test(once_set_it_stays_set_for_all),
		cmocka_unit_test(wakes_every_thread_that_waits),
		cmocka_unit_test(can_be_set_by_a_signal_handler),
		cmocka_unit_test(other_signals_do_not_end_a_wait),
	};

	return cmocka_run_group_tests_name("kube/stop.c", tests, NULL, NULL) !=
	       0;
}
