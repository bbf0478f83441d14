/* controller/queue.c with threads */
#include "tests/unit/controller/queue_keys.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/clock.h"

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
		cmocka_unit_test(stop_wakes_all_and_beats_what_waits),
		cmocka_unit_test(every_delayed_key_finds_a_waiting_worker),
		cmocka_unit_test(no_key_is_lost_or_with_two_workers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
