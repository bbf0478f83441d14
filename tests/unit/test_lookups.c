/* webhook/lookups.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/arena.h"
#include "webhook/lookups.h"

#define SECOND INT64_C(1000000000)

static struct lookups *fresh(struct arena *a)
{
	return arena_new(a, struct lookups, 1);
}

static void an_object_is_asked_for_once(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct lookups *l = fresh(&a);
	struct lookup *one;

	(void)state;
	assert_true(lookups_want(l, 1, STR("ns"), STR("a"), 0));
	assert_true(lookups_want(l, 1, STR("ns"), STR("a"), 0));
	one = lookups_next(l, 0);
	assert_non_null(one);
	assert_string_equal(one->ns, "ns");
	assert_string_equal(one->name, "a");
	assert_null(lookups_next(l, 0));
	/* while somebody asks */
	assert_true(lookups_want(l, 1, STR("ns"), STR("a"), 0));
	assert_null(lookups_next(l, 0));
	lookups_done(one, false, 0);
	assert_null(lookups_next(l, 0));
}

static void objects_differ_by_kind_namespace_and_name(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct lookups *l = fresh(&a);
	size_t n = 0;

	(void)state;
	assert_true(lookups_want(l, 1, STR("x"), STR("a"), 0));
	assert_true(lookups_want(l, 2, STR("x"), STR("a"), 0));
	assert_true(lookups_want(l, 1, STR("y"), STR("a"), 0));
	assert_true(lookups_want(l, 1, STR("x"), STR("b"), 0));
	assert_true(lookups_want(l, 1, STR(""), STR("a"), 0));
	while (lookups_next(l, 0))
		n++;
	assert_int_equal(n, 5);
}

static void absence_is_remembered_for_a_while(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct lookups *l = fresh(&a);

	(void)state;
	assert_true(lookups_want(l, 1, STR(""), STR("a"), 0));
	lookups_done(lookups_next(l, 0), true, 0);
	assert_false(lookups_want(l, 1, STR(""), STR("a"), 5 * SECOND - 1));
	assert_null(lookups_next(l, 5 * SECOND - 1));
	assert_true(lookups_want(l, 1, STR(""), STR("a"), 5 * SECOND));
	assert_non_null(lookups_next(l, 5 * SECOND));
}

static void names_that_are_none_are_not_asked_for(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct lookups *l = fresh(&a);
	char longer[LOOKUP_NAME_MAX + 1];

	(void)state;
	memset(longer, 'x', sizeof(longer));
	assert_false(lookups_want(l, 1, STR("ns"), STR(""), 0));
	assert_false(lookups_want(l, 1, STR("ns"), STR_NONE, 0));
	assert_false(lookups_want(l, 1, STR("ns"),
				  (struct str){ longer, LOOKUP_NAME_MAX }, 0));
	assert_false(lookups_want(l, 1, (struct str){ longer, sizeof(longer) },
				  STR("a"), 0));
	assert_true(lookups_want(l, 1, STR("ns"),
				 (struct str){ longer, LOOKUP_NAME_MAX - 1 },
				 0));
}

static void a_full_list_forgets_what_is_absent_first(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct lookups *l = fresh(&a);

	(void)state;
	for (int i = 0; i < LOOKUPS_MAX; i++)
		assert_true(lookups_want(l, 1, STR(""),
					 arena_printf(&a, "n%d", i), 0));
	/* No room: to be asked for later, and never "absent". */
	assert_true(lookups_want(l, 1, STR(""), STR("more"), 0));
	for (int i = 0; i < LOOKUPS_MAX; i++)
		lookups_done(lookups_next(l, 0), true, i);
	assert_true(lookups_want(l, 1, STR(""), STR("more"), SECOND));
	assert_string_equal(lookups_next(l, SECOND)->name, "more");
	/* The oldest had to go. */
	assert_true(lookups_want(l, 1, STR(""), STR("n0"), SECOND));
	assert_false(lookups_want(l, 1, STR(""), STR("n9"), SECOND));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_is_asked_for_once),
		cmocka_unit_test(objects_differ_by_kind_namespace_and_name),
		cmocka_unit_test(absence_is_remembered_for_a_while),
		cmocka_unit_test(names_that_are_none_are_not_asked_for),
		cmocka_unit_test(a_full_list_forgets_what_is_absent_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
