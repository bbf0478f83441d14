/*
 * What is noted down for Events and not written yet, and what was written and
 * may come again: the rules of events.h about series and limits, without
 * requests, locks and clocks.
 *
 * Bounded: EVENTS_HELD_MAX entries, of which those with nothing to write give
 * way to new ones, the oldest first; and as many objects with a limit of their
 * own.
 */
#ifndef KUBE_EVENTS_STORE_H
#define KUBE_EVENTS_STORE_H

#include "kube/events.h"

enum { EVENTS_HELD_MAX = 10000, EVENTS_BATCH_MAX = 50, EVENT_NAME_MAX = 253 };

struct event_link {
	struct event_link *prev, *next;
};

/* One Event. Text is the entry's own and never changes. */
struct event_entry {
	struct str key; /* first member: the tree is ordered by it */
	struct event_link link;
	struct str api_version, kind, ns, name, uid, reason, action, note;
	bool warning;
	bool created; /* there is an Event to be patched */
	char event_name[EVENT_NAME_MAX + 1]; /* "" until the first write */
	uint64_t serial;
	int64_t first_ns, last_ns; /* noted */
	int64_t next_ns;	   /* not written again before */
	uint32_t count, sent;	   /* times noted; of these, tried to write */
	char text[];
};

/* An entry taken for writing, and what it said at that time. */
struct event_pick {
	struct event_entry *entry;
	int64_t last_ns;
	uint32_t count;
};

struct event_store {
	void *entries, *objects;	  /* trees */
	struct event_link waiting, idle;  /* entries; those taken: in neither */
	struct event_link recent_objects; /* the oldest first */
	size_t n_entries, n_objects, n_waiting;
	uint64_t serial;
	int64_t all_at; /* of the limit for all, as of an object's */
};

void event_store_init(struct event_store *s);
void event_store_release(struct event_store *s);

/* False: beyond a limit, not noted. The note's text is cut already. */
bool event_store_add(struct event_store *s, const struct kube_event_note *note,
		     int64_t now_ns) MUST_CHECK;

/*
 * Takes what is due and within the limit for all, the oldest first; forgets
 * what is over. Each must be settled or returned.
 */
size_t event_store_take(struct event_store *s,
			struct event_pick picks[EVENTS_BATCH_MAX],
			int64_t now_ns);

/* It was tried: not again until it is noted again. */
void event_store_settle(struct event_store *s, const struct event_pick *pick,
			bool created, int64_t now_ns);
/* It was not tried. */
void event_store_return(struct event_store *s, const struct event_pick *pick);

#endif
