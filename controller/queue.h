/*
 * The queue of what is to be reconciled: keys, each at most once, each with the
 * time at which it is due.
 *
 * A key is waiting, or with one worker. Added while it waits, the earlier time
 * wins; added while a worker has it, it waits again as soon as the worker is
 * done. So no change is missed, and no two workers ever have the same key.
 * Keys come in the order of their times, and of their adding where those are
 * equal.
 *
 * A key that fails comes back after 5 ms, doubling with every failure in a row
 * up to 60 s, and up to half more by chance. Adding it meanwhile makes it due
 * at once but does not forget the failures.
 *
 * Thread-safe: one lock inside. Adding, taking and finishing cost O(log n); a
 * key takes less than 200 bytes besides its text. There is no cap: keys are
 * names of objects that the caller holds already.
 *
 *	while (queue_get(q, &key)) {
 *		enum queue_outcome outcome = reconcile(&key);
 *
 *		queue_done(q, &key, outcome, 0, clock_monotonic_ns(),
 *			   kube_chance());
 *	}
 */
#ifndef CONTROLLER_QUEUE_H
#define CONTROLLER_QUEUE_H

#include "lib/str.h"

struct queue;

struct queue_key {
	unsigned kind; /* the caller's numbering */
	struct str ns, name;
};

enum queue_outcome {
	QUEUE_DONE,  /* nothing left to do; failures are forgotten */
	QUEUE_AFTER, /* the same, but look again after a time */
	QUEUE_RETRY, /* it failed: again, with back-off */
};

struct queue *queue_new(void);
/* No worker may have a key or wait for one. */
void queue_free(struct queue **q);

/* Due at once. All times are monotonic, in ns. Copies the key. */
void queue_add(struct queue *q, const struct queue_key *key, int64_t now_ns);
void queue_add_at(struct queue *q, const struct queue_key *key, int64_t due_ns);

/*
 * Waits until a key is due; false once queue_stop was called, whatever still
 * waits. The key's text is the queue's until queue_done.
 */
bool queue_get(struct queue *q, struct queue_key *key) MUST_CHECK;

/* The same without waiting: false when nothing is due at now_ns. */
bool queue_take(struct queue *q, struct queue_key *key,
		int64_t now_ns) MUST_CHECK;

/*
 * Every key that was got or taken is given back once. after_ns is for
 * QUEUE_AFTER, chance (any number) for QUEUE_RETRY; 0 otherwise.
 */
void queue_done(struct queue *q, const struct queue_key *key,
		enum queue_outcome outcome, int64_t after_ns, int64_t now_ns,
		uint64_t chance);

/* For good. Wakes all who wait. */
void queue_stop(struct queue *q);

struct queue_stats {
	size_t depth;	  /* due, and no worker has taken it yet */
	size_t delayed;	  /* due later */
	size_t working;	  /* with a worker */
	size_t failing;	  /* last time's outcome was QUEUE_RETRY */
	int64_t lag_ns;	  /* how long the oldest has been due; 0: none is */
	uint64_t retries; /* since the start */
};
/* Costs a look at every key. */
struct queue_stats queue_stats(struct queue *q, int64_t now_ns);

/* The wait after so many failures in a row, at least 1. */
int64_t queue_backoff(unsigned failures, uint64_t chance);

#endif
