/* Peers and ports of network policy rules in words, for messages. */
#ifndef POLICIES_EGRESS_STR_H
#define POLICIES_EGRESS_STR_H

#include "policies/egress.h"

/* "pods app=db in any namespace", "every pod in namespace kube-system". */
struct str egress_pods_str(struct arena *a, const struct egress_pods *pods);

/*
 * "port 443/TCP", "ports 1-1023/UDP", "every port" when every_port: the rule
 * lists none.
 */
struct str egress_port_str(struct arena *a, const struct egress_port *port,
			   bool every_port);

#endif
