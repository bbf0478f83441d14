/*
 * The Pod that a SandboxClaim becomes: its template's podTemplate with what the
 * claim adds (extensions v1beta1: additionalPodMetadata and env), merged as the
 * claim controller does.
 */
#ifndef POLICIES_CLAIM_POD_H
#define POLICIES_CLAIM_POD_H

#include "lib/json.h"

/*
 * Borrows from both; what is of a wrong type on either side is left out of the
 * merge. pod itself when the claim adds nothing.
 */
const struct json *claim_pod(struct arena *a, const struct json *pod,
			     const struct json *claim);

#endif
