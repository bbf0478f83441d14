/*
 * The object that a request is about. A subresource with an object of its own
 * (scale; exec, attach, portforward, proxy) belongs to a Sandbox, a warm pool
 * or a Pod: that one decides the tier, and which exceptions hold. It is looked
 * up in the inventory; one that is not there has no labels and no owner.
 */
#ifndef POLICIES_PARENT_H
#define POLICIES_PARENT_H

#include "lib/inventory.h"
#include "policies/subject.h"

struct parent {
	struct subject subject; /* the given one when it stands for itself */
	const struct inventory_object *object; /* NULL: not looked up, none */
};

void parent_find(struct parent *out, const struct inventory *inventory,
		 const struct subject *subject);

void parent_release(struct parent *parent);

#endif
