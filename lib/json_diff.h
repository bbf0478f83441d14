/*
 * JSON Patch (RFC 6902): the difference of two trees, and its application.
 *
 * The patch is exact (applying it to before gives after), uses add, replace
 * and remove only, creates no parent that is there, and is empty for equal
 * trees. Arrays are compared item by item; a longer or shorter tail is added
 * or removed at the end. Order of operations: the order of "after".
 */
#ifndef LIB_JSON_DIFF_H
#define LIB_JSON_DIFF_H

#include "lib/error.h"
#include "lib/json.h"

/* An array of operations in a; [] when nothing differs. */
struct json json_diff(struct arena *a, const struct json *before,
		      const struct json *after);

/*
 * Applies a patch, all six operations of RFC 6902 with its error rules.
 * ERR_INPUT with the index of the operation when it does not apply, ERR_LIMIT
 * when the document would grow beyond json_limits_default (each "copy" may
 * double it). "test" compares as json_equal does. The result shares with doc
 * and patch.
 */
int json_patch(struct arena *a, const struct json *doc,
	       const struct json *patch, struct json *result,
	       struct error *err) MUST_CHECK;

#endif
