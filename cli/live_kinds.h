/*
 * The kinds that are read of a live cluster: which are judged, which are
 * looked up while others are, and how much is kept of those.
 */
#ifndef CLI_LIVE_KINDS_H
#define CLI_LIVE_KINDS_H

#include "lib/json.h"
#include "policies/kinds.h"

struct live_kind {
	const char *group, *kind, *plural;
	const char *const *versions; /* wanted first, ended by NULL */
	bool namespaced;
	bool judged;
	/* Judged, and told of also where no tier governs it. */
	bool agent;
	/* What is kept of it for look-ups, as json_pick; NULL: not looked up */
	const char *const *kept;
	bool metadata_only;	    /* enough for look-ups */
	const char *label_selector; /* of what is looked up */
};

/* Ended by a kind that is NULL; the order in which they are told. */
extern const struct live_kind live_kinds[];

/* By kind, plural or singular in small letters, as kubectl takes them. */
const struct live_kind *live_kind_find(struct str name);

/* Which row; for tables beside it. */
enum { LIVE_KINDS_MAX = 24 };
size_t live_kind_index(const struct live_kind *kind);

#endif
