/*
 * Does each name in an IsolationException stand for something? A misspelled
 * rule or kind covers nothing and says nothing: it becomes a warning of the
 * snapshot, with the nearest name that there is.
 */
#ifndef POLICIES_EXCEPTION_NAMES_H
#define POLICIES_EXCEPTION_NAMES_H

#include "policies/snapshot.h"

void exception_name_warnings(struct snapshot *s);

#endif
