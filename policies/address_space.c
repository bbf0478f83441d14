/*
 * The table of special addresses (IANA special-purpose registries, and the
 * metadata services of the clouds).
 *
 * ::ffff:0:0/96 is left out on purpose: such packets are IPv4 on the wire, and
 * the API server refuses the block in "except", because Go takes it for
 * 0.0.0.0/0, which does not lie in ::/0.
 */
#include "policies/address_space.h"

/* clang-format off */
static const struct special_block table[] = {
	{ "169.254.169.254/32", "cloud metadata", true },
	{ "169.254.170.2/32", "ECS task credentials", true },
	{ "169.254.170.23/32", "EKS Pod Identity", true },
	{ "100.100.100.200/32", "Alibaba Cloud metadata", true },
	{ "168.63.129.16/32", "Azure host services", true },
	{ "fd00:ec2::254/128", "AWS metadata", true },
	{ "fd00:ec2::23/128", "EKS Pod Identity", true },
	{ "fd20:ce::254/128", "Google Cloud metadata", true },
	{ "64:ff9b::a9fe:a9fe/128", "cloud metadata through NAT64", true },
	{ "0.0.0.0/8", "this host", false },
	{ "10.0.0.0/8", "private addresses", false },
	{ "100.64.0.0/10", "shared addresses, often of Pods", false },
	{ "127.0.0.0/8", "loopback", false },
	{ "169.254.0.0/16", "link-local addresses", false },
	{ "172.16.0.0/12", "private addresses", false },
	{ "192.0.0.0/24", "IETF protocols", false },
	{ "192.168.0.0/16", "private addresses", false },
	{ "198.18.0.0/15", "benchmark networks", false },
	{ "224.0.0.0/4", "multicast", false },
	{ "240.0.0.0/4", "reserved addresses, sometimes of Pods", false },
	{ "::/128", "this host", false },
	{ "::1/128", "loopback", false },
	{ "64:ff9b::/96", "NAT64, a way to any IPv4 address", false },
	{ "64:ff9b:1::/48", "local NAT64", false },
	{ "2002::/16", "6to4, a way to any IPv4 address", false },
	{ "fc00::/7", "private addresses", false },
	{ "fe80::/10", "link-local addresses", false },
	{ "fec0::/10", "site-local addresses", false },
	{ "ff00::/8", "multicast", false },
};
/* clang-format on */

const struct special_block *special_blocks(size_t *n)
{
	*n = ARRAY_LEN(table);
	return table;
}

struct cidr special_block_cidr(const struct special_block *block)
{
	struct error err = ERROR_INIT;
	struct cidr c;

	if (cidr_parse(str_of(block->cidr), &c, &err) < 0)
		BUG("bad row in the table of special addresses");
	return c;
}

const struct special_block *special_block_around(const struct cidr *block)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct cidr c = special_block_cidr(&table[i]);

		if (cidr_inside(block, &c))
			return &table[i];
	}
	return NULL;
}
