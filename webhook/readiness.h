/*
 * Why the server is ready, or is not: one line for each thing it needs.
 *
 * A thing may be fine and still have something to say: a refused reload leaves
 * the old set in use.
 *
 * Thread-safe.
 */
#ifndef WEBHOOK_READINESS_H
#define WEBHOOK_READINESS_H

#include <pthread.h>

#include "lib/arena.h"

enum readiness_check {
	READY_POLICY,
	READY_OBJECTS,
	READY_CERTIFICATE,
	READY_SERVING,
	READY_CHECKS,
};

struct readiness {
	pthread_mutex_t lock; /* guards the rest */
	struct {
		bool ok;
		char says[512];
	} checks[READY_CHECKS];
};

#define READINESS_INIT                                                         \
	{                                                                      \
		.lock = PTHREAD_MUTEX_INITIALIZER                              \
	}

void readiness_set(struct readiness *r, enum readiness_check check, bool ok,
		   const char *fmt, ...) PRINTF_LIKE(4, 5);

bool readiness_ok(struct readiness *r, enum readiness_check check);

/* What it says of one thing. */
struct str readiness_says(struct arena *a, struct readiness *r,
			  enum readiness_check check);

/* "[+]policy: 6 tiers\n[-]certificate: ...\n"; *ready when all are fine. */
struct str readiness_text(struct arena *a, struct readiness *r, bool *ready);

#endif
