/*
 * Sets of addresses of one family, as sorted disjoint ranges. Both ends of a
 * range belong to it. Values; the ranges live in the arena they were added in.
 */
#ifndef POLICIES_ADDRESS_RANGES_H
#define POLICIES_ADDRESS_RANGES_H

#include "lib/cidr.h"

struct address_range {
	unsigned __int128 first, last;
};

struct address_ranges {
	struct address_range *v;
	size_t n, cap;
};

/* Appends; sort before asking. */
void address_ranges_add(struct arena *a, struct address_ranges *r,
			unsigned __int128 first, unsigned __int128 last);

/* Appends block without the holes, which are sorted and lie inside it. */
void address_ranges_add_block(struct arena *a, struct address_ranges *r,
			      const struct cidr *block,
			      const struct address_ranges *holes);

/* Sorts and joins what touches. */
void address_ranges_sort(struct address_ranges *r);

/*
 * The range that holds address, or the first one behind it, or NULL. Sorted
 * sets only.
 */
const struct address_range *address_ranges_from(const struct address_ranges *r,
						unsigned __int128 address);

/* The largest block that begins at first and does not go beyond last. */
struct cidr address_block_at(enum ip_family family, unsigned __int128 first,
			     unsigned __int128 last);

#endif
