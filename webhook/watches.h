/*
 * What the admission server mirrors of the cluster, and how much of each
 * object: no more than the rules read.
 */
#ifndef WEBHOOK_WATCHES_H
#define WEBHOOK_WATCHES_H

#include "kube/reflector.h"

struct watch {
	const char *name; /* plural, for messages */
	const char *group, *kind;
	const char *const *versions;
	const char *label_selector; /* "" for all */
	bool metadata_only;
	bool optional; /* a cluster without the kind is complete */
	void (*keep)(struct arena *a, const struct json *doc, struct json *out);
};

/* Tiers, policies and exceptions come first. */
enum { WATCHES_POLICY = 3, WATCHES = 9 };
extern const struct watch watches[WATCHES];

/* The row of a kind; NULL when it is not watched. */
const struct watch *watch_find(struct str group, struct str kind);

#endif
