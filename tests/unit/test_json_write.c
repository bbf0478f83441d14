/* lib/json_write.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/json_read.h"
#include "lib/json_write.h"

static struct json parsed(struct arena *a, struct str text)
{
	struct error err;
	struct json doc;

	if (json_read(a, text, 0, NULL, &doc, &err) < 0)
		fail_msg("%s", err.msg);
	return doc;
}

static void one_line_has_no_spaces(void **state)
{
	static const struct {
		struct str text, want;
	} rows[] = {
		{ STR_INIT(" { } "), STR_INIT("{}") },
		{ STR_INIT("[ ]"), STR_INIT("[]") },
		{ STR_INIT("null"), STR_INIT("null") },
		{ STR_INIT("[true, false, null]"),
		  STR_INIT("[true,false,null]") },
		{ STR_INIT("{\"b\": [{}, [], 1], \"a\": {\"c\": {}}}"),
		  STR_INIT("{\"b\":[{},[],1],\"a\":{\"c\":{}}}") },
		{ STR_INIT("[-0, 1e999, 1.00, 12345678901234567890]"),
		  STR_INIT("[-0,1e999,1.00,12345678901234567890]") },
		{ STR_INIT("\"\\u00e9 \\/ \\u007f\""),
		  STR_INIT("\"\xc3\xa9 / \x7f\"") },
		{ STR_INIT("\"\\u0000\\u001f\\n\\\"\\\\\\t\""),
		  STR_INIT("\"\\u0000\\u001F\\n\\\"\\\\\\t\"") },
		{ STR_INIT("{\"a\\n\":\"\\ud83d\\ude00\"}"),
		  STR_INIT("{\"a\\n\":\"\xf0\x9f\x98\x80\"}") },
		{ STR_INIT("\"<>&\""), STR_INIT("\"<>&\"") },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct json doc = parsed(&a, rows[i].text);
		struct str text = json_to_str(&a, &doc);

		if (!str_eq(text, rows[i].want))
			fail_msg("%s", text.p);
	}
}

static void pretty_text_is_as_jq_writes_it(void **state)
{
	static const struct {
		struct str text, want;
	} rows[] = {
		{ STR_INIT("{}"), STR_INIT("{}\n") },
		{ STR_INIT("[]"), STR_INIT("[]\n") },
		{ STR_INIT("1"), STR_INIT("1\n") },
		{ STR_INIT("\"a\""), STR_INIT("\"a\"\n") },
		{ STR_INIT("[[],{}]"), STR_INIT("[\n  [],\n  {}\n]\n") },
		{ STR_INIT("{\"a\":{},\"b\":[1,{\"c\":[]}],\"d\":null}"),
		  STR_INIT("{\n"
			   "  \"a\": {},\n"
			   "  \"b\": [\n"
			   "    1,\n"
			   "    {\n"
			   "      \"c\": []\n"
			   "    }\n"
			   "  ],\n"
			   "  \"d\": null\n"
			   "}\n") },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 20);
		struct json doc = parsed(&a, rows[i].text);

		json_write_pretty(&out, &doc);
		assert_false(buf_failed(&out));
		if (!str_eq(buf_str(&out), rows[i].want))
			fail_msg("%s", buf_str(&out).p);
	}
}

static void writing_appends(void **state)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(100);
	struct json v = json_make_bool(true);

	(void)state;
	buf_puts(&out, "data: ");
	json_write(&out, &v);
	json_write(&out, &v);
	assert_string_equal(buf_str(&out).p, "data: truetrue");
}

static void values_made_by_code_are_written(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json v = json_make_object(), list = json_make_array();

	(void)state;
	json_append(&a, &list, json_make_int(&a, INT64_MIN));
	json_append(&a, &list, json_make_string(STR_NONE));
	json_append(&a, &list, (struct json){ .type = JSON_STRING });
	json_add(&a, &v, STR_NONE, list);
	json_add(&a, &v, STR("x"), json_make_array());
	assert_string_equal(json_to_str(&a, &v).p,
			    "{\"\":[-9223372036854775808,\"\",\"\"],\"x\":[]}");
}

static void what_does_not_fit_fails_the_buffer(void **state)
{
	static const struct {
		size_t cap;
		bool failed;
	} rows[] = { { 0, true }, { 5, true }, { 6, true }, { 7, false } };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json v = parsed(&a, STR("[1,2,3]"));

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(rows[i].cap);

		json_write(&out, &v);
		assert_int_equal(buf_failed(&out), rows[i].failed);
	}
}

static struct json nested(struct arena *a, size_t depth)
{
	struct json v = json_make_array();

	for (size_t i = 1; i < depth; i++) {
		struct json outer = json_make_array();

		json_append(a, &outer, v);
		v = outer;
	}
	return v;
}

static void trees_too_deep_to_read_back_fail_the_buffer(void **state)
{
	static const struct {
		size_t depth;
		bool failed;
	} rows[] = {
		{ 100, false }, { 125, false }, { 200, true }, { 100000, true }
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 20);
		struct json v = nested(&a, rows[i].depth);

		json_write(&out, &v);
		assert_int_equal(buf_failed(&out), rows[i].failed);
	}
}

static void long_strings_are_written_whole(void **state)
{
	static const size_t sizes[] = { 2040, 2046, 2047, 2048, 2049, 100000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		char *p = arena_new(&a, char, sizes[i]);
		struct json v = json_make_array(), back;

		memset(p, 'x', sizes[i]);
		p[sizes[i] / 2] = '"';
		json_append(&a, &v,
			    json_make_string((struct str){ p, sizes[i] }));
		json_append(&a, &v, json_make_bool(false));
		back = parsed(&a, json_to_str(&a, &v));
		assert_true(json_equal(&v, &back));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line_has_no_spaces),
		cmocka_unit_test(pretty_text_is_as_jq_writes_it),
		cmocka_unit_test(writing_appends),
		cmocka_unit_test(values_made_by_code_are_written),
		cmocka_unit_test(what_does_not_fit_fails_the_buffer),
		cmocka_unit_test(trees_too_deep_to_read_back_fail_the_buffer),
		cmocka_unit_test(long_strings_are_written_whole),
	};

	return cmocka_run_group_tests_name("lib/json_write.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
