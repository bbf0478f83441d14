/*
 * Regular expressions (PCRE2, the only user of it): compiled once, matched
 * with limits, three results. A hit limit is not "no match": it must deny.
 *
 * The subset that means the same in RE2 (Go, CEL, Kyverno): back-references,
 * look-around, recursion, possessive and atomic groups, conditionals, callouts
 * and (*VERBS) are refused when compiling. "$" matches only at the very end.
 * UTF-8 throughout. Unanchored unless the pattern says so.
 *
 * A pattern is read-only after compiling and may be used from any thread;
 * match memory is per thread.
 */
#ifndef LIB_PATTERN_H
#define LIB_PATTERN_H

#include "lib/arena.h"
#include "lib/error.h"

struct pattern;

enum pattern_result { PATTERN_NO, PATTERN_YES, PATTERN_LIMIT };

enum {
	PATTERN_LENGTH_MAX = 1024,   /* bytes of a pattern */
	PATTERN_SUBJECT_MAX = 65536, /* bytes of a subject; more is LIMIT */
};

/* ERR_CONFIG with the offset in the pattern. Owned by the caller. */
int pattern_compile(struct str text, struct pattern **out,
		    struct error *err) MUST_CHECK;

void pattern_free(struct pattern **p);

enum pattern_result pattern_match(const struct pattern *p, struct str subject);

/* The source text, borrowed from the pattern. */
struct str pattern_text(const struct pattern *p);

#endif
