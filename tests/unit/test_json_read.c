/* lib/json_read.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "lib/json_read.h"

enum { FLAGS_ALL = JSON_READ_MARKS };

static int read_text(struct arena *a, struct str text, struct json *doc)
{
	struct error err;

	return json_read(a, text, 0, NULL, doc, &err);
}

static void texts_that_are_not_json_are_refused(void **state)
{
	/* Line, column and a part of the message. */
	static const struct {
		struct str text;
		uint32_t line, column;
		const char *want;
	} rows[] = {
		{ STR_INIT(""), 1, 1, "empty" },
		{ STR_INIT(" \n\t "), 1, 1, "empty" },
		{ STR_INIT("{"), 1, 2, "premature EOF" },
		{ STR_INIT("[1,\n2"), 2, 2, "premature EOF" },
		{ STR_INIT("\"abc"), 1, 5, "premature EOF" },
		{ STR_INIT("]"), 1, 1, "unallowed token" },
		{ STR_INIT("[1}"), 1, 3, "after array element" },
		{ STR_INIT("[1,]"), 1, 4, "unallowed token" },
		{ STR_INIT("[,1]"), 1, 2, "unallowed token" },
		{ STR_INIT("{\"a\":1,}"), 1, 8, "invalid object key" },
		{ STR_INIT("{\"a\" 1}"), 1, 6, "colon" },
		{ STR_INIT("{\"a\":}"), 1, 6, "unallowed token" },
		{ STR_INIT("{1:1}"), 1, 2, "must be a string" },
		{ STR_INIT("{a:1}"), 1, 2, "invalid char" },
		{ STR_INIT("['a']"), 1, 2, "invalid char" },
		{ STR_INIT("[nul]"), 1, 5, "not JSON" },
		{ STR_INIT("[True]"), 1, 2, "invalid char" },
		{ STR_INIT("tru"), 1, 4, "not JSON" },
		/* Comments. */
		{ STR_INIT("/* c */ 1"), 1, 1, "comment" },
		{ STR_INIT("[1 // c\n]"), 1, 4, "comment" },
		{ STR_INIT("1 /* c */"), 1, 3, "behind" },
		{ STR_INIT("# c\n1"), 1, 1, "invalid char" },
		/* Byte order marks. */
		{ STR_INIT("\xef\xbb\xbf{}"), 1, 1, "byte order mark" },
		{ STR_INIT("\xff\xfe{\0}\0"), 1, 1, "invalid char" },
		/* Something behind the value. */
		{ STR_INIT("{} x"), 1, 4, "behind" },
		{ STR_INIT("1 2"), 1, 3, "behind" },
		{ STR_INIT("{}\n{}"), 2, 1, "behind" },
		{ STR_INIT("{}}"), 1, 3, "behind" },
		{ STR_INIT("{},"), 1, 3, "behind" },
		{ STR_INIT("{} \"abc"), 1, 4, "behind" },
		{ STR_INIT("[]\0"), 1, 3, "behind" },
		{ STR_INIT("\"a\" \"b"), 1, 5, "behind" },
		{ STR_INIT("1 -"), 1, 3, "behind" },
		/* White space and control characters. */
		{ STR_INIT("[\v1]"), 1, 2, "control character" },
		{ STR_INIT("[]\f"), 1, 3, "control character" },
		{ STR_INIT("[\"a\nb\"]"), 1, 4, "inside string" },
		{ STR_INIT("[\"\x01\"]"), 1, 3, "inside string" },
		{ STR_INIT("[\"a\0b\"]"), 1, 4, "inside string" },
		{ STR_INIT("[\xc2\xa0]"), 1, 2, "invalid char" },
		/* Numbers. */
		{ STR_INIT("[01]"), 1, 2, "not JSON" },
		{ STR_INIT("[-01]"), 1, 2, "not JSON" },
		{ STR_INIT("[+1]"), 1, 2, "invalid char" },
		{ STR_INIT("[.5]"), 1, 2, "invalid char" },
		{ STR_INIT("[1.]"), 1, 4, "malformed number" },
		{ STR_INIT("[1e]"), 1, 4, "malformed number" },
		{ STR_INIT("-"), 1, 2, "malformed number" },
		{ STR_INIT("0x10"), 1, 2, "behind" },
		{ STR_INIT("[NaN]"), 1, 2, "invalid char" },
		{ STR_INIT("[Infinity]"), 1, 2, "invalid char" },
		/* Escapes. */
		{ STR_INIT("[\"\\q\"]"), 1, 4, "not JSON" },
		{ STR_INIT("[\"\\x41\"]"), 1, 4, "not JSON" },
		{ STR_INIT("[\"\\u12g4\"]"), 1, 7, "non-hex" },
		{ STR_INIT("[\"\\u12"), 1, 7, "non-hex" },
		{ STR_INIT("[\"\\"), 1, 4, "not JSON" },
		/* Halves of surrogate pairs, escaped. */
		{ STR_INIT("[\"\\udc00\"]"), 1, 3, "second half" },
		{ STR_INIT("[\"\\ud800\"]"), 1, 3, "first half" },
		{ STR_INIT("[\"\\ud800x\"]"), 1, 3, "first half" },
		{ STR_INIT("[\"\\uD800\\u0041\"]"), 1, 3, "first half" },
		{ STR_INIT("[\"\\ud800\\ud800\"]"), 1, 3, "first half" },
		{ STR_INIT("[\"\\ud800\\n\"]"), 1, 3, "first half" },
		{ STR_INIT("[\"\\udc00\\ud800\"]"), 1, 3, "second half" },
		{ STR_INIT("[\"\\ud83d\\ude00\\udbff"), 1, 15, "first half" },
		{ STR_INIT("{\"\\\\\\udfff\":1}"), 1, 5, "second half" },
		/* Bytes that are not UTF-8, in strings and keys. */
		{ STR_INIT("[\"\xc0\xaf\"]"), 1, 2, "UTF-8" },
		{ STR_INIT("[\"\xe0\x80\x80\"]"), 1, 2, "UTF-8" },
		{ STR_INIT("[\"\xed\xa0\x80\"]"), 1, 2, "UTF-8" },
		{ STR_INIT("[\"\xed\xa0\xbd\xed\xb8\x80\"]"), 1, 2, "UTF-8" },
		{ STR_INIT("[\"\xf4\x90\x80\x80\"]"), 1, 2, "UTF-8" },
		{ STR_INIT("[\"\xf5\x80\x80\x80\"]"), 1, 2, "UTF-8" },
		{ STR_INIT("[\"\xc3\"]"), 1, 2, "UTF-8" },
		{ STR_INIT("[\"\\n\xff\"]"), 1, 2, "UTF-8" },
		{ STR_INIT("{\"\xc0\x80\":1}"), 1, 2, "UTF-8" },
		/* Keys. */
		{ STR_INIT("{\"a\\u0000\":1}"), 1, 2, "NUL" },
		{ STR_INIT("{\"a\":1,\n \"a\":2}"), 2, 2, "duplicate key" },
		{ STR_INIT("{\"a\":1,\"\\u0061\":2}"), 1, 8, "duplicate key" },
		{ STR_INIT("{\"\":1,\"\":2}"), 1, 7, "duplicate key" },
		{ STR_INIT("[\"\xc3\xa9\",\"\xc3\xa9\",x]"), 1, 10, "invalid" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (unsigned flags = 0; flags <= FLAGS_ALL; flags++) {
			CLEANUP(arena_release) struct arena a = ARENA_INIT;
			struct error err;
			struct json doc;

			if (json_read(&a, rows[i].text, flags, NULL, &doc,
				      &err) == 0)
				fail_msg("accepted: %s", rows[i].text.p);
			if (err.code != ERR_INPUT || err.line != rows[i].line ||
			    err.column != rows[i].column ||
			    !strstr(err.msg, rows[i].want))
				fail_msg("%s: %u:%u %s", rows[i].text.p,
					 err.line, err.column, err.msg);
		}
}

static void strings_are_decoded(void **state)
{
	static const struct {
		struct str text, want;
	} rows[] = {
		{ STR_INIT("\"\""), STR_INIT("") },
		{ STR_INIT(" \"a b\" \r\n"), STR_INIT("a b") },
		{ STR_INIT("\"a\\u0000b\""), STR_INIT("a\0b") },
		{ STR_INIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
		  STR_INIT("\"\\/\b\f\n\r\t") },
		{ STR_INIT("\"\\u00e9\\u20AC\""),
		  STR_INIT("\xc3\xa9\xe2\x82\xac") },
		{ STR_INIT("\"\\ud83d\\ude00\\uDBFF\\uDFFF\""),
		  STR_INIT("\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf") },
		{ STR_INIT("\"\\ud7ff\\ue000\\uffff\""),
		  STR_INIT("\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf") },
		{ STR_INIT("\"\\\\ud800\""), STR_INIT("\\ud800") },
		{ STR_INIT("\"\xf0\x9f\x98\x80\x7f\""),
		  STR_INIT("\xf0\x9f\x98\x80\x7f") },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct json doc;

		if (read_text(&a, rows[i].text, &doc) < 0 ||
		    !json_str_is(&doc, rows[i].want))
			fail_msg("%s", rows[i].text.p);
	}
}

static void numbers_stay_as_their_text(void **state)
{
	static const char *const rows[] = {
		"0",
		"-0",
		"-0.0",
		"1e999",
		"-1E-999",
		"0.1",
		"9223372036854775808",
		"-9223372036854775808",
		"123456789012345678901234567890123456789012345678901234567890",
		"1.00",
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str array = arena_printf(&a, "[%s]", rows[i]);
		struct json doc;

		assert_int_equal(read_text(&a, str_of(rows[i]), &doc), 0);
		assert_true(json_is(&doc, JSON_NUMBER));
		assert_true(str_is(json_text(&doc), rows[i]));
		assert_int_equal(read_text(&a, array, &doc), 0);
		assert_true(str_is(json_text(json_item(&doc, 0)), rows[i]));
	}
}

static void members_keep_their_order(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json doc;

	(void)state;
	assert_int_equal(read_text(&a,
				   STR("{\"b\":[],\"a\":{},\"c\":[null,true,"
				       "false],\"\":\"\"}"),
				   &doc),
			 0);
	assert_int_equal(json_len(&doc), 4);
	assert_true(str_is(doc.u.members[0].key, "b"));
	assert_true(str_is(doc.u.members[3].key, ""));
	assert_int_equal(json_len(json_at(&doc, "c")), 3);
	assert_true(json_is_false(json_item(json_at(&doc, "c"), 2)));
	assert_int_equal(doc.start.line, 0);
}

static void plain_text_is_borrowed_and_escaped_text_is_not(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str text = STR("{\"plain\":\"text\",\"e\":\"\\n\",\"n\":12}");
	struct json doc;
	const char *p;

	(void)state;
	assert_int_equal(read_text(&a, text, &doc), 0);
	p = json_at(&doc, "plain")->u.text.p;
	assert_true(p >= text.p && p < text.p + text.n);
	p = json_at(&doc, "n")->u.text.p;
	assert_true(p >= text.p && p < text.p + text.n);
	p = json_at(&doc, "e")->u.text.p;
	assert_false(p >= text.p && p < text.p + text.n);
}

static struct str brackets(struct buf *b, size_t depth, bool close)
{
	buf_clear(b);
	buf_fill(b, '[', depth);
	if (close)
		buf_fill(b, ']', depth);
	return buf_str(b);
}

static void depth_is_capped(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf b = BUF_INIT(4 << 20);
	struct error err;
	struct json doc;

	(void)state;
	assert_int_equal(read_text(&a, brackets(&b, 100, true), &doc), 0);
	assert_int_equal(
		json_read(&a, brackets(&b, 101, true), 0, NULL, &doc, &err),
		-1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(err.column, 101);
	assert_int_equal(json_read(&a, brackets(&b, 1000000, false), 0, NULL,
				   &doc, &err),
			 -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void bytes_and_nodes_are_capped(void **state)
{
	static const struct json_limits limits = { 12, 10, 4, false };
	static const struct {
		const char *text;
		int want;
	} rows[] = {
		{ "[1,2,3]", 0 },	 { "[1,2,3,4]", -1 },
		{ "{\"a\":[1,2]}", 0 },	 { "{\"a\":[{},{}]}", -1 },
		{ "\"0123456789\"", 0 }, { "\"01234567890\"", -1 },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err;
		struct json doc;
		int r = json_read(&a, str_of(rows[i].text), 0, &limits, &doc,
				  &err);

		if (r != rows[i].want || (r < 0 && err.code != ERR_LIMIT) ||
		    (r < 0 && !err.line))
			fail_msg("%s", rows[i].text);
	}
}

static void marks_say_where_values_and_keys_are(void **state)
{
	static const char text[] =
		"{\n"
		"  \"\\\"k\": [-1.5e3 ,\ttrue],\n"
		"  \"\xc3\xa9\": {\"x\": \"\\\\\"}, \"n\":null\n"
		"}";
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err;
	struct json doc;
	const struct json *v;

	(void)state;
	assert_int_equal(
		json_read(&a, STR(text), JSON_READ_MARKS, NULL, &doc, &err), 0);
	assert_int_equal(doc.start.line, 1);
	assert_int_equal(doc.start.column, 1);
	assert_int_equal(doc.end.line, 4);
	assert_int_equal(doc.end.column, 2);
	assert_int_equal(doc.u.members[0].at.line, 2);
	assert_int_equal(doc.u.members[0].at.column, 3);
	v = json_at(&doc, "\"k");
	assert_int_equal(v->start.column, 10);
	assert_int_equal(v->end.column, 25);
	assert_int_equal(json_item(v, 0)->start.column, 11);
	assert_int_equal(json_item(v, 0)->end.column, 17);
	assert_int_equal(json_item(v, 1)->start.column, 20);
	assert_int_equal(json_item(v, 1)->end.column, 24);
	v = json_at(&doc, "\xc3\xa9", "x");
	assert_int_equal(v->start.line, 3);
	assert_int_equal(v->start.column, 14);
	assert_int_equal(v->end.column, 18);
	v = json_at(&doc, "n");
	assert_int_equal(v->start.column, 25);
	assert_int_equal(v->end.column, 29);
}

static void a_number_alone_has_its_marks(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err;
	struct json doc;

	(void)state;
	assert_int_equal(
		json_read(&a, STR(" 12"), JSON_READ_MARKS, NULL, &doc, &err),
		0);
	assert_int_equal(doc.start.column, 2);
	assert_int_equal(doc.end.column, 4);
}

/* All keys differ, many share a length: quadratic work would take minutes. */
static void hostile_objects_take_linear_time(void **state)
{
	enum { MEMBERS = 200000 };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(buf_release) struct buf b = BUF_INIT(8 << 20);
	struct json doc;

	(void)state;
	for (int i = 0; i < MEMBERS; i++)
		buf_printf(&b, "%c\"%07d\":0", i ? ',' : '{', i);
	buf_putc(&b, '}');
	assert_int_equal(read_text(&a, buf_str(&b), &doc), 0);
	assert_int_equal(json_len(&doc), MEMBERS);
}

static void keys_with_nul_are_kept_where_asked_for(void **state)
{
	static const struct json_limits limits = { 100, 10, 10, true };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct json doc;

	(void)state;
	assert_int_equal(json_read(&a, STR("{\"a\":1,\"a\\u0000\":2}"), 0,
				   &limits, &doc, &err),
			 0);
	assert_int_equal(json_len(&doc), 2);
	assert_true(json_exists(json_get(&doc, (struct str){ "a\0", 2 })));
	assert_int_equal(json_read(&a, STR("{\"a\\u0000\":1,\"a\\u0000\":2}"),
				   0, &limits, &doc, &err),
			 -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_with_nul_are_kept_where_asked_for),
		cmocka_unit_test(texts_that_are_not_json_are_refused),
		cmocka_unit_test(strings_are_decoded),
		cmocka_unit_test(numbers_stay_as_their_text),
		cmocka_unit_test(members_keep_their_order),
		cmocka_unit_test(
			plain_text_is_borrowed_and_escaped_text_is_not),
		cmocka_unit_test(depth_is_capped),
		cmocka_unit_test(bytes_and_nodes_are_capped),
		cmocka_unit_test(marks_say_where_values_and_keys_are),
		cmocka_unit_test(a_number_alone_has_its_marks),
		cmocka_unit_test(hostile_objects_take_linear_time),
	};

	return cmocka_run_group_tests_name("lib/json_read.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
