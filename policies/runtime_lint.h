/*
 * What a Pod asks of its runtime that the runtime cannot do: the pieces that
 * rule runtime.compatibility is made of.
 */
#ifndef POLICIES_RUNTIME_LINT_H
#define POLICIES_RUNTIME_LINT_H

#include "policies/place.h"

/* Families of runtimes as bits, for tables. */
enum {
	LINT_GVISOR = 1 << 0,
	LINT_KATA = 1 << 1,
	LINT_KATA_FC = 1 << 2,
	LINT_ANY_KATA = LINT_KATA | LINT_KATA_FC,
	LINT_ALL = LINT_GVISOR | LINT_KATA | LINT_KATA_FC,
};

struct lint {
	const struct check *check;
	const struct container *container; /* NULL: paths below the Pod spec */
	struct place root;		   /* the container or the Pod spec */
	unsigned family;		   /* one of the bits; 0: any goes */
	bool privileged; /* the tier's Pod Security level refuses nothing */
};

struct lint lint_start(const struct check *c);

/* The same for what stands in a container. */
struct lint lint_inside(const struct lint *lint,
			const struct container *container);

void lint_report(const struct lint *lint, enum action action,
		 const struct path *path, struct says says);

/* `is "x", which gVisor cannot do`; verb continues behind the name. */
struct str lint_because(const struct lint *lint, const struct json *v,
			const char *verb);

/*
 * Reports a list or object that has content, or is of another type. found is
 * a format with one %s for the runtime's name.
 */
void lint_content(const struct lint *lint, enum action action,
		  const struct json *v, const struct path *path,
		  const char *found) PRINTF_LIKE(5, 0);

/* runtime_storage.c: of a container; volumes and claims of the object. */
void lint_mounts(const struct lint *lint);
void lint_volumes(const struct lint *lint);
void lint_claims(struct lint *lint);

#endif
