/*
 * RECONCILE_CERTIFICATES: the two Secrets of certs/state.h in our namespace,
 * and the caBundle of our two webhook configurations, by the plan of
 * certs/rotation.h. Asks the API server each time: Secrets are never mirrored.
 *
 * The caBundle is applied with a field manager of its own,
 * "bulkhead-ca-injector", and only for the webhooks that are there. A
 * configuration whose caBundle another manager owns, or that asks cert-manager
 * for it (annotation cert-manager.io/inject-ca-from), is left alone; when all
 * are, and the serving Secret is somebody else's (not labelled as ours) or yet
 * to come, there is nothing to do at all.
 *
 * Ownership is judged webhook by webhook. Where others say what is trusted and
 * it is not our bundle although we serve, an Event tells. A Secret that is not
 * ours is never written: that is an error with what to do.
 */
#ifndef CONTROLLER_CERTIFICATES_H
#define CONTROLLER_CERTIFICATES_H

#include "controller/reconcilers.h"

int certificates_run(const struct reconcile *r, const struct queue_key *key,
		     struct plan *plan, struct error *err);

#endif
