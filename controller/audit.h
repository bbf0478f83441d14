/*
 * RECONCILE_AUDIT: what lives in a namespace against its tiers. Asks the API
 * server for the agent objects and the Pods of the namespace, in pages, judges
 * each by the engine as it is, and adds what only the running cluster shows: a
 * Pod on a node that does not run its class, a Pod that was never gated, a
 * NetworkPolicy that opens more than the tier, an overdue lifetime, a template
 * or pool whose Sandboxes will be refused.
 *
 * Tells it as Events on the object that a person looks at (the claim or Sandbox
 * rather than its Pod), as metrics, and as one bounded report for the
 * namespace: openreports.io/v1alpha1 Report when that is served, else
 * wgpolicyk8s.io/v1alpha2 PolicyReport, else none. Written only when what it
 * says has changed; deleted when there is nothing to say.
 */
#ifndef CONTROLLER_AUDIT_H
#define CONTROLLER_AUDIT_H

#include "controller/reconcilers.h"

int audit_run(const struct reconcile *r, const struct queue_key *key,
	      struct plan *plan, struct error *err);

#endif
