/*
 * Makes certificates and their keys: a self-signed CA, and serving
 * certificates that it signs. ECDSA P-256 with SHA-256 (RFC 5480, 5758), X.509
 * v3 as RFC 5280 profiles it. Text in PEM (RFC 7468): "CERTIFICATE", and
 * "PRIVATE KEY" (PKCS #8, no password).
 *
 * Reading and checking is certificate.h; when to make one is rotation.h.
 *
 * Time is a parameter, in seconds since 1970; randomness comes from OpenSSL.
 * No file, no network. Any thread.
 */
#ifndef CERTS_KEY_PAIR_H
#define CERTS_KEY_PAIR_H

#include "certs/names.h"

/* A certificate is valid from this long before it is made: clocks differ. */
enum { KEY_PAIR_SKEW = 5 * 60 };

struct key_pair {
	struct str cert, key; /* PEM; of the arena they were made in */
};

/*
 * Seconds since 1970, years 1970 to 9999. not_after counts as too late, as in
 * OpenSSL; RFC 5280 would still take it.
 */
struct validity {
	int64_t not_before, not_after;
};

/*
 * A CA of its own name ("bulkhead CA" and half its serial number), so that two
 * of them in one bundle are never taken for each other. It may sign nothing
 * but end entities (pathlen 0).
 */
int key_pair_make_ca(struct arena *a, struct validity valid,
		     struct key_pair *out, struct error *err) MUST_CHECK;

/*
 * For TLS servers only (extended key usage serverAuth). It never outlives the
 * CA. ERR_CONFIG when names are refused (names.h) or ca's key cannot be read
 * or is not its certificate's.
 */
int key_pair_make_leaf(struct arena *a, const struct key_pair *ca,
		       const struct cert_names *names, struct validity valid,
		       struct key_pair *out, struct error *err) MUST_CHECK;

/* Overwrites the private key; its memory stays the arena's. */
void key_pair_wipe(struct key_pair *pair);

#endif
