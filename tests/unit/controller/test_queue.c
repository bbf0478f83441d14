/* controller/queue.c */
#include "tests/unit/controller/queue_keys.h"

#include <malloc.h>
#include <stdio.h>

/* The name of what is due, or "-". Static text of the last call. */
static const char *take(struct queue *q, int64_t now)
{
	static char name[64];
	struct queue_key k;

	if (!queue_take(q, &k, now))
		return "-";
	(void)snprintf(name, sizeof(name), "%.*s", STR_ARG(k.name));
	return name;
}

static void keys_come_in_the_order_of_their_times(void **state)
{
	struct queue *q = queue_new();

	(void)state;
	add(q, "late", 300);
	add(q, "early", 100);
	add(q, "middle", 200);
	add(q, "middle too", 200);
	assert_string_equal(take(q, 99), "-");
	assert_string_equal(take(q, 1000), "early");
	assert_string_equal(take(q, 1000), "middle");
	assert_string_equal(take(q, 1000), "middle too");
	assert_string_equal(take(q, 299), "-");
	assert_string_equal(take(q, 300), "late");
	assert_string_equal(take(q, INT64_MAX), "-");
	done(q, "early", QUEUE_DONE, 0, 0);
	done(q, "middle", QUEUE_DONE, 0, 0);
	done(q, "middle too", QUEUE_DONE, 0, 0);
	done(q, "late", QUEUE_DONE, 0, 0);
	queue_free(&q);
	assert_null(q);
	queue_free(&q);
}

static void of_two_times_the_earlier_wins(void **state)
{
	struct queue *q = queue_new();

	(void)state;
	add(q, "a", 500);
	add(q, "b", 300);
	add(q, "a", 200);
	add(q, "a", 900);
	assert_int_equal(queue_stats(q, 0).delayed, 2);
	assert_string_equal(take(q, 250), "a");
	assert_string_equal(take(q, 250), "-");
	done(q, "a", QUEUE_DONE, 0, 250);
	assert_string_equal(take(q, 1000), "b");
	assert_string_equal(take(q, 1000), "-");
	done(q, "b", QUEUE_DONE, 0, 1000);
	queue_free(&q);
}

static void a_key_is_with_one_worker_and_comes_again_after_it(void **state)
{
	struct queue *q = queue_new();

	(void)state;
	add(q, "a", 10);
	assert_string_equal(take(q, 10), "a");
	add(q, "a", 30);
	add(q, "a", 20);
	add(q, "a", 40);
	assert_string_equal(take(q, 100), "-");
	assert_int_equal(queue_stats(q, 100).working, 1);
	assert_int_equal(queue_stats(q, 100).depth, 0);
	done(q, "a", QUEUE_DONE, 0, 15);
	assert_string_equal(take(q, 19), "-");
	assert_string_equal(take(q, 20), "a");
	done(q, "a", QUEUE_DONE, 0, 25);
	assert_string_equal(take(q, INT64_MAX), "-");
	queue_free(&q);
}

static void an_outcome_and_an_add_meanwhile_take_the_earlier_time(void **state)
{
	static const struct {
		const char *name;
		enum queue_outcome outcome;
		int64_t after, added, due;
	} rows[] = {
		{ "done, added", QUEUE_DONE, 0, 1200, 1200 },
		{ "after, added later", QUEUE_AFTER, 50, 1200, 1050 },
		{ "after, added earlier", QUEUE_AFTER, 500, 1200, 1200 },
		{ "retry, added later", QUEUE_RETRY, 0, 9 * MS, 1000 + 5 * MS },
		{ "retry, added earlier", QUEUE_RETRY, 0, 1100, 1100 },
		{ "added in the past", QUEUE_DONE, 0, -7, 0 },
		{ "after a negative time", QUEUE_AFTER, -5, 5000, 1000 },
		{ "after for ever", QUEUE_AFTER, INT64_MAX, 5000, 5000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct queue *q = queue_new();

		add(q, "a", 1000);
		assert_string_equal(take(q, 1000), "a");
		add(q, "a", rows[i].added);
		done(q, "a", rows[i].outcome, rows[i].after, 1000);
		if (rows[i].due && *take(q, rows[i].due - 1) != '-')
			fail_msg("%s: too early", rows[i].name);
		if (*take(q, rows[i].due) != 'a')
			fail_msg("%s: too late", rows[i].name);
		done(q, "a", QUEUE_DONE, 0, 0);
		queue_free(&q);
	}
}

static void keys_differ_by_kind_namespace_and_name(void **state)
{
	static const struct queue_key keys[] = {
		{ 1, STR_INIT("a"), STR_INIT("bc") },
		{ 1, STR_INIT("ab"), STR_INIT("c") },
		{ 2, STR_INIT("a"), STR_INIT("bc") },
		{ 1, STR_INIT(""), STR_INIT("bc") },
		{ 1, STR_INIT("a"), STR_INIT("b\0c") },
		{ 1, STR_INIT("a"), STR_INIT("") },
		{ 1, { NULL, 0 }, { NULL, 0 } },
	};
	struct queue *q = queue_new();
	struct queue_key got;

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(keys); i++)
		queue_add(q, &keys[i % ARRAY_LEN(keys)], 5);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		assert_true(queue_take(q, &got, 5));
		assert_int_equal(got.kind, keys[i].kind);
		assert_true(str_eq(got.ns, keys[i].ns));
		assert_true(str_eq(got.name, keys[i].name));
		queue_done(q, &got, QUEUE_DONE, 0, 5, 0);
	}
	assert_false(queue_take(q, &got, INT64_MAX));
	queue_free(&q);
}

static void back_off_doubles_up_to_a_minute_and_a_half(void **state)
{
	static const struct {
		unsigned failures;
		uint64_t chance;
		int64_t wait;
	} rows[] = {
		{ 0, 0, 5 * MS },
		{ 1, 0, 5 * MS },
		{ 2, 0, 10 * MS },
		{ 3, 0, 20 * MS },
		{ 14, 0, 40960 * MS },
		{ 15, 0, 60000 * MS },
		{ UINT32_MAX, 0, 60000 * MS },
		{ 1, (uint64_t)(5 * MS / 2), 5 * MS + 5 * MS / 2 },
		{ 1, (uint64_t)(5 * MS / 2) + 1, 5 * MS },
		{ 99, 30000 * MS, 90000 * MS },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(
			queue_backoff(rows[i].failures, rows[i].chance),
			rows[i].wait);
	for (unsigned i = 0; i < 1000; i++) {
		int64_t wait = queue_backoff(i, UINT64_MAX / (i + 1));

		assert_in_range(wait, 5 * MS, 90000 * MS);
	}
}

static void failures_count_in_a_row_until_it_succeeds(void **state)
{
	struct queue *q = queue_new();
	int64_t now = 1;

	(void)state;
	add(q, "a", now);
	for (int i = 0; i < 5; i++) {
		assert_string_equal(take(q, now), "a");
		done(q, "a", QUEUE_RETRY, 0, now);
		assert_string_equal(take(q, now + (5 * MS << i) - 1), "-");
		now += 5 * MS << i;
	}
	assert_int_equal(queue_stats(q, now).retries, 5);
	assert_int_equal(queue_stats(q, now).failing, 1);
	assert_string_equal(take(q, now), "a");
	done(q, "a", QUEUE_AFTER, 7, now);
	assert_int_equal(queue_stats(q, now).failing, 0);
	assert_string_equal(take(q, now + 7), "a");
	done(q, "a", QUEUE_RETRY, 0, now);
	assert_string_equal(take(q, now + 5 * MS), "a");
	done(q, "a", QUEUE_DONE, 0, now);
	assert_int_equal(queue_stats(q, now).failing, 0);
	queue_free(&q);
}

static void adding_a_failing_key_makes_it_due_but_forgets_nothing(void **state)
{
	struct queue *q = queue_new();

	(void)state;
	add(q, "a", 1);
	assert_string_equal(take(q, 1), "a");
	done(q, "a", QUEUE_RETRY, 0, 1);
	add(q, "a", 2);
	assert_string_equal(take(q, 2), "a");
	done(q, "a", QUEUE_RETRY, 0, 2);
	assert_string_equal(take(q, 2 + 10 * MS - 1), "-");
	assert_string_equal(take(q, 2 + 10 * MS), "a");
	done(q, "a", QUEUE_DONE, 0, 3);
	queue_free(&q);
}

static void stats_tell_depth_delay_and_lag(void **state)
{
	struct queue *q = queue_new();
	struct queue_stats s;

	(void)state;
	s = queue_stats(q, 500);
	assert_int_equal(s.depth + s.delayed + s.working, 0);
	assert_int_equal(s.lag_ns, 0);
	add(q, "a", 100);
	add(q, "b", 500);
	add(q, "c", 501);
	s = queue_stats(q, 500);
	assert_int_equal(s.depth, 2);
	assert_int_equal(s.delayed, 1);
	assert_int_equal(s.lag_ns, 400);
	queue_free(&q);
}

static void a_hundred_thousand_keys_take_under_200_bytes_each(void **state)
{
	enum { KEYS = 100000 };
	struct queue *q = queue_new();
	size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
	size_t text = 0, used;
	char name[32];
	struct queue_key k;
	int64_t last = 0;

	(void)state;
	for (unsigned i = 0; i < KEYS; i++) {
		text += (size_t)snprintf(name, sizeof(name), "sandbox-%05u",
					 i * 7919 % KEYS);
		text += 4;
		add(q, name, (int64_t)(i * 104729 % KEYS));
	}
	used = mallinfo2().uordblks + mallinfo2().hblkhd;
	/* Under a sanitizer mallinfo tells nothing. */
	if (used > before) {
		print_message("%zu bytes a key\n",
			      (used - before - text) / KEYS);
		assert_true((used - before - text) / KEYS < 200);
	}
	for (unsigned i = 0; i < KEYS; i++) {
		assert_true(queue_take(q, &k, KEYS));
		assert_true(i % 5000 || queue_stats(q, 0).working == 1);
		queue_done(q, &k, QUEUE_DONE, 0, 0, 0);
		last++;
	}
	assert_int_equal(last, KEYS);
	assert_false(queue_take(q, &k, INT64_MAX));
	queue_free(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_come_in_the_order_of_their_times),
		cmocka_unit_test(of_two_times_the_earlier_wins),
		cmocka_unit_test(
			a_key_is_with_one_worker_and_comes_again_after_it),
		cmocka_unit_test(
			an_outcome_and_an_add_meanwhile_take_the_earlier_time),
		cmocka_unit_test(keys_differ_by_kind_namespace_and_name),
		cmocka_unit_test(back_off_doubles_up_to_a_minute_and_a_half),
		cmocka_unit_test(failures_count_in_a_row_until_it_succeeds),
		cmocka_unit_test(
			adding_a_failing_key_makes_it_due_but_forgets_nothing),
		cmocka_unit_test(stats_tell_depth_delay_and_lag),
		cmocka_unit_test(
			a_hundred_thousand_keys_take_under_200_bytes_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
