/*
 * Did a person write a value, or did the API server fill in the CRD's default?
 *
 * A value was written when the object is a file; when the annotation
 * kubectl.kubernetes.io/last-applied-configuration holds its field; or when an
 * entry of metadata.managedFields with operation Apply owns it
 * (structured-merge-diff FieldsV1). With neither trace nothing tells, and the
 * answer is no.
 */
#ifndef POLICIES_AUTHORED_H
#define POLICIES_AUTHORED_H

#include "lib/path.h"
#include "policies/subject.h"

/* path leads through object keys only. */
bool authored(const struct subject *subject, const struct path *path);

#endif
