/* The table. What is kept is what the admission server keeps: the rules read
 * no more of an object that is looked up. */
#include "cli/live_kinds.h"

#define METADATA                                                               \
	"/apiVersion", "/kind", "/metadata/name", "/metadata/namespace",       \
		"/metadata/labels", "/metadata/ownerReferences",               \
		"/metadata/deletionTimestamp",                                 \
		"/metadata/annotations/agents.x-k8s.io~1sandbox-template-ref"

static const char *const metadata[] = { METADATA, NULL };
static const char *const spec[] = { METADATA, "/spec", NULL };
static const char *const runtime_class[] = { METADATA, "/handler", "/overhead",
					     "/scheduling", NULL };

static const char *const v1[] = { "v1", NULL };
static const char *const agents[] = { "v1beta1", "v1alpha1", NULL };

#define WORKLOAD(group_name, kind_name, plural_name)                           \
	{                                                                      \
		.group = (group_name), .kind = (kind_name),                    \
		.plural = (plural_name), .versions = v1, .namespaced = true,   \
		.judged = true                                                 \
	}

#define EXTENSION(kind_name, plural_name)                                      \
	{                                                                      \
		.group = GROUP_EXTENSIONS, .kind = (kind_name),                \
		.plural = (plural_name), .versions = agents,                   \
		.namespaced = true, .judged = true, .agent = true,             \
		.kept = spec                                                   \
	}

const struct live_kind live_kinds[] = {
	{ .group = "",
	  .kind = "Namespace",
	  .plural = "namespaces",
	  .versions = v1,
	  .judged = true,
	  .kept = metadata,
	  .metadata_only = true },
	{ .group = "node.k8s.io",
	  .kind = "RuntimeClass",
	  .plural = "runtimeclasses",
	  .versions = v1,
	  .kept = runtime_class },
	EXTENSION("SandboxTemplate", "sandboxtemplates"),
	EXTENSION("SandboxWarmPool", "sandboxwarmpools"),
	EXTENSION("SandboxClaim", "sandboxclaims"),
	{ .group = GROUP_AGENTS,
	  .kind = "Sandbox",
	  .plural = "sandboxes",
	  .versions = agents,
	  .namespaced = true,
	  .judged = true,
	  .agent = true,
	  .kept = metadata,
	  .metadata_only = true },
	{ .group = "",
	  .kind = "Pod",
	  .plural = "pods",
	  .versions = v1,
	  .namespaced = true,
	  .judged = true,
	  .kept = metadata,
	  .metadata_only = true,
	  .label_selector = LABEL_TIER },
	WORKLOAD("apps", "Deployment", "deployments"),
	WORKLOAD("apps", "StatefulSet", "statefulsets"),
	WORKLOAD("apps", "DaemonSet", "daemonsets"),
	WORKLOAD("apps", "ReplicaSet", "replicasets"),
	WORKLOAD("batch", "CronJob", "cronjobs"),
	WORKLOAD("batch", "Job", "jobs"),
	WORKLOAD("", "ReplicationController", "replicationcontrollers"),
	WORKLOAD("", "PodTemplate", "podtemplates"),
	WORKLOAD("networking.k8s.io", "NetworkPolicy", "networkpolicies"),
	{ .kind = NULL },
};

/* "pods", or "pod" of it; "networkpolicy" of "networkpolicies". */
static bool is_small(struct str name, const char *kind)
{
	size_t n = strlen(kind);

	if (n != name.n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = kind[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c + ('a' - 'A'));
		if (name.p[i] != c)
			return false;
	}
	return true;
}

const struct live_kind *live_kind_find(struct str name)
{
	for (const struct live_kind *k = live_kinds; k->kind; k++)
		if (str_is(name, k->kind) || str_is(name, k->plural) ||
		    is_small(name, k->kind))
			return k;
	return NULL;
}

size_t live_kind_index(const struct live_kind *kind)
{
	return (size_t)(kind - live_kinds);
}
