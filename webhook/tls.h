/*
 * The serving certificate: loaded from files, checked, swapped while the
 * server runs. The only user of GnuTLS.
 *
 * Each connection takes the pair that is in use when it begins and holds it to
 * its end, so a swap disturbs nobody. A new pair that does not pass leaves the
 * old one in use.
 *
 * TLS 1.2 and 1.3, ALPN http/1.1, no session tickets: the API server never
 * resumes.
 *
 * Thread-safe.
 */
#ifndef WEBHOOK_TLS_H
#define WEBHOOK_TLS_H

#include "lib/http.h"

struct tls;

struct tls_files {
	struct str cert, key; /* PEM; the certificate with its chain */
	struct str client_ca; /* PEM; empty: clients need no certificate */
	const struct str *allowed_names; /* common or DNS names of clients */
	size_t n_allowed_names;		 /* 0: whoever the CA has signed */
};

/* The paths and names are copied. No pair is in use yet. */
struct tls *tls_new(const struct tls_files *files);
/* No connection may be left. */
void tls_free(struct tls **tls);

/*
 * Reads the files again. On an error, ERR_IO or ERR_CONFIG with the file and
 * what is wrong with it, the pair before stays in use. now is in seconds.
 */
int tls_load(struct tls *tls, int64_t now, struct error *err) MUST_CHECK;

/* When the pair in use ends, in seconds since 1970; 0 when there is none. */
int64_t tls_expires_at(struct tls *tls);

/* For http_config.tls; lives as long as tls. */
const struct http_tls *tls_hooks(struct tls *tls);

#endif
