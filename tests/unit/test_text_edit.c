/* cli/text_edit.c, and with it text_change, text_flow and text_place */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/text_edit.h"
#include "lib/json_edit.h"

static struct json read_doc(struct arena *a, struct str text)
{
	struct error err = ERROR_INIT;
	struct json doc;

	if (text_read_one(a, text, NULL, &doc, &err) != 1)
		fail_msg("%.*s: %s", STR_ARG(text), err.msg);
	return doc;
}

/* ---- one edit at a time ---- */

struct row {
	const char *name, *text, *wanted, *result;
};

static void run_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct json wanted = read_doc(&a, str_of(rows[i].wanted));
		struct error err = ERROR_INIT;
		struct str out, again;

		if (text_edit(&a, str_of(rows[i].text), &wanted, NULL, &out,
			      &err) < 0)
			fail_msg("%s: %s", rows[i].name, err.msg);
		if (!str_is(out, rows[i].result))
			fail_msg("%s:\n%.*s", rows[i].name, STR_ARG(out));
		assert_int_equal(
			text_edit(&a, out, &wanted, NULL, &again, &err), 0);
		assert_true(str_eq(out, again));
	}
}

static void block_collections_get_lines(void **state)
{
	static const struct row rows[] = {
		{ "nothing to add", "a: 1 # one\n", "{a: 1}", "a: 1 # one\n" },
		{ "at the end", "a: 1\n", "{a: 1, b: 2}", "a: 1\nb: 2\n" },
		{ "inner before outer", "a:\n  b: 1\n",
		  "{a: {b: 1, c: 2}, d: 3}", "a:\n  b: 1\n  c: 2\nd: 3\n" },
		{ "behind a comment on the line",
		  "a:\n  b: 1 # one\n# two\nc: 3\n", "{a: {b: 1, x: 2}, c: 3}",
		  "a:\n  b: 1 # one\n  x: 2\n# two\nc: 3\n" },
		{ "on a list's line", "a:\n- b: 1\n- c: 2\n",
		  "{a: [{b: 1, x: 1}, {c: 2, x: 2}]}",
		  "a:\n- b: 1\n  x: 1\n- c: 2\n  x: 2\n" },
		{ "an indented list, wide", "a:\n    -   b: 1\n",
		  "{a: [{b: 1, c: 2}, {d: 3}]}",
		  "a:\n    -   b: 1\n        c: 2\n    - d: 3\n" },
		{ "a list in a list", "- - a: 1\n", "[[{a: 1, b: 2}, 3], 4]",
		  "- - a: 1\n    b: 2\n  - 3\n- 4\n" },
		{ "nested collections", "a: 1\n", "{a: 1, b: {c: [x, {d: e}]}}",
		  "a: 1\nb:\n  c:\n  - x\n  - d: e\n" },
		{ "no line feed at the end", "a:\n  b: 1",
		  "{a: {b: 1, c: 2}, d: 3}", "a:\n  b: 1\n  c: 2\nd: 3" },
		{ "CRLF", "a:\r\n  b: 1\r\nc: 2\r\n",
		  "{a: {b: 1, x: {z: 1}}, c: 2}",
		  "a:\r\n  b: 1\r\n  x:\r\n    z: 1\r\nc: 2\r\n" },
		{ "CRLF without the last", "a: 1\r\nb: 2", "{a: 1, b: 2, c: 3}",
		  "a: 1\r\nb: 2\r\nc: 3" },
		{ "comments and blank lines behind", "a: 1\n\n# end\n",
		  "{a: 1, b: 2}", "a: 1\nb: 2\n\n# end\n" },
		{ "a separator and a comment before", "---\n# top\na: 1\n",
		  "{a: 1, b: 2}", "---\n# top\na: 1\nb: 2\n" },
		{ "a document end mark", "a: 1\n...\n", "{a: 1, b: 2}",
		  "a: 1\nb: 2\n...\n" },
		{ "an added value of many lines", "a:\n  b: 1\n",
		  "{a: {b: 1, c: \"x\\n\\ny\\n\"}}",
		  "a:\n  b: 1\n  c: |\n    x\n\n    y\n" },
		{ "an anchor on the mapping, not used", "a: &x\n  b: 1\n",
		  "{a: {b: 1, c: 2}}", "a: &x\n  b: 1\n  c: 2\n" },
		{ "a byte order mark",
		  "\xef\xbb\xbf"
		  "a:\n  b: 1\n",
		  "{a: {b: 1, c: 2}}",
		  "\xef\xbb\xbf"
		  "a:\n  b: 1\n  c: 2\n" },
		{ "an explicit key", "? a\n: b\n", "{a: b, c: d}",
		  "? a\n: b\nc: d\n" },
		{ "an alias as the last member", "a: &x {b: 1}\nc:\n  d: *x\n",
		  "{a: {b: 1}, c: {d: {b: 1}, e: 2}}",
		  "a: &x {b: 1}\nc:\n  d: *x\n  e: 2\n" },
		{ "a merge key", "a: &x {b: 1}\nc:\n  <<: *x\n",
		  "{a: {b: 1}, c: {b: 1, e: 2}}",
		  "a: &x {b: 1}\nc:\n  <<: *x\n  e: 2\n" },
	};

	(void)state;
	run_rows(rows, ARRAY_LEN(rows));
}

static void last_members_of_many_lines_are_passed(void **state)
{
	static const struct row rows[] = {
		{ "literal", "a:\n  b: |\n    x\n    y\n",
		  "{a: {b: \"x\\ny\\n\", c: 1}}",
		  "a:\n  b: |\n    x\n    y\n  c: 1\n" },
		{ "literal, blank lines behind",
		  "a:\n  b: |\n    x\n\n\nz: 1\n",
		  "{a: {b: \"x\\n\", c: 1}, z: 1}",
		  "a:\n  b: |\n    x\n  c: 1\n\n\nz: 1\n" },
		{ "keep", "a:\n  b: |+\n    x\n\n\nz: 1\n",
		  "{a: {b: \"x\\n\\n\\n\", c: 1}, z: 1}",
		  "a:\n  b: |+\n    x\n\n\n  c: 1\nz: 1\n" },
		{ "keep, nothing visible", "a:\n  b: |+\n\n\nz: 1\n",
		  "{a: {b: \"\\n\\n\", c: 1}, z: 1}",
		  "a:\n  b: |+\n\n\n  c: 1\nz: 1\n" },
		{ "strip, a hash in the text",
		  "a:\n  b: |-\n    x # y\n    #\n",
		  "{a: {b: \"x # y\\n#\", c: 1}}",
		  "a:\n  b: |-\n    x # y\n    #\n  c: 1\n" },
		{ "folded", "a:\n  b: >\n    x\n    y\n\nz: 1\n",
		  "{a: {b: \"x y\\n\", c: 1}, z: 1}",
		  "a:\n  b: >\n    x\n    y\n  c: 1\n\nz: 1\n" },
		{ "literal at the end without a feed", "a: |\n  x",
		  "{a: \"x\\n\", b: 1}", "a: |\n  x\nb: 1" },
		{ "plain over lines", "a:\n  b: x\n    y\n",
		  "{a: {b: x y, c: 1}}", "a:\n  b: x\n    y\n  c: 1\n" },
		{ "quoted over lines", "a: 'x\n\n  y' # c\n",
		  "{a: \"x\\ny\", b: 1}", "a: 'x\n\n  y' # c\nb: 1\n" },
		{ "a block in a list, in a list", "- |\n x\n- - |\n   y\n",
		  "[\"x\\n\", [\"y\\n\", z]]",
		  "- |\n x\n- - |\n   y\n  - z\n" },
		{ "characters of many bytes",
		  "\xc3\xa9: \xf0\x9f\x98\x80 # \xe2\x82\xac\t#\n"
		  "b: {\xc3\xa9: \"\xc3\xa9\"}\n",
		  "{\"\xc3\xa9\": \"\xf0\x9f\x98\x80\", b: {\"\xc3\xa9\": "
		  "\"\xc3\xa9\", c: 1}, d: 2}",
		  "\xc3\xa9: \xf0\x9f\x98\x80 # \xe2\x82\xac\t#\n"
		  "b: {\xc3\xa9: \"\xc3\xa9\", c: 1}\nd: 2\n" },
	};

	(void)state;
	run_rows(rows, ARRAY_LEN(rows));
}

static void flow_collections_grow_inside_their_brackets(void **state)
{
	static const struct row rows[] = {
		{ "empty", "a: {}\n", "{a: {b: 1, c: [x]}}",
		  "a: {b: 1, c: [x]}\n" },
		{ "empty list", "a: [] # c\n", "{a: [x, 1]}",
		  "a: [x, 1] # c\n" },
		{ "one line", "a: {b: 1 }\n", "{a: {b: 1, c: 'x: y'}}",
		  "a: {b: 1, c: \"x: y\" }\n" },
		{ "a list", "a: [x, 'y, z']\n", "{a: [x, 'y, z', w]}",
		  "a: [x, 'y, z', w]\n" },
		{ "a comma at the end", "a: {b: 1,}\n", "{a: {b: 1, c: 2}}",
		  "a: {b: 1, c: 2}\n" },
		{ "inner and outer", "a: {b: {c: 1}}\n",
		  "{a: {b: {c: 1, d: 2}, e: 3}}",
		  "a: {b: {c: 1, d: 2}, e: 3}\n" },
		{ "inside a block list", "- {a: {}}\n- x\n",
		  "[{a: {b: 1}, c: 2}, x]", "- {a: {b: 1}, c: 2}\n- x\n" },
		{ "many lines, comments",
		  "a: {\n  b: 1, # one\n  c: 2 # two\n}\n",
		  "{a: {b: 1, c: 2, d: {e: 3}}}",
		  "a: {\n  b: 1, # one\n  c: 2, # two\n  d: {\n    e: 3\n  "
		  "}\n}\n" },
		{ "many lines, a comma at the end", "a: [\n  x, # one\n]\n",
		  "{a: [x, z]}", "a: [\n  x, # one\n  z,\n]\n" },
		{ "a brace in a comment", "a: {\n  b: 1 # }, {\n}\n",
		  "{a: {b: 1, c: 2}}", "a: {\n  b: 1, # }, {\n  c: 2\n}\n" },
		{ "an alias last", "a: &x 1\nb: {c: *x }\n",
		  "{a: 1, b: {c: 1, d: 2}}", "a: &x 1\nb: {c: *x, d: 2 }\n" },
		{ "quoted keys stay quoted", "a: {\"b\": {}}\n",
		  "{a: {b: {c: x}, d: z}}",
		  "a: {\"b\": {\"c\": \"x\"}, \"d\": \"z\"}\n" },
	};

	(void)state;
	run_rows(rows, ARRAY_LEN(rows));
}

static void json_stays_json(void **state)
{
	static const struct row rows[] = {
		{ "one line", "{\"a\":{}}", "{a: {b: x}, c: [1]}",
		  "{\"a\":{\"b\": \"x\"}, \"c\": [1]}" },
		{ "pretty", "{\n  \"a\": {\n    \"b\": 1\n  }\n}\n",
		  "{a: {b: 1, c: {d: e}}, f: []}",
		  "{\n  \"a\": {\n    \"b\": 1,\n    \"c\": {\n"
		  "      \"d\": \"e\"\n    }\n  },\n  \"f\": []\n}\n" },
		{ "tabs", "{\n\t\"a\": 1\n}\n", "{a: 1, b: 2}",
		  "{\n\t\"a\": 1,\n\t\"b\": 2\n}\n" },
		{ "null", "{\"a\": null}\n", "{a: {b: no words}}",
		  "{\"a\": {\"b\": \"no words\"}}\n" },
		{ "escapes that YAML lacks", "{\"a\": \"\\/\\ud83d\\ude00\"}",
		  "{a: \"/\xf0\x9f\x98\x80\", b: 1}",
		  "{\"a\": \"\\/\\ud83d\\ude00\", \"b\": 1}" },
	};

	(void)state;
	run_rows(rows, ARRAY_LEN(rows));
}

static void null_is_replaced_where_it_stands(void **state)
{
	static const struct row rows[] = {
		{ "empty, to a scalar", "a:\nb: 1\n", "{a: x, b: 1}",
		  "a: x\nb: 1\n" },
		{ "empty with a comment", "a: # why\nb: 1\n", "{a: x, b: 1}",
		  "a: x # why\nb: 1\n" },
		{ "empty, to a mapping", "a: # why\nb: 1\n",
		  "{a: {c: {d: 1}}, b: 1}",
		  "a: # why\n  c:\n    d: 1\nb: 1\n" },
		{ "empty, to a list, at the end",
		  "x:\n  a:", "{x: {a: [1, 2]}}", "x:\n  a:\n  - 1\n  - 2" },
		{ "tilde", "a: ~ # c\n", "{a: {b: 1}}", "a: # c\n  b: 1\n" },
		{ "null", "a: null\nb: Null\n", "{a: 1, b: {}}",
		  "a: 1\nb: {}\n" },
		{ "the last of an item", "- a:\n- b\n",
		  "[{a: {c: 1}, d: 2}, b]", "- a:\n    c: 1\n  d: 2\n- b\n" },
		{ "an item", "- \n- ~\n", "[x, {a: 1}]", "- x \n- {a: 1}\n" },
		{ "in a flow mapping", "{a: ~, b: }\n", "{a: {x: 1}, b: 2}",
		  "{a: {x: 1}, b: 2}\n" },
	};

	(void)state;
	run_rows(rows, ARRAY_LEN(rows));
}

static void what_cannot_be_edited_is_refused(void **state)
{
	static const struct {
		const char *text, *wanted;
		unsigned line;
	} rows[] = {
		{ "a: 1\nb: 2\n", "{a: 1, b: 3}", 2 },
		{ "a: 1\nb: 2\n", "{a: 1}", 1 },
		{ "a:\n- x\n- y\n", "{a: [x]}", 2 },
		{ "a:\n- x\n- y\n", "{a: [y, x]}", 2 },
		{ "a: 1\nb: x\n", "{a: 1, b: {c: 1}}", 2 },
		{ "a: &x {b: 1}\n\nc: *x\n", "{a: {b: 1}, c: {b: 1, d: 1}}",
		  3 },
		/* one text, two places */
		{ "a: &x {b: 1}\nc: *x\n", "{a: {b: 1, d: 1}, c: {b: 1}}", 0 },
		{ "a: &x\n  b: 1\nc:\n  <<: *x\n",
		  "{a: {b: 1, d: 1}, c: {b: 1}}", 0 },
		{ "a: !!null\nb: 1\n", "{a: 1, b: 1}", 1 },
		{ "a: &x\nb: 1\n", "{a: 1, b: 1}", 1 },
		{ "{a, b: 1}\n", "{a: 1, b: 1}", 0 },
		{ "", "{a: 1}", 0 },
		{ "a: [\n", "{a: 1}", 2 },
		{ "a: 1\n---\nb: 1\n", "{a: 1}", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct json wanted = read_doc(&a, str_of(rows[i].wanted));
		struct str text = str_of(rows[i].text), out;
		struct error err = ERROR_INIT;

		if (text_edit(&a, text, &wanted, NULL, &out, &err) == 0)
			fail_msg("%s gave %.*s", text.p, STR_ARG(out));
		if (err.line != rows[i].line || !*err.msg)
			fail_msg("%s: line %u: %s", text.p, err.line, err.msg);
		assert_true(str_eq(out, text));
	}
}

static void every_place_of_every_depth_can_grow(void **state)
{
	static const char text[] =
		"# top\r\napiVersion: v1\r\nmetadata: {labels: {a: \"1\"}}\r\n"
		"spec:\r\n    list: # which\r\n    -   name: x\r\n"
		"        text: >-\r\n            folded\r\n\r\n"
		"    - [1, {b: 2}]\r\n    none:\r\n    map:\r\n"
		"        deep:\r\n            deeper: true # yes\r\n";
	static const char *const pointers[] = {
		"",	"metadata", "metadata/labels",
		"spec", "spec/map", "spec/map/deep",
	};

	(void)state;
	for (unsigned bits = 0; bits < 1U << ARRAY_LEN(pointers); bits++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct json doc = read_doc(&a, STR(text));
		struct json_edit edit = json_edit_start(&a, &doc);
		struct error err = ERROR_INIT;
		struct str out;

		for (size_t i = 0; i < ARRAY_LEN(pointers); i++) {
			struct path steps[8];
			const struct path *up = NULL;
			struct str rest = str_of(pointers[i]), step;
			size_t n = 0;

			if (!(bits >> i & 1))
				continue;
			while (*pointers[i] && str_split(&rest, '/', &step)) {
				steps[n] = path_key(up, step);
				up = &steps[n++];
			}
			steps[n] = path_key(up, STR("added"));
			json_edit_set(&edit, &steps[n],
				      json_make_string(STR("- value")));
		}
		if (text_edit(&a, STR(text), &edit.root, NULL, &out, &err) < 0)
			fail_msg("%x: %s", bits, err.msg);
		assert_int_equal(out.n > sizeof(text) - 1, bits != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(block_collections_get_lines),
		cmocka_unit_test(last_members_of_many_lines_are_passed),
		cmocka_unit_test(flow_collections_grow_inside_their_brackets),
		cmocka_unit_test(json_stays_json),
		cmocka_unit_test(null_is_replaced_where_it_stands),
		cmocka_unit_test(what_cannot_be_edited_is_refused),
		cmocka_unit_test(every_place_of_every_depth_can_grow),
	};

	return cmocka_run_group_tests_name("cli/text_edit.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
