/*
 * When certificates are renewed, and in which order, so that no client ever
 * meets one that it cannot verify. Pure: what is stored, what clients trust
 * and the time go in; what to store and to publish comes out. Key pairs are
 * made on the way (key_pair.h).
 *
 * A renewal of the CA takes three steps, each by a call of its own:
 *
 *	next	a second CA is made; the bundle holds both
 *	swap	clients have trusted both for longer than config.wait: the
 *		second CA signs a new serving certificate
 *	forget	that certificate is older than config.wait: the first CA leaves
 *		the bundle
 *
 * A serving certificate is renewed by the CA in use as soon as it is due. Both
 * are due after two thirds of their lives, judged apart.
 *
 * Trouble: what is missing, damaged or lost is made anew, in these steps as
 * long as the serving certificate in use is covered, and at once when it is
 * not. A CA that can be read stays in the bundle, its key lost or not, until
 * no server can show anything of its own. A restart changes nothing: all that
 * is known stands in the state. Only where both Secrets are lost at once
 * nothing is known, and servers that still run are not covered until they have
 * what is new.
 *
 * Clocks: certificates begin KEY_PAIR_SKEW early. When the stored ones show
 * that a clock has been ahead of now, new ones end as if made then: they are
 * good by both clocks.
 */
#ifndef CERTS_ROTATION_H
#define CERTS_ROTATION_H

#include "certs/state.h"

struct certs_config {
	struct cert_names names;
	int64_t ca_life, leaf_life; /* seconds */
	int64_t wait; /* seconds after which every client and server has what
			 was published or stored; lives are at least six */
};

/* The kubelet brings a changed Secret to its Pods within some 90 s. */
enum {
	CERTS_CA_LIFE = 2 * 365 * 86400,
	CERTS_LEAF_LIFE = 90 * 86400,
	CERTS_WAIT = 3 * 60,
};

/* What clients trust at now: the caBundle of each webhook. None: no clients. */
struct certs_seen {
	const struct str *bundles;
	size_t n;
};

enum { CERTS_CHANGES_MAX = 8 };

/*
 * To do, in this order: store the CA's Secret when ca_changed, publish the
 * bundle wherever it is not, store the serving pair's Secret when
 * leaf_changed. Where one fails or its outcome is unknown, read everything and
 * plan anew; never store a plan that is more than some seconds old. One
 * planner at a time: under a lease, with the resourceVersion that was read.
 */
struct certs_plan {
	struct certs_state state;
	bool ca_changed, leaf_changed;
	struct str bundle;	    /* PEM, one to three CAs, oldest first */
	int64_t again;		    /* plan again by then; later than now */
	int64_t ca_ends, leaf_ends; /* of those in use from now on */
	struct str changes[CERTS_CHANGES_MAX]; /* for people, one line each */
	size_t n_changes;
};

/*
 * What the plan holds lives in a, or is the state's. seconds since 1970. On an
 * error nothing is to be stored: ERR_CONFIG for a config that cannot work,
 * ERR_INPUT when no key can be made.
 */
int certs_step(struct arena *a, const struct certs_state *state,
	       const struct certs_config *config, const struct certs_seen *seen,
	       int64_t now, struct certs_plan *plan,
	       struct error *err) MUST_CHECK;

#endif
