/*
 * One call of the API as an HTTP request: pure. Private to kube/client.c.
 *
 * Everything lives in the arena given; text of the call is borrowed.
 */
#ifndef KUBE_REQUEST_H
#define KUBE_REQUEST_H

#include "kube/client.h"

/*
 * Method, path with query, headers and body; time_out and caps are left to the
 * caller. ERR_INPUT for a call that would reach something else than what it
 * names: a name that is no step of a path, or none where one is needed (a
 * DELETE without name empties the collection).
 */
int kube_request_build(struct arena *a, const struct kube_call *call,
		       const char *field_manager,
		       struct kube_transport_request *request,
		       struct error *err) MUST_CHECK;

/*
 * Is doing it twice the same as doing it once, and does the second answer not
 * mislead?
 */
bool kube_request_idempotent(const struct kube_call *call);

/* Could it leave a trace in the cluster? */
bool kube_request_writes(const struct kube_call *call);

/* For messages: create networkpolicies "x" in namespace "a" */
struct str kube_request_what(struct arena *a, const struct kube_call *call);

#endif
