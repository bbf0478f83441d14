/*
 * A complete list in pages into a mirror (Kubernetes API Concepts, "Retrieving
 * large results sets in chunks"). All pages show the cluster at one version.
 */
#ifndef KUBE_REFLECTOR_LIST_H
#define KUBE_REFLECTOR_LIST_H

#include "kube/client.h"
#include "kube/reflector_mirror.h"

struct reflector_list {
	struct kube_client *client;
	const struct kube_resource *resource;
	const struct mirror *mirror;
	/* Objects of a page; halved when a page is too large. */
	unsigned page;

	/* answered */
	unsigned status; /* of the page that failed; 0: no answer */
};

/*
 * Puts every object, and removes what is not in the list once it is complete;
 * what is known stays until then, also when it fails. *version is where a
 * watch goes on.
 */
int reflector_list(struct reflector_list *list, struct buf *version,
		   struct error *err) MUST_CHECK;

#endif
