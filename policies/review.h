/*
 * AdmissionReview (admission.k8s.io/v1): bytes to a subject, a decision to the
 * answer. Pure; the webhook and "bulkhead review" both use it.
 *
 * The answer echoes the uid; patch and patchType stand there together or not
 * at all, and not when nothing changes; warnings fit the API server's limits
 * (256 characters each, 4096 together); a refusal has code 403, reason
 * Forbidden, a message with every violation (the first REVIEW_SHOWN in full)
 * and status.details.causes.
 */
#ifndef POLICIES_REVIEW_H
#define POLICIES_REVIEW_H

#include "policies/engine.h"

enum review_phase {
	REVIEW_MUTATE,	 /* a patch, never a refusal */
	REVIEW_VALIDATE, /* a refusal, never a patch */
	REVIEW_BOTH,	 /* fill in, then judge what came out */
};

enum {
	REVIEW_SHOWN = 10,
	REVIEW_CAUSES = 50,
	REVIEW_WARNING_MAX = 256,
	REVIEW_WARNINGS_TOTAL = 4096,
};

struct review {
	struct str uid;
	struct subject subject; /* borrows the body and the arena */
};

/*
 * ERR_INPUT when the body is no AdmissionReview of v1 with a request that has
 * a uid: without a uid there is no answer to give.
 */
int review_parse(struct arena *a, struct str body, struct review *out,
		 struct error *err) MUST_CHECK;

/* The whole AdmissionReview to answer with. *allowed (may be NULL) as in it. */
struct json review_answer(struct arena *a, const struct engine *e,
			  const struct review *review, enum review_phase phase,
			  bool *allowed);

/*
 * The answer while no set of tiers is in use, and why says why: what would mend
 * that (our own kinds), and deletions, are judged by the rules that are no
 * tier's; all else is refused with code 503, and nothing is filled in.
 * snapshot of e is not read.
 */
struct json review_answer_without_policy(struct arena *a,
					 const struct engine *e,
					 const struct review *review,
					 enum review_phase phase,
					 struct str why);

#endif
