/*
 * RECONCILE_GATE: a Pod's scheduling gate bulkhead.dev/egress is lifted once
 * the NetworkPolicy of its namespace and tier is in the API as it is to be, and
 * not before. A Pod that waits longer than a few seconds says why in an Event.
 */
#ifndef CONTROLLER_GATE_H
#define CONTROLLER_GATE_H

#include "controller/plan.h"

void gate_plan(const struct world *world, const struct queue_key *key,
	       struct plan *plan);

/* The place of our gate among the Pod's; -1 when it has none. */
int gate_index(const struct json *pod);

#endif
