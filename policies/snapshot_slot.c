/* A pointer under a lock. */
#include "policies/snapshot_slot.h"

static void lock(struct snapshot_slot *slot)
{
	if (pthread_mutex_lock(&slot->lock))
		BUG("lock of the policy");
}

static void unlock(struct snapshot_slot *slot)
{
	if (pthread_mutex_unlock(&slot->lock))
		BUG("lock of the policy");
}

static struct snapshot *swap(struct snapshot_slot *slot,
			     struct snapshot *snapshot)
{
	struct snapshot *old = slot->snapshot;

	slot->snapshot = snapshot;
	return old;
}

void snapshot_slot_release(struct snapshot_slot *slot)
{
	struct snapshot *old;

	lock(slot);
	old = swap(slot, NULL);
	unlock(slot);
	snapshot_unref(&old);
}

struct snapshot *snapshot_slot_get(struct snapshot_slot *slot)
{
	struct snapshot *s;

	lock(slot);
	s = slot->snapshot ? snapshot_ref(slot->snapshot) : NULL;
	unlock(slot);
	return s;
}

void snapshot_slot_put(struct snapshot_slot *slot, struct snapshot *snapshot)
{
	struct snapshot *old;

	lock(slot);
	old = swap(slot, snapshot);
	slot->generation++;
	unlock(slot);
	/* Freeing a policy takes a while: not under the lock. */
	snapshot_unref(&old);
}

bool snapshot_slot_holds(struct snapshot_slot *slot,
			 const struct snapshot *snapshot)
{
	bool same;

	lock(slot);
	same = slot->snapshot &&
	       str_eq(slot->snapshot->digest, snapshot->digest);
	unlock(slot);
	return same;
}

uint64_t snapshot_slot_generation(struct snapshot_slot *slot)
{
	uint64_t n;

	lock(slot);
	n = slot->generation;
	unlock(slot);
	return n;
}
