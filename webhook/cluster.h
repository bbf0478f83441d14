/*
 * The cluster as the admission server knows it: an inventory filled by watches,
 * and single objects asked for when a request names one that has not arrived
 * yet. Nothing here runs on the threads that answer requests, but for
 * cluster_ask, which only notes down.
 *
 * An object that was asked for may stay a little longer than it lives, until
 * the next list: a namespace or Sandbox that is gone gets no more requests.
 *
 * Thread-safe.
 */
#ifndef WEBHOOK_CLUSTER_H
#define WEBHOOK_CLUSTER_H

#include "kube/config.h"
#include "lib/http.h"
#include "lib/inventory.h"
#include "webhook/lookups.h"

struct cluster;

struct cluster_options {
	const struct kube_config *config; /* copied */
	struct inventory *inventory;	  /* borrowed; known when synced */
	bool policy; /* watch tiers, policies and exceptions as well */
	/*
	 * A tier, policy or exception has changed, and all are known. From a
	 * thread of the cluster's, one call at a time.
	 */
	void (*policy_changed)(void *context);
	void *context;
};

int cluster_start(const struct cluster_options *options, struct cluster **out,
		  struct error *err) MUST_CHECK;

/*
 * Does the inventory hold what there is? says: what is waited for and why, or
 * that all is there.
 */
bool cluster_synced(struct cluster *cluster, char *says, size_t n);

/* policy_changed once more. */
void cluster_poke(struct cluster *cluster);

/*
 * An object that the inventory does not have is asked for, if its kind is one
 * that is watched. waiter, unless NULL, is woken when that is over or has taken
 * too long, some second at most: if the advice is LOOKUP_WAIT, and only then.
 * since_ns: when its request arrived, monotonic.
 */
enum lookup_advice cluster_ask(struct cluster *cluster, struct str group,
			       struct str kind, struct str ns, struct str name,
			       struct http_waiter *waiter, int64_t since_ns);

/* Wakes whoever waits. */
void cluster_stop(struct cluster **cluster);

#endif
