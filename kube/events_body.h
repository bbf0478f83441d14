/*
 * Event objects (events.k8s.io/v1) as the API server's validation wants them:
 * ValidateEventCreate of k8s.io/kubernetes/pkg/apis/core/validation.
 */
#ifndef KUBE_EVENTS_BODY_H
#define KUBE_EVENTS_BODY_H

#include "kube/events_store.h"

extern const struct kube_resource kube_event_resource;

/*
 * s as valid UTF-8 of at most max bytes: what is no UTF-8 becomes "?", what is
 * too long ends with "...".
 */
struct str event_text(struct arena *a, struct str s, size_t max);

/*
 * Writes entry->event_name: "<object>.<hex>", a DNS subdomain (RFC 1123), the
 * object's name cut so that errors that quote it stay readable.
 */
void event_name_make(struct event_entry *entry, struct str instance,
		     int64_t first_wall_us);

/* The namespace an Event on this object lives in. */
struct str event_namespace(const struct kube_events_options *options,
			   const struct event_entry *entry);

/* Of times in the entry, what the wall showed. */
struct event_wall {
	int64_t now_ns, wall_us;
};
int64_t event_wall_us(const struct event_wall *wall, int64_t ns);

struct json event_body(struct arena *a,
		       const struct kube_events_options *options,
		       const struct event_pick *pick,
		       const struct event_wall *wall);

/* A merge patch (RFC 7386) of the series. */
struct json event_series_patch(struct arena *a, const struct event_pick *pick,
			       const struct event_wall *wall);

#endif
