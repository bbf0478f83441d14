/* kube/watch_lines.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "kube/watch_lines.h"
#include "lib/buf.h"

/* Feeds in pieces of a size; the lines come back with '|' behind each. */
static int feed(struct watch_lines *lines, struct str text, size_t piece,
		struct buf *out, struct error *err)
{
	size_t at = 0;

	for (;;) {
		struct str line;
		size_t n;
		char *room;
		int result;

		while ((result = watch_lines_next(lines, &line, err)) > 0) {
			buf_add(out, line);
			buf_putc(out, '|');
		}
		if (result < 0 || at == text.n)
			return result;
		room = watch_lines_room(lines, &n);
		assert_true(n > 0);
		n = n < piece ? n : piece;
		n = n < text.n - at ? n : text.n - at;
		memcpy(room, text.p + at, n);
		watch_lines_fill(lines, n);
		at += n;
	}
}

static const struct row {
	struct str text;
	size_t max;
	const char *want;
	size_t rest;
	int result;
} rows[] = {
	{ STR_INIT(""), 8, "", 0, 0 },
	{ STR_INIT("a\n"), 8, "a|", 0, 0 },
	{ STR_INIT("a\nbc\n\nd\n"), 8, "a|bc||d|", 0, 0 },
	{ STR_INIT("\xe2\x82\xac\n\xf0\x9f\x98\x80\n"), 8,
	  "\xe2\x82\xac|\xf0\x9f\x98\x80|", 0, 0 },
	{ STR_INIT("12345678\n1\n"), 8, "12345678|1|", 0, 0 },
	{ STR_INIT("1234567\r\n"), 8, "1234567\r|", 0, 0 },
	/* the end has not come */
	{ STR_INIT("a\nb"), 8, "a|", 1, 0 },
	{ STR_INIT("12345678"), 8, "", 8, 0 },
	/* beyond the cap, with and without an end */
	{ STR_INIT("123456789"), 8, "", 9, -1 },
	{ STR_INIT("123456789\n"), 8, "", 9, -1 },
	{ STR_INIT("a\n123456789\nb\n"), 8, "a|", 9, -1 },
	{ STR_INIT("a\nb\n0123456789abcdefghijkl"), 8, "a|b|", 9, -1 },
	{ STR_INIT("ab\n"), 1, "", 2, -1 },
};

static void check(const struct row *row, size_t piece)
{
	CLEANUP(watch_lines_release)
	struct watch_lines lines = WATCH_LINES_INIT(row->max);
	CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 10);
	struct error err = ERROR_INIT;
	struct str line;

	assert_int_equal(feed(&lines, row->text, piece, &out, &err),
			 row->result);
	assert_true(str_is(buf_str(&out), row->want));
	if (row->result == 0) {
		assert_int_equal(watch_lines_rest(&lines), row->rest);
		return;
	}
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(watch_lines_next(&lines, &line, &err), -1);
}

static void lines_are_the_same_whatever_the_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t piece = 1; piece < 12; piece++)
			check(&rows[i], piece);
}

static void a_line_may_hold_nul(void **state)
{
	static const char text[] = "a\0b\n";
	CLEANUP(watch_lines_release)
	struct watch_lines lines = WATCH_LINES_INIT(8);
	CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 10);
	struct error err;

	(void)state;
	assert_int_equal(feed(&lines, (struct str){ text, 4 }, 1, &out, &err),
			 0);
	assert_true(str_eq(buf_str(&out), STR("a\0b|")));
}

/* Lines longer than the first buffer, then short ones again. */
static void the_buffer_grows_to_the_cap_and_shrinks(void **state)
{
	enum { LONG = 1 << 20 };
	CLEANUP(watch_lines_release)
	struct watch_lines lines = WATCH_LINES_INIT(LONG);
	CLEANUP(buf_release) struct buf in = BUF_INIT(LONG + 64);
	CLEANUP(buf_release) struct buf out = BUF_INIT(LONG + 64);
	struct error err;
	size_t n;

	(void)state;
	buf_puts(&in, "first\n");
	buf_fill(&in, 'x', LONG);
	buf_puts(&in, "\nlast\n");
	assert_int_equal(feed(&lines, buf_str(&in), 4000, &out, &err), 0);
	assert_int_equal(out.n, in.n);
	assert_true(lines.size <= LONG + 1);
	assert_non_null(watch_lines_room(&lines, &n));
	assert_true(lines.size < LONG / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_the_same_whatever_the_pieces),
		cmocka_unit_test(a_line_may_hold_nul),
		cmocka_unit_test(the_buffer_grows_to_the_cap_and_shrinks),
	};

	return cmocka_run_group_tests_name("kube/watch_lines.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
