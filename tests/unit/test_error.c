/* lib/error.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/error.h"
#include "lib/json_build.h"

static void set_returns_minus_one_and_forgets_the_place(void **state)
{
	struct error e = { .line = 3, .column = 4 };

	(void)state;
	assert_int_equal(error_set(&e, ERR_IO, "cannot %s", "x"), -1);
	assert_int_equal(e.code, ERR_IO);
	assert_int_equal(e.line, 0);
	assert_int_equal(e.column, 0);
	assert_string_equal(e.msg, "cannot x");
	assert_int_equal(error_at(&e, ERR_INPUT, 7, 9, "y"), -1);
	assert_int_equal(e.line, 7);
	assert_int_equal(e.column, 9);
}

static void wrap_keeps_code_and_place(void **state)
{
	struct error e;

	(void)state;
	error_at(&e, ERR_LIMIT, 1, 2, "too deep");
	assert_int_equal(error_wrap(&e, "reading %s", "f"), -1);
	assert_int_equal(error_wrap(&e, "loading"), -1);
	assert_string_equal(e.msg, "loading: reading f: too deep");
	assert_int_equal(e.code, ERR_LIMIT);
	assert_int_equal(e.line, 1);
	assert_int_equal(e.column, 2);
}

static void a_message_may_quote_the_one_before(void **state)
{
	struct error e;

	(void)state;
	error_set(&e, ERR_INPUT, "old");
	error_set(&e, ERR_CONFIG, "new because of %s", e.msg);
	assert_string_equal(e.msg, "new because of old");
	error_wrap(&e, "%s", e.msg);
	assert_string_equal(e.msg, "new because of old: new because of old");
}

static void quoted_input_stays_one_line_of_utf8(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "plain", "plain" },
		{ "a\nb\tc\x7f", "a b c " },
		{ "\x1b[31m", " [31m" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		  "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "\xc2\x9b"
		  "31m",
		  "  31m" },
		{ "\x80x", "?x" },
		{ "\xc0\xafx", "??x" },
		{ "\xe0\x80\x80", "???" },
		{ "\xed\xa0\x80", "???" },
		{ "\xf0\x8f\xbf\xbf", "????" },
		{ "\xf4\x90\x80\x80", "????" },
		{ "\xf8\xff", "??" },
		{ "end\xe2\x82", "end??" },
		{ "\xc3(", "?(" },
	};
	struct error e;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		error_set(&e, ERR_INPUT, "%s", rows[i].in);
		assert_string_equal(e.msg, rows[i].want);
	}
}

/* Two- to four-byte characters at every offset from the cut. */
static void long_messages_are_cut_between_characters(void **state)
{
	static const char *const characters[] = { "x", "\xc3\xa9",
						  "\xe2\x82\xac",
						  "\xf0\x9f\x98\x80" };
	struct error e;

	(void)state;
	for (size_t c = 0; c < ARRAY_LEN(characters); c++) {
		for (int lead = 0; lead < 8; lead++) {
			char text[900];
			int n = snprintf(text, sizeof(text), "%*s", lead, "");

			while (n < 700)
				n += snprintf(text + n,
					      sizeof(text) - (size_t)n, "%s",
					      characters[c]);
			error_set(&e, ERR_INPUT, "%s", text);
			assert_true(strlen(e.msg) >= sizeof(e.msg) - 4);
			assert_true(str_ends(str_of(e.msg), STR("...")));
			assert_null(strchr(e.msg, '?'));
			assert_true(json_utf8_valid(str_of(e.msg), NULL));
			error_wrap(&e, "%.*s", lead, "context");
			assert_true(str_ends(str_of(e.msg), STR("...")));
			assert_true(json_utf8_valid(str_of(e.msg), NULL));
		}
	}
}

static void a_message_that_just_fits_is_not_cut(void **state)
{
	struct error e;

	(void)state;
	error_set(&e, ERR_INPUT, "%*s", (int)sizeof(e.msg) - 1, "x");
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	assert_true(str_ends(str_of(e.msg), STR(" x")));
	error_set(&e, ERR_INPUT, "%*s", (int)sizeof(e.msg), "x");
	assert_true(str_ends(str_of(e.msg), STR("...")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_returns_minus_one_and_forgets_the_place),
		cmocka_unit_test(wrap_keeps_code_and_place),
		cmocka_unit_test(a_message_may_quote_the_one_before),
		cmocka_unit_test(quoted_input_stays_one_line_of_utf8),
		cmocka_unit_test(long_messages_are_cut_between_characters),
		cmocka_unit_test(a_message_that_just_fits_is_not_cut),
	};

	return cmocka_run_group_tests_name("lib/error.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
