/* kube/events_store.c */
#include "tests/unit/event_notes.h"

#include <stdio.h>

static bool add(struct event_store *s, const char *name, const char *text,
		int64_t now)
{
	const struct kube_event_note n = note(name, text);

	return event_store_add(s, &n, now);
}

/* Takes and settles all that is due; how many. */
static size_t write_due(struct event_store *s, int64_t now)
{
	struct event_pick picks[EVENTS_BATCH_MAX];
	size_t n = event_store_take(s, picks, now);

	for (size_t i = 0; i < n; i++)
		event_store_settle(s, &picks[i], true, now);
	return n;
}

static void the_same_again_is_a_series_patched_once_a_minute(void **state)
{
	struct event_pick picks[EVENTS_BATCH_MAX];
	struct event_store s;

	(void)state;
	event_store_init(&s);
	assert_true(add(&s, "a", "x", 1 * S));
	assert_int_equal(write_due(&s, 1 * S), 1);
	for (int i = 2; i < 30; i++)
		assert_true(add(&s, "a", "x", i * S));
	assert_int_equal(s.n_waiting, 1);
	assert_int_equal(write_due(&s, 60 * S), 0);
	assert_int_equal(event_store_take(&s, picks, 61 * S), 1);
	assert_int_equal(picks[0].count, 29);
	assert_int_equal(picks[0].last_ns, 29 * S);
	assert_true(picks[0].entry->created);
	/* Noted while it is being written. */
	assert_true(add(&s, "a", "x", 61 * S));
	event_store_settle(&s, &picks[0], true, 61 * S);
	assert_int_equal(s.n_waiting, 1);
	assert_int_equal(write_due(&s, 120 * S), 0);
	assert_int_equal(write_due(&s, 121 * S), 1);
	assert_int_equal(write_due(&s, 9999 * S), 0);
	event_store_release(&s);
}

static void what_differs_is_an_event_of_its_own(void **state)
{
	struct event_store s;
	struct kube_event_note n = note("a", "x");

	(void)state;
	event_store_init(&s);
	assert_true(event_store_add(&s, &n, 1));
	n.warning = false;
	assert_true(event_store_add(&s, &n, 1));
	n.reason = "Other";
	assert_true(event_store_add(&s, &n, 1));
	n.note = STR("y");
	assert_true(event_store_add(&s, &n, 1));
	n.name = STR("b");
	assert_true(event_store_add(&s, &n, 1));
	n.ns = STR("");
	assert_true(event_store_add(&s, &n, 1));
	n.uid = STR("u2");
	assert_true(event_store_add(&s, &n, 1));
	assert_int_equal(s.n_entries, 7);
	assert_true(event_store_add(&s, &n, 2));
	assert_int_equal(s.n_entries, 7);
	event_store_release(&s);
}

static void after_ten_quiet_minutes_it_is_a_new_event(void **state)
{
	struct event_pick picks[EVENTS_BATCH_MAX];
	struct event_store s;

	(void)state;
	event_store_init(&s);
	assert_true(add(&s, "a", "x", 0));
	assert_int_equal(write_due(&s, 0), 1);
	assert_true(add(&s, "a", "x", 600 * S));
	assert_int_equal(event_store_take(&s, picks, 600 * S), 1);
	assert_int_equal(picks[0].count, 2);
	event_store_settle(&s, &picks[0], true, 600 * S);
	assert_true(add(&s, "a", "x", 1200 * S + 1));
	assert_int_equal(event_store_take(&s, picks, 1200 * S + 1), 1);
	assert_int_equal(picks[0].count, 1);
	assert_false(picks[0].entry->created);
	event_store_settle(&s, &picks[0], true, 1200 * S + 1);
	/* And is forgotten without being asked for. */
	assert_int_equal(write_due(&s, 9999 * S), 0);
	assert_int_equal(s.n_entries, 0);
	assert_int_equal(s.n_objects, 0);
	event_store_release(&s);
}

static void an_object_gets_25_and_then_one_in_five_minutes(void **state)
{
	struct event_store s;
	char text[16];
	int passed = 0;

	(void)state;
	event_store_init(&s);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(text, sizeof(text), "%d", i);
		passed += add(&s, "a", text, S);
	}
	assert_int_equal(passed, 25);
	assert_true(add(&s, "b", "x", S));
	/* Again is no new one. */
	assert_true(add(&s, "a", "3", S));
	assert_false(add(&s, "a", "later", 300 * S));
	assert_true(add(&s, "a", "later", 301 * S));
	assert_false(add(&s, "a", "later still", 302 * S));
	assert_true(add(&s, "a", "later still", 99999 * S));
	event_store_release(&s);
}

static void fifty_a_second_and_the_rest_waits(void **state)
{
	struct event_store s;
	char name[16];

	(void)state;
	event_store_init(&s);
	for (int i = 0; i < 200; i++) {
		(void)snprintf(name, sizeof(name), "s%d", i);
		assert_true(add(&s, name, "x", S));
	}
	assert_int_equal(write_due(&s, S), 50);
	assert_int_equal(write_due(&s, S), 0);
	assert_int_equal(write_due(&s, S + S / 2), 25);
	assert_int_equal(write_due(&s, 100 * S), 50);
	assert_int_equal(s.n_waiting, 75);
	assert_int_equal(write_due(&s, 101 * S), 50);
	assert_int_equal(write_due(&s, 102 * S), 25);
	event_store_release(&s);
}

static void at_most_10000_are_held(void **state)
{
	struct event_store s;
	char name[16];

	(void)state;
	event_store_init(&s);
	for (int i = 0; i < EVENTS_HELD_MAX + 500; i++) {
		(void)snprintf(name, sizeof(name), "s%d", i);
		assert_int_equal(add(&s, name, "x", S), i < EVENTS_HELD_MAX);
	}
	assert_int_equal(s.n_entries, EVENTS_HELD_MAX);
	/* What was written gives way, the oldest first. */
	assert_int_equal(write_due(&s, S), 50);
	for (int i = 0; i < 51; i++) {
		(void)snprintf(name, sizeof(name), "t%d", i);
		assert_int_equal(add(&s, name, "x", 2 * S), i < 50);
	}
	assert_int_equal(s.n_entries, EVENTS_HELD_MAX);
	assert_true(s.n_objects <= EVENTS_HELD_MAX);
	event_store_release(&s);
}

static void what_was_not_tried_waits_on(void **state)
{
	struct event_pick picks[EVENTS_BATCH_MAX];
	struct event_store s;

	(void)state;
	event_store_init(&s);
	assert_true(add(&s, "a", "x", S));
	assert_int_equal(event_store_take(&s, picks, S), 1);
	assert_int_equal(s.n_waiting, 1);
	event_store_return(&s, &picks[0]);
	assert_int_equal(write_due(&s, S), 1);
	assert_int_equal(s.n_waiting, 0);
	event_store_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_same_again_is_a_series_patched_once_a_minute),
		cmocka_unit_test(what_differs_is_an_event_of_its_own),
		cmocka_unit_test(after_ten_quiet_minutes_it_is_a_new_event),
		cmocka_unit_test(
			an_object_gets_25_and_then_one_in_five_minutes),
		cmocka_unit_test(fifty_a_second_and_the_rest_waits),
		cmocka_unit_test(at_most_10000_are_held),
		cmocka_unit_test(what_was_not_tried_waits_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
