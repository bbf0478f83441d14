/*
 * Interval arithmetic on addresses. Ends are inclusive, so that the whole of
 * IPv6 fits 128 bits; the price is care at the last address, where adding one
 * would wrap.
 */
#include "policies/address_ranges.h"

#include <stdlib.h>

void address_ranges_add(struct arena *a, struct address_ranges *r,
			unsigned __int128 first, unsigned __int128 last)
{
	r->v = arena_grow(a, r->v, r->n, &r->cap, sizeof(*r->v));
	r->v[r->n++] = (struct address_range){ first, last };
}

void address_ranges_add_block(struct arena *a, struct address_ranges *r,
			      const struct cidr *block,
			      const struct address_ranges *holes)
{
	unsigned __int128 first = block->first;

	for (size_t i = 0; i < holes->n; i++) {
		if (holes->v[i].first > first)
			address_ranges_add(a, r, first, holes->v[i].first - 1);
		if (holes->v[i].last == block->last)
			return;
		first = holes->v[i].last + 1;
	}
	address_ranges_add(a, r, first, block->last);
}

static int range_cmp(const void *x, const void *y)
{
	const struct address_range *a = x, *b = y;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return (a->last > b->last) - (a->last < b->last);
}

void address_ranges_sort(struct address_ranges *r)
{
	size_t n = 0;

	if (r->n == 0)
		return;
	qsort(r->v, r->n, sizeof(*r->v), range_cmp);
	for (size_t i = 1; i < r->n; i++) {
		struct address_range *at = &r->v[n], next = r->v[i];

		if (next.first > at->last && next.first - 1 > at->last)
			r->v[++n] = next;
		else if (next.last > at->last)
			at->last = next.last;
	}
	r->n = n + 1;
}

const struct address_range *address_ranges_from(const struct address_ranges *r,
						unsigned __int128 address)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->v[middle].last < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->n ? &r->v[low] : NULL;
}

struct cidr address_block_at(enum ip_family family, unsigned __int128 first,
			     unsigned __int128 last)
{
	unsigned prefix = family == IP_V4 ? 32 : 128;
	unsigned __int128 end = first;

	while (prefix > 0) {
		unsigned host_bits = (family == IP_V4 ? 32 : 128) - prefix;
		unsigned __int128 bit = (unsigned __int128)1 << host_bits;

		if ((first & bit) != 0 || (end | bit) > last)
			break;
		end |= bit;
		prefix--;
	}
	return (struct cidr){ family, prefix, first, end };
}
