/*
 * IPv4 and IPv6 address blocks (RFC 4632, RFC 4291), as Kubernetes accepts
 * them in ipBlock (net.ParseCIDR): no leading zeros in IPv4 octets, no zone.
 * Host bits may be set; first and last are those of the block.
 */
#ifndef LIB_CIDR_H
#define LIB_CIDR_H

#include "lib/arena.h"
#include "lib/error.h"

enum ip_family { IP_V4, IP_V6 };

struct cidr {
	enum ip_family family;
	unsigned prefix;	       /* 0..32 or 0..128 */
	unsigned __int128 first, last; /* host order; IPv4 in the low 32 bits */
};

int cidr_parse(struct str text, struct cidr *c, struct error *err) MUST_CHECK;

/* An address without prefix. */
int cidr_parse_address(struct str text, enum ip_family *family,
		       unsigned __int128 *address,
		       struct error *err) MUST_CHECK;

/* x lies wholly inside y; different families never do. */
bool cidr_inside(const struct cidr *x, const struct cidr *y);

/* Canonical text; IPv6 as RFC 5952. */
struct str cidr_str(struct arena *a, const struct cidr *c);
struct str cidr_address_str(struct arena *a, enum ip_family family,
			    unsigned __int128 address);

#endif
