/*
 * Whose lifetime an object's own fields decide, and where they stand: a
 * Sandbox keeps shutdownTime and shutdownPolicy in its spec, a SandboxClaim in
 * spec.lifecycle. A Sandbox that a claim or a warm pool controls lives as long
 * as that says, and an object that is being deleted needs no end any more.
 *
 * The first release of upstream's API serves SandboxClaim v1alpha1 without
 * spec.lifecycle, and its API server drops what is filled in there, while later
 * ones serve the same version with it. So a claim of v1alpha1 is stamped with
 * the annotation bulkhead.dev/expires-at beside the field. The stamp counts
 * only where the field is not set.
 */
#ifndef POLICIES_LIFETIME_H
#define POLICIES_LIFETIME_H

#include "policies/target.h"

struct lifetime_field {
	struct path steps[3];
	const struct path *path;
};

/* Is a SandboxClaim or a SandboxWarmPool the controller of the object. */
bool lifetime_is_controlled(const struct target *t);

/* Does the object decide its own lifetime. */
bool lifetime_is_own(const struct target *t);

/* Sets the path of "shutdownTime" or "shutdownPolicy"; f may not be moved. */
void lifetime_field(const struct target *t, struct str name,
		    struct lifetime_field *f);

/* May the version of the object have no field for its end. */
bool lifetime_is_stamped(const struct target *t);

/* The tier's shutdownPolicy as far as the kind knows it. */
enum shutdown_policy lifetime_policy_wanted(const struct tier *tier,
					    bool claim);
/* At least as strict, or one of shutdownPolicies. */
bool lifetime_policy_is_accepted(const struct tier *tier, bool claim,
				 enum shutdown_policy policy);

/* metadata.annotations[bulkhead.dev/expires-at] */
extern const struct path lifetime_stamp;

#endif
