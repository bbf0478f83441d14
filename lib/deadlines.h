/*
 * Shuts sockets down that take too long. One thread looks at all of them four
 * times a second; setting a socket's deadline costs one atomic store.
 *
 * What libmicrohttpd offers is a time-out of inactivity, which a peer that
 * sends one byte a second never meets.
 *
 * Threads: deadline_set from any; a deadline is added and removed by whoever
 * owns the socket, and removed before the socket is closed.
 */
#ifndef LIB_DEADLINES_H
#define LIB_DEADLINES_H

#include <stdatomic.h>

#include "lib/base.h"

#define DEADLINE_NONE INT64_MAX

struct deadline {
	struct deadline *next, *prev; /* guarded by the owner's lock */
	int fd;
	bool passed;	    /* likewise: shut down already */
	_Atomic int64_t at; /* clock_monotonic_ns */
};

struct deadlines;

/*
 * thinned, unless NULL, runs in the thread, without its lock, when at most a
 * quarter is left of DEADLINES_MANY sockets or more: a good time to give back
 * what they held. Then it takes as many anew.
 */
enum { DEADLINES_MANY = 64 };
struct deadlines *deadlines_new(void (*thinned)(void));
/* Nothing may be watched any more. */
void deadlines_free(struct deadlines **d);

/* d is the caller's memory until deadlines_remove. d->at is set. */
void deadlines_add(struct deadlines *all, struct deadline *d, int fd);
void deadlines_remove(struct deadlines *all, struct deadline *d);

/* How many sockets were shut down so far; how many are watched now. */
uint64_t deadlines_passed(const struct deadlines *all);
size_t deadlines_watched(const struct deadlines *all);

static inline void deadline_set(struct deadline *d, int64_t at)
{
	atomic_store_explicit(&d->at, at, memory_order_relaxed);
}

#endif
