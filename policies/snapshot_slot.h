/*
 * The policy in force: one place, read by every request, written on reload.
 * A reader gets a reference that keeps its snapshot whatever is put meanwhile.
 *
 * Thread-safe; the lock is held for taking a reference only.
 */
#ifndef POLICIES_SNAPSHOT_SLOT_H
#define POLICIES_SNAPSHOT_SLOT_H

#include <pthread.h>

#include "policies/snapshot.h"

struct snapshot_slot {
	pthread_mutex_t lock; /* guards the rest */
	struct snapshot *snapshot;
	uint64_t generation; /* how many were put */
};

#define SNAPSHOT_SLOT_INIT                                                     \
	{                                                                      \
		.lock = PTHREAD_MUTEX_INITIALIZER                              \
	}

/* Drops what is in it. */
void snapshot_slot_release(struct snapshot_slot *slot);

/* With a reference for the caller; NULL before the first put. */
struct snapshot *snapshot_slot_get(struct snapshot_slot *slot);

/* Takes over the caller's reference. */
void snapshot_slot_put(struct snapshot_slot *slot, struct snapshot *snapshot);

/* Is a set with the same names and specs in it? */
bool snapshot_slot_holds(struct snapshot_slot *slot,
			 const struct snapshot *snapshot);

uint64_t snapshot_slot_generation(struct snapshot_slot *slot);

#endif
