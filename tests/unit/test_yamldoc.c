/* lib/yamldoc.c, lib/yaml_tree.c, lib/yaml_source.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/file.h"
#include "lib/json_read.h"
#include "lib/json_write.h"
#include "lib/yamldoc.h"

enum { TEXT_MAX = 4 << 20 };

static char hex_value(char c)
{
	return (char)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static struct str unescape(struct arena *a, struct str s)
{
	char *p = arena_raw(a, s.n + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\\') {
			c = s.p[++i];
			if (c == 'n')
				c = '\n';
			else if (c == 't')
				c = '\t';
			else if (c == 'r')
				c = '\r';
			else if (c == 'x') {
				c = (char)(hex_value(s.p[i + 1]) * 16 +
					   hex_value(s.p[i + 2]));
				i += 2;
			}
		}
		p[n++] = c;
	}
	return (struct str){ p, n };
}

/* All documents as one array; -1 on the first error. */
static int read_all(struct arena *a, struct str text, struct json *docs,
		    struct error *err)
{
	struct yamldoc *y = yamldoc_open(a, text, NULL);
	struct json doc;
	int r;

	*docs = json_make_array();
	while ((r = yamldoc_next(y, a, &doc, err)) > 0)
		json_append(a, docs, doc);
	yamldoc_close(&y);
	return r;
}

static struct json read_one(struct arena *a, const char *text)
{
	struct yamldoc *y = yamldoc_open(a, str_of(text), NULL);
	struct error err = ERROR_INIT;
	struct json doc;

	if (yamldoc_next(y, a, &doc, &err) != 1)
		fail_msg("%s: %s", text, err.msg);
	return doc;
}

static void check_row(struct str rule, struct str escaped, struct str want)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct json docs, wanted;
	int r = read_all(&a, unescape(&a, escaped), &docs, &err);

	if (str_is(rule, "stricter") || str_is(want, "error")) {
		if (r >= 0)
			fail_msg("read, but must not be: %.*s",
				 STR_ARG(escaped));
		if (err.line == 0)
			fail_msg("no position: %.*s: %s", STR_ARG(escaped),
				 err.msg);
		return;
	}
	if (r < 0)
		fail_msg("%.*s: %s", STR_ARG(escaped), err.msg);
	assert_int_equal(json_read(&a, want, 0, NULL, &wanted, &err), 0);
	if (!json_equal(&docs, &wanted))
		fail_msg("%.*s: got %.*s, want %.*s", STR_ARG(escaped),
			 STR_ARG(json_to_str(&a, &docs)), STR_ARG(want));
}

static void everything_reads_as_in_kubectl(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct str rest, line, rule, text;
	size_t rows = 0;

	(void)state;
	assert_int_equal(file_read(&a, "tests/unit/yaml_oracle.tsv", TEXT_MAX,
				   &rest, &err),
			 0);
	while (str_split(&rest, '\n', &line)) {
		if (line.n == 0 || line.p[0] == '#')
			continue;
		assert_true(str_split(&line, '\t', &rule));
		assert_true(str_split(&line, '\t', &text));
		check_row(rule, text, line);
		rows++;
	}
	assert_true(rows > 700);
}

static void errors_say_where(void **state)
{
	static const struct {
		const char *text;
		enum error_code code;
		uint32_t line, column;
		const char *words;
	} rows[] = {
		{ "a: 1\nb: [1,\nc: 2\n", ERR_INPUT, 4, 1, "flow sequence" },
		{ "a:\n\tb: 1\n", ERR_INPUT, 2, 1, "use spaces" },
		{ "a: 1\n---\nb: 1\nb: 2\n", ERR_INPUT, 4, 1, "duplicate" },
		{ "\xc3\xa9: *x\n", ERR_INPUT, 1, 4, "no anchor &x" },
		{ "a: &x [*x]\n", ERR_INPUT, 1, 8, "contain itself" },
		{ "a:\n  - \"\xff\"\n", ERR_INPUT, 2, 6, "UTF-8" },
		{ "a: .inf\n", ERR_INPUT, 1, 4, "quote it" },
		{ "a: 1\n\n--- b\n", ERR_INPUT, 3, 1, "\"b\"" },
		{ "%YAML 1.2\n---\na: 1\n", ERR_INPUT, 1, 1, "directives" },
		{ "a: 1\n...\nb: 2\n", ERR_INPUT, 3, 1, "ignores" },
		{ "  a: 1\nb: 2\n", ERR_INPUT, 2, 1, "indentation" },
		{ "a: {b: c?d}\n", ERR_INPUT, 1, 8, "quote" },
		{ "a: \"\\/\"\n", ERR_INPUT, 1, 4, "no escape" },
		{ "~: 1\n", ERR_INPUT, 1, 1, "null" },
		{ "? [a]\n: 1\n", ERR_INPUT, 1, 3, "a string" },
		{ "a: &x {b: 1}\nc:\n  b: 2\n  <<: *x\n", ERR_INPUT, 4, 7,
		  "disagree" },
		{ "a: !!int x\n", ERR_INPUT, 1, 4, "whole number" },
		{ "a: 1\rb: 2\n", ERR_INPUT, 1, 5, "carriage return" },
		{ "\xff\xfe"
		  "a",
		  ERR_INPUT, 1, 1, "UTF-16" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct error err = ERROR_INIT;
		struct json docs;

		if (read_all(&a, str_of(rows[i].text), &docs, &err) >= 0)
			fail_msg("read: %s", rows[i].text);
		if (err.code != rows[i].code || err.line != rows[i].line ||
		    err.column != rows[i].column ||
		    !strstr(err.msg, rows[i].words))
			fail_msg("%s: %u:%u %s", rows[i].text, err.line,
				 err.column, err.msg);
	}
}

static void an_error_leaves_the_other_documents(void **state)
{
	static const char text[] =
		"a: 1\n---\nb: [\n---\nc: 1\nc: 2\n--- x\n---\nd: 4\n";
	static const int want[] = { 1, -1, -1, -1, 1, 0, 0 };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct yamldoc *y = yamldoc_open(&a, STR(text), NULL);
	struct error err;
	struct json doc;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_int_equal(yamldoc_next(y, &a, &doc, &err), want[i]);
		assert_true(want[i] == 0 || yamldoc_can_continue(y));
	}
	yamldoc_close(&y);
	assert_null(y);
}

static void limits_stop_early(void **state)
{
	static const struct json_limits small = { .bytes = 48,
						  .depth = 3,
						  .nodes = 8 };
	static const char *const rows[] = {
		"[[[[1]]]]\n",
		"- - - - 1\n",
		"[1, 2, 3, 4, 5, 6, 7, 8]\n",
		"- &x [1, 2]\n- *x\n- *x\n",
		"- &x {a: 1, b: 2}\n- {<<: *x}\n- {<<: *x}\n",
		"- &x {a: 1, b: 2}\n- {<<: [*x, *x, *x, *x]}\n",
		"- &x [[1]]\n- [*x]\n",
		"# 3456789012345678901234567890123456789012345678901\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct yamldoc *y = yamldoc_open(&a, str_of(rows[i]), &small);
		struct error err = ERROR_INIT;
		struct json doc;

		if (yamldoc_next(y, &a, &doc, &err) != -1 ||
		    err.code != ERR_LIMIT)
			fail_msg("%s: %s", rows[i], err.msg);
	}
}

static void a_billion_laughs_end_at_the_limit(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEXT_MAX);
	struct error err = ERROR_INIT;
	struct json docs;

	(void)state;
	buf_puts(&text, "- &x0 [lol]\n");
	for (int i = 1; i < 40; i++) {
		buf_printf(&text, "- &x%d [", i);
		for (int k = 0; k < 10; k++)
			buf_printf(&text, "*x%d, ", i - 1);
		buf_puts(&text, "]\n");
	}
	assert_int_equal(read_all(&a, buf_str(&text), &docs, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void every_value_knows_its_place(void **state)
{
	static const char text[] = "# c\n"
				   "a: 1\n"
				   "\xc3\xa9\xc3\xa9: \"x\"\n"
				   "b:\n"
				   "  c: {d: [1, 2]}\n"
				   "  e:\n"
				   "  - f\n"
				   "  - |\n"
				   "    g\n"
				   "    h\n"
				   "\n"
				   "# c\n"
				   "i:\n"
				   "j: !!str 1 # c\n";
	static const struct {
		const char *path[4];
		enum json_style style;
		struct json_mark start, end;
	} rows[] = {
		{ { "a" }, JSON_STYLE_PLAIN, { 2, 4 }, { 2, 5 } },
		{ { "\xc3\xa9\xc3\xa9" },
		  JSON_STYLE_QUOTED,
		  { 3, 5 },
		  { 3, 8 } },
		{ { "b" }, JSON_STYLE_BLOCK, { 5, 3 }, { 10, 6 } },
		{ { "b", "c" }, JSON_STYLE_FLOW, { 5, 6 }, { 5, 17 } },
		{ { "b", "c", "d" }, JSON_STYLE_FLOW, { 5, 10 }, { 5, 16 } },
		{ { "b", "e" }, JSON_STYLE_BLOCK, { 7, 3 }, { 10, 6 } },
		{ { "i" }, JSON_STYLE_PLAIN, { 13, 3 }, { 13, 3 } },
		{ { "j" }, JSON_STYLE_PLAIN, { 14, 4 }, { 14, 11 } },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json doc = read_one(&a, text);
	const struct json *block = json_item(json_at(&doc, "b", "e"), 1);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct json *v = json_at_keys(&doc, rows[i].path);

		if (v->style != rows[i].style ||
		    memcmp(&v->start, &rows[i].start, sizeof(v->start)) != 0 ||
		    memcmp(&v->end, &rows[i].end, sizeof(v->end)) != 0)
			fail_msg("%s: style %d, %u:%u to %u:%u",
				 rows[i].path[0], v->style, v->start.line,
				 v->start.column, v->end.line, v->end.column);
	}
	assert_int_equal(block->start.line, 8);
	assert_int_equal(block->end.line, 10);
	assert_int_equal(block->style, JSON_STYLE_BLOCK);
	assert_int_equal(json_member(&doc, STR("i"))->at.line, 13);
	assert_int_equal(json_member(&doc, STR("i"))->at.column, 1);
}

static void lines_go_on_behind_a_separator(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct json docs;

	(void)state;
	assert_int_equal(read_all(&a,
				  STR("\xef\xbb\xbf"
				      "a: 1\r\n---\r\n\r\n"
				      "# c\r\nb: 2\r\n"),
				  &docs, &err),
			 0);
	assert_int_equal(json_item(&docs, 0)->start.column, 1);
	assert_int_equal(json_item(&docs, 1)->start.line, 5);
	assert_int_equal(json_at(json_item(&docs, 1), "b")->start.column, 4);
}

static void aliases_are_marked_through_and_through(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json doc = read_one(&a, "a: &x {b: [1], c: 2}\n"
				       "d: *x\n"
				       "e:\n"
				       "  <<: *x\n"
				       "  c: 3\n");

	(void)state;
	assert_false(json_at(&doc, "a")->aliased);
	assert_false(json_item(json_at(&doc, "a", "b"), 0)->aliased);
	assert_true(json_at(&doc, "d")->aliased);
	assert_true(json_at(&doc, "d", "c")->aliased);
	assert_true(json_item(json_at(&doc, "d", "b"), 0)->aliased);
	assert_int_equal(json_at(&doc, "d", "c")->start.line, 1);
	assert_false(json_at(&doc, "e")->aliased);
	assert_true(json_at(&doc, "e", "b")->aliased);
	assert_false(json_at(&doc, "e", "c")->aliased);
}

static void trees_own_their_text(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	char text[] = "abc: \"def\"\n";
	struct json doc = read_one(&a, text);

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_true(str_is(json_str(json_at(&doc, "abc")), "def"));
}

static void nothing_is_no_document(void **state)
{
	static const char *const rows[] = { "",	    "\n",
					    "# c",  "---",
					    "null", "---\n---\n# c\n---\n~\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct error err = ERROR_INIT;
		struct json docs;

		assert_int_equal(read_all(&a, str_of(rows[i]), &docs, &err), 0);
		assert_int_equal(json_len(&docs), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_reads_as_in_kubectl),
		cmocka_unit_test(errors_say_where),
		cmocka_unit_test(an_error_leaves_the_other_documents),
		cmocka_unit_test(limits_stop_early),
		cmocka_unit_test(a_billion_laughs_end_at_the_limit),
		cmocka_unit_test(every_value_knows_its_place),
		cmocka_unit_test(lines_go_on_behind_a_separator),
		cmocka_unit_test(aliases_are_marked_through_and_through),
		cmocka_unit_test(trees_own_their_text),
		cmocka_unit_test(nothing_is_no_document),
	};

	return cmocka_run_group_tests_name("lib/yamldoc.c", tests, NULL,
					   NULL) != 0;
}
