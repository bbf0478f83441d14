/* lib/timestamp.c, against Go */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/timestamp.h"
#include "tests/unit/oracle.h"

static void every_text_reads_and_writes_as_in_go(void **state)
{
	CLEANUP(oracle_close) struct oracle o = oracle_open();
	struct str column[ORACLE_COLUMNS];
	size_t good = 0, bad = 0;

	(void)state;
	while (oracle_next(&o, "timestamp", column)) {
		int64_t t;
		struct error err;
		int rc = timestamp_parse(column[0], &t, &err);

		if (oracle_refused(column, rc, &err)) {
			bad++;
			continue;
		}
		if (!str_eq(arena_printf(&o.arena, "%lld", (long long)t),
			    column[1]))
			fail_msg("%.*s is %lld", STR_ARG(column[0]),
				 (long long)t);
		if (!str_eq(timestamp_str(&o.arena, t), column[2]))
			fail_msg("text of %.*s", STR_ARG(column[0]));
		good++;
	}
	assert_true(good > 120 && bad > 40);
}

static void every_day_of_ten_thousand_years_follows_the_one_before(void **state)
{
	const int64_t first = INT64_C(-62167219200), day = 86400;
	struct arena a = ARENA_INIT;
	struct error err;
	int64_t t;

	(void)state;
	for (int64_t i = 0; i < 3652425; i += 13) {
		struct str s = timestamp_str(&a, first + i * day + 86399);

		assert_int_equal(timestamp_parse(s, &t, &err), 0);
		assert_int_equal(t, first + i * day + 86399);
		arena_reset(&a);
	}
	arena_release(&a);
}

static void nul_is_refused(void **state)
{
	static const struct str rows[] = {
		STR_INIT("2026-11-21T06:00:00Z\0"),
		STR_INIT("2026-11-21T06:00:00\0"),
		STR_INIT("2026-11-21\0T06:00:00Z"),
		{ NULL, 0 },
	};
	struct error err;
	int64_t t;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(timestamp_parse(rows[i], &t, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_reads_and_writes_as_in_go),
		cmocka_unit_test(
			every_day_of_ten_thousand_years_follows_the_one_before),
		cmocka_unit_test(nul_is_refused),
	};

	return cmocka_run_group_tests_name("lib/timestamp.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
