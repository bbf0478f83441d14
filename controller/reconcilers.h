/*
 * The table of what is kept in order: a key's kind is its row. Adding one is a
 * file and a row here, and the rows of watches.c that lead to it.
 */
#ifndef CONTROLLER_RECONCILERS_H
#define CONTROLLER_RECONCILERS_H

#include "controller/plan.h"
#include "lib/metrics.h"

enum reconciler_kind {
	RECONCILE_NETWORK,	/* ns, tier: the NetworkPolicy */
	RECONCILE_GATE,		/* ns, Pod: its scheduling gate */
	RECONCILE_CLAIM,	/* ns, SandboxClaim: its end */
	RECONCILE_SANDBOX,	/* ns, Sandbox: its end */
	RECONCILE_TIER,		/* "", IsolationTier: its status */
	RECONCILE_POLICY,	/* "", IsolationPolicy: its status */
	RECONCILE_EXCEPTION,	/* "", IsolationException: status, warnings */
	RECONCILE_AUDIT,	/* ns, "": what runs there, and the report */
	RECONCILE_CERTIFICATES, /* "", "": our own, and the caBundle */
	RECONCILERS,
};

/*
 * Each has a queue and workers of its own: what asks the API server for a whole
 * namespace would else keep those waiting who wait for a deletion.
 */
enum lane {
	LANE_PROMPT,
	LANE_BACKGROUND,
	LANES,
};

/* For those that have to ask the API server before they can plan. */
struct reconcile {
	const struct world *world;
	struct kube_client *client;
	struct kube_events *events;
	struct metrics *metrics; /* controller/measures.h */
	struct arena *arena;	 /* of this one key */
	int64_t mono_ns;
};

struct reconciler {
	const char *name; /* in metrics and logs */
	enum lane lane;
	/* Pure. */
	void (*plan)(const struct world *world, const struct queue_key *key,
		     struct plan *plan);
	/*
	 * Or, when plan is NULL: does all by itself. *plan tells the keys and
	 * the time to look again; -1 with *err is a failure, tried again.
	 */
	int (*run)(const struct reconcile *r, const struct queue_key *key,
		   struct plan *plan, struct error *err);
};

extern const struct reconciler reconcilers[RECONCILERS];

#endif
