/* webhook/readiness.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "webhook/readiness.h"

static void everything_must_be_fine(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct readiness r = READINESS_INIT;
	bool ready = true;

	(void)state;
	readiness_text(&a, &r, &ready);
	assert_false(ready);
	for (size_t i = 0; i < READY_CHECKS; i++)
		readiness_set(&r, (enum readiness_check)i, true, "fine");
	readiness_text(&a, &r, &ready);
	assert_true(ready);
	readiness_set(&r, READY_CERTIFICATE, false, "%s", "expired");
	assert_string_equal(readiness_text(&a, &r, &ready).p,
			    "[+]policy: fine\n[+]objects: fine\n"
			    "[-]certificate: expired\n[+]serving: fine\n");
	assert_false(ready);
	assert_false(readiness_ok(&r, READY_CERTIFICATE));
	assert_true(readiness_ok(&r, READY_POLICY));
}

static void a_long_reason_is_cut(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct readiness r = READINESS_INIT;
	char reason[2000];
	bool ready;

	(void)state;
	memset(reason, 'x', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	readiness_set(&r, READY_POLICY, false, "%s", reason);
	assert_in_range(readiness_text(&a, &r, &ready).n, 500, 700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_must_be_fine),
		cmocka_unit_test(a_long_reason_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
