/*
 * One kind of the cluster, mirrored into an inventory: list in pages, watch
 * from there, list again when the version is gone. A thread of its own.
 *
 * Never a gap: a list that follows a lost watch replaces what changed, removes
 * what is no longer there, and tells both as changes; what did not change
 * (same resourceVersion) is not told. The kind is "known" in the inventory
 * from the end of the first list on, and stays so while the watch is down: old
 * knowledge is better than none, and the state says how old.
 *
 * A kind that is not served (404) counts as known and empty when it is
 * optional, and is asked for again every 15 s by chance; else it is waited for.
 * It is unknown from when it is found to be served until its first list. What
 * was mirrored goes when the server has said twice that the kind is gone.
 *
 * One reflector for each kind of an inventory.
 */
#ifndef KUBE_REFLECTOR_H
#define KUBE_REFLECTOR_H

#include "kube/client.h"
#include "lib/inventory.h"

struct kube_reflector_options {
	struct str name; /* for messages: "sandboxes" */
	const char *group, *kind;
	const char *const *versions; /* wanted first, ended by NULL */
	struct str ns;		     /* empty: all */
	struct str label_selector, field_selector;
	bool metadata_only;
	bool optional;
	unsigned page; /* 0: 500 */

	struct inventory *inventory; /* borrowed */
	/*
	 * What is kept of a document: builds *out in a, copying. NULL: all but
	 * metadata.managedFields. apiVersion and kind are those of the kind,
	 * also where the server leaves them out of list items. Runs in the
	 * reflector's thread.
	 */
	void (*keep)(struct arena *a, const struct json *doc, struct json *out);
	/*
	 * After the inventory has it; from the reflector's thread, no lock is
	 * held. object is the new one, or the last one known when removed.
	 * NULL: nobody asks.
	 */
	void (*changed)(void *context, const struct inventory_object *object,
			bool removed);
	/* After each complete list, the first one included. */
	void (*listed)(void *context);
	void *context;

	/* For tests: all waits are this many times shorter; 0: 1. */
	unsigned wait_divisor;
	int64_t idle_ms; /* of a watch (watch.h); 0: minutes */
};

struct kube_reflector;

/* What is going on, for readiness and for people. */
struct kube_reflector_state {
	bool synced;	    /* listed once, or optional and not served */
	bool watching;	    /* right now */
	int64_t contact_ns; /* monotonic, of the last good answer; 0: never */
	uint64_t lists, events, failures;
	char says[512]; /* "watching at v1beta1", or the last error */
};

/* Starts the thread. The client is made inside from config, copied. */
int kube_reflector_start(const struct kube_config *config,
			 const struct kube_client_options *client,
			 const struct kube_reflector_options *options,
			 struct kube_reflector **out,
			 struct error *err) MUST_CHECK;

struct kube_reflector_state
kube_reflector_state(const struct kube_reflector *reflector);

/* Waits for the thread; stop must be set. What was mirrored stays. */
void kube_reflector_join(struct kube_reflector **reflector);

#endif
