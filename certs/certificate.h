/*
 * Reads certificates and checks them: what they say, whether a key is theirs,
 * whether a bundle of CAs covers them. X.509 v3 (RFC 5280) in PEM (RFC 7468).
 * Takes certificates of any make; what key_pair.h makes is one of them.
 *
 * Errors are ERR_INPUT, or ERR_LIMIT above a cap, in words for whoever put the
 * text there; they never quote the text. Text lives in the arena. Names in
 * certificates are foreign text: they may hold anything, NUL included.
 *
 * Time is a parameter, in seconds since 1970. No file, no network. Any thread.
 */
#ifndef CERTS_CERTIFICATE_H
#define CERTS_CERTIFICATE_H

#include "certs/key_pair.h"

enum {
	CERTIFICATE_TEXT_MAX = 256 << 10, /* bytes of one PEM text */
	CERTIFICATES_MAX = 64,		  /* in one text */
};

struct certificate {
	struct str pem;		    /* this one alone, rewritten */
	struct str subject, issuer; /* RFC 4514, "CN=..." */
	struct str serial;	    /* hexadecimal */
	struct str fingerprint;	    /* SHA-256 of the DER, hexadecimal */
	struct str key_type;	    /* "EC prime256v1", "RSA 2048", ... */
	struct cert_names names;    /* addresses in canonical text */
	size_t n_other_names;	    /* URI, e-mail, ... */
	struct validity valid;
	bool is_ca;	/* may sign certificates */
	bool is_p256;	/* an ECDSA key on P-256 */
	bool is_rooted; /* issued by its own subject */
};

struct certificate_list {
	struct certificate *v;
	size_t n;
};

/*
 * Every certificate in the text, at least one; blocks of other kinds and text
 * around them are passed over. One that cannot be read fails the whole.
 */
int certificate_read_all(struct arena *a, struct str pem,
			 struct certificate_list *list,
			 struct error *err) MUST_CHECK;

/* The first one of the text. */
int certificate_read(struct arena *a, struct str pem, struct certificate *out,
		     struct error *err) MUST_CHECK;

/* Whether the text holds a private key in PEM that needs no password. */
int certificate_read_key(struct str key, struct error *err) MUST_CHECK;

/* Whether key (PEM) is the private key of the certificate. */
int certificate_check_key(const struct certificate *cert, struct str key,
			  struct error *err) MUST_CHECK;

/*
 * Whether a TLS client that trusts exactly the CAs in bundle (PEM, may be
 * empty) would take the certificate from a server at now, whatever its name:
 * as the API server takes a webhook's by caBundle. No intermediate
 * certificates.
 */
int certificate_verify(const struct certificate *cert, struct str bundle,
		       int64_t now, struct error *err) MUST_CHECK;

#endif
