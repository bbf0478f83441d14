/*
 * One admission request to one answer: bytes in, status and bytes out. Pure,
 * but for the counters it is given: no socket, no log, no clock of its own.
 *
 *	/mutate    a patch with what the tier fills in, never a refusal
 *	/validate  a refusal with every violation, never a patch
 *
 * What cannot be judged is never "allowed": undecodable bytes are 400, what
 * goes beyond a cap 413, too late 504; no policy yet, or an object that decides
 * and has not arrived yet, 503 with Retry-After, unless the request may wait.
 */
#ifndef WEBHOOK_ADMIT_H
#define WEBHOOK_ADMIT_H

#include "lib/metrics.h"
#include "policies/review.h"
#include "webhook/lookups.h"
#include "webhook/measures.h"

struct admit {
	const struct snapshot *snapshot; /* NULL: none is in use */
	/*
	 * Why none is in use although everything is known: then the answer is
	 * no, at once, but for what would mend it. Empty: it is still to come.
	 */
	struct str no_policy;
	const struct inventory *inventory; /* NULL: not synced yet */
	int64_t now;			   /* seconds since 1970 */
	int64_t deadline_ns;		   /* by clock_ns; 0: none */
	int64_t (*clock_ns)(void);
	struct metrics *metrics; /* NULL: not counted */
	/*
	 * The inventory lacks this object, which decides. NULL: what is not
	 * known is not there.
	 */
	enum lookup_advice (*ask)(void *context, struct str group,
				  struct str kind, struct str ns,
				  struct str name);
	void *ask_context;
};

struct admit_answer {
	bool waits; /* ask said so: there is no answer, the rest is unset */
	unsigned status;
	unsigned retry_after; /* seconds; 0: not said */
	struct str body;      /* JSON for 200, otherwise a line of text */
	/* For the log, when status is 200. */
	struct review review;
	enum measure_verdict verdict;
	struct str tier, rules;
};

void admit_review(struct arena *a, const struct admit *admit, struct str path,
		  struct str body, struct admit_answer *out);

#endif
