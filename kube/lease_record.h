/*
 * The Lease object (coordination.k8s.io/v1) to what lease.h wants to know of
 * it, and back.
 */
#ifndef KUBE_LEASE_RECORD_H
#define KUBE_LEASE_RECORD_H

#include "kube/lease.h"

extern const struct kube_resource kube_leases;

/*
 * Reads all but changed_ns; text is borrowed. A duration that is absent, no
 * whole number, or not above zero is 0. -1: this is no Lease that can be
 * written again, or does not say who holds it.
 */
int kube_lease_record_read(const struct json *doc, struct kube_lease_seen *out,
			   struct error *err) MUST_CHECK;

struct kube_lease_record {
	struct str holder; /* empty: nobody */
	unsigned duration_seconds;
	bool acquired; /* by this writing, not before */
	int64_t wall_us;
};

/*
 * The body of a write. doc is the record as last read, or missing when there
 * is none: what others put there (labels, owners, fields that we do not know)
 * stays, and so does its resourceVersion. Borrows doc.
 */
struct json kube_lease_record_write(struct arena *a,
				    const struct kube_lease_options *options,
				    const struct json *doc,
				    const struct kube_lease_record *record);

#endif
