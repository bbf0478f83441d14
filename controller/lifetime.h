/*
 * RECONCILE_CLAIM, RECONCILE_SANDBOX: what is over ends, in time and never
 * early.
 *
 * The end of a SandboxClaim is spec.lifecycle.shutdownTime; of a Sandbox that
 * no claim and no warm pool controls, spec.shutdownTime; in either spec.ttl (a
 * duration from creation; older spelling), when that is earlier. Where the API
 * version has no field, and only there, the annotation bulkhead.dev/expires-at
 * counts: such an end deletes, in the way that the tier says. What happens at
 * the others is said by shutdownPolicy beside them, as upstream defines it:
 *
 *	Delete			the object is deleted in the background
 *	DeleteForeground	(claims) in the foreground
 *	Retain			claim: its Sandbox is deleted, the claim stays;
 *				Sandbox: its Pod is deleted, the Sandbox stays
 *
 * Every deletion has uid and resourceVersion as preconditions: who moved the
 * end meanwhile has won. Upstream's controller may do the same at the same
 * time; what is gone already is done.
 *
 * What lives longer than the tier's ttl.max (an object that is older than the
 * tier) is reported, or ended where the tier says overdue: End. Where that
 * means Retain the end is written into the object first: upstream, which would
 * else make again what we take away, then sees it, too. What Argo CD, Flux or
 * Helm track is neither deleted nor written, but reported, unless the tier says
 * tracked: End.
 *
 * Events warn 10 minutes and 1 minute before, and tell the end.
 */
#ifndef CONTROLLER_LIFETIME_H
#define CONTROLLER_LIFETIME_H

#include "controller/plan.h"

enum lifetime_end {
	LIFETIME_NONE,	   /* no end */
	LIFETIME_BY_FIELD, /* its own fields say so */
	LIFETIME_OVERDUE,  /* the tier's ttl.max has passed, nothing else */
};

struct lifetime {
	enum lifetime_end end;
	int64_t due; /* seconds since 1970; of LIFETIME_OVERDUE creation + max
		      */
	enum shutdown_policy policy; /* for that end */
	bool tracked;		     /* by Argo CD, Flux or Helm */
	struct str tracked_by;
	const struct tier *tier; /* NULL: none governs it */
	bool problem;		 /* a time that cannot be read: never an end */
	struct str says;	 /* of the problem */

	/* What led to the above; seconds, LIFETIME_NEVER where there is none */
	int64_t own;	   /* what its own fields say, and which of them */
	const char *field; /* "spec.shutdownTime" */
	/*
	 * creation + ttl.max, where own is absent or later; passed or not. None
	 * under an exception from lifecycle.ttl.
	 */
	int64_t limit;
	enum shutdown_policy own_policy, limit_policy;
	int64_t created; /* INT64_MIN: cannot be read */
};

#define LIFETIME_NEVER INT64_MAX

/* Is that moment over; and its ns since 1970, as near as an int64 comes. */
bool lifetime_passed(const struct world *world, int64_t seconds);
int64_t lifetime_ns(int64_t seconds);

/* When the object ends and how; object is a claim or a Sandbox. Pure. */
void lifetime_of(struct arena *a, const struct world *world,
		 const struct inventory_object *object, struct lifetime *out);

void lifetime_plan(const struct world *world, const struct queue_key *key,
		   struct plan *plan);

#endif
