/*
 * Changing a tree without touching the original: copy on write.
 *
 * json_edit_start gives a working copy that shares everything with the
 * original; an edit copies only the nodes on its way. What was not edited stays
 * pointer-equal, so json_diff (json_diff.h) skips it. The original must outlive
 * the working copy.
 *
 * A pointer that json_edit_at returns is valid until the next edit.
 *
 * Not locked; the working copy is private to its owner.
 */
#ifndef LIB_JSON_EDIT_H
#define LIB_JSON_EDIT_H

#include "lib/json.h"
#include "lib/path.h"

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

/* Removes the member or item at path; nothing happens when it is absent. */
void json_edit_remove(struct json_edit *e, const struct path *path);

#endif
