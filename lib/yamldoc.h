/*
 * YAML text to trees, exactly as kubectl reads it (sigs.k8s.io/yaml over
 * go-yaml v2: YAML 1.1 scalars with Go's number syntax). The only user of
 * libyaml.
 *
 * One stream holds several documents, cut as kubectl cuts it: at each line that
 * is "---". Empty ones are skipped. Anchors, aliases and merge keys work as in
 * kubectl, within the node budget; recursion through an alias is an error. So
 * are duplicate keys, keys that are null or collections, directives, .inf and
 * .nan, a tab as indentation, UTF-16, and what kubectl would silently ignore
 * behind a document. What else we refuse though kubectl reads it is marked
 * "stricter" in tests/unit/yaml_oracle.tsv.
 *
 * Every value knows its place. An empty value ("key:") is a plain null whose
 * start is its end; block collections and block scalars end behind their last
 * visible character; what came through an alias has the anchor's place. A
 * start includes a tag or an anchor before the value. Lines end with LF only.
 *
 * The text is borrowed until the last call; trees own what they hold. A stream
 * that begins with a brace is tried as JSON first, as kubectl does.
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
 * an error -1, with line and column; the next call goes on behind the next
 * "---", unless the stream as a whole was refused: then it returns 0.
 */
int yamldoc_next(struct yamldoc *y, struct arena *a, struct json *doc,
		 struct error *err) MUST_CHECK;

/* True when more documents may follow the error just returned. */
bool yamldoc_can_continue(const struct yamldoc *y);

/* Forgets the stream; the trees stay. NULL is fine. */
void yamldoc_close(struct yamldoc **y);

/*
 * Block-style YAML that reads back as the same tree here and in kubectl:
 * members in order, strings plain only where no reader can take them for
 * something else, otherwise double-quoted, multi-line ones as literal blocks
 * where that is exact. No "---", newline at the end. Numbers are written as
 * their text; one that is not in YAML's short form ("1.0", from JSON) reads
 * back as the same number in that form.
 */
void yamldoc_write(struct buf *out, const struct json *v);

/* The scalar v as yamldoc_write would put it on one line (flow-safe). */
void yamldoc_write_scalar(struct buf *out, const struct json *v);

#endif
