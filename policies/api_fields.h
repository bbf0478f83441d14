/*
 * The fields that upstream's API knows, by kind and version: what a Sandbox,
 * its Pod template, a container, a volume may hold. Everything else is dropped
 * by the API server, or refused where a client asks it to be strict.
 *
 * Constant tables (api_fields_table.c, written by scripts/api_fields.py). They
 * know names and nesting, no types: a list stands for its items.
 */
#ifndef POLICIES_API_FIELDS_H
#define POLICIES_API_FIELDS_H

#include "lib/json.h"

struct api_object;

struct api_field {
	const char *name;
	const struct api_object *below; /* NULL: a scalar, or free keys */
};

struct api_object {
	const struct api_field *fields; /* sorted by name */
	size_t n;
};

struct api_kind {
	const char *kind, *version;
	const struct api_object *object;
};

extern const struct api_kind api_kinds[]; /* ended by kind NULL */

/* NULL for a version that the tables do not know. */
const struct api_object *api_object_find(struct str kind, struct str version);

/* NULL when the object has no field of that name. */
const struct api_field *api_field_find(const struct api_object *object,
				       struct str name);

/* The name in the object that is nearest to name; NULL when none is near. */
const char *api_field_nearest(struct arena *a, const struct api_object *object,
			      struct str name);

/*
 * Where else a field of that name stands in spec, down to the Pod spec's own:
 * the least deep one ("spec.podTemplate.spec.runtimeClassName"). Empty when
 * there is none, or when several are equally deep. root is a kind's object.
 */
struct str api_field_elsewhere(struct arena *a, const struct api_object *root,
			       struct str name);

/* "a, b, c" of an object with few fields; empty when there are many. */
struct str api_field_names(struct arena *a, const struct api_object *object);

#endif
