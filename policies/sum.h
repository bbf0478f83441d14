/*
 * How a rule tells of a sum that is too large: the sum, what it is made of, and
 * by how much. Written only when there is a violation.
 *
 *	is 3 (agent 2 + sidecar 1), wanted at most 2; fix: lower it by 1
 */
#ifndef POLICIES_SUM_H
#define POLICIES_SUM_H

#include "policies/tier.h"

enum { SUM_PARTS_SHOWN = 8 };

struct sum {
	struct arena *arena;
	struct str text; /* of the parts so far */
	size_t n;
};

#define SUM_INIT(a)                                                            \
	{                                                                      \
		.arena = (a)                                                   \
	}

/*
 * A part; nothing when q is unset or zero. A name that the API server would
 * not take does not enter the message: "what[index]" then stands for it.
 */
void sum_add(struct sum *sum, struct str name, const char *what, size_t index,
	     struct quantity q);

/* "is 3 (agent 2 + sidecar 1)"; "is 3" when there is only one part. */
struct str sum_found(const struct sum *sum, struct quantity total);

/* "at most 2". */
struct str sum_wanted(struct arena *a, const struct named_quantity *max);

/* What to do about a total above max. */
struct str sum_fix(struct arena *a, struct quantity total,
		   const struct named_quantity *max);

#endif
