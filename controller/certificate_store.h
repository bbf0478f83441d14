/*
 * The state of certs/state.h in the API: the Secrets "bulkhead-ca" and
 * "bulkhead-webhook-tls" of our namespace. Read anew each time, never mirrored.
 *
 * A Secret is ours when it is labelled "app.kubernetes.io/managed-by: bulkhead"
 * and cert-manager has not taken it over (annotation
 * cert-manager.io/certificate-name, as its Certificates put it there). All
 * others are never written, and nothing is read from them.
 */
#ifndef CONTROLLER_CERTIFICATE_STORE_H
#define CONTROLLER_CERTIFICATE_STORE_H

#include "certs/state.h"
#include "controller/reconcilers.h"

struct certificate_secret {
	bool is_there, is_ours;
	struct json object; /* as it was read: with its resourceVersion */
};

struct certificate_store {
	struct certificate_secret secrets[2]; /* by enum certs_secret */
	struct certs_state state;	      /* of those that are ours */
};

/* "bulkhead-ca" */
struct str certificate_store_name(enum certs_secret which);

/* Everything lives in r->arena. A Secret that is not there is no error. */
int certificate_store_read(const struct reconcile *r,
			   struct certificate_store *store,
			   struct error *err) MUST_CHECK;

/*
 * ERR_CONFIG, with what to do, when one is there and is not ours.
 */
int certificate_store_check(const struct reconcile *r,
			    const struct certificate_store *store,
			    struct error *err) MUST_CHECK;

/*
 * Replaces what was read, or creates what was not there. ERR_CONFLICT when it
 * is another one by now. After any error read anew: it may have been done.
 */
int certificate_store_write(const struct reconcile *r,
			    const struct certificate_store *store,
			    const struct certs_state *state,
			    enum certs_secret which,
			    struct error *err) MUST_CHECK;

#endif
