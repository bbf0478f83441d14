/*
 * The NetworkPolicy of a tier in a namespace: what it is to be, and whether
 * what is there is that.
 *
 * One for each (namespace, tier), named "bulkhead-TIER", selecting the Pods
 * that carry the tier's label; its owner is the IsolationTier, so that it goes
 * with it. All lists of its spec are atomic, so that a server-side apply with
 * force undoes whatever somebody else wrote there.
 */
#ifndef CONTROLLER_EGRESS_POLICY_H
#define CONTROLLER_EGRESS_POLICY_H

#include "controller/world.h"
#include "kube/resource.h"

#define LABEL_MANAGED_BY "app.kubernetes.io/managed-by"
#define MANAGED_BY_US "bulkhead"

/*
 * On a policy that nobody seems to need, since when (RFC 3339): as long as it
 * stands there no Pod is let go, so that the policy may be deleted.
 */
#define ANNOTATION_UNNEEDED "bulkhead.dev/unneeded"

extern const struct kube_resource egress_policy_resource;

/* "bulkhead-gvisor" */
struct str egress_policy_name(struct arena *a, struct str tier);

/* The tier that a policy of this name would be for; empty: none of ours. */
struct str egress_policy_tier(struct str name);

/* The whole object as it is applied. It borrows from the tier. Times are in
 * seconds; unneeded_since 0: it is needed. */
struct json egress_policy_desired(struct arena *a, const struct world *world,
				  struct str ns, const struct tier *tier,
				  int64_t unneeded_since);

/* With a reference for the caller; NULL when there is none of ours. */
const struct inventory_object *egress_policy_observed(struct arena *a,
						      const struct world *world,
						      struct str ns,
						      struct str tier);

/* Since when it is marked; 0: it is not. What is no time counts as long ago. */
int64_t egress_policy_unneeded_since(const struct inventory_object *policy);

/*
 * Is it in the API as it is to be, and not marked as unneeded? Else the Pods of
 * the tier are not protected by it.
 */
bool egress_policy_in_order(struct arena *a, const struct world *world,
			    const struct tier *tier,
			    const struct inventory_object *policy);

#endif
