/*
 * Borrowed text: pointer and length. Never NUL-terminated by promise, may hold
 * NULs, owns nothing. The bytes live as long as whoever made them says.
 *
 * Not locked; a value type, use from any thread.
 */
#ifndef LIB_STR_H
#define LIB_STR_H

#include <string.h>

#include "lib/base.h"

struct str {
	const char *p;
	size_t n;
};

/* From a string literal; usable as a constant initializer with STR_INIT. */
#define STR(lit) ((struct str){ (lit), sizeof(lit) - 1 })
#define STR_INIT(lit)                                                          \
	{                                                                      \
		(lit), sizeof(lit) - 1                                         \
	}
#define STR_NONE ((struct str){ NULL, 0 })

/* For printf: "%.*s" with STR_ARG(s). Cuts what would overflow an int. */
#define STR_ARG(s) ((s).n > 4096 ? 4096 : (int)(s).n), ((s).p ? (s).p : "")

static inline struct str str_of(const char *cstr)
{
	return (struct str){ cstr, cstr ? strlen(cstr) : 0 };
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_is(struct str a, const char *cstr)
{
	return str_eq(a, str_of(cstr));
}

/* Bytewise order, shorter first on a common prefix: what sorting uses. */
int str_cmp(struct str a, struct str b);

/* For qsort over an array of struct str. */
int str_cmp_qsort(const void *a, const void *b);

bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* Offset of the first byte or substring, or s.n when there is none. */
size_t str_find(struct str s, char c);
size_t str_find_str(struct str s, struct str needle);

/* The part of s from..to (to exclusive); both are clamped to s. */
struct str str_sub(struct str s, size_t from, size_t to);

/* Without leading and trailing space, tab, CR and LF. */
struct str str_trim(struct str s);

/*
 * Cuts the next field from *rest at sep: returns what stands before it and
 * advances *rest behind it. False when *rest is used up (p is NULL then).
 */
bool str_split(struct str *rest, char sep, struct str *field);

/*
 * Number of single-byte edits (insert, delete, replace, swap of neighbours)
 * from a to b, at most limit + 1. For "did you mean": lengths up to 64.
 */
unsigned str_distance(struct str a, struct str b, unsigned limit);

#endif
