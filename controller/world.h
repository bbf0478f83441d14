/*
 * What a plan is made from: what is known of the cluster and of the policy, and
 * the time. Borrowed for one plan.
 *
 * Inventory: what controller/watches.c mirrors, and no more of each object than
 * stands there. A kind that is not known yet (inventory_is_known) is never
 * taken for empty: workers start when all are.
 */
#ifndef CONTROLLER_WORLD_H
#define CONTROLLER_WORLD_H

#include "certs/names.h"
#include "lib/inventory.h"
#include "policies/snapshot.h"

struct settings {
	struct str ns;			  /* our own: bulkhead-system */
	struct str service;		  /* of the webhook: bulkhead-webhook */
	struct str webhook_configuration; /* both are named so: bulkhead */
	bool certificates;		  /* ours to make and to inject */
	int64_t audit_delay; /* seconds from a change to the audit */
	int64_t ca_life, leaf_life, wait;    /* seconds; see certs/rotation.h */
	struct cert_names certificate_names; /* besides the Service's own */
};

struct world {
	const struct snapshot *snapshot; /* the last good one; NULL: none yet */
	/* Why what is in the cluster now is not in use; empty: it is. */
	struct str refused;
	const struct inventory *inventory;
	const struct settings *settings;
	int64_t now_ns; /* wall clock, ns since 1970 */
};

static inline int64_t world_seconds(const struct world *w)
{
	return w->now_ns / 1000000000;
}

#endif
