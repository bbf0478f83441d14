/*
 * Addresses that are not the public internet: private, local and special
 * ranges, and where clouds serve metadata and credentials.
 */
#ifndef POLICIES_ADDRESS_SPACE_H
#define POLICIES_ADDRESS_SPACE_H

#include "lib/cidr.h"

struct special_block {
	const char *cidr;
	const char *what;
	bool metadata; /* hands out credentials of the node or the cloud */
};

/* All rows, n of them. */
const struct special_block *special_blocks(size_t *n);

struct cidr special_block_cidr(const struct special_block *block);

/*
 * The row that holds all of block, metadata rows first; NULL when there is
 * none.
 */
const struct special_block *special_block_around(const struct cidr *block);

#endif
