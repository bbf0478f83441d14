/*
 * Who enforces networking.k8s.io/v1 NetworkPolicies in a cluster, told by the
 * DaemonSet of its agents: the API says it nowhere. A name counts only in the
 * namespace that the plug-in's own manifests use: anybody may call a DaemonSet
 * so elsewhere.
 *
 * Not in the table, because a DaemonSet's name does not tell: those that
 * enforce in some versions or settings only (kindnet, aws-node), and those that
 * run outside of Pods (k3s).
 */
#ifndef KUBE_NETWORK_PLUGINS_H
#define KUBE_NETWORK_PLUGINS_H

#include "lib/base.h"

struct network_plugin {
	const char *ns, *daemon_set;
	const char *name; /* as people call it */
	bool enforces;	  /* false: it carries packets and judges none */
};

/* Ended by a row without a name; those that enforce come first. */
extern const struct network_plugin network_plugins[];

#endif
