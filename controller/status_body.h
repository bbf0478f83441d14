/*
 * What the statuses of our three kinds have in common: conditions are added one
 * by one, Ready by what became of the set, and the whole is written when it
 * differs from what is there.
 *
 *	struct status s;
 *
 *	if (!status_open(&s, world, key, "IsolationPolicy", plan))
 *		return;
 *	...
 *	status_write(&s);
 *	status_close(&s);
 */
#ifndef CONTROLLER_STATUS_BODY_H
#define CONTROLLER_STATUS_BODY_H

#include "controller/conditions.h"
#include "controller/plan.h"

enum { STATUS_CONDITIONS_MAX = 8 };

/* What became of the object as it is now. */
enum status_standing {
	STATUS_IN_USE,
	STATUS_LOADING,	 /* not read yet: a moment */
	STATUS_AT_FAULT, /* for it the set is refused */
	STATUS_WAITING,	 /* the set is refused for another one */
};

struct status {
	const struct world *world;
	struct plan *plan;
	const struct inventory_object *object; /* a reference */
	enum status_standing standing;
	struct condition conditions[STATUS_CONDITIONS_MAX];
	size_t n;
	int64_t namespaces; /* -1: not told for this kind */
};

/* False when there is no such object, or it goes. */
bool status_open(struct status *s, const struct world *world,
		 const struct queue_key *key, const char *kind,
		 struct plan *plan);
void status_close(struct status *s);

/* spec is what the set in use has of it; missing: nothing. */
void status_stand(struct status *s, const struct json *spec);

/* BUG for more than there is room for. */
void status_add(struct status *s, const char *type, enum condition_status is,
		const char *reason, struct str message);

/*
 * Ready, and Stalled or Reconciling beside it. reason and message are of what
 * is in use; pending: it is, but something that it needs is not there.
 */
void status_add_ready(struct status *s, bool pending, const char *reason,
		      struct str message);

/* The observed condition of a type, or missing. */
const struct json *status_observed(const struct status *s, const char *type);

/* An action, unless what is there says the same. */
void status_write(struct status *s);

#endif
