/*
 * All that is stored about self-managed certificates: the CA, its successor
 * and its predecessors, and the serving pair; and where each part stands, in
 * two Secrets or in a folder. Values only: what they mean and when they change
 * is rotation.h.
 *
 * The CA's Secret is Opaque and read by the controller alone. The serving
 * pair's is of type kubernetes.io/tls, which demands tls.crt and tls.key, and
 * is what servers mount; its ca.crt is the bundle.
 */
#ifndef CERTS_STATE_H
#define CERTS_STATE_H

#include "certs/key_pair.h"
#include "lib/json.h"

/* PEM unless said otherwise; empty: nothing. Anything may be damaged. */
struct certs_state {
	struct key_pair ca;   /* signs */
	struct key_pair next; /* will sign */
	struct str previous;  /* CAs that have signed, at most two */
	struct str published; /* "TIME FINGERPRINT": all trust next since */
	struct key_pair leaf; /* what servers show */
	struct str bundle;    /* CAs, as last planned */
};

enum certs_secret { CERTS_SECRET_CA, CERTS_SECRET_LEAF };

/* Where one member of the state is stored. */
struct certs_item {
	enum certs_secret in;
	bool is_private;  /* nobody but its owner may read it */
	const char *key;  /* in the Secret's data */
	const char *file; /* in a folder */
	size_t offset;	  /* of a struct str in struct certs_state */
};

/* In the order of writing: what signs, before what it has signed. */
enum { CERTS_ITEMS = 9 };
extern const struct certs_item certs_items[CERTS_ITEMS];

struct str *certs_state_at(struct certs_state *state,
			   const struct certs_item *item);

/* Whether all that one of the Secrets holds is the same in both. */
bool certs_state_equal(const struct certs_state *x, const struct certs_state *y,
		       enum certs_secret in);

/*
 * Takes over what the data of a Secret (base64 by key) holds; missing, of the
 * wrong type or no base64: empty. Text is copied into a.
 */
void certs_state_read(struct arena *a, const struct json *data,
		      enum certs_secret in, struct certs_state *state);

/* The whole data of a Secret, empty members left out. */
struct json certs_state_data(struct arena *a, const struct certs_state *state,
			     enum certs_secret in);

#endif
