/*
 * Single objects to ask the API server for: a bounded list of questions, and
 * for a few seconds which of them had no answer. Pure data; time is a
 * parameter.
 *
 * Not locked.
 */
#ifndef WEBHOOK_LOOKUPS_H
#define WEBHOOK_LOOKUPS_H

#include "lib/str.h"

enum { LOOKUPS_MAX = 256, LOOKUP_NAME_MAX = 254 };

enum lookup_state {
	LOOKUP_FREE,
	LOOKUP_WANTED,
	LOOKUP_ASKED,  /* somebody is asking */
	LOOKUP_ABSENT, /* the server says it is not there */
};

struct lookup {
	enum lookup_state state;
	unsigned kind; /* the owner's number for it */
	char ns[LOOKUP_NAME_MAX], name[LOOKUP_NAME_MAX];
	int64_t until_ns; /* of what ends by itself */
};

struct lookups {
	struct lookup v[LOOKUPS_MAX];
};

/*
 * True when the object is asked for, now or already, or will be once the list
 * has room; false when it is absent or its names are too long to be any.
 */
bool lookups_want(struct lookups *l, unsigned kind, struct str ns,
		  struct str name, int64_t now_ns);

/* The next to ask for, or NULL. Answer with lookups_done. */
struct lookup *lookups_next(struct lookups *l, int64_t now_ns);

/* found: forgotten; absent: remembered for 5 s; neither: forgotten. */
void lookups_done(struct lookup *lookup, bool absent, int64_t now_ns);

#endif
