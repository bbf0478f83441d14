/*
 * Decoding IsolationPolicy and IsolationException (bulkhead.dev/v1alpha1) by
 * their field tables. Names of tiers stay names: snapshot_resolve.c resolves
 * them.
 */
#ifndef POLICIES_POLICY_FIELDS_H
#define POLICIES_POLICY_FIELDS_H

#include "policies/snapshot.h"

void policy_decode(struct decode *d, const struct json *doc,
		   struct policy *out);
void exception_decode(struct decode *d, const struct json *doc,
		      struct exception *out);

/* The tables of spec, for the reference and the CRD test. */
extern const struct field policy_spec_fields[];
extern const struct field exception_spec_fields[];

#endif
