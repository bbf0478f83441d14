/*
 * A watch as an iterator: one event at a time from a stream of JSON lines.
 *
 * Bytes may be cut anywhere, inside a UTF-8 sequence too; a line beyond the cap
 * ends the watch with ERR_LIMIT, since what it said is lost. Bookmarks are on.
 * The server is asked to end after 5 to 10 minutes by chance, so that many
 * watches do not come back together; if nothing arrives for a minute longer
 * than that, or the connection breaks, the watch has failed.
 *
 * One thread at a time. A watch uses its client's stream: one for each client.
 */
#ifndef KUBE_WATCH_H
#define KUBE_WATCH_H

#include "kube/client.h"

enum kube_event_type {
	KUBE_ADDED,
	KUBE_MODIFIED,
	KUBE_DELETED,
	KUBE_BOOKMARK,
};

struct kube_event {
	enum kube_event_type type;
	struct json object;
	struct str resource_version;
};

/* What the server said when a watch failed; zeroes: it said nothing. */
struct kube_watch_failure {
	unsigned status;      /* HTTP, or code of an ERROR event's Status */
	unsigned retry_after; /* seconds */
};

struct kube_watch_options {
	const struct kube_resource *resource;
	struct str ns; /* empty: all */
	struct str label_selector, field_selector;
	bool metadata_only;
	struct str resource_version; /* from a list */
	unsigned timeout_seconds;    /* 0: 5 to 10 minutes by chance */
	int64_t idle_ms;	     /* 0: a minute longer than that */
	size_t line_max;	     /* 0: 4 MiB */
	/* Filled when open or next fails; NULL: nobody asks. Borrowed. */
	struct kube_watch_failure *failure;
};

struct kube_watch;

/* ERR_GONE: the version is too old, list again. */
int kube_watch_open(struct kube_client *client,
		    const struct kube_watch_options *options,
		    struct kube_watch **out, struct error *err) MUST_CHECK;

/*
 * 1 with the next event, read into a (which the caller may reset between
 * calls); 0 when the server ended the watch in its time; -1 with *err:
 * ERR_GONE for an ERROR event of 410, ERR_LIMIT, ERR_INPUT for what is no
 * event, ERR_AWAY when nobody listens, ERR_IO for the rest,
 * stop included.
 */
int kube_watch_next(struct kube_watch *watch, struct arena *a,
		    struct kube_event *event, struct error *err) MUST_CHECK;

/* NULL is fine. */
void kube_watch_close(struct kube_watch **watch);

#endif
