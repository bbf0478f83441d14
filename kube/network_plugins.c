/* The table. */
#include "kube/network_plugins.h"

const struct network_plugin network_plugins[] = {
	{ "calico-system", "calico-node", "Calico", true },
	{ "kube-system", "calico-node", "Calico", true },
	{ "kube-system", "canal", "Canal", true },
	{ "kube-system", "rke2-canal", "Canal", true },
	{ "kube-system", "cilium", "Cilium", true },
	{ "cilium", "cilium", "Cilium", true },
	{ "kube-system", "anetd", "GKE Dataplane V2", true },
	{ "kube-system", "antrea-agent", "Antrea", true },
	{ "kube-system", "kube-router", "kube-router", true },
	{ "kube-system", "weave-net", "Weave Net", true },
	{ "kube-system", "azure-npm", "Azure Network Policy Manager", true },
	{ "kube-system", "kube-network-policies", "kube-network-policies",
	  true },
	{ "kube-system", "kube-ovn-cni", "Kube-OVN", true },
	{ "ovn-kubernetes", "ovnkube-node", "OVN-Kubernetes", true },
	{ "openshift-ovn-kubernetes", "ovnkube-node", "OVN-Kubernetes", true },
	{ "kube-flannel", "kube-flannel-ds", "Flannel", false },
	{ "kube-system", "kube-flannel-ds", "Flannel", false },
	{ "kube-system", "kube-flannel", "Flannel", false },
	{ .name = NULL },
};
