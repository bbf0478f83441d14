/*
 * The runtime classes that a tier offers, and which of them the cluster has.
 * "" in a tier's list stands for an unset runtimeClassName.
 */
#ifndef POLICIES_RUNTIME_CHOICE_H
#define POLICIES_RUNTIME_CHOICE_H

#include "policies/target.h"

/* False until the cluster's list of RuntimeClasses is complete. */
bool runtime_classes_known(const struct target *t);

/* Only meaningful when they are known. */
bool runtime_class_exists(const struct target *t, struct str class);

bool runtime_class_listed(const struct tier *tier, struct str class);

/*
 * The class to fill in: the first of the tier's that the cluster has, else the
 * first; empty when the tier is content with none.
 */
struct str runtime_class_preferred(const struct target *t);

#endif
