/* The table of kinds that the rules know. */
#include "policies/kinds.h"

static const struct kind kinds[] = {
	{ "", "Pod", SUBJECT_POD, .has_pod = true },
	{ GROUP_AGENTS, "Sandbox", SUBJECT_SANDBOX,
	  .pod = { "spec", "podTemplate" }, .has_pod = true },
	{ GROUP_EXTENSIONS, "SandboxTemplate", SUBJECT_TEMPLATE,
	  .pod = { "spec", "podTemplate" }, .has_pod = true },
	{ GROUP_EXTENSIONS, "SandboxClaim", SUBJECT_CLAIM, .has_pod = false },
	{ GROUP_EXTENSIONS, "SandboxWarmPool", SUBJECT_POOL, .has_pod = false },
	{ "apps", "Deployment", SUBJECT_WORKLOAD, .pod = { "spec", "template" },
	  .has_pod = true },
	{ "apps", "StatefulSet", SUBJECT_WORKLOAD,
	  .pod = { "spec", "template" }, .has_pod = true },
	{ "apps", "DaemonSet", SUBJECT_WORKLOAD, .pod = { "spec", "template" },
	  .has_pod = true },
	{ "apps", "ReplicaSet", SUBJECT_WORKLOAD, .pod = { "spec", "template" },
	  .has_pod = true },
	{ "batch", "Job", SUBJECT_WORKLOAD, .pod = { "spec", "template" },
	  .has_pod = true },
	{ "batch", "CronJob", SUBJECT_WORKLOAD,
	  .pod = { "spec", "jobTemplate", "spec", "template" },
	  .has_pod = true },
	{ "", "ReplicationController", SUBJECT_WORKLOAD,
	  .pod = { "spec", "template" }, .has_pod = true },
	{ "", "PodTemplate", SUBJECT_WORKLOAD, .pod = { "template" },
	  .has_pod = true },
	{ "networking.k8s.io", "NetworkPolicy", SUBJECT_NETWORK_POLICY,
	  .has_pod = false },
	{ "", "Namespace", SUBJECT_NAMESPACE, .has_pod = false },
	{ GROUP_BULKHEAD, "IsolationTier", SUBJECT_CONFIG, .has_pod = false },
	{ GROUP_BULKHEAD, "IsolationPolicy", SUBJECT_CONFIG, .has_pod = false },
	{ GROUP_BULKHEAD, "IsolationException", SUBJECT_CONFIG,
	  .has_pod = false },
	{ "autoscaling", "Scale", SUBJECT_SCALE, .has_pod = false },
	{ "", "PodExecOptions", SUBJECT_CONNECT, .has_pod = false },
	{ "", "PodAttachOptions", SUBJECT_CONNECT, .has_pod = false },
	{ "", "PodPortForwardOptions", SUBJECT_CONNECT, .has_pod = false },
	{ "", "PodProxyOptions", SUBJECT_CONNECT, .has_pod = false },
};

const struct kind *kind_find(struct str group, struct str kind)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_is(kind, kinds[i].kind) &&
		    str_is(group, kinds[i].group))
			return &kinds[i];
	return NULL;
}

const struct kind *kind_table(size_t *n)
{
	*n = ARRAY_LEN(kinds);
	return kinds;
}

void kind_split_api_version(struct str api_version, struct str *group,
			    struct str *version)
{
	size_t slash = str_find(api_version, '/');

	if (slash == api_version.n) {
		*group = STR("");
		*version = api_version;
		return;
	}
	*group = str_sub(api_version, 0, slash);
	*version = str_sub(api_version, slash + 1, api_version.n);
}
