/*
 * What is to be done about one key: actions in the order in which they are
 * taken, and when to look again. Made by pure functions (desired, observed ->
 * plan), carried out by apply.h.
 *
 * Every action may be cut off before, during or after: the next plan, made from
 * what is then observed, ends in the same state. So an action is idempotent or
 * carries a precondition, and names are never drawn by chance.
 */
#ifndef CONTROLLER_PLAN_H
#define CONTROLLER_PLAN_H

#include "controller/queue.h"
#include "controller/world.h"
#include "kube/client.h"
#include "kube/events.h"

enum action_type {
	ACTION_APPLY,  /* server-side apply of body, with force */
	ACTION_STATUS, /* the same of the status subresource */
	/* A list: RFC 6902, with its own "test"; an object: RFC 7386. */
	ACTION_PATCH,
	ACTION_DELETE, /* with uid and resource_version as preconditions */
	ACTION_EVENT,
};

struct plan_action {
	enum action_type type;
	struct kube_resource resource; /* text lives as long as the plan */
	struct str ns, name;
	struct json body;
	bool lenient; /* fields that the API does not have are dropped */
	struct str uid, resource_version;
	enum kube_propagation propagation;
	/*
	 * Since when it was wanted, by the wall clock: the end of a lifetime,
	 * the creation of a Pod that waits. 0: nobody measures.
	 */
	int64_t due_ns;
	struct kube_event_note event;
};

enum { PLAN_ACTIONS_MAX = 16 };

struct plan {
	struct arena *arena;
	struct plan_action actions[PLAN_ACTIONS_MAX];
	size_t n;
	/* What could not be planned in one go: come again at once. */
	bool more;
	int64_t again_ns; /* look again after so long; 0: when something changes
			   */
	/* Other keys that are to be looked at now. */
	struct queue_key *keys;
	size_t n_keys, keys_cap;
};

/*
 * Text and bodies live in the plan's arena or the snapshot: objects of the
 * inventory may be gone when the plan is carried out.
 */
struct plan_action *plan_action(struct plan *plan, enum action_type type);
void plan_key(struct plan *plan, struct queue_key key);
/* Look again after ns at the latest; the earliest wins. */
void plan_again(struct plan *plan, int64_t ns);

/*
 * An Event about an object of the inventory: what names it is copied; note is
 * not.
 */
void plan_event(struct plan *plan, const struct inventory_object *object,
		bool warning, const char *reason, const char *what,
		struct str note);

/*
 * The resource that an object of the inventory is: version by its apiVersion,
 * plural by the table of watches.
 */
struct kube_resource plan_resource(const struct inventory_object *object);

#endif
