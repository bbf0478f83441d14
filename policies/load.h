/*
 * A policy set from files: tiers, IsolationPolicies and IsolationExceptions in
 * YAML or JSON. The one place of the engine that reads files.
 */
#ifndef POLICIES_LOAD_H
#define POLICIES_LOAD_H

#include "policies/snapshot.h"

/*
 * All of a file or folder, or nothing: ERR_CONFIG or ERR_IO with the file, line
 * and column of the first problem. An empty path is the shipped catalogue.
 */
int load_policies(struct str path, struct snapshot **out,
		  struct error *err) MUST_CHECK;

#endif
