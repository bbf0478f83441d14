/* lib/selector.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/json_read.h"
#include "lib/selector.h"

static struct json read_json(struct arena *a, const char *text)
{
	struct json doc;
	struct error err;

	if (json_read(a, str_of(text), 0, NULL, &doc, &err) < 0)
		fail_msg("%s: %s", text, err.msg);
	return doc;
}

#define EXPR(e) "{\"matchExpressions\":[" e "]}"

static void selectors_match_as_in_kubernetes(void **state)
{
	static const struct {
		const char *selector, *labels;
		bool want;
	} rows[] = {
		{ "{}", "{}", true },
		{ "{}", "{\"a\":\"1\"}", true },
		{ "{\"matchLabels\":{}}", "{}", true },
		{ "{\"matchLabels\":null,\"matchExpressions\":null}", "{}",
		  true },
		{ "{\"matchLabels\":{\"a\":\"1\"}}", "{\"a\":\"1\"}", true },
		{ "{\"matchLabels\":{\"a\":\"1\"}}", "{\"a\":\"2\"}", false },
		{ "{\"matchLabels\":{\"a\":\"1\"}}", "{}", false },
		{ "{\"matchLabels\":{\"a\":\"\"}}", "{}", false },
		{ "{\"matchLabels\":{\"a\":\"\"}}", "{\"a\":\"\"}", true },
		{ "{\"matchLabels\":{\"a\":\"1\",\"b\":\"2\"}}",
		  "{\"a\":\"1\"}", false },
		{ EXPR("{\"key\":\"a\",\"operator\":\"In\",\"values\":[\"1\","
		       "\"2\"]}"),
		  "{\"a\":\"2\"}", true },
		{ EXPR("{\"key\":\"a\",\"operator\":\"In\",\"values\":[\"1\"]"
		       "}"),
		  "{}", false },
		{ EXPR("{\"key\":\"a\",\"operator\":\"NotIn\",\"values\":["
		       "\"1\"]}"),
		  "{}", true },
		{ EXPR("{\"key\":\"a\",\"operator\":\"NotIn\",\"values\":["
		       "\"1\"]}"),
		  "{\"a\":\"1\"}", false },
		{ EXPR("{\"key\":\"a\",\"operator\":\"NotIn\",\"values\":["
		       "\"1\"]}"),
		  "{\"a\":\"2\"}", true },
		{ EXPR("{\"key\":\"a\",\"operator\":\"Exists\"}"),
		  "{\"a\":\"\"}", true },
		{ EXPR("{\"key\":\"a\",\"operator\":\"Exists\"}"), "{}",
		  false },
		{ EXPR("{\"key\":\"a\",\"operator\":\"DoesNotExist\"}"), "{}",
		  true },
		{ EXPR("{\"key\":\"a\",\"operator\":\"DoesNotExist\"}"),
		  "{\"a\":\"\"}", false },
		{ EXPR("{\"key\":\"a\",\"operator\":\"Exists\"},{\"key\":\"b\","
		       "\"operator\":\"Exists\"}"),
		  "{\"a\":\"1\"}", false },
		{ EXPR("{\"key\":\"a\",\"operator\":\"NotIn\",\"values\":["
		       "\"1\"]}"),
		  "{\"a\":7}", false },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct json selector = read_json(&a, rows[i].selector);
		struct json labels = read_json(&a, rows[i].labels);
		struct error err;

		if (selector_matches(&selector, &labels) != rows[i].want)
			fail_msg("%s on %s", rows[i].selector, rows[i].labels);
		assert_int_equal(selector_check(&selector, &err), 0);
	}
}

static void missing_labels_are_no_labels(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json absent = read_json(
		&a, EXPR("{\"key\":\"a\",\"operator\":\"DoesNotExist\"}"));
	struct json wanted = read_json(&a, "{\"matchLabels\":{\"a\":\"1\"}}");

	(void)state;
	assert_true(selector_matches(&absent, &json_missing));
	assert_false(selector_matches(&wanted, &json_missing));
	assert_false(selector_matches(&json_missing, &json_missing));
}

static void malformed_selectors_match_nothing_and_are_refused(void **state)
{
	static const char *const rows[] = {
		"null",
		"[]",
		"\"a=b\"",
		"{\"matchLabel\":{}}",
		"{\"matchLabels\":[]}",
		"{\"matchLabels\":{\"a\":1}}",
		"{\"matchLabels\":{\"a\":null}}",
		"{\"matchLabels\":{\"a b\":\"\"}}",
		"{\"matchLabels\":{\"a\":\"b c\"}}",
		"{\"matchExpressions\":{}}",
		EXPR("7"),
		EXPR("{}"),
		EXPR("{\"key\":\"a\"}"),
		EXPR("{\"key\":\"a\",\"operator\":\"in\",\"values\":[\"1\"]}"),
		EXPR("{\"key\":\"a\",\"operator\":\"NotIn\"}"),
		EXPR("{\"key\":\"a\",\"operator\":\"NotIn\",\"values\":[]}"),
		EXPR("{\"key\":\"a\",\"operator\":\"NotIn\",\"values\":\"1\"}"),
		EXPR("{\"key\":\"a\",\"operator\":\"NotIn\",\"values\":[1]}"),
		EXPR("{\"key\":\"a\",\"operator\":\"NotIn\",\"values\":[\"-\"]"
		     "}"),
		EXPR("{\"key\":\"\",\"operator\":\"DoesNotExist\"}"),
		EXPR("{\"operator\":\"DoesNotExist\"}"),
		EXPR("{\"key\":\"a\",\"operator\":\"DoesNotExist\",\"values\":["
		     "\"1\"]}"),
		EXPR("{\"key\":\"a\",\"operator\":\"DoesNotExist\",\"value\":"
		     "\"1\"}"),
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct json selector = read_json(&a, rows[i]);
		struct error err;

		if (selector_check(&selector, &err) == 0)
			fail_msg("accepted %s", rows[i]);
		assert_int_equal(err.code, ERR_INPUT);
		assert_false(selector_matches(&selector, &json_missing));
	}
}

#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void keys_and_values_have_the_syntax_of_labels(void **state)
{
	static const struct {
		struct str text;
		bool key, value;
	} rows[] = {
		{ STR_INIT("app"), true, true },
		{ STR_INIT("A_b.c-9"), true, true },
		{ STR_INIT(""), false, true },
		{ STR_INIT("-a"), false, false },
		{ STR_INIT("a-"), false, false },
		{ STR_INIT("."), false, false },
		{ STR_INIT("a b"), false, false },
		{ STR_INIT("a\0"), false, false },
		{ STR_INIT("a\n"), false, false },
		{ STR_INIT("\xc3\xa9"), false, false },
		{ STR_INIT(A63), true, true },
		{ STR_INIT(A63 "a"), false, false },
		{ STR_INIT("example.com/app"), true, false },
		{ STR_INIT("Example.com/app"), false, false },
		{ STR_INIT("/app"), false, false },
		{ STR_INIT("example.com/"), false, false },
		{ STR_INIT("a/b/c"), false, false },
		{ STR_INIT("a..b/c"), false, false },
		{ STR_INIT("a-.b/c"), false, false },
		{ STR_INIT("a_b/c"), false, false },
		{ STR_INIT(A63 "a/c"), true, false },
		{ STR_INIT(A63 "." A63 "." A63 "." A63 "/c"), false, false },
		{ { NULL, 0 }, false, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (selector_label_key_valid(rows[i].text) != rows[i].key)
			fail_msg("key of row %zu", i);
		if (selector_label_value_valid(rows[i].text) != rows[i].value)
			fail_msg("value of row %zu", i);
	}
}

static void text_for_messages_is_short(void **state)
{
	static const char *const rows[][2] = {
		{ "{}", "<all>" },
		{ "null", "<none>" },
		{ "{\"matchLabels\":{\"app\":\"web\"},\"matchExpressions\":["
		  "{\"key\":\"tier\",\"operator\":\"In\",\"values\":[\"a\","
		  "\"b\"]},{\"key\":\"x\",\"operator\":\"DoesNotExist\"},"
		  "{\"key\":\"y\",\"operator\":\"Exists\"},{\"key\":\"z\","
		  "\"operator\":\"NotIn\",\"values\":[\"c\"]},{\"key\":\"q\","
		  "\"operator\":\"Maybe\"}]}",
		  "app=web,tier in (a,b),!x,y,z notin (c),q ?" },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct json selector = read_json(&a, rows[i][0]);

		assert_string_equal(selector_str(&a, &selector).p, rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selectors_match_as_in_kubernetes),
		cmocka_unit_test(missing_labels_are_no_labels),
		cmocka_unit_test(
			malformed_selectors_match_nothing_and_are_refused),
		cmocka_unit_test(keys_and_values_have_the_syntax_of_labels),
		cmocka_unit_test(text_for_messages_is_short),
	};

	return cmocka_run_group_tests_name("lib/selector.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
