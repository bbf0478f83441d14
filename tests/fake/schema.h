/*
 * Judges documents by the schema of a CustomResourceDefinition
 * (apiextensions.k8s.io/v1), as the API server does with fieldValidation
 * Strict: unknown fields do not fit. Rules in CEL are not run.
 *
 * Nulls of known fields count as absent: the server drops them before it
 * looks. It drops those of maps too; here they do not fit, as our decoders
 * want it.
 */
#ifndef TESTS_FAKE_SCHEMA_H
#define TESTS_FAKE_SCHEMA_H

#include "lib/json.h"

enum { SCHEMA_DEPTH_MAX = 20 };

/* BUG on a schema that is deeper, or holds a pattern that does not compile. */
bool schema_fits(const struct json *schema, const struct json *v);

/* Is v in the list (an enum, required)? */
bool schema_lists(const struct json *list, const struct json *v);

/* A whole number of the schema's, such as "minimum". */
int64_t schema_number(const struct json *schema, const char *key,
		      int64_t otherwise);

#endif
