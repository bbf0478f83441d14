/*
 * Whose lifetime an object's own fields decide, and where they stand: a
 * Sandbox keeps shutdownTime and shutdownPolicy in its spec, a SandboxClaim in
 * spec.lifecycle. A Sandbox that a claim or a warm pool controls lives as long
 * as that says, and an object that is being deleted needs no end any more.
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

#endif
