/*
 * What a reflector does next. One thread at a time: the reflector's.
 */
#ifndef KUBE_REFLECTOR_TURN_H
#define KUBE_REFLECTOR_TURN_H

#include "kube/client.h"
#include "kube/reflector_mirror.h"
#include "kube/reflector_shown.h"

struct reflector_turn {
	/* given, borrowed */
	const struct kube_reflector_options *options; /* no defaults left */
	const struct kube_stop *stop;
	struct kube_client *client;
	struct reflector_shown *shown;
	struct mirror mirror; /* of the same options */

	/* from turn to turn */
	struct arena arena; /* of the resource */
	struct kube_resource resource;
	bool served;
	struct buf version; /* empty: list */
	unsigned page;
	bool absent;	   /* mirrored as a kind without objects */
	unsigned absences; /* "not served" in a row */
	unsigned hasty;	   /* watches in a row that ended as they began */
	bool moved;	   /* 410 or 404 since a watch went well */
	unsigned list_failures, watch_failures; /* in a row */
	unsigned retry_after; /* seconds, of the last failure */
};

/* Does one thing, with the wait that follows when it failed. */
void reflector_turn(struct reflector_turn *turn);

#endif
