/* lib/yaml_write.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/yamldoc.h"

enum { OUT_MAX = 1 << 20 };

static void strings_are_plain_only_where_that_is_safe(void **state)
{
	static const struct {
		struct str text;
		const char *want;
	} rows[] = {
		{ STR_INIT("python:3.12-slim"), "python:3.12-slim" },
		{ STR_INIT("registry.example.com/a/b:1"),
		  "registry.example.com/a/b:1" },
		{ STR_INIT("64Mi"), "64Mi" },
		{ STR_INIT("1.5Gi"), "1.5Gi" },
		{ STR_INIT("500m"), "500m" },
		{ STR_INIT("ReadWriteOnce"), "ReadWriteOnce" },
		{ STR_INIT("/tmp"), "/tmp" },
		{ STR_INIT("--port=80"), "--port=80" },
		{ STR_INIT("-c"), "-c" },
		{ STR_INIT("one agent"), "one agent" },
		{ STR_INIT(""), "\"\"" },
		{ STR_INIT("Yes"), "\"Yes\"" },
		{ STR_INIT("NULL"), "\"NULL\"" },
		{ STR_INIT("-inf"), "\"-inf\"" },
		{ STR_INIT("1"), "\"1\"" },
		{ STR_INIT("1e3"), "\"1e3\"" },
		{ STR_INIT("5E"), "\"5E\"" },
		{ STR_INIT("0m7"), "\"0m7\"" },
		{ STR_INIT("1:30"), "\"1:30\"" },
		{ STR_INIT("a, b"), "\"a, b\"" },
		{ STR_INIT("a: b"), "\"a: b\"" },
		{ STR_INIT("a:"), "\"a:\"" },
		{ STR_INIT("a #b"), "\"a #b\"" },
		{ STR_INIT("a "), "\"a \"" },
		{ STR_INIT("- a"), "\"- a\"" },
		{ STR_INIT("---"), "\"---\"" },
		{ STR_INIT("{a}"), "\"{a}\"" },
		{ STR_INIT("a\nb"), "\"a\\nb\"" },
		{ STR_INIT("a\0b"), "\"a\\x00b\"" },
		{ STR_INIT("\"\\\t\r\x1b"), "\"\\\"\\\\\\t\\r\\x1B\"" },
		{ STR_INIT("\xc2\x85\xe2\x80\xa8\xef\xbb\xbf"),
		  "\"\\x85\\u2028\\uFEFF\"" },
		{ STR_INIT("\xc3\xa9\xf0\x9f\x98\x80"),
		  "\"\xc3\xa9\xf0\x9f\x98\x80\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(OUT_MAX);
		struct json v = json_make_string(rows[i].text);

		yamldoc_write_scalar(&out, &v);
		assert_string_equal(buf_str(&out).p, rows[i].want);
	}
}

static struct json read_one(struct arena *a, struct str text)
{
	struct yamldoc *y = yamldoc_open(a, text, NULL);
	struct error err = ERROR_INIT;
	struct json doc;

	if (yamldoc_next(y, a, &doc, &err) != 1)
		fail_msg("%.*s: %s", STR_ARG(text), err.msg);
	yamldoc_close(&y);
	return doc;
}

static void trees_are_written_as_kubectl_does(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "{a: {b: [{c: 1, d: [2, 3]}, [x, [z]], {}], e: []}, f: null}",
		  "a:\n"
		  "  b:\n"
		  "  - c: 1\n"
		  "    d:\n"
		  "    - 2\n"
		  "    - 3\n"
		  "  - - x\n"
		  "    - - z\n"
		  "  - {}\n"
		  "  e: []\n"
		  "f: null\n" },
		{ "[\"a\\nb\\n\", \"a\\n\\n  b\", \"a\\n\\n\", \" a\\nb\", "
		  "\"\\n\"]",
		  "- |\n"
		  "  a\n"
		  "  b\n"
		  "- |-\n"
		  "  a\n"
		  "\n"
		  "    b\n"
		  "- |+\n"
		  "  a\n"
		  "\n"
		  "- \" a\\nb\"\n"
		  "- \"\\n\"\n" },
		{ "{a: {b: \"x\\ny\"}, \"yes\": true, \"a b\": -0.0}",
		  "a:\n"
		  "  b: |-\n"
		  "    x\n"
		  "    y\n"
		  "\"yes\": true\n"
		  "a b: -0.0\n" },
		{ "x\n", "x\n" },
		{ "\"a\\nb\"\n", "|-\n  a\n  b\n" },
		{ "{}", "{}\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		CLEANUP(buf_release) struct buf out = BUF_INIT(OUT_MAX);
		struct json doc = read_one(&a, str_of(rows[i].text)), back;

		yamldoc_write(&out, &doc);
		assert_string_equal(buf_str(&out).p, rows[i].want);
		back = read_one(&a, buf_str(&out));
		assert_true(json_equal(&doc, &back));
	}
}

static void long_keys_are_written_so_that_they_read_back(void **state)
{
	static const size_t sizes[] = { 100, 101, 170, 999, 1000, 1001, 5000 };
	static char text[5000];

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(sizes); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		CLEANUP(buf_release) struct buf out = BUF_INIT(OUT_MAX);
		struct json doc = json_make_object(), back;
		struct json *inner;

		memset(text, i % 2 ? '\x01' : 'k', sizeof(text));
		inner = json_add(&a, &doc, (struct str){ text, sizes[i / 2] },
				 json_make_array());
		json_append(&a, inner, json_make_bool(true));
		json_add(&a, &doc, STR("z"), json_make_object());
		yamldoc_write(&out, &doc);
		back = read_one(&a, buf_str(&out));
		assert_true(json_equal(&doc, &back));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_plain_only_where_that_is_safe),
		cmocka_unit_test(trees_are_written_as_kubectl_does),
		cmocka_unit_test(long_keys_are_written_so_that_they_read_back),
	};

	return cmocka_run_group_tests_name("lib/yaml_write.c", tests, NULL,
					   NULL) != 0;
}
