/* kube/limit.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "kube/limit.h"

#define MS INT64_C(1000000)
#define S INT64_C(1000000000)

struct take {
	int64_t now, want;
};

static void check(unsigned per_second, unsigned burst, const struct take *takes,
		  size_t n)
{
	struct kube_limit *limit = kube_limit_new(per_second, burst);

	for (size_t i = 0; i < n; i++) {
		int64_t got = kube_limit_take(limit, takes[i].now);

		if (got != takes[i].want)
			fail_msg("%u/s, burst %u, take %zu: waits %lld ns, "
				 "wanted %lld",
				 per_second, burst, i, (long long)got,
				 (long long)takes[i].want);
	}
	kube_limit_free(&limit);
	assert_null(limit);
}

static void a_burst_does_not_wait_and_then_the_rate_holds(void **state)
{
	static const struct take takes[] = {
		{ 0, 0 },
		{ 0, 0 },
		{ 0, 0 },
		{ 0, 100 * MS },
		{ 0, 200 * MS },
		{ 50 * MS, 250 * MS },
		{ 600 * MS, 0 },
		{ 600 * MS, 0 },
		{ 600 * MS, 0 },
		{ 600 * MS, 100 * MS },
		{ 650 * MS, 150 * MS },
		{ 10 * S, 0 },
		{ 10 * S, 0 },
		{ 10 * S, 0 },
		{ 10 * S, 100 * MS },
	};

	(void)state;
	check(10, 3, takes, ARRAY_LEN(takes));
}

static void a_burst_of_one_is_an_even_beat(void **state)
{
	static const struct take takes[] = {
		{ 5 * S, 0 }, { 5 * S, 1 * S },	    { 6 * S, 1 * S },
		{ 8 * S, 0 }, { 8 * S + 1, S - 1 },
	};

	(void)state;
	check(1, 1, takes, ARRAY_LEN(takes));
}

static void time_that_steps_back_or_is_extreme_is_survived(void **state)
{
	static const struct take back[] = {
		{ 10 * S, 0 },
		{ 9 * S, 2 * S },
	};
	static const struct take early[] = {
		{ -5 * S, 0 },
		{ -5 * S, 1 * S },
		{ 0, 0 },
	};
	static const struct take many[] = { { 0, 0 }, { 0, 0 }, { 1, 0 } };
	static const struct take fast[] = { { 0, 0 }, { 0, 1 }, { 9, 0 } };

	(void)state;
	check(1, 1, back, ARRAY_LEN(back));
	check(1, 1, early, ARRAY_LEN(early));
	check(1, UINT32_MAX, many, ARRAY_LEN(many));
	check(UINT32_MAX, 1, fast, ARRAY_LEN(fast));
}

enum { THREADS = 4, TAKES = 500 };

static void *take_many(void *arg)
{
	for (int i = 0; i < TAKES; i++)
		kube_limit_take(arg, 0);
	return NULL;
}

static void threads_together_do_not_get_more(void **state)
{
	struct kube_limit *limit = kube_limit_new(1000, 1);
	pthread_t threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, take_many, limit), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(kube_limit_take(limit, 0), THREADS * TAKES * MS);
	kube_limit_free(&limit);
}

static void freeing_nothing_is_fine(void **state)
{
	struct kube_limit *limit = NULL;

	(void)state;
	kube_limit_free(&limit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_does_not_wait_and_then_the_rate_holds),
		cmocka_unit_test(a_burst_of_one_is_an_even_beat),
		cmocka_unit_test(
			time_that_steps_back_or_is_extreme_is_survived),
		cmocka_unit_test(threads_together_do_not_get_more),
		cmocka_unit_test(freeing_nothing_is_fine),
	};

	return cmocka_run_group_tests_name("kube/limit.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
