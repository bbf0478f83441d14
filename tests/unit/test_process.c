/* lib/process.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "lib/process.h"

static int take(const sigset_t *set)
{
	const struct timespec at_once = { .tv_sec = 0 };

	return sigtimedwait(set, NULL, &at_once);
}

static void signals_wait_for_who_asks(void **state)
{
	const int told[] = { SIGTERM, SIGHUP, 0 };
	sigset_t set;

	(void)state;
	process_block_signals(told, &set);
	assert_int_equal(sigismember(&set, SIGTERM), 1);
	assert_int_equal(sigismember(&set, SIGHUP), 1);
	assert_int_equal(sigismember(&set, SIGINT), 0);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	assert_int_equal(take(&set), SIGTERM);
	assert_int_equal(take(&set), -1);
}

static void *look(void *mask)
{
	pthread_sigmask(SIG_BLOCK, NULL, mask);
	return NULL;
}

static void threads_that_come_later_block_them_too(void **state)
{
	const int told[] = { SIGHUP, 0 };
	sigset_t set, mask;
	pthread_t thread;

	(void)state;
	process_block_signals(told, &set);
	assert_int_equal(pthread_create(&thread, NULL, look, &mask), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(sigismember(&mask, SIGHUP), 1);
	assert_int_equal(sigismember(&mask, SIGSEGV), 0);
}

static void a_closed_connection_is_an_error_and_no_signal(void **state)
{
	const int told[] = { 0 };
	sigset_t set;
	int ends[2];

	(void)state;
	process_block_signals(told, &set);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(close(ends[0]), 0);
	errno = 0;
	assert_int_equal(write(ends[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	assert_int_equal(close(ends[1]), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signals_wait_for_who_asks),
		cmocka_unit_test(threads_that_come_later_block_them_too),
		cmocka_unit_test(a_closed_connection_is_an_error_and_no_signal),
	};

	process_tame_memory();
	return cmocka_run_group_tests_name("lib/process.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
