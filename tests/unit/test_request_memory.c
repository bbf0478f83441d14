/* lib/request_memory.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/request_memory.h"

enum { KIB = 1 << 10, BUDGET = 1 << 20 };

static struct str bytes(struct arena *a, size_t n)
{
	return (struct str){ arena_new(a, char, n), n };
}

static void short_bodies_do_not_count(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct request_pool *pool = request_pool_new(2, 1);
	struct request_memory *m = request_memory_take(pool, BUDGET);

	(void)state;
	assert_int_equal(
		request_memory_add(pool, m, bytes(&a, REQUEST_BODY_FREE)),
		REQUEST_FITS);
	assert_int_equal(request_pool_charged(pool), 0);
	assert_int_equal(request_memory_add(pool, m, STR("x")),
			 REQUEST_NO_ROOM);
	assert_int_equal(m->body.n, 0);
	request_memory_give(pool, &m);
	request_pool_free(&pool);
}

static void the_budget_is_shared_and_given_back(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct request_pool *pool = request_pool_new(2, BUDGET);
	struct request_memory *x = request_memory_take(pool, 2 * BUDGET);
	struct request_memory *y = request_memory_take(pool, 2 * BUDGET);

	(void)state;
	assert_int_equal(request_memory_add(pool, x, bytes(&a, 700 * KIB)),
			 REQUEST_FITS);
	assert_int_equal(request_pool_charged(pool), 700 * KIB);
	assert_int_equal(request_memory_fits(pool, y, 400 * KIB),
			 REQUEST_NO_ROOM);
	assert_int_equal(request_memory_fits(pool, y, 64 * KIB), REQUEST_FITS);
	assert_int_equal(request_memory_add(pool, y, bytes(&a, 400 * KIB)),
			 REQUEST_NO_ROOM);
	request_memory_give(pool, &x);
	assert_int_equal(request_pool_charged(pool), 0);
	assert_int_equal(request_memory_add(pool, y, bytes(&a, 400 * KIB)),
			 REQUEST_FITS);
	request_memory_give(pool, &y);
	assert_int_equal(request_pool_charged(pool), 0);
	request_pool_free(&pool);
}

static void the_cap_of_a_body_is_exact(void **state)
{
	struct request_pool *pool = request_pool_new(2, BUDGET);
	struct request_memory *m = request_memory_take(pool, 4);

	(void)state;
	assert_int_equal(request_memory_fits(pool, m, 4), REQUEST_FITS);
	assert_int_equal(request_memory_fits(pool, m, 5), REQUEST_TOO_LARGE);
	assert_int_equal(request_memory_add(pool, m, STR("abcd")),
			 REQUEST_FITS);
	assert_int_equal(request_memory_add(pool, m, STR("e")),
			 REQUEST_TOO_LARGE);
	request_memory_give(pool, &m);
	request_pool_free(&pool);
}

static void memory_is_used_again_and_empty(void **state)
{
	struct request_pool *pool = request_pool_new(1, BUDGET);
	struct request_memory *x = request_memory_take(pool, 10);
	struct request_memory *y = request_memory_take(pool, 10), *first = x;

	(void)state;
	assert_int_equal(request_memory_add(pool, x, STR("abc")), REQUEST_FITS);
	arena_str(&x->arena, STR("abc"));
	request_memory_give(pool, &x);
	request_memory_give(pool, &y);
	assert_null(x);
	x = request_memory_take(pool, 20);
	assert_ptr_equal(x, first);
	assert_int_equal(x->body.n, 0);
	assert_int_equal(x->body.cap, 20);
	assert_int_equal(x->arena.used, 0);
	request_memory_give(pool, &x);
	request_pool_free(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_bodies_do_not_count),
		cmocka_unit_test(the_budget_is_shared_and_given_back),
		cmocka_unit_test(the_cap_of_a_body_is_exact),
		cmocka_unit_test(memory_is_used_again_and_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
