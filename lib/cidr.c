/*
 * Address blocks. The IPv6 reader fills groups from the left and, where "::"
 * stood, moves what came after it to the right end.
 */
#include "lib/cidr.h"

typedef unsigned __int128 u128;

enum {
	V4_BITS = 32,
	V6_BITS = 128,
	V6_GROUPS = 8,
	TEXT_MAX = 64, /* the longest good text has 49 bytes */
};

static int refuse(struct error *err, struct str text, const char *what,
		  const char *like)
{
	return error_set(err, ERR_INPUT, "\"%.*s\" is not %s; write it like %s",
			 STR_ARG(text), what, like);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* 0..255 in decimal; a leading zero would be octal to some readers. */
static bool read_octet(struct str s, uint32_t *octet)
{
	if (s.n < 1 || s.n > 3 || (s.n > 1 && s.p[0] == '0'))
		return false;
	*octet = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return false;
		*octet = 10 * *octet + (uint32_t)(s.p[i] - '0');
	}
	return *octet <= 255;
}

static bool read_v4(struct str s, uint32_t *address)
{
	struct str field;
	uint32_t octet;
	int n = 0;

	*address = 0;
	for (; str_split(&s, '.', &field); n++) {
		if (n == 4 || !read_octet(field, &octet))
			return false;
		*address = *address << 8 | octet;
	}
	return n == 4;
}

/* One to four hexadecimal digits. */
static bool read_group(struct str s, uint16_t *group)
{
	unsigned n = 0;

	if (s.n < 1 || s.n > 4)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int digit = hex_value(s.p[i]);

		if (digit < 0)
			return false;
		n = n << 4 | (unsigned)digit;
	}
	*group = (uint16_t)n;
	return true;
}

/*
 * Groups between colons, up to max of them; the last may be an IPv4 address,
 * which counts as two. Empty text has none.
 */
static bool read_groups(struct str s, uint16_t *groups, size_t max, size_t *n)
{
	struct str field;
	uint32_t v4;

	*n = 0;
	if (!s.n)
		return true;
	while (str_split(&s, ':', &field)) {
		if (*n < max && read_group(field, &groups[*n])) {
			(*n)++;
			continue;
		}
		if (s.p || *n + 2 > max || !read_v4(field, &v4))
			return false;
		groups[(*n)++] = (uint16_t)(v4 >> 16);
		groups[(*n)++] = (uint16_t)v4;
	}
	return true;
}

static bool read_v6(struct str s, u128 *address)
{
	uint16_t groups[V6_GROUPS] = { 0 }, tail[V6_GROUPS];
	size_t gap = str_find_str(s, STR("::")), n, behind;

	if (!read_groups(str_sub(s, 0, gap), groups, V6_GROUPS, &n))
		return false;
	if (gap == s.n) {
		if (n != V6_GROUPS)
			return false;
	} else {
		/* "::" stands for one group at least; no IPv4 before it. */
		if (n == V6_GROUPS ||
		    str_find(str_sub(s, 0, gap), '.') != gap ||
		    !read_groups(str_sub(s, gap + 2, s.n), tail,
				 V6_GROUPS - 1 - n, &behind))
			return false;
		for (size_t i = 0; i < behind; i++)
			groups[V6_GROUPS - behind + i] = tail[i];
	}
	*address = 0;
	for (size_t i = 0; i < V6_GROUPS; i++)
		*address = *address << 16 | groups[i];
	return true;
}

static bool read_address(struct str s, enum ip_family *family, u128 *address)
{
	uint32_t v4;

	if (s.n > TEXT_MAX)
		return false;
	if (str_find(s, ':') < s.n) {
		*family = IP_V6;
		return read_v6(s, address);
	}
	*family = IP_V4;
	if (!read_v4(s, &v4))
		return false;
	*address = v4;
	return true;
}

static bool read_prefix(struct str s, unsigned max, unsigned *prefix)
{
	*prefix = 0;
	if (!s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return false;
		*prefix = 10 * *prefix + (unsigned)(s.p[i] - '0');
		if (*prefix > max)
			return false;
	}
	return true;
}

static unsigned family_bits(enum ip_family family)
{
	return family == IP_V4 ? V4_BITS : V6_BITS;
}

/* Ones where the host part is. */
static u128 host_mask(unsigned bits, unsigned prefix)
{
	unsigned host = bits - prefix;

	return host == V6_BITS ? ~(u128)0 : ((u128)1 << host) - 1;
}

int cidr_parse(struct str text, struct cidr *c, struct error *err)
{
	size_t slash = str_find(text, '/');
	struct cidr found;
	unsigned bits;
	u128 address, mask;

	if (slash == text.n)
		return refuse(err, text, "an address block: /prefix is missing",
			      "10.0.0.0/8 or fd00::/8");
	if (!read_address(str_sub(text, 0, slash), &found.family, &address))
		return refuse(err, text, "an IPv4 or IPv6 address block",
			      "10.0.0.0/8 or fd00::/8");
	bits = family_bits(found.family);
	if (!read_prefix(str_sub(text, slash + 1, text.n), bits, &found.prefix))
		return refuse(err, text,
			      "an address block: its prefix is out "
			      "of range",
			      "10.0.0.0/8 (at most /32) or fd00::/8 (/128)");
	mask = host_mask(bits, found.prefix);
	found.first = address & ~mask;
	found.last = address | mask;
	*c = found;
	return 0;
}

int cidr_parse_address(struct str text, enum ip_family *family, u128 *address,
		       struct error *err)
{
	if (!read_address(text, family, address))
		return refuse(err, text, "an IPv4 or IPv6 address",
			      "10.0.0.1 or fd00::1");
	return 0;
}

bool cidr_inside(const struct cidr *x, const struct cidr *y)
{
	return x->family == y->family && x->first >= y->first &&
	       x->last <= y->last;
}

static struct str v4_str(struct arena *a, const char *before, uint32_t v)
{
	return arena_printf(a, "%s%u.%u.%u.%u", before, v >> 24, v >> 16 & 255,
			    v >> 8 & 255, v & 255);
}

static unsigned group_of(u128 address, size_t i)
{
	return (unsigned)(address >> (16 * (V6_GROUPS - 1 - i))) & 0xffff;
}

/* The first longest run of two or more zero groups; n is 0 without one. */
static size_t longest_gap(u128 address, size_t *n)
{
	size_t best = 0, run = 0;

	*n = 0;
	for (size_t i = 0; i < V6_GROUPS; i++) {
		run = group_of(address, i) ? 0 : run + 1;
		if (run > *n && run > 1) {
			*n = run;
			best = i + 1 - run;
		}
	}
	return best;
}

static struct str v6_str(struct arena *a, u128 address)
{
	size_t n, gap = longest_gap(address, &n);
	struct str s = STR("");

	for (size_t i = 0; i < V6_GROUPS; i++) {
		const char *colon = i == 0 || (n && i == gap + n) ? "" : ":";

		if (n && i == gap) {
			s = arena_printf(a, "%.*s::", STR_ARG(s));
			i += n - 1;
			continue;
		}
		s = arena_printf(a, "%.*s%s%x", STR_ARG(s), colon,
				 group_of(address, i));
	}
	return s;
}

struct str cidr_address_str(struct arena *a, enum ip_family family,
			    u128 address)
{
	if (family == IP_V4)
		return v4_str(a, "", (uint32_t)address);
	if (address >> 32 == 0xffff)
		return v4_str(a, "::ffff:", (uint32_t)address);
	return v6_str(a, address);
}

struct str cidr_str(struct arena *a, const struct cidr *c)
{
	struct str first = cidr_address_str(a, c->family, c->first);

	return arena_printf(a, "%.*s/%u", STR_ARG(first), c->prefix);
}
