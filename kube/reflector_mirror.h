/*
 * Objects of one kind from the API server into the inventory: what is kept of
 * them, whether they differ from what is known, and who is told. No network,
 * no thread: called from the reflector's.
 *
 * One mirror for each kind of an inventory: what it has not seen it removes.
 */
#ifndef KUBE_REFLECTOR_MIRROR_H
#define KUBE_REFLECTOR_MIRROR_H

#include "kube/reflector.h"
#include "lib/buf.h"
#include "lib/map.h"

struct mirror {
	const struct kube_reflector_options *options;
	struct str api_version; /* of the version that is listed and watched */
	bool namespaced;
};

/* Names that a list has shown; in the arena of the map. */
struct mirror_seen {
	struct map names;
	struct buf key; /* scratch */
};

/* Room for two names of the longest (RFC 1123: 63 and 253 bytes) and more. */
#define MIRROR_SEEN_INIT(a)                                                    \
	{                                                                      \
		.names = MAP_INIT(a), .key = BUF_INIT(64 << 10)                \
	}

static inline void mirror_seen_release(struct mirror_seen *seen)
{
	buf_release(&seen->key);
}

/*
 * Adds or replaces, and tells it, unless nothing that is kept has changed.
 * seen may be NULL. scratch is needed during the call only. ERR_INPUT for an
 * object without name, namespace or resourceVersion.
 */
int mirror_put(const struct mirror *mirror, struct arena *scratch,
	       const struct json *object, struct mirror_seen *seen,
	       struct error *err) MUST_CHECK;

/* Removes, and tells it with this last state; not when it was not known. */
int mirror_delete(const struct mirror *mirror, struct arena *scratch,
		  const struct json *object, struct error *err) MUST_CHECK;

/* Removes and tells what the list has not shown; seen NULL: everything. */
void mirror_sweep(const struct mirror *mirror, struct mirror_seen *seen);

#endif
