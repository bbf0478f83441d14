/*
 * Carries out a plan: one action after the other, through a client, until one
 * fails. Events are only noted down (kube/events.h).
 *
 * What is fine although the server refused it: deleting what is gone (404) or
 * is another one by now (409 for the uid); changing what is gone. A conflict of
 * versions (409), or a "test" of a JSON patch that failed (422), means that the
 * plan was made from something old: it is made again.
 */
#ifndef CONTROLLER_APPLY_H
#define CONTROLLER_APPLY_H

#include "controller/plan.h"

struct apply_stats {
	unsigned calls; /* of the API server */
	unsigned done[ACTION_EVENT + 1];
};

/*
 * 0 when all is done. -1 with *err: ERR_CONFLICT when the plan is out of date;
 * anything else is a failure to be told.
 */
int apply_plan(struct kube_client *client, struct kube_events *events,
	       const struct plan *plan, int64_t mono_ns,
	       struct apply_stats *stats, struct error *err) MUST_CHECK;

#endif
