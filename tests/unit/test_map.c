/* lib/map.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/map.h"

static void keys_are_told_apart_by_all_their_bytes(void **state)
{
	static const struct str keys[] = {
		STR_INIT(""),	       STR_INIT("a"),
		STR_INIT("a\0"),       STR_INIT("a\0b"),
		STR_INIT("a\0c"),      STR_INIT("12345678"),
		STR_INIT("123456789"), STR_INIT("1234567"),
		STR_INIT("\xff"),
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct map m = MAP_INIT(&a);
	int values[ARRAY_LEN(keys)];

	(void)state;
	assert_null(map_get(&m, STR("a")));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		assert_null(map_get(&m, keys[i]));
		map_set(&m, keys[i], &values[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		assert_ptr_equal(map_get(&m, keys[i]), &values[i]);
	assert_ptr_equal(map_get(&m, STR_NONE), &values[0]);
	assert_int_equal(m.n, ARRAY_LEN(keys));
	assert_null(map_get(&m, STR("b")));
}

static void setting_again_replaces(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct map m = MAP_INIT(&a);
	int one, two;

	(void)state;
	map_set(&m, STR("k"), &one);
	map_set(&m, STR("k"), &two);
	assert_int_equal(m.n, 1);
	assert_ptr_equal(map_get(&m, STR("k")), &two);
}

static void keys_are_copied(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct map m = MAP_INIT(&a);
	char key[] = "key";

	(void)state;
	map_set(&m, str_of(key), &m);
	key[0] = 'x';
	assert_ptr_equal(map_get(&m, STR("key")), &m);
	assert_null(map_get(&m, STR("xey")));
}

static void many_keys_are_all_found_and_walked_once(void **state)
{
	enum { MANY = 20000 };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct map m = MAP_INIT(&a);
	unsigned char *seen = arena_new(&a, unsigned char, MANY);
	const struct map_slot *slot;
	size_t at = 0, walked = 0;

	(void)state;
	for (int i = 0; i < MANY; i++)
		map_set(&m, arena_printf(&a, "key-%d", i), &seen[i]);
	for (int i = 0; i < MANY; i++)
		assert_ptr_equal(map_get(&m, arena_printf(&a, "key-%d", i)),
				 &seen[i]);
	while ((slot = map_next(&m, &at))) {
		unsigned char *mark = slot->value;

		assert_int_equal((*mark)++, 0);
		walked++;
	}
	assert_int_equal(walked, MANY);
	assert_true(2 * m.n <= m.size);
}

static void an_empty_map_has_nothing_to_walk(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct map m = MAP_INIT(&a);
	size_t at = 0;

	(void)state;
	assert_null(map_next(&m, &at));
	assert_null(map_get(&m, STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_told_apart_by_all_their_bytes),
		cmocka_unit_test(setting_again_replaces),
		cmocka_unit_test(keys_are_copied),
		cmocka_unit_test(many_keys_are_all_found_and_walked_once),
		cmocka_unit_test(an_empty_map_has_nothing_to_walk),
	};

	return cmocka_run_group_tests_name("lib/map.c", tests, NULL, NULL) ? 1
									   : 0;
}
