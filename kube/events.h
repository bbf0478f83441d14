/*
 * Events (events.k8s.io/v1) on the objects that people look at.
 *
 * Aggregated: the same (object, type, reason, note) again within ten minutes
 * becomes a series whose count is patched, at most once a minute. Limited: 25
 * events for one object at once, then one in five minutes: what goes beyond is
 * counted, not sent. 50 a second in all: what goes beyond waits. An Event that
 * cannot be written is counted and told, never retried: it is no state.
 *
 * kube_events_add only notes down, from any thread; kube_events_flush writes,
 * with its caller's client. At most 10000 are held; a note for which there is
 * no room is counted, not sent.
 */
#ifndef KUBE_EVENTS_H
#define KUBE_EVENTS_H

#include "kube/client.h"

struct kube_events;

struct kube_events_options {
	struct str
		controller; /* reportingController: "bulkhead.dev/controller" */
	struct str instance;   /* reportingInstance: host name */
	struct str cluster_ns; /* for objects without namespace: "default" */
};

struct kube_event_note {
	/* regarding */
	struct str api_version, kind, ns, name, uid;
	bool warning;	    /* type Warning, else Normal */
	const char *reason; /* CamelCase, at most 128 */
	const char *action; /* what was done or tried, CamelCase */
	struct str note;    /* at most 1024 bytes; cut */
};

struct kube_events *kube_events_new(const struct kube_events_options *options);
void kube_events_free(struct kube_events **events);

/* Copies. now_ns is monotonic. */
void kube_events_add(struct kube_events *events,
		     const struct kube_event_note *note, int64_t now_ns);

/*
 * Writes what is due; wall is seconds and microseconds since 1970 for
 * eventTime. 0, or -1 with the first error; the rest was tried all the same,
 * unless there was no answer: then it waits for the next flush.
 */
int kube_events_flush(struct kube_events *events, struct kube_client *client,
		      int64_t now_ns, int64_t wall_us, struct error *err);

struct kube_events_stats {
	uint64_t written, dropped, failed;
	size_t waiting;
};
struct kube_events_stats kube_events_stats(struct kube_events *events);

#endif
