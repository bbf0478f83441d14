/*
 * One leader by a Lease (coordination.k8s.io/v1): a pure step, and the loop
 * around it.
 *
 * Time is our own clock only: another holder's lease has run out when its
 * record has not changed for its duration as we saw it, whatever the times in
 * it say. This does not fence: whoever leads exits the process as soon as it
 * cannot renew within the deadline, and writes of a follower stay possible for
 * the moment that a request is under way. duration > deadline > retry.
 */
#ifndef KUBE_LEASE_H
#define KUBE_LEASE_H

#include "kube/client.h"

struct kube_lease_options {
	struct str ns, name;
	/*
	 * Nobody else's while we run. A lease that is held by it is ours, at
	 * once: of a container before this one in the same Pod.
	 */
	struct str identity;
	unsigned duration_seconds; /* 15 */
	unsigned deadline_seconds; /* 10 */
	unsigned retry_seconds;	   /* 2 */

	/* From the thread of kube_lease_start, each at most once. */
	void (*lead)(void *context);
	void (*lost)(void *context);
	void *context;
};

/* The record as last read, and when we first saw it like this. */
struct kube_lease_seen {
	bool exists;
	struct str holder;
	unsigned duration_seconds;
	struct str resource_version;
	int64_t changed_ns; /* monotonic, ours */
};

enum kube_lease_action {
	LEASE_CREATE, /* there is none: make it ours */
	LEASE_TAKE,   /* the holder is gone: replace it */
	LEASE_RENEW,  /* ours: renew */
	LEASE_WAIT,   /* someone else's */
	LEASE_LOST,   /* ours until now, and no longer */
};

/*
 * What to do now. renewed_ns is when we last succeeded in writing, 0: we do
 * not lead.
 */
enum kube_lease_action kube_lease_step(const struct kube_lease_options *options,
				       const struct kube_lease_seen *seen,
				       int64_t renewed_ns, int64_t now_ns);

struct kube_lease;

/*
 * A thread that acquires and renews. lead is called once, from that thread,
 * when we have become the leader; lost once, when we no longer are and have not
 * been asked to stop: it is expected to end the process. When stop is set the
 * lease is given back (holderIdentity "") so that another one takes over at
 * once.
 */
int kube_lease_start(const struct kube_config *config,
		     const struct kube_client_options *client,
		     const struct kube_lease_options *options,
		     struct kube_lease **out, struct error *err) MUST_CHECK;

/* Never later than the deadline, also while a request hangs. */
bool kube_lease_leads(const struct kube_lease *lease);

/*
 * For people: who else leads (ERR_NONE), or what went wrong last; empty while
 * all is well and we lead.
 */
struct error kube_lease_says(struct kube_lease *lease);

/* Waits for the thread; stop must be set. */
void kube_lease_join(struct kube_lease **lease);

#endif
