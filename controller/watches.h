/*
 * What the reconciler mirrors of the cluster, how much of each object, and
 * which keys a change of one leads to.
 */
#ifndef CONTROLLER_WATCHES_H
#define CONTROLLER_WATCHES_H

#include "controller/queue.h"
#include "controller/world.h"
#include "kube/reflectors.h"

/* Where a change goes. The world is the one of the moment. */
struct watch_sink {
	const struct world *world;
	void (*add)(void *context, const struct queue_key *key,
		    int64_t after_ns);
	void *context;
};

struct watch {
	struct kube_reflector_options reflect; /* but inventory and callbacks */
	const char *plural;
	/* removed: object is the last that was known. */
	void (*map)(const struct watch_sink *sink,
		    const struct inventory_object *object, bool removed);
};

/* Tiers, policies and exceptions come first: they make the snapshot. */
enum { WATCHES_POLICY = 3, WATCHES = 13 };
extern const struct watch watches[WATCHES];

/* The row of a kind; NULL when it is not watched. */
const struct watch *watch_find(struct str group, struct str kind);

/*
 * All keys of everything in the inventory: after the snapshot has changed,
 * after the clock was set, and every ten minutes.
 */
void watches_resync(const struct watch_sink *sink);

#endif
