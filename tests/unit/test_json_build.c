/* lib/json_build.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/json_build.h"

static const struct json_mark nowhere = { 0, 0 };

static const struct json null_value = { .type = JSON_NULL };

static int open_array(struct json_build *b)
{
	return json_build_open(b, JSON_ARRAY, JSON_STYLE_NONE, nowhere);
}

static int open_object(struct json_build *b)
{
	return json_build_open(b, JSON_OBJECT, JSON_STYLE_NONE, nowhere);
}

static int member(struct json_build *b, struct str key, uint32_t line)
{
	if (json_build_key(b, key, (struct json_mark){ line, 1 }) < 0)
		return -1;
	return json_build_scalar(b, null_value);
}

static void utf8_is_rfc_3629(void **state)
{
	static const struct {
		struct str text;
		long bad; /* offset, -1 when valid */
	} rows[] = {
		{ STR_INIT(""), -1 },
		{ STR_INIT("a\0b"), -1 },
		{ STR_INIT("twelve ascii and more"), -1 },
		{ STR_INIT("\xc2\x80 \xdf\xbf"), -1 },
		{ STR_INIT("\xe0\xa0\x80 \xef\xbf\xbf"), -1 },
		{ STR_INIT("\xed\x9f\xbf \xee\x80\x80"), -1 },
		{ STR_INIT("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"), -1 },
		{ STR_INIT("eight by\xc3\xa9"), -1 },
		{ STR_INIT("1234567\xc3\xa9"), -1 },
		{ STR_INIT("\x80"), 0 },
		{ STR_INIT("a\xbf"), 1 },
		{ STR_INIT("ab\xff"), 2 },
		{ STR_INIT("abc\xfe"), 3 },
		{ STR_INIT("1234567\x80"), 7 },
		{ STR_INIT("12345678\x80"), 8 },
		{ STR_INIT("123456789abcdef\x80 0123456789abcdef"), 15 },
		{ STR_INIT("\xc0\xaf"), 0 },
		{ STR_INIT("\xc1\xbf"), 0 },
		{ STR_INIT("\xe0\x80\x80"), 0 },
		{ STR_INIT("\xe0\x9f\xbf"), 0 },
		{ STR_INIT("\xed\xa0\x80"), 0 },
		{ STR_INIT("\xed\xbf\xbf"), 0 },
		{ STR_INIT("\xf0\x80\x80\x80"), 0 },
		{ STR_INIT("\xf0\x8f\xbf\xbf"), 0 },
		{ STR_INIT("\xf4\x90\x80\x80"), 0 },
		{ STR_INIT("\xf5\x80\x80\x80"), 0 },
		{ STR_INIT("\xf8\x88\x80\x80\x80"), 0 },
		{ STR_INIT("\xc3"), 0 },
		{ STR_INIT("\xe2\x82"), 0 },
		{ STR_INIT("ok\xf0\x9f\x98"), 2 },
		{ STR_INIT("\xe2\x28\xa1"), 0 },
		{ STR_INIT("\xf0\x9f\x98\x28"), 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t at = 0;
		bool valid = json_utf8_valid(rows[i].text, &at);

		if (valid != (rows[i].bad < 0) ||
		    (!valid && at != (size_t)rows[i].bad))
			fail_msg("row %zu, at %zu", i, at);
		assert_int_equal(json_utf8_valid(rows[i].text, NULL), valid);
	}
	assert_true(json_utf8_valid(STR_NONE, NULL));
}

static void utf8_finds_a_bad_byte_at_every_offset(void **state)
{
	char text[40];

	(void)state;
	for (size_t n = 1; n <= sizeof(text); n++)
		for (size_t i = 0; i < n; i++) {
			size_t at = n;

			memset(text, 'a', sizeof(text));
			text[i] = (char)0x80;
			assert_false(
				json_utf8_valid((struct str){ text, n }, &at));
			assert_int_equal(at, i);
		}
}

static void numbers_follow_rfc_8259(void **state)
{
	static const char *const good[] = {
		"0",	 "-0",
		"10",	 "-1.5",
		"0.0",	 "1e5",
		"1E+05", "1.25e-10",
		"1e999", "123456789012345678901234567890",
	};
	static const char *const bad[] = {
		"",    "-",   "+1",    "01",	"-01", ".5",  "1.",
		"1.e", "1e",  "1e+",   "0x10",	"1_0", " 1",  "1 ",
		"NaN", "Inf", "1.2.3", "1e5.0", "--1", "1,5", "0b1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!json_number_valid(str_of(good[i])))
			fail_msg("%s", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (json_number_valid(str_of(bad[i])))
			fail_msg("%s", bad[i]);
	assert_false(json_number_valid(STR("1\0")));
	assert_false(json_number_valid(STR_NONE));
}

static void events_become_a_tree(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct json_build *b = json_build_new(&a, &json_limits_default, &err);
	struct json doc;

	(void)state;
	assert_int_equal(open_object(b), 0);
	assert_int_equal(json_build_key(b, STR("a"), nowhere), 0);
	assert_int_equal(json_build_open(b, JSON_ARRAY, JSON_STYLE_FLOW,
					 (struct json_mark){ 2, 3 }),
			 0);
	assert_int_equal(json_build_depth(b), 2);
	assert_int_equal(json_build_scalar(b, json_make_bool(true)), 0);
	assert_int_equal(json_build_scalar(b, null_value), 0);
	assert_int_equal(json_build_close(b, (struct json_mark){ 4, 5 }), 0);
	assert_int_equal(member(b, STR("b"), 0), 0);
	assert_true(json_build_has(b, STR("a")));
	assert_false(json_build_has(b, STR("c")));
	assert_int_equal(json_build_close(b, nowhere), 0);
	assert_int_equal(json_build_finish(b, &doc), 0);
	assert_int_equal(json_len(&doc), 2);
	assert_int_equal(json_len(json_at(&doc, "a")), 2);
	assert_true(json_is_true(json_item(json_at(&doc, "a"), 0)));
	assert_int_equal(json_at(&doc, "a")->style, JSON_STYLE_FLOW);
	assert_int_equal(json_at(&doc, "a")->start.column, 3);
	assert_int_equal(json_at(&doc, "a")->end.line, 4);
	assert_true(json_is(json_at(&doc, "b"), JSON_NULL));
}

static void bad_text_is_refused_with_its_place(void **state)
{
	static const struct {
		struct str text;
		enum json_type type;
	} rows[] = {
		{ STR_INIT("\xc0\x80"), JSON_STRING },
		{ STR_INIT("\xed\xa0\x80"), JSON_STRING },
		{ STR_INIT("01"), JSON_NUMBER },
		{ STR_INIT(""), JSON_NUMBER },
		{ STR_INIT(".inf"), JSON_NUMBER },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct error err = ERROR_INIT;
		struct json_build *b =
			json_build_new(&a, &json_limits_default, &err);
		struct json v = { .type = (uint8_t)rows[i].type,
				  .start = { 7, 9 },
				  .u.text = rows[i].text };

		assert_int_equal(json_build_scalar(b, v), -1);
		assert_int_equal(err.code, ERR_INPUT);
		assert_int_equal(err.line, 7);
		assert_int_equal(err.column, 9);
	}
}

static void bad_keys_are_refused(void **state)
{
	static const struct {
		struct str key;
		const char *want;
	} rows[] = {
		{ STR_INIT("a"), "duplicate key, first on line 1: \"a\"" },
		{ STR_INIT("a\0"), "NUL" },
		{ STR_INIT("\0"), "NUL" },
		{ STR_INIT("a\xff"), "not valid UTF-8: byte 0xff at its "
				     "offset 1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct error err = ERROR_INIT;
		struct json_build *b =
			json_build_new(&a, &json_limits_default, &err);

		assert_int_equal(open_object(b), 0);
		assert_int_equal(member(b, STR("a"), 1), 0);
		assert_int_equal(member(b, rows[i].key, 2), -1);
		assert_int_equal(err.code, ERR_INPUT);
		assert_int_equal(err.line, 2);
		assert_non_null(strstr(err.msg, rows[i].want));
	}
}

static void duplicates_are_found_in_objects_of_any_size(void **state)
{
	static const size_t sizes[] = { 1, 2, 15, 16, 17, 18, 500 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		for (size_t dup = 0; dup < sizes[i]; dup += 1 + sizes[i] / 7) {
			CLEANUP(arena_release) struct arena a = ARENA_INIT;
			struct error err = ERROR_INIT;
			struct json_build *b =
				json_build_new(&a, &json_limits_default, &err);

			assert_int_equal(open_object(b), 0);
			for (size_t k = 0; k < sizes[i]; k++)
				assert_int_equal(
					member(b, arena_printf(&a, "%zu", k),
					       1),
					0);
			assert_int_equal(
				member(b, arena_printf(&a, "%zu", dup), 2), -1);
		}
}

static void the_same_key_in_another_object_is_fine(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct json_build *b = json_build_new(&a, &json_limits_default, &err);
	struct json doc;

	(void)state;
	assert_int_equal(open_object(b), 0);
	assert_int_equal(json_build_key(b, STR("a"), nowhere), 0);
	assert_int_equal(open_object(b), 0);
	assert_int_equal(member(b, STR("a"), 0), 0);
	assert_int_equal(json_build_close(b, nowhere), 0);
	assert_int_equal(member(b, STR("A"), 0), 0);
	assert_int_equal(json_build_close(b, nowhere), 0);
	assert_int_equal(json_build_finish(b, &doc), 0);
}

static void a_million_levels_stop_at_the_limit(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct json_build *b = json_build_new(&a, &json_limits_default, &err);
	int opened = 0;

	(void)state;
	for (int i = 0; i < 1000000; i++)
		opened += open_array(b) == 0;
	assert_int_equal(opened, 100);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void nodes_stop_at_the_limit(void **state)
{
	static const struct json_limits limits = { 100, 5, 4, false };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct json_build *b = json_build_new(&a, &limits, &err);

	(void)state;
	assert_int_equal(open_array(b), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(json_build_scalar(b, null_value), 0);
	assert_int_equal(json_build_scalar(b, null_value), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

/* [[null]] */
static struct json nested(struct arena *a)
{
	struct json inner = json_make_array(), outer = json_make_array();

	json_append(a, &inner, null_value);
	json_append(a, &outer, inner);
	return outer;
}

static void shared_values_count_in_full(void **state)
{
	static const struct {
		struct json_limits limits;
		int fit; /* how often three nodes, two levels may be added */
	} rows[] = {
		{ { 100, 3, 7, false }, 2 },
		{ { 100, 3, 6, false }, 1 },
		{ { 100, 3, 3, false }, 0 },
		{ { 100, 2, 100, false }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct error err = ERROR_INIT;
		struct json_build *b =
			json_build_new(&a, &rows[i].limits, &err);
		struct json v = nested(&a);
		int fit = 0;

		assert_int_equal(open_array(b), 0);
		while (json_build_value(b, &v) == 0)
			fit++;
		assert_int_equal(fit, rows[i].fit);
		assert_int_equal(err.code, ERR_LIMIT);
	}
}

static void shared_values_share_their_memory(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct json_build *b = json_build_new(&a, &json_limits_default, &err);
	struct json v = nested(&a), doc;

	(void)state;
	assert_int_equal(json_build_value(b, &v), 0);
	assert_int_equal(json_build_finish(b, &doc), 0);
	assert_ptr_equal(doc.u.items, v.u.items);
}

static void the_first_error_stays(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct json_build *b = json_build_new(&a, &json_limits_default, &err);
	struct json doc, bad = json_make_number(STR("x"));
	char first[sizeof(err.msg)];

	(void)state;
	assert_int_equal(open_object(b), 0);
	assert_int_equal(json_build_key(b, STR("a\0"), nowhere), -1);
	memcpy(first, err.msg, sizeof(first));
	assert_int_equal(json_build_scalar(b, bad), -1);
	assert_int_equal(json_build_key(b, STR("b"), nowhere), -1);
	assert_int_equal(open_array(b), -1);
	assert_int_equal(json_build_value(b, &bad), -1);
	assert_int_equal(json_build_close(b, nowhere), -1);
	assert_int_equal(json_build_finish(b, &doc), -1);
	assert_string_equal(err.msg, first);
}

static void a_document_is_exactly_one_value(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct json_build *none, *open, *two;
	struct json doc;

	(void)state;
	none = json_build_new(&a, &json_limits_default, &err);
	assert_int_equal(json_build_finish(none, &doc), -1);
	open = json_build_new(&a, &json_limits_default, &err);
	assert_int_equal(open_array(open), 0);
	assert_int_equal(json_build_finish(open, &doc), -1);
	two = json_build_new(&a, &json_limits_default, &err);
	assert_int_equal(json_build_scalar(two, null_value), 0);
	assert_int_equal(json_build_scalar(two, null_value), -1);
	assert_int_equal(json_build_finish(two, &doc), -1);
	assert_int_equal(err.code, ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_is_rfc_3629),
		cmocka_unit_test(utf8_finds_a_bad_byte_at_every_offset),
		cmocka_unit_test(numbers_follow_rfc_8259),
		cmocka_unit_test(events_become_a_tree),
		cmocka_unit_test(bad_text_is_refused_with_its_place),
		cmocka_unit_test(bad_keys_are_refused),
		cmocka_unit_test(duplicates_are_found_in_objects_of_any_size),
		cmocka_unit_test(the_same_key_in_another_object_is_fine),
		cmocka_unit_test(a_million_levels_stop_at_the_limit),
		cmocka_unit_test(nodes_stop_at_the_limit),
		cmocka_unit_test(shared_values_count_in_full),
		cmocka_unit_test(shared_values_share_their_memory),
		cmocka_unit_test(the_first_error_stays),
		cmocka_unit_test(a_document_is_exactly_one_value),
	};

	return cmocka_run_group_tests_name("lib/json_build.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
