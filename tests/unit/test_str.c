/* lib/str.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/str.h"

static void distance_counts_edits(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned want;
	} rows[] = {
		{ "", "", 0 },
		{ "ttl", "ttl", 0 },
		{ "ttl", "tll", 1 },
		{ "ttl", "tlt", 1 },
		{ "egress", "egres", 1 },
		{ "abc", "xyz", 3 },
		{ "kitten", "sitting", 3 },
		{ "", "abcdef", 5 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(
			str_distance(str_of(rows[i].a), str_of(rows[i].b), 4),
			rows[i].want);
}

static void distance_of_long_text_is_far(void **state)
{
	char a[100];

	(void)state;
	memset(a, 'x', sizeof(a));
	assert_int_equal(
		str_distance((struct str){ a, sizeof(a) }, STR("x"), 2), 3);
}

static void split_returns_every_field(void **state)
{
	struct str rest = STR("a,,b,"), field;
	const char *want[] = { "a", "", "b", "" };
	size_t n = 0;

	(void)state;
	while (str_split(&rest, ',', &field))
		assert_true(str_is(field, want[n++]));
	assert_int_equal(n, 4);
}

static void compare_is_bytewise_and_knows_nul(void **state)
{
	(void)state;
	assert_true(str_cmp(STR("a"), STR("b")) < 0);
	assert_true(str_cmp(STR("a"), STR("aa")) < 0);
	assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
	assert_false(str_eq(STR("a\0b"), STR("a\0c")));
	assert_true(str_eq(STR(""), STR_NONE));
}

static void sub_and_trim_stay_inside(void **state)
{
	(void)state;
	assert_true(str_is(str_sub(STR("abc"), 1, 99), "bc"));
	assert_true(str_is(str_sub(STR("abc"), 9, 99), ""));
	assert_true(str_is(str_trim(STR(" \t a b\r\n")), "a b"));
	assert_true(str_is(str_trim(STR("  ")), ""));
	assert_int_equal(str_find_str(STR("abcabd"), STR("abd")), 3);
	assert_int_equal(str_find_str(STR("abc"), STR("x")), 3);
	assert_int_equal(str_find(STR_NONE, 'x'), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distance_counts_edits),
		cmocka_unit_test(distance_of_long_text_is_far),
		cmocka_unit_test(split_returns_every_field),
		cmocka_unit_test(compare_is_bytewise_and_knows_nul),
		cmocka_unit_test(sub_and_trim_stay_inside),
	};

	return cmocka_run_group_tests_name("lib/str.c", tests, NULL, NULL) ? 1
									   : 0;
}
