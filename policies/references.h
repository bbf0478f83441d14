/*
 * What an object refers to in the inventory: a claim its pool and template, a
 * pool its template, a Sandbox its template, a Pod its Sandbox. What is not
 * there is NULL and not an error: objects arrive in any order.
 *
 * Holds references into the inventory: release when done.
 */
#ifndef POLICIES_REFERENCES_H
#define POLICIES_REFERENCES_H

#include "lib/inventory.h"
#include "lib/path.h"
#include "policies/subject.h"

struct references {
	const struct inventory_object *namespace; /* that of the subject */
	const struct inventory_object *pool, *template, *sandbox;
	struct str pool_name, template_name; /* as referred to; may be empty */
	struct str sandbox_name; /* the Pod's controller; may be empty */
	struct path steps[3];
	const struct path *path; /* the referring field; NULL: none */
};

/* No reference is followed when inventory is NULL. */
void references_find(struct references *refs, const struct inventory *inventory,
		     const struct subject *subject);

void references_release(struct references *refs);

#endif
