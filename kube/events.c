/*
 * Notes from any thread go into the store under the lock; a flush takes a
 * batch out, writes it without the lock, and settles each.
 */
#include "kube/events.h"

#include <pthread.h>
#include <stdlib.h>

#include "kube/events_body.h"

enum { NOTE_MAX = 1024, TIMEOUT_MS = 5000 };

struct kube_events {
	struct arena arena; /* options */
	struct kube_events_options options;
	pthread_mutex_t lock; /* guards all below */
	struct event_store store;
	uint64_t written, dropped, failed;
};

/* What became of one entry. */
enum fate {
	FATE_WRITTEN,
	FATE_GONE,	 /* its namespace ends: nobody will look */
	FATE_FAILED,	 /* answered with a refusal */
	FATE_UNANSWERED, /* the server is away */
	FATE_STOPPED,	 /* before it could be tried */
};

struct flush {
	struct kube_events *events;
	struct kube_client *client;
	struct event_wall wall;
	struct error *err; /* the first one */
	bool has_failed;
};

static void lock(struct kube_events *events)
{
	if (pthread_mutex_lock(&events->lock))
		BUG("lock of the events");
}

static void unlock(struct kube_events *events)
{
	if (pthread_mutex_unlock(&events->lock))
		BUG("lock of the events");
}

/*
 * Forbidden is also what a missing permission is: the text of the
 * NamespaceLifecycle admission plugin tells them apart.
 */
static bool namespace_ends(const struct kube_call *call,
			   const struct error *err)
{
	static const struct str ends =
		STR_INIT("unable to create new content in namespace");
	struct str msg = str_of(err->msg);

	if (call->status == 404)
		return str_is(call->reason, "NotFound");
	return call->status == 403 && str_find_str(msg, ends) < msg.n;
}

static enum fate fate_of(const struct kube_call *call, const struct error *err)
{
	if (call->stopped)
		return FATE_STOPPED;
	if (!call->status)
		return FATE_UNANSWERED;
	return namespace_ends(call, err) ? FATE_GONE : FATE_FAILED;
}

static enum fate send(struct flush *f, const struct event_pick *pick,
		      bool create, unsigned *status, struct error *err)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct kube_events_options *o = &f->events->options;
	struct json body = create ? event_body(&a, o, pick, &f->wall)
				  : event_series_patch(&a, pick, &f->wall);
	struct kube_call call = {
		.verb = create ? KUBE_CREATE : KUBE_MERGE_PATCH,
		.resource = &kube_event_resource,
		.ns = event_namespace(o, pick->entry),
		.body = &body,
		.timeout_ms = TIMEOUT_MS,
	};
	enum fate fate = FATE_WRITTEN;

	/* A POST goes to the collection; the body has the name. */
	if (!create)
		call.name = str_of(pick->entry->event_name);
	if (kube_do(f->client, &a, &call, err) < 0)
		fate = fate_of(&call, err);
	*status = call.status;
	return fate;
}

/*
 * An Event that is gone (they live for an hour) is made anew; one that is there
 * already was made by a request whose answer was lost.
 */
static enum fate write_one(struct flush *f, const struct event_pick *pick,
			   struct error *err)
{
	bool create = !pick->entry->created;
	unsigned status;
	enum fate fate = send(f, pick, create, &status, err);

	if (!create && status == 404)
		return send(f, pick, true, &status, err);
	if (!create || status != 409)
		return fate;
	if (pick->count == 1)
		return FATE_WRITTEN;
	return send(f, pick, false, &status, err);
}

static void count(struct flush *f, enum fate fate, const struct error *err)
{
	switch (fate) {
	case FATE_WRITTEN:
		f->events->written++;
		return;
	case FATE_GONE:
		f->events->dropped++;
		return;
	case FATE_FAILED:
	case FATE_UNANSWERED:
		f->events->failed++;
		if (!f->has_failed)
			*f->err = *err;
		f->has_failed = true;
		return;
	case FATE_STOPPED:
		return;
	}
	BUG("no such fate of an Event");
}

/* False: the rest is better left for another time. */
static bool flush_one(struct flush *f, const struct event_pick *pick)
{
	struct event_entry *e = pick->entry;
	struct error err = ERROR_INIT;
	enum fate fate;

	if (!e->event_name[0])
		event_name_make(e, f->events->options.instance,
				event_wall_us(&f->wall, e->first_ns));
	fate = write_one(f, pick, &err);
	lock(f->events);
	count(f, fate, &err);
	if (fate == FATE_STOPPED)
		event_store_return(&f->events->store, pick);
	else
		event_store_settle(&f->events->store, pick,
				   fate == FATE_WRITTEN ||
					   (e->created && fate != FATE_GONE),
				   f->wall.now_ns);
	unlock(f->events);
	return fate != FATE_STOPPED && fate != FATE_UNANSWERED;
}

struct kube_events *kube_events_new(const struct kube_events_options *options)
{
	struct kube_events *events = calloc(1, sizeof(*events));

	if (!events || pthread_mutex_init(&events->lock, NULL))
		BUG("out of memory");
	events->options = (struct kube_events_options){
		.controller = arena_str(&events->arena, options->controller),
		.instance = arena_str(&events->arena, options->instance),
		.cluster_ns = arena_str(&events->arena, options->cluster_ns),
	};
	event_store_init(&events->store);
	return events;
}

void kube_events_free(struct kube_events **events)
{
	if (!*events)
		return;
	event_store_release(&(*events)->store);
	arena_release(&(*events)->arena);
	pthread_mutex_destroy(&(*events)->lock);
	free(*events);
	*events = NULL;
}

void kube_events_add(struct kube_events *events,
		     const struct kube_event_note *note, int64_t now_ns)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct kube_event_note cut = *note;

	cut.note = event_text(&a, note->note, NOTE_MAX);
	lock(events);
	if (!event_store_add(&events->store, &cut, now_ns))
		events->dropped++;
	unlock(events);
}

int kube_events_flush(struct kube_events *events, struct kube_client *client,
		      int64_t now_ns, int64_t wall_us, struct error *err)
{
	struct flush f = { events, client, { now_ns, wall_us }, err, false };
	struct event_pick picks[EVENTS_BATCH_MAX];
	size_t n, i = 0;

	lock(events);
	n = event_store_take(&events->store, picks, now_ns);
	unlock(events);
	while (i < n && flush_one(&f, &picks[i]))
		i++;
	lock(events);
	for (i++; i < n; i++)
		event_store_return(&events->store, &picks[i]);
	unlock(events);
	return f.has_failed ? -1 : 0;
}

struct kube_events_stats kube_events_stats(struct kube_events *events)
{
	struct kube_events_stats stats;

	lock(events);
	stats = (struct kube_events_stats){
		.written = events->written,
		.dropped = events->dropped,
		.failed = events->failed,
		.waiting = events->store.n_waiting,
	};
	unlock(events);
	return stats;
}
