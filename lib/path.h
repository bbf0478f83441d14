/*
 * A path into a document, built on the stack while walking down, turned into
 * text only when someone must read it.
 *
 *	struct path spec = PATH_KEY(NULL, "spec");
 *	struct path item = path_index(&containers, 2);
 *	path_field(a, &item)    "spec.containers[2]"
 *	path_pointer(a, &item)  "/spec/containers/2"
 *
 * Each step borrows its parent and its key; a path lives as long as the frames
 * that hold its steps (path_copy to keep one). NULL is the root.
 */
#ifndef LIB_PATH_H
#define LIB_PATH_H

#include "lib/json.h"

struct path {
	const struct path *parent; /* NULL: directly below the root */
	struct str key;		   /* p NULL: this step is an index */
	size_t index;
};

#define PATH_KEY(up, lit) ((struct path){ (up), STR_INIT(lit), 0 })

static inline struct path path_key(const struct path *up, struct str key)
{
	return (struct path){ up, key.p ? key : (struct str){ "", 0 }, 0 };
}

static inline struct path path_index(const struct path *up, size_t index)
{
	return (struct path){ up, { NULL, 0 }, index };
}

/*
 * As Kubernetes writes field paths: spec.containers[0].image; a key that is
 * not a plain identifier becomes metadata.labels[app.kubernetes.io/name].
 */
struct str path_field(struct arena *a, const struct path *p);

/* RFC 6901: "~" is "~0", "/" is "~1"; the root is "". */
struct str path_pointer(struct arena *a, const struct path *p);

/* All steps and keys copied into a. */
const struct path *path_copy(struct arena *a, const struct path *p);

/* The value at the path, missing when any step is. */
const struct json *path_get(const struct json *root, const struct path *p);

/*
 * The deepest value on the way to p that exists in root, with a place in the
 * source: where to point at when the field itself is absent.
 */
const struct json *path_nearest(const struct json *root, const struct path *p);

#endif
