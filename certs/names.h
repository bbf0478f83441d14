/*
 * The names that a serving certificate is made for: subject alternative names
 * (RFC 5280, section 4.2.1.6). Clients compare only these, never the common
 * name (RFC 6125, section 6.4.4; Go's crypto/x509).
 *
 * A DNS name is a lower-case RFC 1123 subdomain as Kubernetes writes it: no
 * wildcard, no final dot, no underscore, at most 253 bytes. An address is kept
 * in the canonical text of cidr_address_str.
 */
#ifndef CERTS_NAMES_H
#define CERTS_NAMES_H

#include "lib/arena.h"
#include "lib/error.h"

enum { CERT_NAMES_MAX = 64 };

/* Borrowed. The first name is the common name of a certificate made for it. */
struct cert_names {
	struct str *dns;
	size_t n_dns;
	struct str *ips;
	size_t n_ips;
};

/*
 * Checks and copies; addresses become canonical, repeated names are left out.
 * ERR_CONFIG with the name and what is wrong with it; also when there is none
 * at all or more than CERT_NAMES_MAX.
 */
int cert_names_read(struct arena *a, const struct cert_names *from,
		    struct cert_names *to, struct error *err) MUST_CHECK;

/* The same names in any order; both without repetitions. */
bool cert_names_equal(const struct cert_names *x, const struct cert_names *y);

/* An address in network order into bytes (4 or 16); false: it is none. */
bool cert_names_address(struct str text, unsigned char *bytes, size_t *n);

#endif
