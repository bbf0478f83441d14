/*
 * What an update changed, field by field: for kinds whose rest cannot be
 * mended any more, so that only what the request itself brought is refused.
 */
#ifndef POLICIES_CHANGES_H
#define POLICIES_CHANGES_H

#include "lib/path.h"
#include "policies/subject.h"

/*
 * Does what stands at path differ between the old object and the new one? A
 * field of a new list item does, also when it is absent. path may name all
 * items of a list by a key ("*").
 */
bool changes_touch(const struct subject *subject, const struct path *path);

#endif
