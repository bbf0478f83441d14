/*
 * What a claim adds to its Pod's labels and annotations, by the rules of
 * upstream's claim controller (agent-sandbox v0.4 and later). It refuses what
 * breaks them long after the claim was accepted, and tells only a condition.
 */
#ifndef POLICIES_CLAIM_METADATA_H
#define POLICIES_CLAIM_METADATA_H

#include "policies/rule.h"

/* Reports as warnings; without a template no conflict is looked for. */
void claim_metadata_check(const struct check *c);

#endif
