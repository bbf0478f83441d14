/*
 * Is a stronger tier really stronger? Compares neighbours by strength on every
 * axis that has an order (runtime excluded: that is what strength says) and
 * adds a warning to the snapshot where the stronger one is laxer.
 */
#ifndef POLICIES_TIER_ORDER_H
#define POLICIES_TIER_ORDER_H

#include "policies/snapshot.h"

void tier_order_warnings(struct snapshot *s);

#endif
