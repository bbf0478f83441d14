/*
 * Which tier governs an object, and why (design: floor, wish, effective). Pure
 * and total: every input has an answer, an unknown tier name included.
 */
#ifndef POLICIES_SELECTION_H
#define POLICIES_SELECTION_H

#include "lib/inventory.h"
#include "policies/snapshot.h"

enum { SELECTION_STEPS_MAX = 16 };

/* One step of the explanation: who named which tier. */
struct selection_step {
	const char *what; /* "floor", "wish", "warn", "audit", "unknown" */
	struct str tier;  /* the name given */
	struct str who;	  /* "label bulkhead.dev/enforce of Namespace a" */
};

enum selection_problem {
	SELECTION_OK,
	SELECTION_UNKNOWN_TIER, /* problem_tier is no tier */
	SELECTION_TOO_WEAK,	/* wish is weaker than the floor */
	SELECTION_NOT_ALLOWED,	/* wish is not in the policy's allowed list */
};

struct selection {
	const struct tier *floor, *wish; /* NULL: none */
	struct str floor_who, wish_who;
	/* Strongest of both; NULL: no tier governs this object. */
	const struct tier *effective;
	struct str effective_who;
	const struct tier *warn, *audit; /* run beside it; NULL: none */
	enum selection_problem problem;
	struct str problem_tier, problem_who;
	struct selection_step steps[SELECTION_STEPS_MAX];
	size_t n_steps;
};

/*
 * labels of the namespace come from the inventory (Namespace ns); a namespace
 * that is not there has no labels. wishes beside the object's own label (its
 * template's, its pool's) are found through the inventory.
 */
void selection_make(struct arena *a, const struct snapshot *snapshot,
		    const struct inventory *inventory,
		    const struct subject *subject, struct selection *out);

/* The same for a caller that has followed the references already. */
struct references;
void selection_make_with(struct arena *a, const struct snapshot *snapshot,
			 const struct inventory *inventory,
			 const struct subject *subject,
			 const struct references *refs, struct selection *out);

#endif
