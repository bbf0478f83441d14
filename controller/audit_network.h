/*
 * The NetworkPolicies of one namespace, as they bear on the Pods of tiers
 * there: what each opens beyond each tier, and whether the tier's own is in
 * place. Made once, then asked for every Pod.
 */
#ifndef CONTROLLER_AUDIT_NETWORK_H
#define CONTROLLER_AUDIT_NETWORK_H

#include "controller/world.h"

struct audit_policy {
	const struct inventory_object *object; /* a reference */
	/*
	 * By the index of the tier in the snapshot: "spec.egress[0]" and what
	 * that opens beyond the tier; field.n 0: no more than the tier does.
	 */
	struct audit_opening {
		struct str field, what, allowed;
	} * openings;
	/* For which an IsolationException lets it open more; NULL: none. */
	const struct exception *exception;
};

enum audit_own_state {
	AUDIT_OWN_MISSING,
	AUDIT_OWN_CHANGED, /* not as the tier says */
	AUDIT_OWN_IN_ORDER,
};

/* The policy that Bulkhead keeps for a tier. */
struct audit_own {
	enum audit_own_state state;
	int64_t created; /* seconds since 1970; 0: not known */
};

struct audit_network {
	struct arena *arena;
	const struct snapshot *snapshot;
	struct audit_policy *policies; /* in the order of their names */
	size_t n, cap;
	struct audit_own *own; /* by the index of the tier */
};

/*
 * Everything lives in a, but for the references: release. The snapshot of the
 * world must be there and outlive it.
 */
void audit_network_read(struct arena *a, const struct world *world,
			struct str ns, struct audit_network *out);
void audit_network_release(struct audit_network *network);

const struct audit_own *audit_network_own(const struct audit_network *network,
					  const struct tier *tier);

/*
 * The first policy from *i on that selects these labels and opens more than the
 * tier does; *i is set behind it. NULL: there is none.
 */
const struct audit_policy *
audit_network_wider(const struct audit_network *network,
		    const struct tier *tier, const struct json *labels,
		    size_t *i, const struct audit_opening **opening);

#endif
