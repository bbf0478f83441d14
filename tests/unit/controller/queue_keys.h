/* For the tests of the queue: keys that differ by their name alone. */
#ifndef TESTS_UNIT_CONTROLLER_QUEUE_KEYS_H
#define TESTS_UNIT_CONTROLLER_QUEUE_KEYS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "controller/queue.h"

#define MS INT64_C(1000000)

static inline struct queue_key key(const char *name)
{
	return (struct queue_key){ 1, STR("team"), str_of(name) };
}

static inline void add(struct queue *q, const char *name, int64_t due)
{
	const struct queue_key k = key(name);

	queue_add_at(q, &k, due);
}

static inline void done(struct queue *q, const char *name,
			enum queue_outcome outcome, int64_t after, int64_t now)
{
	const struct queue_key k = key(name);

	queue_done(q, &k, outcome, after, now, 0);
}

#endif
