/* lib/duration.c, against Go */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/duration.h"
#include "tests/unit/oracle.h"

static void every_text_reads_and_writes_as_in_go(void **state)
{
	CLEANUP(oracle_close) struct oracle o = oracle_open();
	struct str column[ORACLE_COLUMNS];
	size_t good = 0, bad = 0;

	(void)state;
	while (oracle_next(&o, "duration", column)) {
		int64_t ns;
		struct error err;
		int rc = duration_parse(column[0], &ns, &err);

		if (oracle_refused(column, rc, &err)) {
			bad++;
			continue;
		}
		if (!str_eq(arena_printf(&o.arena, "%lld", (long long)ns),
			    column[1]))
			fail_msg("%.*s is %lld", STR_ARG(column[0]),
				 (long long)ns);
		if (!str_eq(duration_str(&o.arena, ns), column[2]))
			fail_msg("text of %.*s", STR_ARG(column[0]));
		good++;
	}
	assert_true(good > 40 && bad > 40);
}

static void short_form_drops_zero_units_at_the_end(void **state)
{
	static const struct {
		int64_t seconds;
		const char *want;
	} rows[] = {
		{ 0, "0s" },	   { 5400, "1h30m" },  { 28800, "8h" },
		{ 60, "1m" },	   { 3605, "1h0m5s" }, { 36000, "10h" },
		{ 600, "10m" },	   { -3600, "-1h" },   { 10, "10s" },
		{ 610, "10m10s" }, { 4200, "1h10m" },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(
			duration_short(&a, rows[i].seconds * DURATION_SECOND).p,
			rows[i].want);
}

static void fractions_are_cut_never_rounded_up(void **state)
{
	struct error err;
	int64_t ns;

	(void)state;
	assert_int_equal(
		duration_parse(STR("0.3333333333333333333h"), &ns, &err), 0);
	assert_int_equal(ns, 1199999999999);
}

static void nul_and_invalid_utf8_are_refused(void **state)
{
	static const struct str rows[] = {
		STR_INIT("1s\0"),   STR_INIT("1\0s"),	   STR_INIT("\0"),
		STR_INIT("1\xb5s"), STR_INIT("1\xc2\xb5"), { NULL, 0 },
	};
	struct error err;
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(duration_parse(rows[i], &ns, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_reads_and_writes_as_in_go),
		cmocka_unit_test(short_form_drops_zero_units_at_the_end),
		cmocka_unit_test(fractions_are_cut_never_rounded_up),
		cmocka_unit_test(nul_and_invalid_utf8_are_refused),
	};

	return cmocka_run_group_tests_name("lib/duration.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
