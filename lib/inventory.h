/*
 * What is known of the cluster: documents by (group, kind, namespace, name).
 * Filled by reflectors in the cluster, by files in the command line, by
 * fixtures in tests; read by the engine.
 *
 * Objects are immutable and reference-counted: an entry holds one reference,
 * inventory_get takes one more, so a reader may keep an object while the
 * inventory replaces it. Each object owns the arena that its tree lives in.
 *
 * A kind is "known" when its list is complete (synced), so that an absent name
 * really is absent. Until then absence means nothing.
 *
 * Thread-safe: one read-write lock inside, held only for look-ups.
 * inventory_get costs a binary search among the kind's objects, inventory_each
 * that and its calls of fn; neither sorts, copies or visits other namespaces.
 */
#ifndef LIB_INVENTORY_H
#define LIB_INVENTORY_H

#include "lib/arena.h"
#include "lib/json.h"

struct inventory;

struct inventory_object {
	struct str group, kind, ns, name; /* ns is empty for cluster scope */
	struct json doc;
	struct str source; /* file name, or empty */
};

struct inventory *inventory_new(void);
void inventory_free(struct inventory **inv);

/*
 * A new object with its own arena; *arena is where the caller reads the
 * document and copies the names. One reference, the caller's.
 */
struct inventory_object *inventory_object_new(struct arena **arena);
const struct inventory_object *
inventory_object_ref(const struct inventory_object *object);
void inventory_object_unref(const struct inventory_object **object);

/*
 * Copies what the object holds into a piece of its size; nothing when somebody
 * else has a reference already. What pointed into the object no longer does.
 */
void inventory_object_compact(struct inventory_object *object);

/* Adds or replaces by key, compacted; takes over the caller's reference. */
void inventory_put(struct inventory *inv, struct inventory_object *object);

/* False when there was none. */
bool inventory_remove(struct inventory *inv, struct str group, struct str kind,
		      struct str ns, struct str name);

/*
 * The object, with a reference for the caller, or NULL. The names are those of
 * the API: group "" for core.
 */
const struct inventory_object *inventory_get(const struct inventory *inv,
					     struct str group, struct str kind,
					     struct str ns, struct str name);

/* Marks a kind's list as complete, or not. */
void inventory_set_known(struct inventory *inv, struct str group,
			 struct str kind, bool known);
bool inventory_is_known(const struct inventory *inv, struct str group,
			struct str kind);

/*
 * Calls fn for every object of a kind in a namespace (ns.p NULL: in all), in
 * order of namespace and name, under the read lock: fn may not call back into
 * the inventory. Stops when fn returns false.
 */
void inventory_each(const struct inventory *inv, struct str group,
		    struct str kind, struct str ns,
		    bool (*fn)(const struct inventory_object *object,
			       void *context),
		    void *context);

size_t inventory_count(const struct inventory *inv);

#endif
