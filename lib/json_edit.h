/*
 * Changing a tree without touching the original: copy on write.
 *
 * json_edit_start gives a working copy that shares everything with the
 * original; an edit copies only the nodes on its way. What was not edited stays
 * pointer-equal, so json_diff (json_diff.h) skips it. The original must outlive
 * the working copy.
 *
 * A pointer into root is valid until the next edit. Edits write in place once
 * a node is private, so a copy of root that was kept aside goes stale too.
 * Text and children of a value that is set are borrowed, keys are copied. The
 * value may be a node of a working copy, this one even; but nodes of a working
 * copy that is still being edited may not be built into another value.
 * Paths are at most JSON_EDIT_DEPTH_MAX steps long.
 *
 * Not locked; the working copy is private to its owner.
 */
#ifndef LIB_JSON_EDIT_H
#define LIB_JSON_EDIT_H

#include "lib/json.h"
#include "lib/path.h"

enum { JSON_EDIT_DEPTH_MAX = 512 };

struct json_edit {
	struct arena *arena;
	struct json root; /* read it freely as const */
};

struct json_edit json_edit_start(struct arena *a, const struct json *original);

/*
 * Sets the value at path, replacing what is there. Missing or null objects on
 * the way are created; array indexes must exist, except the last step, which
 * may be the array's length (append). BUG when a step meets a scalar: look
 * before you set.
 */
void json_edit_set(struct json_edit *e, const struct path *path,
		   struct json value);

/*
 * May path be set: every step that stands there leads through a collection of
 * its type, and what is to be made is a member (a null item is left alone).
 * False for an item that does not exist.
 */
bool json_edit_reaches(const struct json *root, const struct path *path);

/*
 * Sets a member as json_edit_set does; in an array, inserts before the item
 * that is at path now. The parent must be there.
 */
void json_edit_insert(struct json_edit *e, const struct path *path,
		      struct json value);

/* Removes the member or item at path; nothing happens when it is absent. */
void json_edit_remove(struct json_edit *e, const struct path *path);

#endif
