/*
 * JSON text to a tree. The only user of yajl's parser.
 *
 * Stricter than yajl: one value and nothing behind it, no comments, no byte
 * order mark, lone or crossed \u surrogates refused, plus all checks of
 * json_build.h. Not a stream reader: the whole text is there.
 *
 * The tree borrows text where it needs no unescaping, so text must live as
 * long as a. Errors are ERR_INPUT, or ERR_LIMIT for a cap, with line and
 * column.
 *
 * Not locked; any thread.
 */
#ifndef LIB_JSON_READ_H
#define LIB_JSON_READ_H

#include "lib/json_build.h"

enum json_read_flags {
	JSON_READ_MARKS = 1 << 0, /* fill start and end; costs a scan */
};

/* limits NULL means json_limits_default. 0, or -1 with *err. */
int json_read(struct arena *a, struct str text, unsigned flags,
	      const struct json_limits *limits, struct json *doc,
	      struct error *err) MUST_CHECK;

#endif
