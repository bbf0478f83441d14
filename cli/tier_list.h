/* A policy set as tables: tiers by strength, who gets what, exceptions. */
#ifndef CLI_TIER_LIST_H
#define CLI_TIER_LIST_H

#include "lib/buf.h"
#include "policies/snapshot.h"

void tier_list(struct arena *a, struct buf *out, const struct snapshot *s);

#endif
