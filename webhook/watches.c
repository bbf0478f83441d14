/* The table, and which parts of each kind the rules read. */
#include "webhook/watches.h"

#include "lib/json_pick.h"
#include "policies/kinds.h"

#define HEAD                                                                   \
	"/apiVersion", "/kind", "/metadata/name", "/metadata/namespace",       \
		"/metadata/uid", "/metadata/resourceVersion"
#define METADATA                                                               \
	HEAD, "/metadata/labels", "/metadata/ownerReferences",                 \
		"/metadata/deletionTimestamp",                                 \
		"/metadata/annotations/agents.x-k8s.io~1sandbox-template-ref"

static void keep_metadata(struct arena *a, const struct json *doc,
			  struct json *out)
{
	static const char *const kept[] = { METADATA, NULL };

	*out = json_pick(a, doc, kept);
}

static void keep_spec(struct arena *a, const struct json *doc, struct json *out)
{
	static const char *const kept[] = { METADATA, "/spec", NULL };

	*out = json_pick(a, doc, kept);
}

static void keep_policy(struct arena *a, const struct json *doc,
			struct json *out)
{
	static const char *const kept[] = { HEAD, "/spec", NULL };

	*out = json_pick(a, doc, kept);
}

static void keep_runtime_class(struct arena *a, const struct json *doc,
			       struct json *out)
{
	static const char *const kept[] = { HEAD, "/handler", "/overhead",
					    "/scheduling", NULL };

	*out = json_pick(a, doc, kept);
}

static const char *const v1[] = { "v1", NULL };
static const char *const v1alpha1[] = { "v1alpha1", NULL };
static const char *const agents[] = { "v1beta1", "v1alpha1", NULL };

#define OWN(plural, singular)                                                  \
	{                                                                      \
		.name = (plural), .group = GROUP_BULKHEAD, .kind = (singular), \
		.versions = v1alpha1, .label_selector = "",                    \
		.keep = keep_policy                                            \
	}

const struct watch watches[WATCHES] = {
	OWN("isolationtiers", "IsolationTier"),
	OWN("isolationpolicies", "IsolationPolicy"),
	OWN("isolationexceptions", "IsolationException"),
	{ .name = "namespaces",
	  .group = "",
	  .kind = "Namespace",
	  .versions = v1,
	  .label_selector = "",
	  .metadata_only = true,
	  .keep = keep_metadata },
	{ .name = "runtimeclasses",
	  .group = "node.k8s.io",
	  .kind = "RuntimeClass",
	  .versions = v1,
	  .label_selector = "",
	  .keep = keep_runtime_class },
	{ .name = "sandboxtemplates",
	  .group = GROUP_EXTENSIONS,
	  .kind = "SandboxTemplate",
	  .versions = agents,
	  .label_selector = "",
	  .optional = true,
	  .keep = keep_spec },
	{ .name = "sandboxwarmpools",
	  .group = GROUP_EXTENSIONS,
	  .kind = "SandboxWarmPool",
	  .versions = agents,
	  .label_selector = "",
	  .optional = true,
	  .keep = keep_spec },
	{ .name = "sandboxes",
	  .group = GROUP_AGENTS,
	  .kind = "Sandbox",
	  .versions = agents,
	  .label_selector = "",
	  .metadata_only = true,
	  .optional = true,
	  .keep = keep_metadata },
	/* A Pod without the stamp is found through its namespace or Sandbox. */
	{ .name = "pods",
	  .group = "",
	  .kind = "Pod",
	  .versions = v1,
	  .label_selector = LABEL_TIER,
	  .metadata_only = true,
	  .keep = keep_metadata },
};

const struct watch *watch_find(struct str group, struct str kind)
{
	for (size_t i = 0; i < WATCHES; i++)
		if (str_is(group, watches[i].group) &&
		    str_is(kind, watches[i].kind))
			return &watches[i];
	return NULL;
}
