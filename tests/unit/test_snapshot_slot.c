/* policies/snapshot_slot.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>

#include "policies/snapshot_slot.h"

static struct snapshot *shipped(void)
{
	struct snapshot *s = NULL;
	struct error err = ERROR_INIT;

	if (snapshot_load_shipped(&s, &err) < 0)
		fail_msg("%s", err.msg);
	return s;
}

static void nothing_is_there_before_the_first_put(void **state)
{
	struct snapshot_slot slot = SNAPSHOT_SLOT_INIT;
	struct snapshot *one = shipped();

	(void)state;
	assert_null(snapshot_slot_get(&slot));
	assert_false(snapshot_slot_holds(&slot, one));
	assert_int_equal(snapshot_slot_generation(&slot), 0);
	snapshot_unref(&one);
	snapshot_slot_release(&slot);
}

static void a_reader_keeps_what_it_got(void **state)
{
	struct snapshot_slot slot = SNAPSHOT_SLOT_INIT;
	struct snapshot *one = shipped(), *two = shipped(), *held, *now;

	(void)state;
	snapshot_slot_put(&slot, one);
	held = snapshot_slot_get(&slot);
	assert_ptr_equal(held, one);
	assert_true(snapshot_slot_holds(&slot, two));
	two->digest = STR("of another set");
	assert_false(snapshot_slot_holds(&slot, two));
	snapshot_slot_put(&slot, two);
	now = snapshot_slot_get(&slot);
	assert_ptr_equal(now, two);
	assert_int_equal(snapshot_slot_generation(&slot), 2);
	assert_non_null(snapshot_tier(held, STR("gvisor")));
	snapshot_unref(&held);
	snapshot_unref(&now);
	snapshot_slot_release(&slot);
	assert_null(snapshot_slot_get(&slot));
}

static struct snapshot_slot shared = SNAPSHOT_SLOT_INIT;
static atomic_bool over;

static void *read_all_the_time(void *unused)
{
	size_t seen = 0;

	(void)unused;
	while (!atomic_load(&over)) {
		struct snapshot *s = snapshot_slot_get(&shared);

		if (s && !snapshot_tier(s, STR("gvisor")))
			BUG("a policy without its tier");
		seen += s != NULL;
		snapshot_unref(&s);
	}
	return seen ? &shared : NULL;
}

static void readers_and_a_writer_do_not_meet(void **state)
{
	pthread_t readers[3];
	void *result;

	(void)state;
	snapshot_slot_put(&shared, shipped());
	for (size_t i = 0; i < ARRAY_LEN(readers); i++)
		assert_int_equal(pthread_create(&readers[i], NULL,
						read_all_the_time, NULL),
				 0);
	for (int i = 0; i < 30; i++)
		snapshot_slot_put(&shared, shipped());
	atomic_store(&over, true);
	for (size_t i = 0; i < ARRAY_LEN(readers); i++)
		assert_int_equal(pthread_join(readers[i], &result), 0);
	snapshot_slot_release(&shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_there_before_the_first_put),
		cmocka_unit_test(a_reader_keeps_what_it_got),
		cmocka_unit_test(readers_and_a_writer_do_not_meet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
