/* lib/json_diff.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/json_diff.h"
#include "lib/json_edit.h"
#include "lib/json_read.h"
#include "lib/json_write.h"

static struct json parse(struct arena *a, const char *text)
{
	struct error err = ERROR_INIT;
	struct json doc;

	if (json_read(a, str_of(text), 0, NULL, &doc, &err) < 0)
		fail_msg("%s: %s", text, err.msg);
	return doc;
}

static void assert_text(struct arena *a, const struct json *v, const char *want)
{
	assert_string_equal(arena_str(a, json_to_str(a, v)).p, want);
}

#define ADD(path, value)                                                       \
	"{\"op\":\"add\",\"path\":\"" path "\",\"value\":" value "}"
#define REPLACE(path, value)                                                   \
	"{\"op\":\"replace\",\"path\":\"" path "\",\"value\":" value "}"
#define REMOVE(path) "{\"op\":\"remove\",\"path\":\"" path "\"}"

static void a_patch_is_exact_and_minimal(void **state)
{
	static const struct {
		const char *before, *after, *want;
	} rows[] = {
		{ "{}", "{}", "[]" },
		{ "null", "null", "[]" },
		{ "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", "[]" },
		{ "1", "2", "[" REPLACE("", "2") "]" },
		{ "1", "1.0", "[" REPLACE("", "1.0") "]" },
		{ "1", "\"1\"", "[" REPLACE("", "\"1\"") "]" },
		{ "{}", "[]", "[" REPLACE("", "[]") "]" },
		{ "{}", "{\"a\":{\"b\":1}}", "[" ADD("/a", "{\"b\":1}") "]" },
		{ "{\"a\":{}}", "{\"a\":{\"b\":1}}", "[" ADD("/a/b", "1") "]" },
		{ "{\"a\":null}", "{\"a\":{\"b\":1}}",
		  "[" REPLACE("/a", "{\"b\":1}") "]" },
		{ "{\"a\":null}", "{}", "[" REMOVE("/a") "]" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", "{\"c\":3,\"d\":4,\"a\":0}",
		  "[" ADD("/d", "4") "," REPLACE("/a",
						 "0") "," REMOVE("/b") "]" },
		{ "{\"a/b\":1,\"m~n\":2,\"\":3}", "{\"a/b\":0}",
		  "[" REPLACE("/a~1b",
			      "0") "," REMOVE("/m~0n") "," REMOVE("/") "]" },
		{ "[1,2]", "[1,2,3,4]",
		  "[" ADD("/2", "3") "," ADD("/3", "4") "]" },
		{ "[1,2,3]", "[1]", "[" REMOVE("/2") "," REMOVE("/1") "]" },
		{ "[{\"a\":1},2]", "[{\"a\":2},2]",
		  "[" REPLACE("/0/a", "2") "]" },
		{ "{\"a\":true}", "{\"a\":false}",
		  "[" REPLACE("/a", "false") "]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct json before = parse(&a, rows[i].before);
		const struct json after = parse(&a, rows[i].after);
		const struct json patch = json_diff(&a, &before, &after);
		struct error err = ERROR_INIT;
		struct json result;

		assert_text(&a, &patch, rows[i].want);
		if (json_patch(&a, &before, &patch, &result, &err) < 0)
			fail_msg("%s: %s", rows[i].want, err.msg);
		assert_true(json_equal(&result, &after));
	}
}

/* {"k0":0,...}, or the other way round, without those divisible by skip. */
static struct json numbered(struct arena *a, int n, bool backwards, int skip)
{
	struct json object = json_make_object();

	for (int i = 0; i < n; i++) {
		const int k = backwards ? n - 1 - i : i;

		if (skip == 0 || k % skip != 0)
			json_add(a, &object, arena_printf(a, "k%d", k),
				 json_make_int(a, k));
	}
	return object;
}

static void large_objects_are_compared_in_any_order(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct json all = numbered(&a, 2000, false, 0);
	const struct json reversed = numbered(&a, 2000, true, 0);
	const struct json some = numbered(&a, 2000, true, 4);
	struct json patch, result;
	struct error err;

	(void)state;
	assert_int_equal(json_diff(&a, &all, &reversed).n, 0);
	patch = json_diff(&a, &all, &some);
	assert_int_equal(patch.n, 500);
	assert_int_equal(json_patch(&a, &all, &patch, &result, &err), 0);
	assert_true(json_equal(&result, &some));
	patch = json_diff(&a, &some, &all);
	assert_int_equal(patch.n, 500);
	assert_int_equal(json_patch(&a, &some, &patch, &result, &err), 0);
	assert_true(json_equal(&result, &all));
}

/*
 * Each level holds the one below it twice, so a walk that did not skip shared
 * parts would not end in this life.
 */
static void shared_parts_are_not_walked(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json doc = json_make_bool(true);
	const struct path spec = PATH_KEY(NULL, "left");
	const struct path ttl = PATH_KEY(&spec, "new");
	struct json_edit e;
	struct json patch;

	(void)state;
	for (int level = 0; level < 64; level++) {
		struct json up = json_make_object();

		json_add(&a, &up, STR("left"), doc);
		json_add(&a, &up, STR("right"), doc);
		doc = up;
	}
	e = json_edit_start(&a, &doc);
	json_edit_set(&e, &ttl, json_make_bool(true));
	patch = json_diff(&a, &doc, &e.root);
	assert_text(&a, &patch, "[" ADD("/left/new", "true") "]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_patch_is_exact_and_minimal),
		cmocka_unit_test(large_objects_are_compared_in_any_order),
		cmocka_unit_test(shared_parts_are_not_walked),
	};

	return cmocka_run_group_tests_name("lib/json_diff.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
