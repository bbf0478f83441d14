/*
 * RECONCILE_NETWORK: the NetworkPolicy of a tier in a namespace is there, as it
 * is to be, from the moment the namespace has the tier or the first object of
 * it appears; and goes when nothing needs it any more.
 *
 * Going takes two steps, so that no Pod is let go on the strength of a policy
 * that is about to be deleted: first the policy is marked, which stops the gate
 * (gate.h); five seconds later, if there is still no Pod, it is deleted at the
 * version that was seen.
 */
#ifndef CONTROLLER_NETWORK_H
#define CONTROLLER_NETWORK_H

#include "controller/plan.h"

void network_plan(const struct world *world, const struct queue_key *key,
		  struct plan *plan);

#endif
