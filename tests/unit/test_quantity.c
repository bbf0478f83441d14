/* lib/quantity.c, against what Kubernetes itself computes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/quantity.h"
#include "tests/unit/oracle.h"

enum { ROWS_MAX = 4096 };

struct ranked {
	struct quantity q;
	long rank;
	bool huge;
};

static struct quantity parse(const char *text)
{
	struct quantity q;
	struct error err;

	if (quantity_parse(str_of(text), &q, &err) < 0)
		fail_msg("%s", err.msg);
	return q;
}

static void assert_text(struct quantity q, const char *want)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str got = quantity_str(&a, q);

	if (!str_is(got, want))
		fail_msg("got %.*s, want %s", STR_ARG(got), want);
}

static enum quantity_format format_of(struct str name)
{
	if (str_is(name, "BinarySI"))
		return QUANTITY_BINARY_SI;
	if (str_is(name, "DecimalExponent"))
		return QUANTITY_DECIMAL_EXPONENT;
	return QUANTITY_DECIMAL_SI;
}

static bool has_digit(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9')
			return true;
	return false;
}

static long number(struct str s)
{
	long n = 0;

	for (size_t i = 0; i < s.n; i++)
		n = 10 * n + (s.p[i] - '0');
	return n;
}

/* Kubernetes reads "Ki" or "." as zero; we ask for a number. */
static bool is_zero_without_number(const struct str *column)
{
	size_t digits = str_find(column[0], 'e');

	return !has_digit(str_sub(column[0], 0, digits));
}

static void check_row(const struct str *column, struct ranked *r)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err;
	struct str text;

	if (quantity_parse(column[0], &r->q, &err) < 0)
		fail_msg("%s", err.msg);
	r->rank = number(column[3]);
	r->huge = str_is(column[4], "huge") ||
		  r->q.nano == (__int128)(~(unsigned __int128)0 >> 1);
	text = quantity_str(&a, r->q);
	if (r->q.format != format_of(column[2]))
		fail_msg("format of %.*s", STR_ARG(column[0]));
	if (str_is(column[4], "-") && !str_eq(text, column[1]))
		fail_msg("%.*s: got %.*s, want %.*s", STR_ARG(column[0]),
			 STR_ARG(text), STR_ARG(column[1]));
}

static void check_order(const struct ranked *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			int want = (rows[i].rank > rows[j].rank) -
				   (rows[i].rank < rows[j].rank);

			if (rows[i].huge && rows[j].huge)
				continue;
			assert_int_equal(quantity_cmp(rows[i].q, rows[j].q),
					 want);
		}
	}
}

static void every_text_reads_writes_and_orders_as_in_kubernetes(void **state)
{
	static struct ranked rows[ROWS_MAX];
	CLEANUP(oracle_close) struct oracle o = oracle_open();
	struct str column[ORACLE_COLUMNS];
	size_t n = 0, bad = 0;
	struct quantity q;
	struct error err;

	(void)state;
	while (oracle_next(&o, "quantity", column)) {
		if (!str_is(column[1], "!") &&
		    !is_zero_without_number(column)) {
			assert_true(n < ROWS_MAX);
			check_row(column, &rows[n++]);
			continue;
		}
		if (quantity_parse(column[0], &q, &err) == 0)
			fail_msg("accepted %.*s", STR_ARG(column[0]));
		assert_int_equal(err.code, ERR_INPUT);
		bad++;
	}
	assert_true(n > 500 && bad > 50);
	check_order(rows, n);
}

static void sums_are_those_of_kubernetes(void **state)
{
	CLEANUP(oracle_close) struct oracle o = oracle_open();
	struct str column[ORACLE_COLUMNS];
	size_t n = 0;

	(void)state;
	for (; oracle_next(&o, "add", column); n++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct quantity x, y;
		struct error err;
		struct str sum;

		assert_int_equal(quantity_parse(column[0], &x, &err), 0);
		assert_int_equal(quantity_parse(column[1], &y, &err), 0);
		sum = quantity_str(&a, quantity_add(x, y));
		if (!str_eq(sum, column[2]))
			fail_msg("%.*s + %.*s: got %.*s", STR_ARG(column[0]),
				 STR_ARG(column[1]), STR_ARG(sum));
	}
	assert_int_equal(n, 200);
}

static void well_known_forms_are_canonical(void **state)
{
	static const char *const rows[][2] = {
		{ "0.5Gi", "512Mi" }, { "1.5", "1500m" }, { "1000m", "1" },
		{ "0", "0" },	      { "-0", "0" },	  { "0Ki", "0" },
		{ "1.500", "1500m" }, { "01Ki", "1Ki" },  { "1E3", "1e3" },
		{ "512", "512" },     { "0.5Ki", "512" }, { "1000E", "1000E" },
		{ "0.1n", "1n" },     { "-0.1n", "-1n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_text(parse(rows[i][0]), rows[i][1]);
}

static void text_that_is_no_quantity_is_refused(void **state)
{
	static const struct str rows[] = {
		STR_INIT(""),
		STR_INIT("k"),
		STR_INIT("1\0"),
		STR_INIT("\0"),
		STR_INIT("1e4294967296"),
		STR_INIT("1e-4294967295"),
		STR_INIT("1e99999999999999999999"),
		STR_INIT("1e1000001"),
		STR_INIT("1e"),
		STR_INIT("1\n"),
		STR_INIT("\xff"),
		{ NULL, 0 },
	};
	struct quantity q;
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(quantity_parse(rows[i], &q, &err), -1);
		assert_int_equal(err.code, ERR_INPUT);
	}
}

static void overlong_text_is_a_limit(void **state)
{
	static char text[1025];
	struct quantity q;
	struct error err;

	(void)state;
	memset(text, '0', sizeof(text));
	assert_int_equal(
		quantity_parse((struct str){ text, sizeof(text) }, &q, &err),
		-1);
	assert_int_equal(err.code, ERR_LIMIT);
	text[1023] = '7';
	assert_int_equal(quantity_parse((struct str){ text, 1024 }, &q, &err),
			 0);
	assert_text(q, "7");
}

static void sums_saturate_both_ways(void **state)
{
	struct quantity most = parse("1e40"), least = parse("-1e40");

	(void)state;
	assert_int_equal(quantity_cmp(quantity_add(most, parse("1n")), most),
			 0);
	assert_int_equal(quantity_cmp(quantity_add(least, parse("-1n")), least),
			 0);
	assert_text(quantity_add(most, least), "0");
	assert_int_equal(quantity_cmp(parse(".0000000001e1000"), most), 0);
	assert_true(quantity_cmp(parse("1e29"), most) < 0);
}

static void absent_counts_as_zero_and_lends_no_format(void **state)
{
	struct quantity none = { .nano = 5 }, gi = parse("1Gi");

	(void)state;
	assert_text(none, "0");
	assert_text(quantity_add(none, gi), "1Gi");
	assert_text(quantity_add(gi, none), "1Gi");
	assert_text(quantity_add(parse("1k"), gi), "1073742824");
	assert_false(quantity_add(none, none).set);
	assert_int_equal(quantity_cmp(none, parse("0")), 0);
	assert_true(quantity_max(none, parse("0")).set);
	assert_true(quantity_max(parse("0"), none).set);
	assert_text(quantity_max(gi, parse("2Gi")), "2Gi");
}

static void whole_numbers_become_quantities(void **state)
{
	(void)state;
	assert_text(quantity_of_int(1000), "1k");
	assert_text(quantity_of_int(INT64_MAX), "9223372036854775807");
	assert_text(quantity_of_int(INT64_MIN), "-9223372036854775808");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			every_text_reads_writes_and_orders_as_in_kubernetes),
		cmocka_unit_test(sums_are_those_of_kubernetes),
		cmocka_unit_test(well_known_forms_are_canonical),
		cmocka_unit_test(text_that_is_no_quantity_is_refused),
		cmocka_unit_test(overlong_text_is_a_limit),
		cmocka_unit_test(sums_saturate_both_ways),
		cmocka_unit_test(absent_counts_as_zero_and_lends_no_format),
		cmocka_unit_test(whole_numbers_become_quantities),
	};

	return cmocka_run_group_tests_name("lib/quantity.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
