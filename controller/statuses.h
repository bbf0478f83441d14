/*
 * RECONCILE_TIER, RECONCILE_POLICY, RECONCILE_EXCEPTION: what our own objects
 * say about themselves, by the API conventions: conditions with reason,
 * message, observedGeneration and a lastTransitionTime that moves only with the
 * status; written only when something differs. What kstatus and Argo CD read:
 * Ready, Reconciling and Stalled (the last two only while they hold), and
 * status.observedGeneration at the top.
 *
 * IsolationTier also has RuntimeClassAvailable (a class of the tier exists, and
 * a node that its scheduling allows), EgressEnforceable (True: a DaemonSet that
 * is known to enforce NetworkPolicies runs; Unknown: none is known; False: the
 * network is known not to), Conflicted (a stronger tier that is laxer
 * somewhere), and how many namespaces it governs.
 *
 * IsolationException has Expired, with an Event 7 days and 1 day before.
 *
 * A set that is refused keeps the one before in use: the object at fault is
 * Stalled, all others say that they wait for it.
 */
#ifndef CONTROLLER_STATUSES_H
#define CONTROLLER_STATUSES_H

#include "controller/plan.h"

void statuses_plan_tier(const struct world *world, const struct queue_key *key,
			struct plan *plan);
void statuses_plan_policy(const struct world *world,
			  const struct queue_key *key, struct plan *plan);
void statuses_plan_exception(const struct world *world,
			     const struct queue_key *key, struct plan *plan);

#endif
