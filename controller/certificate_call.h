/*
 * One call of the API for certificates. All calls of one look at them share one
 * budget of time: what is planned must not be old when it is stored.
 */
#ifndef CONTROLLER_CERTIFICATE_CALL_H
#define CONTROLLER_CERTIFICATE_CALL_H

#include "controller/reconcilers.h"

/*
 * As kube_do; the answer lives in r->arena. ERR_CONFLICT also for the 404 of a
 * write: what was read is gone. Either way read and plan anew.
 */
int certificate_call(const struct reconcile *r, struct kube_call *call,
		     struct error *err) MUST_CHECK;

/* As a GET; what is not there is no error, but json_missing. */
int certificate_get(const struct reconcile *r, struct kube_call *call,
		    struct error *err) MUST_CHECK;

#endif
