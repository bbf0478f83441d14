/*
 * The engine: (snapshot, inventory, subject, now) to a decision, in an arena.
 * Pure: no I/O, no clock, no lock but the inventory's. The same for the
 * webhook, the reconciler, the command line and the tests.
 *
 *	struct engine e = { snapshot, inventory, now };
 *	struct decision d;
 *	engine_mutate(&a, &e, &subject, &d);   d.filled is the working copy
 *	subject.object = &d.filled;
 *	engine_validate(&a, &e, &subject, &d); d.verdict says what is refused
 */
#ifndef POLICIES_ENGINE_H
#define POLICIES_ENGINE_H

#include "policies/rule.h"
#include "policies/selection.h"

struct engine {
	const struct snapshot *snapshot;
	const struct inventory *inventory;
	int64_t now; /* seconds since 1970 */
};

struct decision {
	struct selection selection;
	struct verdict verdict;
	struct json filled; /* after mutation; shares with the object */
	bool governed;	    /* a tier applies */
};

/*
 * Fills in what the effective tier's rules need. Only what is unset is set;
 * d->verdict.fills tells what and by which rule. Run on its own result it
 * changes nothing. An object that no tier governs, or whose tier cannot be
 * told, comes back as it was.
 */
void engine_mutate(struct arena *a, const struct engine *e,
		   const struct subject *subject, struct decision *d);

/*
 * Judges the object as it is. All rules run, all violations are reported,
 * sorted. Exceptions are applied; warn and audit tiers run beside. Without an
 * object (DELETE) there is nothing to judge.
 */
void engine_validate(struct arena *a, const struct engine *e,
		     const struct subject *subject, struct decision *d);

#endif
