/* Who names a tier: what would break if it were gone. */
#ifndef POLICIES_TIER_USES_H
#define POLICIES_TIER_USES_H

#include "policies/target.h"

/*
 * The first of: an IsolationPolicy of the snapshot; in the inventory the label
 * of a Namespace, a Pod, or an object that Pods come from. "defaultTier of
 * IsolationPolicy x"; p NULL when nobody names it.
 */
struct str tier_uses_find(const struct target *t, struct str tier);

#endif
