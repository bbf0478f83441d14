/*
 * YAML text to trees, exactly as kubectl reads it (sigs.k8s.io/yaml over
 * go-yaml v2: YAML 1.1 scalars with Go's number syntax). The only user of
 * libyaml.
 *
 * One stream holds several documents; empty ones are skipped. Anchors, aliases
 * and merge keys work as in kubectl, within the node budget; recursion through
 * an alias is an error. Duplicate keys, keys that are null or collections,
 * "%YAML 1.2", .inf and .nan, and a tab as indentation are errors. Every value
 * knows its line and column.
 *
 * The text is borrowed only during the call; trees own what they hold. JSON is
 * YAML, so a JSON file can be read here too.
 *
 * Not locked; any thread.
 *
 *	struct yamldoc *y = yamldoc_open(&a, text, NULL);
 *	while ((r = yamldoc_next(y, &a, &doc, err)) > 0)
 *		use(&doc);
 */
#ifndef LIB_YAMLDOC_H
#define LIB_YAMLDOC_H

#include "lib/buf.h"
#include "lib/json_build.h"

struct yamldoc;

/* limits NULL: json_limits_default, where bytes is the whole stream's. */
struct yamldoc *yamldoc_open(struct arena *a, struct str text,
			     const struct json_limits *limits);

/*
 * The next document into *doc, in arena a: 1. At the end of the stream: 0. On
 * an error -1, with line and column; after a syntax error nothing more can be
 * read, and every further call returns 0.
 */
int yamldoc_next(struct yamldoc *y, struct arena *a, struct json *doc,
		 struct error *err) MUST_CHECK;

/*
 * True when the error just returned left the stream readable (a duplicate
 * key, a bad scalar): the next call goes on with the next document.
 */
bool yamldoc_can_continue(const struct yamldoc *y);

/* Frees what libyaml holds; the trees stay. NULL is fine. */
void yamldoc_close(struct yamldoc **y);

/*
 * Block-style YAML that reads back as the same tree here and in kubectl:
 * members in order, strings plain only where no reader can take them for
 * something else, otherwise double-quoted, multi-line ones as literal blocks
 * where that is exact. No "---", newline at the end.
 */
void yamldoc_write(struct buf *out, const struct json *v);

/* The scalar v as yamldoc_write would put it on one line (flow-safe). */
void yamldoc_write_scalar(struct buf *out, const struct json *v);

#endif
