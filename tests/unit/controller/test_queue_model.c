/* controller/queue.c against a plain model */
#include "tests/unit/controller/queue_keys.h"

#include <stdio.h>
#include <stdlib.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_sequence_is_as_a_plain_model_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
