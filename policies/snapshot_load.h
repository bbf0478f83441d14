/*
 * The steps of snapshot_load, for its own files only: one load in progress, and
 * how a document is refused.
 */
#ifndef POLICIES_SNAPSHOT_LOAD_H
#define POLICIES_SNAPSHOT_LOAD_H

#include "policies/snapshot.h"

struct snapshot_load {
	struct snapshot *s;
	struct error *err;
	const struct snapshot_source *sources;
	size_t n_sources;
};

/* Says where problem is: source, then its own place or that of the document. */
int snapshot_fail(struct snapshot_load *l, const struct snapshot_source *source,
		  const struct error *problem) MUST_CHECK;

/* Points at a value, or at the document when the value is not there. */
int snapshot_refuse(struct snapshot_load *l,
		    const struct snapshot_source *source, const struct json *v,
		    const char *fmt, ...) PRINTF_LIKE(4, 5) MUST_CHECK;

/* "", or ", did you mean \"x\"?" */
struct str snapshot_did_you_mean(struct snapshot_load *l, struct str given,
				 const char *const *names);

/*
 * Decode what check_heads let through and resolve names: tiers first, then the
 * policies and exceptions that name them.
 */
int snapshot_add_tiers(struct snapshot_load *l) MUST_CHECK;
int snapshot_add_policies(struct snapshot_load *l) MUST_CHECK;

#endif
