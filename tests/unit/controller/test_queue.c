/* controller/queue.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "controller/queue.h"
#include "lib/clock.h"

#define MS INT64_C(1000000)

static struct queue_key key(const char *name)
{
	return (struct queue_key){ 1, STR("team"), str_of(name) };
}

static void add(struct queue *q, const char *name, int64_t due)
{
	const struct queue_key k = key(name);

	queue_add_at(q, &k, due);
}

static void done(struct queue *q, const char *name, enum queue_outcome outcome,
		 int64_t after, int64_t now)
{
	const struct queue_key k = key(name);

	queue_done(q, &k, outcome, after, now, 0);
}

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

/* ---- against a model ---- */

enum { MODEL_KEYS = 40, MODEL_STEPS = 200000 };

struct model {
	bool waiting, working, again;
	int64_t due;
};

static void model_add(struct model *m, int64_t due)
{
	if (m->working) {
		m->due = m->again && m->due < due ? m->due : due;
		m->again = true;
	} else {
		m->due = m->waiting && m->due < due ? m->due : due;
		m->waiting = true;
	}
}

static void model_done(struct model *m, int64_t due, bool comes_back)
{
	m->working = false;
	m->waiting = comes_back || m->again;
	if (comes_back && (!m->again || due < m->due))
		m->due = due;
	m->again = false;
}

static int64_t model_first(const struct model *m)
{
	int64_t first = INT64_MAX;

	for (int i = 0; i < MODEL_KEYS; i++)
		if (m[i].waiting && m[i].due < first)
			first = m[i].due;
	return first;
}

static void random_step(struct queue *q, struct model *m, unsigned *seed,
			int64_t now)
{
	int i = rand_r(seed) % MODEL_KEYS;
	int64_t time = rand_r(seed) % 200;
	char name[16];
	struct queue_key k;

	(void)snprintf(name, sizeof(name), "%d", i);
	if (rand_r(seed) % 2) {
		add(q, name, now + time - 50 < 0 ? 0 : now + time - 50);
		model_add(&m[i], now + time - 50 < 0 ? 0 : now + time - 50);
	} else if (m[i].working) {
		bool back = rand_r(seed) % 2;

		done(q, name, back ? QUEUE_AFTER : QUEUE_DONE, time, now);
		model_done(&m[i], now + time, back);
	} else {
		int64_t first = model_first(m);
		bool got = queue_take(q, &k, now);

		assert_int_equal(got, first <= now);
		if (!got)
			return;
		i = 0;
		for (size_t c = 0; c < k.name.n; c++)
			i = 10 * i + (k.name.p[c] - '0');
		assert_true(m[i].waiting && !m[i].working);
		assert_int_equal(m[i].due, first);
		m[i].waiting = false;
		m[i].working = true;
	}
}

static void any_sequence_is_as_a_plain_model_says(void **state)
{
	struct queue *q = queue_new();
	struct model m[MODEL_KEYS] = { { .waiting = false } };
	unsigned seed = 7;
	char name[16];

	(void)state;
	for (int step = 0; step < MODEL_STEPS; step++)
		random_step(q, m, &seed, step / 2);
	for (int i = 0; i < MODEL_KEYS; i++) {
		(void)snprintf(name, sizeof(name), "%d", i);
		if (m[i].working)
			done(q, name, QUEUE_DONE, 0, 0);
	}
	queue_free(&q);
}

/* ---- many ---- */

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

/* ---- threads ---- */

static void *get_once(void *context)
{
	struct queue_key k;

	/* The context of a thread is its queue; the answer is its pointer. */
	return queue_get(context, &k) ? context : NULL;
}

static void stop_wakes_all_and_beats_what_waits(void **state)
{
	struct queue *q = queue_new();
	pthread_t threads[4];
	struct queue_key k;
	void *got;

	(void)state;
	add(q, "a", clock_monotonic_ns() + 3600000 * MS);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, get_once, q),
				 0);
	(void)usleep(20000);
	queue_stop(q);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		assert_int_equal(pthread_join(threads[i], &got), 0);
		assert_null(got);
	}
	add(q, "b", 0);
	assert_false(queue_get(q, &k));
	queue_free(&q);
}

struct each {
	struct queue *q;
	_Atomic int got;
};

static void *get_and_keep(void *context)
{
	struct each *e = context;
	struct queue_key k;

	if (queue_get(e->q, &k))
		atomic_fetch_add(&e->got, 1);
	return NULL;
}

/*
 * Four keys due at about the same time, all added while four workers wait and
 * none of which comes back: each must wake up for one.
 */
static void every_delayed_key_finds_a_waiting_worker(void **state)
{
	struct each e = { .q = queue_new() };
	static const char *const names[] = { "a", "b", "c", "d" };
	pthread_t threads[4];
	int64_t due;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, get_and_keep, &e), 0);
	(void)usleep(20000);
	due = clock_monotonic_ns() + 30 * MS;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		add(e.q, names[i], due + (int64_t)i * MS);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_true(clock_monotonic_ns() >= due + 3 * MS);
	assert_int_equal(atomic_load(&e.got), 4);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		done(e.q, names[i], QUEUE_DONE, 0, 0);
	queue_free(&e.q);
}

enum { STRESS_KEYS = 300, STRESS_ADDS = 20000, STRESS_WORKERS = 8 };

struct stress {
	struct queue *q;
	_Atomic int wanted[STRESS_KEYS]; /* added up to here */
	_Atomic int seen[STRESS_KEYS];	 /* a worker began at this or later */
	_Atomic bool busy[STRESS_KEYS];
	_Atomic int twice;
};

static enum queue_outcome stress_work(struct stress *s, size_t i,
				      unsigned *seed)
{
	if (atomic_exchange(&s->busy[i], true))
		atomic_fetch_add(&s->twice, 1);
	atomic_store(&s->seen[i], atomic_load(&s->wanted[i]));
	if (rand_r(seed) % 64 == 0)
		(void)usleep(100);
	atomic_store(&s->busy[i], false);
	if (rand_r(seed) % 32 == 0)
		return QUEUE_RETRY;
	return rand_r(seed) % 32 == 0 ? QUEUE_AFTER : QUEUE_DONE;
}

static void *stress_worker(void *context)
{
	struct stress *s = context;
	unsigned seed = (unsigned)(uintptr_t)&seed;
	struct queue_key k;

	while (queue_get(s->q, &k)) {
		enum queue_outcome outcome = stress_work(s, k.kind, &seed);

		queue_done(s->q, &k, outcome, MS, clock_monotonic_ns(),
			   (uint64_t)rand_r(&seed));
	}
	return NULL;
}

static void *stress_adder(void *context)
{
	struct stress *s = context;
	unsigned seed = (unsigned)(uintptr_t)&seed ^ 77;

	for (int n = 0; n < STRESS_ADDS; n++) {
		unsigned i = (unsigned)rand_r(&seed) % STRESS_KEYS;
		const struct queue_key k = { i, STR("team"), STR("x") };
		int64_t now = clock_monotonic_ns();

		atomic_fetch_add(&s->wanted[i], 1);
		if (rand_r(&seed) % 4)
			queue_add(s->q, &k, now);
		else
			queue_add_at(s->q, &k, now + rand_r(&seed) % (2 * MS));
	}
	return NULL;
}

static void wait_until_empty(struct queue *q)
{
	for (;;) {
		struct queue_stats s = queue_stats(q, INT64_MAX);

		if (!s.depth && !s.working)
			return;
		(void)usleep(1000);
	}
}

static void no_key_is_lost_or_with_two_workers(void **state)
{
	static struct stress s;
	pthread_t workers[STRESS_WORKERS], adders[3];

	(void)state;
	s.q = queue_new();
	for (size_t i = 0; i < ARRAY_LEN(workers); i++)
		assert_int_equal(
			pthread_create(&workers[i], NULL, stress_worker, &s),
			0);
	for (size_t i = 0; i < ARRAY_LEN(adders); i++)
		assert_int_equal(
			pthread_create(&adders[i], NULL, stress_adder, &s), 0);
	for (size_t i = 0; i < ARRAY_LEN(adders); i++)
		assert_int_equal(pthread_join(adders[i], NULL), 0);
	wait_until_empty(s.q);
	queue_stop(s.q);
	for (size_t i = 0; i < ARRAY_LEN(workers); i++)
		assert_int_equal(pthread_join(workers[i], NULL), 0);
	assert_int_equal(atomic_load(&s.twice), 0);
	for (size_t i = 0; i < STRESS_KEYS; i++)
		assert_int_equal(atomic_load(&s.seen[i]),
				 atomic_load(&s.wanted[i]));
	queue_free(&s.q);
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
		cmocka_unit_test(any_sequence_is_as_a_plain_model_says),
		cmocka_unit_test(
			a_hundred_thousand_keys_take_under_200_bytes_each),
		cmocka_unit_test(stop_wakes_all_and_beats_what_waits),
		cmocka_unit_test(every_delayed_key_finds_a_waiting_worker),
		cmocka_unit_test(no_key_is_lost_or_with_two_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
