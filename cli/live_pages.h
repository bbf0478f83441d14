/*
 * Reading a kind of a live cluster page by page, so that memory holds one page
 * at a time whatever the cluster holds.
 */
#ifndef CLI_LIVE_PAGES_H
#define CLI_LIVE_PAGES_H

#include "kube/client.h"

/* What came of a read; anything but LIVE_READ says why in *err. */
enum live_outcome {
	LIVE_READ,
	LIVE_NOT_SERVED, /* the API server does not know the kind (404) */
	LIVE_FORBIDDEN,	 /* 401, 403 */
	LIVE_FAILED,
};

struct live_query {
	const struct kube_resource *resource;
	struct str ns;	 /* empty: all */
	struct str name; /* empty: all; else what has this name */
	struct str label_selector, field_selector;
	bool metadata_only;
	unsigned page; /* 0: LIVE_PAGE */
	/*
	 * Each item, whole, with apiVersion and kind, which lists of built-in
	 * kinds leave out. a is emptied behind each page. False: no more.
	 */
	bool (*item)(struct arena *a, const struct json *item, void *context);
	void *context;
};

enum { LIVE_PAGE = 250 };

enum live_outcome live_pages(struct kube_client *client,
			     const struct live_query *query,
			     struct error *err) MUST_CHECK;

/* One object, with apiVersion and kind, into a. */
enum live_outcome live_get(struct kube_client *client, struct arena *a,
			   const struct live_query *query, struct json *out,
			   struct error *err) MUST_CHECK;

#endif
