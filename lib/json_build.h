/*
 * Parse events to a tree, with every check of input in one place: depth,
 * number of nodes, duplicate keys, NUL in keys, UTF-8 (RFC 3629: no overlong
 * forms, no surrogates, nothing above U+10FFFF). Readers (json_read.c,
 * yamldoc.c) are thin adapters onto this.
 *
 * Explicit stack, no recursion. After the first failure every call returns -1
 * and keeps the first error. Text given to it is borrowed by the tree: it must
 * live in the arena, or as long as the tree.
 *
 * Not locked.
 */
#ifndef LIB_JSON_BUILD_H
#define LIB_JSON_BUILD_H

#include "lib/error.h"
#include "lib/json.h"

struct json_limits {
	size_t bytes; /* of one document's source text */
	size_t depth; /* collections inside one another */
	size_t nodes; /* values in one document, aliases expanded */
	/*
	 * Keys may hold NULs: only where refusing one object would lose others
	 * with it, as in a list. Nobody takes such a key for another: all
	 * compare by length.
	 */
	bool nul_keys;
};

/* What AdmissionReviews and manifests get: 8 MiB, depth 100, 400000 nodes. */
extern const struct json_limits json_limits_default;

struct json_build;

/*
 * A builder in a; released with a. limits and err are borrowed until the
 * builder is done. Positions in errors come from the marks of the events.
 */
struct json_build *json_build_new(struct arena *a,
				  const struct json_limits *limits,
				  struct error *err);

/* v is a scalar: null, bool, number (its text checked) or string. */
int json_build_scalar(struct json_build *b, struct json v) MUST_CHECK;
int json_build_open(struct json_build *b, enum json_type collection,
		    enum json_style style, struct json_mark start) MUST_CHECK;
int json_build_close(struct json_build *b, struct json_mark end) MUST_CHECK;

/* The key of the next value; only inside an object. */
int json_build_key(struct json_build *b, struct str key,
		   struct json_mark at) MUST_CHECK;

/*
 * A whole value that stands elsewhere in the document (a YAML alias): counts
 * all its nodes, shares its memory.
 */
int json_build_value(struct json_build *b, const struct json *v) MUST_CHECK;

/* The value that was completed last; BUG when there is none. */
struct json json_build_last(const struct json_build *b);

/* Whether the object that is open now has this key already. */
bool json_build_has(const struct json_build *b, struct str key);

/* Collections that are open right now. */
size_t json_build_depth(const struct json_build *b);

/* The finished document: exactly one value, nothing open. */
int json_build_finish(struct json_build *b, struct json *doc) MUST_CHECK;

/* RFC 3629. *at (may be NULL) is the offset of the first bad byte. */
bool json_utf8_valid(struct str s, size_t *at);

/* The grammar of a number in RFC 8259, section 6. */
bool json_number_valid(struct str s);

#endif
