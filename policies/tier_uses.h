/* Who names a tier: what would break if it were gone. */
#ifndef POLICIES_TIER_USES_H
#define POLICIES_TIER_USES_H

#include "policies/target.h"

/*
 * The first of: an IsolationPolicy of the snapshot, the label of a Namespace
 * in the inventory. "defaultTier of IsolationPolicy x"; p NULL when nobody
 * names it.
 */
struct str tier_uses_find(const struct target *t, struct str tier);

#endif
