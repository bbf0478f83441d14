/* cli/text_diff.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/text_diff.h"

enum { OUT_MAX = 1 << 26 };

#define HEAD "--- a/f\n+++ b/f\n"
#define NO_FEED "\\ No newline at end of file\n"

static struct str diff(struct arena *a, struct str before, struct str after)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(OUT_MAX);

	if (text_diff(a, &out, STR("f"), before, after, false) ==
	    str_eq(before, after))
		fail_msg("said the wrong thing about %.*s", STR_ARG(before));
	assert_false(buf_failed(&out));
	return arena_str(a, buf_str(&out));
}

static void hunks_are_those_of_diff_u(void **state)
{
	static const struct {
		const char *before, *after, *want;
	} rows[] = {
		{ "", "", "" },
		{ "a\n", "a\n", "" },
		{ "", "a\n", HEAD "@@ -0,0 +1 @@\n+a\n" },
		{ "a\nb\n", "", HEAD "@@ -1,2 +0,0 @@\n-a\n-b\n" },
		{ "a\n", "b\n", HEAD "@@ -1 +1 @@\n-a\n+b\n" },
		{ "a", "a\n", HEAD "@@ -1 +1 @@\n-a\n" NO_FEED "+a\n" },
		{ "a", "a\nb",
		  HEAD "@@ -1 +1,2 @@\n-a\n" NO_FEED "+a\n+b\n" NO_FEED },
		{ "a\nb", "b", HEAD "@@ -1,2 +1 @@\n-a\n b\n" NO_FEED },
		{ "a\r\n", "a\n", HEAD "@@ -1 +1 @@\n-a\r\n+a\n" },
		{ "\n\n", "\n", HEAD "@@ -1,2 +1 @@\n \n-\n" },
		{ "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
		  HEAD "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n" },
		/* six lines between two changes are one hunk, seven are two */
		{ "a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
		  HEAD "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n"
		       "-b\n+B\n" },
		{ "a\n1\n2\n3\n4\n5\n6\n7\nb\n",
		  "A\n1\n2\n3\n4\n5\n6\n7\nB\nC\n",
		  HEAD "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n"
		       "@@ -6,4 +6,5 @@\n 5\n 6\n 7\n-b\n+B\n+C\n" },
		{ "a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n",
		  HEAD
		  "@@ -1,7 +1,6 @@\n-a\n-b\n c\n+b\n a\n b\n-b\n a\n+c\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct str got =
			diff(&a, str_of(rows[i].before), str_of(rows[i].after));

		if (!str_is(got, rows[i].want))
			fail_msg("row %zu:\n%.*s", i, STR_ARG(got));
	}
}

static void paths_are_relative(void **state)
{
	static const struct {
		const char *path, *want;
	} rows[] = {
		{ "x/y.yaml", "--- a/x/y.yaml\n" },
		{ "/x/y.yaml", "--- a/x/y.yaml\n" },
		{ "./x", "--- a/x\n" },
		{ ".//x", "--- a/x\n" },
		{ "../x", "--- a/../x\n" },
		{ "-", "--- a/-\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		CLEANUP(buf_release) struct buf out = BUF_INIT(OUT_MAX);

		text_diff(&a, &out, str_of(rows[i].path), STR("a"), STR("b"),
			  false);
		assert_true(str_starts(buf_str(&out), str_of(rows[i].want)));
	}
}

static void colors_end_with_their_line(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf out = BUF_INIT(OUT_MAX);

	(void)state;
	text_diff(&a, &out, STR("f"), STR("a\nc\n"), STR("b\nc\n"), true);
	assert_true(str_is(buf_str(&out),
			   "\033[1m--- a/f\n+++ b/f\033[m\n"
			   "\033[36m@@ -1,2 +1,2 @@\033[m\n"
			   "\033[31m-a\033[m\n\033[32m+b\033[m\n c\n"));
}

/* ---- any two texts ---- */

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static struct str random_text(struct arena *a, uint64_t *seed, size_t lines,
			      unsigned letters)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(OUT_MAX);

	for (size_t i = next(seed) % (lines + 1); i > 0; i--) {
		buf_putc(&b, (char)('a' + next(seed) % letters));
		buf_putc(&b, '\n');
	}
	if (b.n && next(seed) % 3 == 0)
		b.p[--b.n] = '\0';
	return arena_str(a, buf_str(&b));
}

/* The lines with this sign, or none, put together again: one of the texts. */
static struct str side(struct arena *a, struct str patch, char sign)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(OUT_MAX);
	struct str line;
	bool ours = false;

	while (str_split(&patch, '\n', &line)) {
		if (line.n && line.p[0] == '\\') {
			if (ours)
				b.p[--b.n] = '\0';
			continue;
		}
		ours = line.n && (line.p[0] == ' ' || line.p[0] == sign) &&
		       !str_starts(line, STR("--- a/")) &&
		       !str_starts(line, STR("+++ b/"));
		if (!ours)
			continue;
		buf_add(&b, str_sub(line, 1, line.n));
		buf_putc(&b, '\n');
	}
	return arena_str(a, buf_str(&b));
}

static size_t count_changes(struct str patch)
{
	struct str line;
	size_t n = 0;

	while (str_split(&patch, '\n', &line))
		n += line.n && (line.p[0] == '-' || line.p[0] == '+');
	return n - 2;
}

/* The length of the shortest script, by the textbook. */
static size_t distance(struct str x, struct str y)
{
	enum { MAX = 40 };
	size_t d[MAX][MAX] = { { 0 } }, n = 0, m = 0;
	struct str vx[MAX], vy[MAX];

	while (x.n) {
		size_t end = str_find(x, '\n');

		end += end < x.n;
		vx[n++] = str_sub(x, 0, end);
		x = str_sub(x, end, x.n);
	}
	while (y.n) {
		size_t end = str_find(y, '\n');

		end += end < y.n;
		vy[m++] = str_sub(y, 0, end);
		y = str_sub(y, end, y.n);
	}
	for (size_t i = 0; i <= n; i++)
		for (size_t j = 0; j <= m; j++) {
			if (!i || !j)
				d[i][j] = i + j;
			else if (str_eq(vx[i - 1], vy[j - 1]))
				d[i][j] = d[i - 1][j - 1];
			else
				d[i][j] = 1 + (d[i - 1][j] < d[i][j - 1]
						       ? d[i - 1][j]
						       : d[i][j - 1]);
		}
	return d[n][m];
}

static void both_texts_come_out_again_by_the_shortest_way(void **state)
{
	uint64_t seed = 0x9e3779b97f4a7c15U;

	(void)state;
	/* At most seven lines: one hunk then shows all of them. */
	for (int i = 0; i < 20000; i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct str x = random_text(&a, &seed, 7, 3);
		struct str y = random_text(&a, &seed, 7, 3);
		struct str patch;

		if (str_eq(x, y))
			continue;
		patch = diff(&a, x, y);
		if (count_changes(patch) != distance(x, y))
			fail_msg("not the shortest:\n%.*s", STR_ARG(patch));
		/* Lines far from a change are not in it. */
		if (str_find_str(patch, STR("@@ -1")) == patch.n ||
		    count_changes(patch) < 4)
			continue;
		if (!str_ends(x, side(&a, patch, '-')) &&
		    !str_starts(x, side(&a, patch, '-')))
			fail_msg("before:\n%.*s", STR_ARG(patch));
		if (!str_ends(y, side(&a, patch, '+')) &&
		    !str_starts(y, side(&a, patch, '+')))
			fail_msg("after:\n%.*s", STR_ARG(patch));
	}
}

static void texts_with_nothing_in_common_are_replaced(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf x = BUF_INIT(OUT_MAX);
	CLEANUP(buf_release) struct buf y = BUF_INIT(OUT_MAX);
	struct str patch;

	(void)state;
	for (int i = 0; i < 3 * DIFF_STEPS_MAX; i++) {
		buf_printf(&x, "x%d\n", i);
		buf_printf(&y, "y%d\n", i);
	}
	patch = diff(&a, buf_str(&x), buf_str(&y));
	assert_int_equal(count_changes(patch), 6 * DIFF_STEPS_MAX);
	assert_true(str_eq(side(&a, patch, '-'), buf_str(&x)));
	assert_true(str_eq(side(&a, patch, '+'), buf_str(&y)));
}

/* Far more changes than one search takes, each one line. */
static void long_texts_are_compared_piece_by_piece(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf x = BUF_INIT(OUT_MAX);
	CLEANUP(buf_release) struct buf y = BUF_INIT(OUT_MAX);
	struct str patch;

	(void)state;
	for (int i = 0; i < 5 * DIFF_STEPS_MAX; i++) {
		buf_printf(&x, "a: %d\n  b: c\n", i);
		buf_printf(&y, "a: %d\n  b: c\n  d: e\n", i);
	}
	patch = diff(&a, buf_str(&x), buf_str(&y));
	assert_int_equal(count_changes(patch), 5 * DIFF_STEPS_MAX);
	assert_true(str_eq(side(&a, patch, '-'), buf_str(&x)));
	assert_true(str_eq(side(&a, patch, '+'), buf_str(&y)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hunks_are_those_of_diff_u),
		cmocka_unit_test(paths_are_relative),
		cmocka_unit_test(colors_end_with_their_line),
		cmocka_unit_test(both_texts_come_out_again_by_the_shortest_way),
		cmocka_unit_test(texts_with_nothing_in_common_are_replaced),
		cmocka_unit_test(long_texts_are_compared_piece_by_piece),
	};

	return cmocka_run_group_tests_name("cli/text_diff.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
