/*
 * Which versions of a kind the API server serves (discovery, /api and /apis).
 */
#ifndef KUBE_DISCOVERY_H
#define KUBE_DISCOVERY_H

#include "kube/client.h"

/*
 * Fills *out with the first of versions (ended by NULL) that serves the kind;
 * group, kind and the rest of the row as given, plural and namespaced as the
 * server says. 1 found, 0 the kind is not served at all, -1 with *err.
 * *out borrows a.
 */
int kube_discover(struct kube_client *client, struct arena *a,
		  const char *group, const char *const *versions,
		  const char *kind, struct kube_resource *out,
		  struct error *err) MUST_CHECK;

/* "v1.36.3" */
int kube_server_version(struct kube_client *client, struct arena *a,
			struct str *out, struct error *err) MUST_CHECK;

/* A question about access, and its answer. */
struct kube_access {
	/* asked; NULL and empty: not told */
	const char *verb; /* as in RBAC: "list" */
	const struct kube_resource *resource;
	const char *subresource;
	struct str ns; /* empty: in all namespaces */
	struct str name;
	/* who, of kube_may_user; groups NULL or missing: none */
	struct str user;
	const struct json *groups;
	/* answered */
	bool allowed;
	struct str why; /* from the server; may be empty */
};

/* May we do this (SelfSubjectAccessReview)? */
int kube_may_i(struct kube_client *client, struct arena *a,
	       struct kube_access *access, struct error *err) MUST_CHECK;

/* May somebody else (SubjectAccessReview)? */
int kube_may_user(struct kube_client *client, struct arena *a,
		  struct kube_access *access, struct error *err) MUST_CHECK;

#endif
