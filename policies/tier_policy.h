/* The document of a tier's NetworkPolicy; see tier_network.h for its meaning.
 */
#ifndef POLICIES_TIER_POLICY_H
#define POLICIES_TIER_POLICY_H

#include "policies/tier.h"

/*
 * {policyTypes, ingress, egress}, the spec without its podSelector. The
 * network settings of spec were checked; the result borrows from it.
 */
struct json tier_policy_spec(struct arena *a, const struct json *spec,
			     const struct tier *tier);

#endif
