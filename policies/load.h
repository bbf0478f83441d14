/*
 * A policy set from files or from the cluster: tiers, IsolationPolicies and
 * IsolationExceptions. The one place of the engine that reads files.
 */
#ifndef POLICIES_LOAD_H
#define POLICIES_LOAD_H

#include "lib/inventory.h"
#include "policies/snapshot.h"

/*
 * All of a file or folder, or nothing: ERR_CONFIG or ERR_IO with the file, line
 * and column of the first problem. An empty path is the shipped catalogue.
 */
int load_policies(struct str path, struct snapshot **out,
		  struct error *err) MUST_CHECK;

/*
 * The same from what the inventory holds of our kinds, which must be known.
 * The error names kind and object; that there is no tier is one.
 */
int load_policies_known(const struct inventory *inventory,
			struct snapshot **out, struct error *err) MUST_CHECK;

#endif
