/*
 * The PersistentVolumeClaims that come into being with an object: its
 * volumeClaimTemplates (Sandbox, SandboxTemplate, StatefulSet), those of the
 * template it refers to (SandboxWarmPool, SandboxClaim; a claim's own replace
 * the ones of the same name), and the inline templates of ephemeral volumes in
 * the Pod. A claim that exists already and is only mounted is somebody else's.
 */
#ifndef POLICIES_VOLUME_CLAIMS_H
#define POLICIES_VOLUME_CLAIMS_H

#include "policies/target.h"

enum volume_claim_source {
	VOLUME_CLAIM_OBJECT,   /* spec.volumeClaimTemplates[index] */
	VOLUME_CLAIM_TEMPLATE, /* the same of the template it refers to */
	VOLUME_CLAIM_POD,      /* spec.volumes[index] of the Pod */
};

struct volume_claim {
	enum volume_claim_source source;
	size_t index;
	struct str name;
	const struct json *json; /* has metadata and spec; any type */
};

/*
 * Calls fn for each until it returns false. A list of the wrong type counts as
 * one claim whose json is that value.
 */
void volume_claims_each(const struct target *t,
			bool (*fn)(const struct volume_claim *claim,
				   void *context),
			void *context);

#endif
