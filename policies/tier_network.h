/*
 * The network settings of a tier, compiled once when it is loaded: the
 * NetworkPolicy that is applied for it, and what that policy allows as a set.
 *
 * egress.mode: None opens nothing (dns must be None or left out). AllowList
 * opens dns and the list. Internet opens all public addresses besides.
 * Unrestricted opens everything, metadata services included.
 *
 * egress.dns: Cluster is port 53 of the DNS Pods in kube-system, NodeLocal
 * adds 169.254.20.10, External is port 53 of public addresses. A cluster whose
 * resolver is the metadata address itself (Cloud DNS of GKE) is not modelled:
 * such a tier uses External, or Pods of its own as resolver.
 *
 * egress.blockPrivate: what is not public (address_space.h) is cut out of
 * every block that a tier opens. A block that lies wholly in such space is an
 * error, except a single host: whoever writes one address means that address.
 * Metadata services are cut out of every block, and never listed, whatever
 * blockPrivate says.
 */
#ifndef POLICIES_TIER_NETWORK_H
#define POLICIES_TIER_NETWORK_H

#include "policies/egress.h"
#include "policies/tier.h"

/*
 * Sets network_policy, egress_set and ingress_set of a decoded tier, and
 * egress.dns to None where mode None implies it. spec is the tier's document,
 * which must live as long as the tier. Problems go to d; then the sets are
 * NULL.
 */
void tier_network_compile(struct decode *d, const struct json *spec,
			  struct tier *tier);

/* What the tier allows, in short: "cluster DNS, 1 listed destination". */
struct str tier_network_str(struct arena *a, const struct tier *tier,
			    enum network_direction direction);

#endif
