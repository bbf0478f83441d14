/*
 * Older spellings of the agent-sandbox API, rewritten to upstream's of today
 * (v1beta1): the guides' "agents.x-k8s.io" templates and claims, templateRef,
 * ttl, a claim's flat shutdownPolicy. Forms that upstream really served
 * (v1alpha1 Sandbox, extensions v1alpha1) stay as they are: a cluster may
 * still serve them; that v1.0 does not is a note.
 *
 * Pure; the result shares with the document and lives in the arena.
 */
#ifndef POLICIES_SPELLING_H
#define POLICIES_SPELLING_H

#include "lib/path.h"

struct spelling_note {
	struct str field;    /* as path_field, in the document as written */
	struct json_mark at; /* there */
	struct str found, wanted, fix; /* as in struct says */
};

enum { SPELLING_NOTES_MAX = 32 };

struct spelling {
	struct json doc;   /* in today's spelling */
	bool changed;	   /* doc differs from what was written */
	struct json extra; /* a SandboxWarmPool the claim now needs; missing:
			      none */
	const struct spelling_note *notes;
	size_t n_notes;
};

void spelling_rewrite(struct arena *a, const struct json *doc,
		      struct spelling *out);

#endif
