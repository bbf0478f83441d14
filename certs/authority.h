/*
 * The state as certificates: what of it can be read, what can sign, which CAs
 * are trusted together. Reading never fails: what is damaged counts as not
 * there. For rotation.c.
 */
#ifndef CERTS_AUTHORITY_H
#define CERTS_AUTHORITY_H

#include "certs/certificate.h"
#include "certs/state.h"

/* A pair of the state; for CAs, only a CA's certificate reads. */
struct authority {
	struct key_pair pem; /* as it is stored */
	struct certificate cert;
	bool reads;   /* cert is filled */
	bool has_key; /* and the key is its own */
};

enum {
	AUTHORITIES_PREVIOUS_MAX = 2,
	AUTHORITIES_BUNDLE_MAX = 3,
};

/* At most AUTHORITIES_BUNDLE_MAX that read: with two previous ones, no next. */
struct authorities {
	struct authority ca, next,
		leaf; /* the leaf is a pair like the others */
	struct certificate previous[AUTHORITIES_PREVIOUS_MAX];
	size_t n_previous;
};

/*
 * The CA in use is the one that has signed the leaf: where that is missing, it
 * is taken from the stored bundle, and another that stands in its place
 * becomes the next one.
 */
void authorities_read(struct arena *a, const struct certs_state *state,
		      struct authorities *out);

void authority_read(struct arena *a, const struct key_pair *pem,
		    struct authority *out);

/* Why it cannot sign at now, in words; NULL: it can. */
const char *authority_fault(const struct authority *one, int64_t now);

/* next takes the place of ca, whose certificate becomes a previous one. */
void authorities_promote(struct authorities *all);

/* PEM of all CAs that read, oldest first, so that equal sets are equal text. */
struct str authorities_bundle(struct arena *a, const struct authorities *all);

/* PEM of the previous ones, in their order. */
struct str authorities_previous(struct arena *a, const struct authorities *all);

/* Whether the leaf verifies against the bundle, now or once it is valid. */
bool authorities_cover(const struct authorities *all, struct str bundle,
		       int64_t now);

#endif
