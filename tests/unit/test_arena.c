/* lib/arena.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/arena.h"

static void memory_is_zeroed_and_aligned(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 8191, 300000, 3 };

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
			char *p = arena_alloc(&a, sizes[i], 1);

			assert_int_equal((uintptr_t)p % 16, 0);
			for (size_t at = 0; at < sizes[i]; at++)
				assert_int_equal(p[at], 0);
			memset(p, 0x5a, sizes[i]);
		}
		arena_reset(&a);
		assert_int_equal(a.used, 0);
	}
}

static void objects_do_not_overlap(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	uint64_t *p[5000];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(p); i++) {
		p[i] = arena_new(&a, uint64_t, 1 + i % 7);
		p[i][i % 7] = i;
	}
	for (size_t i = 0; i < ARRAY_LEN(p); i++)
		assert_int_equal(p[i][i % 7], i);
}

static void reset_gives_a_large_chunk_back(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	arena_alloc(&a, 8 << 20, 1);
	arena_reset(&a);
	assert_true(a.end - a.at <= 256 << 10);
	arena_reset(&a);
	assert_non_null(arena_alloc(&a, 1, 1));
}

static void rewinding_forgets_what_came_later(void **state)
{
	static const size_t sizes[] = { 0, 1, 8192, 300000, 8 << 20 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct arena mark = a;
		struct str kept;

		/* nothing was handed out yet */
		arena_alloc(&a, sizes[i], 1);
		arena_rewind(&a, &mark);
		assert_null(a.chunks);
		kept = arena_str(&a, STR("kept"));
		mark = a;
		for (int round = 0; round < 3; round++) {
			for (int n = 0; n < 50; n++)
				memset(arena_alloc(&a, sizes[i], 1), 0x5a,
				       sizes[i]);
			arena_reserve(&a, 100);
			arena_rewind(&a, &mark);
			assert_int_equal(a.used, mark.used);
			assert_ptr_equal(a.chunks, mark.chunks);
			assert_true(str_is(kept, "kept"));
		}
		assert_int_equal(*(char *)arena_alloc(&a, 1, 1), 0);
	}
}

static void release_leaves_a_usable_arena(void **state)
{
	struct arena a = ARENA_INIT;

	(void)state;
	arena_release(&a);
	arena_alloc(&a, 10, 10);
	arena_release(&a);
	assert_null(a.chunks);
	assert_int_equal(a.used, 0);
	arena_alloc(&a, 1, 1);
	arena_release(&a);
}

static void text_is_copied_with_a_nul_behind(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	static const struct str rows[] = {
		STR_INIT(""), STR_INIT("abc"), STR_INIT("a\0b"), { NULL, 0 }
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s = arena_str(&a, rows[i]);

		assert_true(str_eq(s, rows[i]));
		assert_ptr_not_equal(s.p, rows[i].p);
		assert_int_equal(s.p[s.n], '\0');
	}
}

static void formatted_text_may_be_long(void **state)
{
	static const int lengths[] = { 0, 1, 254, 255, 256, 257, 5000 };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		struct str s = arena_printf(&a, "%*s", lengths[i], "");

		assert_int_equal(s.n, lengths[i]);
		assert_int_equal(s.p[s.n], '\0');
		assert_int_equal(str_trim(s).n, 0);
	}
}

static void a_growing_array_keeps_its_elements(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	int *v = NULL;
	size_t cap = 0;

	(void)state;
	for (int n = 0; n < 1000; n++) {
		v = arena_grow(&a, v, (size_t)n, &cap, sizeof(*v));
		assert_true(cap > (size_t)n);
		assert_int_equal(v[n], 0);
		v[n] = n;
	}
	for (int n = 0; n < 1000; n++)
		assert_int_equal(v[n], n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(objects_do_not_overlap),
		cmocka_unit_test(reset_gives_a_large_chunk_back),
		cmocka_unit_test(rewinding_forgets_what_came_later),
		cmocka_unit_test(release_leaves_a_usable_arena),
		cmocka_unit_test(text_is_copied_with_a_nul_behind),
		cmocka_unit_test(formatted_text_may_be_long),
		cmocka_unit_test(a_growing_array_keeps_its_elements),
	};

	return cmocka_run_group_tests_name("lib/arena.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
