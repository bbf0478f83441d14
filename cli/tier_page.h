/*
 * A tier told in full: every setting of the field table with its help text, the
 * strict defaults included, as YAML that loads again as the same tier.
 */
#ifndef CLI_TIER_PAGE_H
#define CLI_TIER_PAGE_H

#include "lib/buf.h"
#include "policies/tier.h"

void tier_page(struct arena *a, struct buf *out, const struct tier *tier);

/* The spec of the NetworkPolicy that is applied for it, as YAML. */
void tier_page_network(struct arena *a, struct buf *out,
		       const struct tier *tier);

#endif
