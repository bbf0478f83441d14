/*
 * Single objects to ask the API server for: a bounded list of questions, who
 * waits for their answers, and for a while which of them had none. Pure data;
 * time is a parameter, in nanoseconds of a monotonic clock.
 *
 * Whoever waits is given back by lookups_wake once, when the question has been
 * answered, or was asked too long ago: how long the answers take together is
 * not known here.
 *
 * Not locked.
 */
#ifndef WEBHOOK_LOOKUPS_H
#define WEBHOOK_LOOKUPS_H

#include "lib/str.h"

enum { LOOKUPS_MAX = 256, LOOKUP_WAITERS_MAX = 64, LOOKUP_NAME_MAX = 254 };

/* So long somebody waits, from when the request arrived. */
#define LOOKUP_WAIT_NS INT64_C(500000000)

enum lookup_state {
	LOOKUP_FREE,
	LOOKUP_WANTED,
	LOOKUP_ASKED,  /* somebody is asking */
	LOOKUP_ABSENT, /* the server says it is not there */
	LOOKUP_FAILED, /* it said nothing of use */
};

struct lookup {
	enum lookup_state state;
	unsigned kind; /* the owner's number for it */
	char ns[LOOKUP_NAME_MAX], name[LOOKUP_NAME_MAX];
	int64_t until_ns; /* of what ends by itself */
};

struct lookup_waiter {
	void *who; /* NULL: nobody */
	int64_t since_ns;
	const struct lookup *lookup; /* NULL: answered */
};

struct lookups {
	struct lookup v[LOOKUPS_MAX];
	struct lookup_waiter waiters[LOOKUP_WAITERS_MAX];
};

/* What to do without an object; of several, the greatest counts. */
enum lookup_advice {
	LOOKUP_GO_ON,	   /* it is absent, or its names are none */
	LOOKUP_COME_AGAIN, /* in a second: nobody will tell */
	LOOKUP_WAIT,	   /* who was noted down, and will be woken */
};

/* who: NULL does not wait. since_ns: when its request arrived. */
enum lookup_advice lookups_want(struct lookups *l, unsigned kind, struct str ns,
				struct str name, void *who, int64_t since_ns,
				int64_t now_ns);

/* The next to ask for, or NULL. Answer with lookups_done. */
struct lookup *lookups_next(struct lookups *l, int64_t now_ns);

/*
 * LOOKUP_FREE: it was found, and is forgotten; LOOKUP_ABSENT is believed for
 * 5 s; LOOKUP_FAILED for half a second, in which nobody asks or waits.
 */
void lookups_done(struct lookups *l, struct lookup *lookup,
		  enum lookup_state outcome, int64_t now_ns);

/* One who need not wait any longer, or NULL. INT64_MAX as time: anyone. */
void *lookups_wake(struct lookups *l, int64_t now_ns);

#endif
