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

static void wants(struct lookups *l, enum lookup_advice advice, unsigned kind,
		  struct str ns, struct str name, int64_t now_ns)
{
	assert_int_equal(lookups_want(l, kind, ns, name, NULL, 0, now_ns),
			 advice);
}

static void asks(struct lookups *l, unsigned kind, struct str ns,
		 struct str name, int64_t now_ns)
{
	wants(l, LOOKUP_COME_AGAIN, kind, ns, name, now_ns);
}

static void goes_on(struct lookups *l, unsigned kind, struct str ns,
		    struct str name, int64_t now_ns)
{
	wants(l, LOOKUP_GO_ON, kind, ns, name, now_ns);
}

/* For the object of this name; who is the address of a letter. */
static enum lookup_advice waits(struct lookups *l, const char *name, char *who,
				int64_t since_ns, int64_t now_ns)
{
	return lookups_want(l, 1, STR("ns"), str_of(name), who, since_ns,
			    now_ns);
}

static void an_object_is_asked_for_once(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct lookups *l = fresh(&a);
	struct lookup *one;

	(void)state;
	asks(l, 1, STR("ns"), STR("a"), 0);
	asks(l, 1, STR("ns"), STR("a"), 0);
	one = lookups_next(l, 0);
	assert_non_null(one);
	assert_string_equal(one->ns, "ns");
	assert_string_equal(one->name, "a");
	assert_null(lookups_next(l, 0));
	/* while somebody asks */
	asks(l, 1, STR("ns"), STR("a"), 0);
	assert_null(lookups_next(l, 0));
	lookups_done(l, one, LOOKUP_FREE, 0);
	assert_null(lookups_next(l, 0));
}

static void objects_differ_by_kind_namespace_and_name(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct lookups *l = fresh(&a);
	size_t n = 0;

	(void)state;
	asks(l, 1, STR("x"), STR("a"), 0);
	asks(l, 2, STR("x"), STR("a"), 0);
	asks(l, 1, STR("y"), STR("a"), 0);
	asks(l, 1, STR("x"), STR("b"), 0);
	asks(l, 1, STR(""), STR("a"), 0);
	while (lookups_next(l, 0))
		n++;
	assert_int_equal(n, 5);
}

static void absence_is_remembered_for_a_while(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct lookups *l = fresh(&a);

	(void)state;
	asks(l, 1, STR(""), STR("a"), 0);
	lookups_done(l, lookups_next(l, 0), LOOKUP_ABSENT, 0);
	goes_on(l, 1, STR(""), STR("a"), 5 * SECOND - 1);
	assert_null(lookups_next(l, 5 * SECOND - 1));
	asks(l, 1, STR(""), STR("a"), 5 * SECOND);
	assert_non_null(lookups_next(l, 5 * SECOND));
}

static void names_that_are_none_are_not_asked_for(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct lookups *l = fresh(&a);
	char longer[LOOKUP_NAME_MAX + 1];

	(void)state;
	memset(longer, 'x', sizeof(longer));
	goes_on(l, 1, STR("ns"), STR(""), 0);
	goes_on(l, 1, STR("ns"), STR_NONE, 0);
	goes_on(l, 1, STR("ns"), (struct str){ longer, LOOKUP_NAME_MAX }, 0);
	goes_on(l, 1, (struct str){ longer, sizeof(longer) }, STR("a"), 0);
	asks(l, 1, STR("ns"), (struct str){ longer, LOOKUP_NAME_MAX - 1 }, 0);
}

static void a_full_list_forgets_what_is_absent_first(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct lookups *l = fresh(&a);

	(void)state;
	for (int i = 0; i < LOOKUPS_MAX; i++)
		asks(l, 1, STR(""), arena_printf(&a, "n%d", i), 0);
	/* No room: to be asked for later, and never "absent". */
	asks(l, 1, STR(""), STR("more"), 0);
	for (int i = 0; i < LOOKUPS_MAX; i++)
		lookups_done(l, lookups_next(l, 0), LOOKUP_ABSENT, i);
	asks(l, 1, STR(""), STR("more"), SECOND);
	assert_string_equal(lookups_next(l, SECOND)->name, "more");
	/* The oldest had to go. */
	asks(l, 1, STR(""), STR("n0"), SECOND);
	goes_on(l, 1, STR(""), STR("n9"), SECOND);
}

static void a_failure_is_not_asked_again_at_once(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct lookups *l = fresh(&a);
	char who[1];

	(void)state;
	asks(l, 1, STR("ns"), STR("a"), 0);
	lookups_done(l, lookups_next(l, 0), LOOKUP_FAILED, 0);
	/* nor is it taken for absent */
	asks(l, 1, STR("ns"), STR("a"), SECOND / 2 - 1);
	assert_null(lookups_next(l, SECOND / 2 - 1));
	assert_int_equal(waits(l, "a", who, SECOND / 4, SECOND / 4),
			 LOOKUP_COME_AGAIN);
	asks(l, 1, STR("ns"), STR("a"), SECOND / 2);
	assert_non_null(lookups_next(l, SECOND / 2));
}

static void whoever_waits_is_woken_once_by_the_answer(void **state)
{
	static const enum lookup_state outcomes[] = { LOOKUP_FREE,
						      LOOKUP_ABSENT,
						      LOOKUP_FAILED };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct lookups *l = fresh(&a);
		char who[3];
		struct lookup *one;

		assert_int_equal(waits(l, "a", who, 0, 0), LOOKUP_WAIT);
		assert_int_equal(waits(l, "b", who + 1, 0, 0), LOOKUP_WAIT);
		one = lookups_next(l, 0);
		assert_string_equal(one->name, "a");
		/* while it is asked for, too */
		assert_int_equal(waits(l, "a", who + 2, 0, 0), LOOKUP_WAIT);
		assert_null(lookups_wake(l, 1));
		lookups_done(l, one, outcomes[i], 1);
		assert_ptr_equal(lookups_wake(l, 1), who);
		assert_ptr_equal(lookups_wake(l, 1), who + 2);
		assert_null(lookups_wake(l, 1));
		lookups_done(l, lookups_next(l, 1), outcomes[i], 1);
		assert_ptr_equal(lookups_wake(l, 1), who + 1);
		assert_null(lookups_wake(l, INT64_MAX));
	}
}

static void nobody_waits_too_long(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct lookups *l = fresh(&a);
	char who[2];

	(void)state;
	assert_int_equal(waits(l, "a", who, 0, LOOKUP_WAIT_NS - 1),
			 LOOKUP_WAIT);
	assert_int_equal(waits(l, "a", who + 1, 0, LOOKUP_WAIT_NS),
			 LOOKUP_COME_AGAIN);
	assert_int_equal(waits(l, "a", who + 1, 9, LOOKUP_WAIT_NS),
			 LOOKUP_WAIT);
	assert_null(lookups_wake(l, LOOKUP_WAIT_NS - 1));
	assert_ptr_equal(lookups_wake(l, LOOKUP_WAIT_NS), who);
	assert_null(lookups_wake(l, LOOKUP_WAIT_NS));
	assert_ptr_equal(lookups_wake(l, INT64_MAX), who + 1);
	/* The question stands. */
	assert_string_equal(lookups_next(l, LOOKUP_WAIT_NS)->name, "a");
}

static void only_so_many_wait(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct lookups *l = fresh(&a);
	char who[LOOKUP_WAITERS_MAX + 1];

	(void)state;
	for (int i = 0; i < LOOKUP_WAITERS_MAX; i++)
		assert_int_equal(waits(l, "a", who + i, 0, 0), LOOKUP_WAIT);
	assert_int_equal(waits(l, "b", who + LOOKUP_WAITERS_MAX, 0, 0),
			 LOOKUP_COME_AGAIN);
	lookups_done(l, lookups_next(l, 0), LOOKUP_FREE, 0);
	assert_non_null(lookups_wake(l, 0));
	assert_int_equal(waits(l, "b", who + LOOKUP_WAITERS_MAX, 0, 0),
			 LOOKUP_WAIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_is_asked_for_once),
		cmocka_unit_test(objects_differ_by_kind_namespace_and_name),
		cmocka_unit_test(absence_is_remembered_for_a_while),
		cmocka_unit_test(names_that_are_none_are_not_asked_for),
		cmocka_unit_test(a_full_list_forgets_what_is_absent_first),
		cmocka_unit_test(a_failure_is_not_asked_again_at_once),
		cmocka_unit_test(whoever_waits_is_woken_once_by_the_answer),
		cmocka_unit_test(nobody_waits_too_long),
		cmocka_unit_test(only_so_many_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
