/*
 * The policy set of the command line: a folder of IsolationTier,
 * IsolationPolicy and IsolationException files, or the shipped catalogue.
 */
#ifndef CLI_POLICY_H
#define CLI_POLICY_H

#include "policies/snapshot.h"

/* path empty: the catalogue. Errors name file, line and column. */
int policy_load(struct str path, struct snapshot **out,
		struct error *err) MUST_CHECK;

#endif
