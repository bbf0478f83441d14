/*
 * A copy of named parts of a document: what is kept of an object when only some
 * fields matter.
 *
 * Parts are JSON Pointers (RFC 6901) through objects; "/metadata/annotations/
 * a.b~1c" names one annotation. What is not there is left out. A part may not
 * lie inside another of the list.
 */
#ifndef LIB_JSON_PICK_H
#define LIB_JSON_PICK_H

#include "lib/json.h"

/*
 * Copies into a, text included. pointers ends with NULL. A value that is no
 * object on the way to a part ends that way.
 */
struct json json_pick(struct arena *a, const struct json *doc,
		      const char *const *pointers);

#endif
