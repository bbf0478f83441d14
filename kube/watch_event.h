/*
 * One line of a watch to an event: pure. The form is WatchEvent of
 * k8s.io/apimachinery/pkg/apis/meta/v1: {"type": ..., "object": ...}.
 */
#ifndef KUBE_WATCH_EVENT_H
#define KUBE_WATCH_EVENT_H

#include "kube/watch.h"

/* What every object of a list or a watch has; borrowed from the object. */
struct watch_identity {
	struct str ns, name, resource_version;
};

/* ERR_INPUT when the name or the resourceVersion is not there. */
int watch_identity_read(const struct json *object, struct watch_identity *out,
			struct error *err) MUST_CHECK;

/*
 * 1 with the event; 0 for one of type ERROR, whose object is a Status; -1 with
 * ERR_INPUT or ERR_LIMIT for what is no event. line must live as long as a.
 */
int watch_event_read(struct arena *a, struct str line, struct kube_event *event,
		     struct error *err) MUST_CHECK;

#endif
