/*
 * Does one label selector match only what another one matches? Decided by
 * requirements: each requirement of the outer selector must follow from one of
 * the inner's. Sound, not complete: "false" means "not proven".
 */
#ifndef POLICIES_SELECTOR_INSIDE_H
#define POLICIES_SELECTOR_INSIDE_H

#include "lib/json.h"

/* One demand on the labels of an object. */
struct requirement {
	struct str key;
	enum {
		REQUIREMENT_IN,
		REQUIREMENT_NOT_IN,
		REQUIREMENT_EXISTS,
		REQUIREMENT_ABSENT,
		REQUIREMENT_UNKNOWN, /* malformed: nothing follows from it */
	} type;
	struct str value;	   /* when values is NULL */
	const struct json *values; /* or all of these */
};

/*
 * The requirements of a metav1.LabelSelector, and the one of a name (extra.key
 * p NULL: none).
 */
struct requirements {
	const struct json *selector;
	struct requirement extra;
};

size_t requirements_count(const struct requirements *r);
struct requirement requirements_at(const struct requirements *r, size_t i);

/* Nothing that has this label is matched. */
bool requirements_exclude(const struct requirements *r, struct str key,
			  struct str value);

/* Whatever inner matches, outer matches. */
bool requirements_inside(const struct requirements *inner,
			 const struct requirements *outer);

#endif
