/*
 * Resources of the Kubernetes API, and their paths.
 */
#ifndef KUBE_RESOURCE_H
#define KUBE_RESOURCE_H

#include "lib/arena.h"

struct kube_resource {
	const char *group; /* "" for core */
	const char *version, *plural, *kind;
	bool namespaced;
};

/* "apps/v1", or "v1" for core. */
struct str kube_resource_api_version(struct arena *a,
				     const struct kube_resource *resource);

/*
 * "/apis/GROUP/VERSION/namespaces/NS/PLURAL/NAME/SUBRESOURCE". An empty ns is
 * all namespaces, an empty name the collection. Names are percent-encoded (RFC
 * 3986, section 2.3). That alone does not keep a name in its place: the API
 * server decodes a path before it splits it; see kube_resource_name_valid.
 */
struct str kube_resource_path(struct arena *a,
			      const struct kube_resource *resource,
			      struct str ns, struct str name,
			      struct str subresource);

/*
 * May this be one step of a path: not empty, no "/", no "%", neither "." nor
 * ".." (IsValidPathSegmentName of apimachinery). kube_do refuses all others.
 */
bool kube_resource_name_valid(struct str name);

/* "path?key=value" or "path&key=value", the value encoded. */
struct str kube_path_query(struct arena *a, struct str path, const char *key,
			   struct str value);

#endif
