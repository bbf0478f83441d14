/*
 * What one YAML scalar means to kubectl: YAML 1.1 words with Go's number
 * syntax, as go-yaml v2 resolves them and encoding/json prints them.
 *
 * Whole numbers within int64 or uint64 come out exactly, in decimal; all
 * other numbers as the shortest text that gives the same 64-bit float, for
 * that is what kubectl sends to the API server.
 *
 * Errors carry no position: the caller knows it. Not locked; any thread.
 */
#ifndef LIB_YAML_SCALAR_H
#define LIB_YAML_SCALAR_H

#include "lib/error.h"
#include "lib/json.h"

struct yaml_scalar {
	struct str text; /* decoded */
	struct str tag;	 /* in full ("tag:yaml.org,2002:int"); p NULL: none */
	bool plain;	 /* neither quoted nor tagged: its text decides */
};

/* Type and content of *v; text is borrowed from s or lives in a. */
int yaml_scalar_value(struct arena *a, const struct yaml_scalar *s,
		      struct json *v, struct error *err) MUST_CHECK;

/* The scalar as a key: numbers and booleans become text, null is an error. */
int yaml_scalar_key(struct arena *a, const struct yaml_scalar *s,
		    struct str *key, struct error *err) MUST_CHECK;

#endif
