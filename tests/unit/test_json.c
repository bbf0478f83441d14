/* lib/json.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/json.h"

static struct json number(const char *text)
{
	return json_make_number(str_of(text));
}

/* {"spec":{"ports":[80,443],"host":"a"},"on":true} */
static struct json sample(struct arena *a)
{
	struct json ports = json_make_array(), spec = json_make_object();
	struct json root = json_make_object();

	json_append(a, &ports, number("80"));
	json_append(a, &ports, number("443"));
	json_add(a, &spec, STR("ports"), ports);
	json_add(a, &spec, STR("host"), json_make_string(STR("a")));
	json_add(a, &root, STR("spec"), spec);
	json_add(a, &root, STR("on"), json_make_bool(true));
	return root;
}

static void look_ups_are_total(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json root = sample(&a);
	const struct json *spec = json_at(&root, "spec");

	(void)state;
	assert_true(json_is(spec, JSON_OBJECT));
	assert_int_equal(json_len(json_at(spec, "ports")), 2);
	assert_true(json_str_is(json_at(&root, "spec", "host"), STR("a")));
	assert_false(json_exists(json_at(&root, "spec", "host", "x")));
	assert_false(json_exists(json_at(&root, "none", "of", "these")));
	assert_false(json_exists(json_get(&json_missing, STR("a"))));
	assert_false(json_exists(json_item(spec, 0)));
	assert_false(json_exists(json_item(json_at(spec, "ports"), 2)));
	assert_null(json_member(&root, STR("Spec")));
	assert_null(json_member(&root, STR("spec\0x")));
	assert_non_null(json_member(&root, STR("spec")));
	assert_null(json_str(json_at(spec, "ports")).p);
	assert_true(json_bool(json_at(&root, "on"), false));
	assert_true(json_bool(json_at(&root, "off"), true));
}

static void iteration_over_no_collection_does_nothing(void **state)
{
	const struct json values[] = {
		json_missing,	       { .type = JSON_NULL },
		json_make_bool(true),  number("1"),
		json_make_array(),     json_make_object(),
		json_make_bool(false), json_make_string(STR("")),
	};
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		json_each_item(item, &values[i])
			n += json_exists(item);
		json_each_member(m, &values[i])
			n += m->key.n;
	}
	assert_int_equal(n, 0);
}

static void int_takes_whole_numbers_of_64_bits_only(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t want;
	} rows[] = {
		{ "0", true, 0 },
		{ "-0", true, 0 },
		{ "-17", true, -17 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 },
		{ "-9223372036854775809", false, 0 },
		{ "99999999999999999999", false, 0 },
		{ "1.0", false, 0 },
		{ "1e3", false, 0 },
		{ "-", false, 0 },
		{ "", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct json v = number(rows[i].text);
		int64_t n = 77;

		if (json_int(&v, &n) != rows[i].ok ||
		    n != (rows[i].ok ? rows[i].want : 77))
			fail_msg("%s", rows[i].text);
	}
}

static void int_of_no_number_is_refused(void **state)
{
	struct json text = json_make_string(STR("1"));
	int64_t n = 5;

	(void)state;
	assert_false(json_int(&text, &n));
	assert_false(json_int(&json_missing, &n));
	assert_int_equal(n, 5);
}

static void made_ints_read_back(void **state)
{
	static const int64_t rows[] = { 0, -1, 42, INT64_MAX, INT64_MIN };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct json v = json_make_int(&a, rows[i]);
		int64_t n;

		assert_true(json_int(&v, &n));
		assert_true(n == rows[i]);
	}
}

static void every_type_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(json_type_name(JSON_MISSING), "nothing");
	assert_string_equal(json_type_name(JSON_BOOL), "boolean");
	assert_string_equal(json_type_name(JSON_OBJECT), "object");
}

static void arrays_grow_and_keep_their_items(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json array = json_make_array();

	(void)state;
	for (int64_t i = 0; i < 100; i++)
		json_append(&a, &array, json_make_int(&a, i));
	assert_int_equal(json_len(&array), 100);
	for (int64_t i = 0; i < 100; i++) {
		int64_t n;

		assert_true(json_int(json_item(&array, (size_t)i), &n));
		assert_true(n == i);
	}
}

/* n members k0..; in steps that visit each when n and step have no divisor. */
static struct json members(struct arena *a, size_t n, size_t step)
{
	struct json object = json_make_object();

	for (size_t i = 0; i < n; i++) {
		size_t k = i * step % n;

		json_add(a, &object, arena_printf(a, "k%zu", k),
			 json_make_int(a, (int64_t)k));
	}
	return object;
}

static void equality_ignores_the_order_of_members(void **state)
{
	static const size_t sizes[] = { 2, 5, 16, 17, 101, 5003 };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct json x = members(&a, sizes[i], 1);
		struct json y = members(&a, sizes[i], sizes[i] - 1);

		assert_true(json_equal(&x, &y));
		assert_true(json_equal(&y, &x));
		y.u.members[1].value = number("-1");
		assert_false(json_equal(&x, &y));
		y.u.members[1].key = STR("other");
		assert_false(json_equal(&x, &y));
	}
}

static void different_values_are_not_equal(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json one = json_make_array(), two = json_make_array();
	struct json rows[] = {
		json_missing,
		{ .type = JSON_NULL },
		json_make_bool(false),
		json_make_bool(true),
		number("1"),
		number("1.0"),
		number("0"),
		number("-0"),
		json_make_string(STR("1")),
		json_make_string(STR("")),
		json_make_string(STR("a\0b")),
		json_make_string(STR("a\0c")),
		json_make_array(),
		json_make_object(),
		json_missing,
		json_missing,
		sample(&a),
	};

	(void)state;
	json_append(&a, &one, number("1"));
	json_append(&a, &two, number("2"));
	rows[14] = one;
	rows[15] = two;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t k = 0; k < ARRAY_LEN(rows); k++)
			if (json_equal(&rows[i], &rows[k]) != (i == k))
				fail_msg("%zu and %zu", i, k);
}

static void a_copy_owns_its_text(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	char key[] = "key", text[] = "text";
	struct json v = json_make_object(), copy;

	(void)state;
	json_add(&a, &v, str_of(key), json_make_string(str_of(text)));
	v.start = (struct json_mark){ 3, 4 };
	v.u.members[0].at = (struct json_mark){ 5, 6 };
	copy = json_copy(&a, &v);
	key[0] = text[0] = 'X';
	assert_true(json_str_is(json_at(&copy, "key"), STR("text")));
	assert_int_equal(copy.start.column, 4);
	assert_int_equal(copy.u.members[0].at.line, 5);
}

static void a_copy_is_equal_and_can_grow(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t n = 0; n < 40; n++) {
		struct json v = members(&a, n, 1), copy = json_copy(&a, &v);

		assert_true(json_equal(&v, &copy));
		json_add(&a, &copy, STR("more"), sample(&a));
		assert_int_equal(json_len(&v), n);
		assert_int_equal(json_len(&copy), n + 1);
		assert_true(json_exists(json_at(&copy, "more", "spec")));
	}
}

static void an_exact_copy_is_equal_and_takes_less(void **state)
{
	(void)state;
	for (size_t n = 0; n < 40; n++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		CLEANUP(arena_release) struct arena exact = ARENA_INIT;
		CLEANUP(arena_release) struct arena grown = ARENA_INIT;
		struct json v = members(&a, n, 1);
		struct json copy = json_copy_exact(&exact, &v);
		struct json larger = json_copy(&grown, &v);

		assert_true(json_equal(&v, &copy));
		assert_true(json_equal(&larger, &copy));
		assert_true(exact.used <= grown.used);
		if (n == 1)
			assert_true(exact.used < grown.used);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(look_ups_are_total),
		cmocka_unit_test(iteration_over_no_collection_does_nothing),
		cmocka_unit_test(int_takes_whole_numbers_of_64_bits_only),
		cmocka_unit_test(int_of_no_number_is_refused),
		cmocka_unit_test(made_ints_read_back),
		cmocka_unit_test(every_type_has_a_name),
		cmocka_unit_test(arrays_grow_and_keep_their_items),
		cmocka_unit_test(equality_ignores_the_order_of_members),
		cmocka_unit_test(different_values_are_not_equal),
		cmocka_unit_test(a_copy_owns_its_text),
		cmocka_unit_test(a_copy_is_equal_and_can_grow),
		cmocka_unit_test(an_exact_copy_is_equal_and_takes_less),
	};

	return cmocka_run_group_tests_name("lib/json.c", tests, NULL, NULL) ? 1
									    : 0;
}
