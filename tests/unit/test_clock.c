/* lib/clock.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/clock.h"

static void wall_clock_is_in_this_century(void **state)
{
	(void)state;
	assert_true(clock_wall_seconds() > INT64_C(1700000000));
	assert_true(clock_wall_seconds() < INT64_C(4102444800));
}

static void monotonic_clock_never_steps_back(void **state)
{
	int64_t before = clock_monotonic_ns();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_monotonic_ns();

		assert_true(now >= before);
		before = now;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wall_clock_is_in_this_century),
		cmocka_unit_test(monotonic_clock_never_steps_back),
	};

	return cmocka_run_group_tests_name("lib/clock.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
