/*
 * A search tree of all keys (tsearch(3): a red-black tree, so that names chosen
 * by tenants cannot make it slow) and a binary heap of those that wait.
 *
 * Of the workers that wait, one sleeps until the first key is due. Whoever
 * takes a key wakes another one for the next, so that each key has somebody
 * who wakes up for it.
 */
#include "controller/queue.h"

#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <time.h>

#include "lib/clock.h"

#define BACKOFF_FIRST_NS INT64_C(5000000)
#define BACKOFF_LAST_NS INT64_C(60000000000)
#define SECOND_NS INT64_C(1000000000)
#define NOT_WAITING UINT32_MAX

struct item {
	struct queue_key key;
	int64_t due; /* while a worker has it: what again is due at */
	uint32_t at; /* place in the heap, or NOT_WAITING */
	uint32_t failures;
	bool working, again;
	char text[];
};

struct slot {
	int64_t due;
	uint64_t number; /* of its adding: equal times keep their order */
	struct item *item;
};

struct queue {
	pthread_mutex_t lock; /* guards all below */
	pthread_cond_t changed;
	void *tree;
	struct slot *heap;
	size_t n, size;
	uint64_t number, retries;
	size_t working, failing;
	bool stop;
};

static void lock(struct queue *q)
{
	if (pthread_mutex_lock(&q->lock))
		BUG("lock of the queue");
}

static void unlock(struct queue *q)
{
	if (pthread_mutex_unlock(&q->lock))
		BUG("lock of the queue");
}

/* ---- the heap ---- */

static bool before(const struct slot *a, const struct slot *b)
{
	return a->due != b->due ? a->due < b->due : a->number < b->number;
}

static void put(struct queue *q, size_t i, struct slot s)
{
	q->heap[i] = s;
	s.item->at = (uint32_t)i;
}

static void sift_up(struct queue *q, size_t i)
{
	const struct slot s = q->heap[i];

	for (; i > 0 && before(&s, &q->heap[(i - 1) / 2]); i = (i - 1) / 2)
		put(q, i, q->heap[(i - 1) / 2]);
	put(q, i, s);
}

static void sift_down(struct queue *q, size_t i)
{
	const struct slot s = q->heap[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= q->n)
			break;
		if (child + 1 < q->n &&
		    before(&q->heap[child + 1], &q->heap[child]))
			child++;
		if (!before(&q->heap[child], &s))
			break;
		put(q, i, q->heap[child]);
		i = child;
	}
	put(q, i, s);
}

static void make_room(struct queue *q)
{
	if (q->n < q->size)
		return;
	q->size = q->size ? 2 * q->size : 64;
	if (q->size >= NOT_WAITING)
		BUG("too many keys in the queue");
	q->heap = reallocarray(q->heap, q->size, sizeof(*q->heap));
	if (!q->heap)
		BUG("out of memory");
}

/* A new first key needs somebody who wakes up for it. */
static void wake_for_first(struct queue *q, const struct item *item)
{
	if (item->at == 0)
		pthread_cond_signal(&q->changed);
}

static void push(struct queue *q, struct item *item, int64_t due)
{
	make_room(q);
	item->due = due;
	q->heap[q->n] = (struct slot){ due, q->number++, item };
	sift_up(q, q->n++);
	wake_for_first(q, item);
}

static struct item *pop(struct queue *q)
{
	struct item *first = q->heap[0].item;

	q->n--;
	if (q->n) {
		q->heap[0] = q->heap[q->n];
		sift_down(q, 0);
		pthread_cond_signal(&q->changed);
	}
	first->at = NOT_WAITING;
	return first;
}

/* ---- the tree ---- */

static int compare(const void *x, const void *y)
{
	const struct queue_key *a = x, *b = y;
	int order = (a->kind > b->kind) - (a->kind < b->kind);

	if (!order)
		order = str_cmp(a->ns, b->ns);
	return order ? order : str_cmp(a->name, b->name);
}

static struct item *item_find(struct queue *q, const struct queue_key *key)
{
	void *const *found = tfind(key, &q->tree, compare);

	return found ? *found : NULL;
}

static struct str copy_text(char **to, struct str s)
{
	char *p = *to;

	if (s.n)
		memcpy(p, s.p, s.n);
	*to += s.n;
	return (struct str){ p, s.n };
}

static struct item *item_new(struct queue *q, const struct queue_key *key)
{
	struct item *item = calloc(1, sizeof(*item) + key->ns.n + key->name.n);
	char *text;

	if (!item)
		BUG("out of memory");
	text = item->text;
	item->key.kind = key->kind;
	item->key.ns = copy_text(&text, key->ns);
	item->key.name = copy_text(&text, key->name);
	item->at = NOT_WAITING;
	/* The key is the item's first member: the tree holds both. */
	if (!tsearch(item, &q->tree, compare))
		BUG("out of memory");
	return item;
}

static void item_drop(struct queue *q, struct item *item)
{
	if (!tdelete(item, &q->tree, compare))
		BUG("a key of the queue is not in its tree");
	free(item);
}

_Static_assert(offsetof(struct item, key) == 0, "compare() reads the key");

/* ---- adding, taking, finishing ---- */

static void add_locked(struct queue *q, const struct queue_key *key,
		       int64_t due)
{
	struct item *item = item_find(q, key);

	if (!item) {
		push(q, item_new(q, key), due);
	} else if (item->working) {
		item->due = item->again && item->due < due ? item->due : due;
		item->again = true;
	} else if (due < item->due) {
		item->due = q->heap[item->at].due = due;
		q->heap[item->at].number = q->number++;
		sift_up(q, item->at);
		wake_for_first(q, item);
	}
}

static bool take_locked(struct queue *q, struct queue_key *key, int64_t now)
{
	struct item *item;

	if (!q->n || q->heap[0].due > now)
		return false;
	item = pop(q);
	item->working = true;
	item->again = false;
	q->working++;
	*key = item->key;
	return true;
}

static void wait_for_first(struct queue *q)
{
	struct timespec until;
	int64_t due;

	if (!q->n) {
		(void)pthread_cond_wait(&q->changed, &q->lock);
		return;
	}
	due = q->heap[0].due;
	until = (struct timespec){ .tv_sec = due / SECOND_NS,
				   .tv_nsec = due % SECOND_NS };
	(void)pthread_cond_timedwait(&q->changed, &q->lock, &until);
}

/* A sum of times that stays in range. */
static int64_t later(int64_t now, int64_t wait)
{
	int64_t sum;

	if (wait < 0)
		wait = 0;
	return __builtin_add_overflow(now, wait, &sum) ? INT64_MAX : sum;
}

static void set_failures(struct queue *q, struct item *item, uint32_t failures)
{
	q->failing += (failures > 0) - (item->failures > 0);
	item->failures = failures;
}

/* When it is due by its outcome alone; false: not again. */
static bool due_by_outcome(struct queue *q, struct item *item,
			   enum queue_outcome outcome, int64_t *wait,
			   uint64_t chance)
{
	switch (outcome) {
	case QUEUE_DONE:
		set_failures(q, item, 0);
		return false;
	case QUEUE_AFTER:
		set_failures(q, item, 0);
		return true;
	case QUEUE_RETRY:
		if (item->failures < UINT32_MAX)
			set_failures(q, item, item->failures + 1);
		q->retries++;
		*wait = queue_backoff(item->failures, chance);
		return true;
	}
	BUG("no such outcome");
}

static void done_locked(struct queue *q, struct item *item, bool comes_back,
			int64_t due)
{
	item->working = false;
	q->working--;
	if (item->again && (!comes_back || item->due < due))
		due = item->due;
	if (comes_back || item->again)
		push(q, item, due);
	else
		item_drop(q, item);
}

/* ---- public ---- */

struct queue *queue_new(void)
{
	struct queue *q = calloc(1, sizeof(*q));
	pthread_condattr_t attr;

	if (!q)
		BUG("out of memory");
	if (pthread_condattr_init(&attr) ||
	    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) ||
	    pthread_cond_init(&q->changed, &attr) ||
	    pthread_condattr_destroy(&attr) ||
	    pthread_mutex_init(&q->lock, NULL))
		BUG("no lock for the queue");
	return q;
}

void queue_free(struct queue **q)
{
	struct queue *old = *q;

	if (!old)
		return;
	if (old->working)
		BUG("a worker outlives its queue");
	tdestroy(old->tree, free);
	free(old->heap);
	pthread_cond_destroy(&old->changed);
	pthread_mutex_destroy(&old->lock);
	free(old);
	*q = NULL;
}

void queue_add(struct queue *q, const struct queue_key *key, int64_t now_ns)
{
	queue_add_at(q, key, now_ns);
}

void queue_add_at(struct queue *q, const struct queue_key *key, int64_t due_ns)
{
	lock(q);
	/* Times before the machine's start make no timespec. */
	add_locked(q, key, due_ns < 0 ? 0 : due_ns);
	unlock(q);
}

bool queue_get(struct queue *q, struct queue_key *key)
{
	bool got = false;

	lock(q);
	while (!q->stop && !(got = take_locked(q, key, clock_monotonic_ns())))
		wait_for_first(q);
	unlock(q);
	return got;
}

bool queue_take(struct queue *q, struct queue_key *key, int64_t now_ns)
{
	bool got;

	lock(q);
	got = take_locked(q, key, now_ns);
	unlock(q);
	return got;
}

void queue_done(struct queue *q, const struct queue_key *key,
		enum queue_outcome outcome, int64_t after_ns, int64_t now_ns,
		uint64_t chance)
{
	int64_t wait = after_ns;
	struct item *item;
	bool comes_back;

	lock(q);
	item = item_find(q, key);
	if (!item || !item->working)
		BUG("queue_done of a key that no worker has");
	comes_back = due_by_outcome(q, item, outcome, &wait, chance);
	done_locked(q, item, comes_back, later(now_ns, wait));
	unlock(q);
}

void queue_stop(struct queue *q)
{
	lock(q);
	q->stop = true;
	pthread_cond_broadcast(&q->changed);
	unlock(q);
}

struct queue_stats queue_stats(struct queue *q, int64_t now_ns)
{
	struct queue_stats s = { .depth = 0 };

	lock(q);
	for (size_t i = 0; i < q->n; i++)
		s.depth += q->heap[i].due <= now_ns;
	s.delayed = q->n - s.depth;
	s.working = q->working;
	s.failing = q->failing;
	s.retries = q->retries;
	if (s.depth)
		s.lag_ns = now_ns - q->heap[0].due;
	unlock(q);
	return s;
}

int64_t queue_backoff(unsigned failures, uint64_t chance)
{
	int64_t wait = BACKOFF_FIRST_NS;

	for (unsigned i = 1; i < failures && wait < BACKOFF_LAST_NS; i++)
		wait *= 2;
	if (wait > BACKOFF_LAST_NS)
		wait = BACKOFF_LAST_NS;
	return wait + (int64_t)(chance % (uint64_t)(wait / 2 + 1));
}
