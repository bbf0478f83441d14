/*
 * The thread that keeps a Lease: reads, steps (lease_step.c), writes.
 *
 * Times count from before a request is sent: others see a renewal no earlier,
 * so they wait for longer than we believe to lead. Every write carries the
 * resourceVersion of what the step has judged, so of several that write only
 * one succeeds.
 */
#include "kube/lease.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "kube/lease_record.h"
#include "kube/retry.h"
#include "lib/clock.h"

#define MS_NS INT64_C(1000000)
#define SECOND_NS INT64_C(1000000000)

enum {
	TRIES = 3,	     /* of a turn, when somebody else wrote meanwhile */
	GIVE_BACK_MS = 3000, /* in all: the process is about to end */
};

struct kube_lease {
	pthread_t thread;
	struct arena arena; /* options */
	struct kube_lease_options options;
	const struct kube_stop *stop; /* the caller's */
	struct kube_stop *never;      /* of client_last: is not set */
	struct kube_client *client, *client_last;

	_Atomic int64_t leads_until; /* monotonic; 0: does not lead */
	pthread_mutex_t lock;	     /* guards says */
	struct error says;

	/* of the thread alone */
	struct arena record; /* seen and doc */
	struct kube_lease_seen seen;
	struct json doc;
	bool fresh;   /* seen is what the last answer said */
	bool written; /* it may be ours, whatever was answered */
	bool away;    /* nobody could be reached in the last turn */
	int64_t renewed_ns;
};

static void say(struct kube_lease *l, const struct error *err)
{
	if (pthread_mutex_lock(&l->lock))
		BUG("lock of the lease");
	l->says = *err;
	if (pthread_mutex_unlock(&l->lock))
		BUG("lock of the lease");
}

static int64_t deadline_of(const struct kube_lease *l)
{
	return l->renewed_ns + l->options.deadline_seconds * SECOND_NS;
}

/*
 * For one request: half the deadline, so that a second one fits when the first
 * hangs; a leader has only what is left.
 */
static int64_t timeout_ms(const struct kube_lease *l, int64_t now_ns)
{
	int64_t ms = l->options.deadline_seconds * SECOND_NS / 2 / MS_NS;
	int64_t left = (deadline_of(l) - now_ns) / MS_NS;

	if (l->renewed_ns && left < ms)
		ms = left;
	return ms > 0 ? ms : 1;
}

static void see_none(struct kube_lease *l)
{
	l->seen = (struct kube_lease_seen){ .exists = false };
	l->doc = json_missing;
	arena_reset(&l->record);
}

/* Keeps a copy of the record; the time only when it has changed. */
static int see(struct kube_lease *l, const struct json *doc, int64_t now_ns,
	       struct error *err)
{
	struct kube_lease_seen seen;

	if (kube_lease_record_read(doc, &seen, err) < 0)
		return -1;
	if (l->seen.exists &&
	    str_eq(l->seen.resource_version, seen.resource_version))
		return 0;
	arena_reset(&l->record);
	l->doc = json_copy(&l->record, doc);
	if (kube_lease_record_read(&l->doc, &l->seen, err) < 0)
		BUG("a copy of a Lease differs from it");
	l->seen.changed_ns = now_ns;
	return 0;
}

static int in_this_lease(const struct kube_lease *l, struct error *err)
{
	return error_wrap(err, "lease %.*s/%.*s", STR_ARG(l->options.ns),
			  STR_ARG(l->options.name));
}

static struct kube_call call_of(const struct kube_lease *l, enum kube_verb verb,
				int64_t timeout)
{
	return (struct kube_call){
		.verb = verb,
		.resource = &kube_leases,
		.ns = l->options.ns,
		.name = l->options.name,
		.timeout_ms = timeout,
	};
}

static int read_record(struct kube_lease *l, struct kube_client *client,
		       int64_t timeout, struct error *err)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct kube_call call = call_of(l, KUBE_GET, timeout);

	if (kube_do(client, &a, &call, err) < 0) {
		if (call.status != 404)
			return -1;
		see_none(l);
	} else if (see(l, &call.answer, clock_monotonic_ns(), err) < 0) {
		return in_this_lease(l, err);
	}
	l->fresh = true;
	return 0;
}

/* What was answered must be what was written. */
static int see_written(struct kube_lease *l, const struct json *answer,
		       struct str holder, struct error *err)
{
	if (see(l, answer, clock_monotonic_ns(), err) < 0)
		return in_this_lease(l, err);
	if (str_eq(l->seen.holder, holder))
		return 0;
	(void)error_set(err, ERR_IO,
			"written for \"%.*s\", but the server answers that "
			"\"%.*s\" holds it",
			STR_ARG(holder), STR_ARG(l->seen.holder));
	return in_this_lease(l, err);
}

static int write_record(struct kube_lease *l, struct kube_client *client,
			const struct kube_lease_record *record, int64_t timeout,
			struct error *err)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json body =
		kube_lease_record_write(&a, &l->options, &l->doc, record);
	struct kube_call call = call_of(
		l, l->seen.exists ? KUBE_REPLACE : KUBE_CREATE, timeout);

	call.body = &body;
	/* A POST goes to the collection; the body has the name. */
	if (call.verb == KUBE_CREATE)
		call.name = STR_NONE;
	l->fresh = false;
	if (kube_do(client, &a, &call, err) < 0) {
		l->written |= call.maybe_done;
		/* Deleted since it was read: as good as written by another. */
		if (call.status == 404 && l->seen.exists)
			err->code = ERR_CONFLICT;
		return -1;
	}
	l->written = true;
	if (see_written(l, &call.answer, record->holder, err) < 0)
		return -1;
	l->fresh = true;
	return 0;
}

static void renewed(struct kube_lease *l, int64_t sent_ns)
{
	bool first = !l->renewed_ns;

	/* 0 means that we do not lead. */
	l->renewed_ns = sent_ns ? sent_ns : 1;
	atomic_store(&l->leads_until, deadline_of(l));
	say(l, &(struct error)ERROR_INIT);
	/* What is to stop need not begin. */
	if (first && !kube_stop_is_set(l->stop))
		l->options.lead(l->options.context);
}

static int write_ours(struct kube_lease *l, enum kube_lease_action action,
		      struct error *err)
{
	int64_t sent = clock_monotonic_ns();
	const struct kube_lease_record record = {
		.holder = l->options.identity,
		.duration_seconds = l->options.duration_seconds,
		.acquired = action != LEASE_RENEW,
		.wall_us = clock_wall_seconds() * 1000000,
	};

	if (write_record(l, l->client, &record, timeout_ms(l, sent), err) < 0)
		return -1;
	renewed(l, sent);
	return 0;
}

static void say_who_leads(struct kube_lease *l)
{
	struct error err;

	(void)error_set(&err, ERR_NONE, "\"%.*s\" leads",
			STR_ARG(l->seen.holder));
	say(l, &err);
}

static enum kube_lease_action step_now(const struct kube_lease *l)
{
	return kube_lease_step(&l->options, &l->seen, l->renewed_ns,
			       clock_monotonic_ns());
}

/* One round of reading and writing; -1 with what went wrong. */
static int try_once(struct kube_lease *l, struct error *err)
{
	enum kube_lease_action action;

	if (!l->fresh &&
	    read_record(l, l->client, timeout_ms(l, clock_monotonic_ns()),
			err) < 0)
		return -1;
	action = step_now(l);
	switch (action) {
	case LEASE_CREATE:
	case LEASE_TAKE:
	case LEASE_RENEW:
		return write_ours(l, action, err);
	case LEASE_WAIT:
		say_who_leads(l);
		l->fresh = false;
		return 0;
	case LEASE_LOST:
		return error_set(err, ERR_IO, "\"%.*s\" leads",
				 STR_ARG(l->seen.holder));
	}
	BUG("no such step of a lease");
}

/* False when we led and no longer do. */
static bool turn(struct kube_lease *l)
{
	struct error err = ERROR_INIT;

	/* In no time nothing can be answered; what failed last says why. */
	if (l->renewed_ns && step_now(l) == LEASE_LOST)
		return false;
	for (int i = 0; i < TRIES; i++) {
		l->away = false;
		if (try_once(l, &err) == 0)
			return true;
		l->away = err.code == ERR_AWAY;
		say(l, &err);
		/* Somebody wrote before us: look who, without waiting. */
		if (err.code != ERR_CONFLICT)
			break;
	}
	return step_now(l) != LEASE_LOST;
}

/* Followers do not come all at once; a leader never sleeps past its time. */
static int64_t pause_ms(const struct kube_lease *l)
{
	int64_t ms = l->options.retry_seconds * SECOND_NS / MS_NS;
	int64_t left;

	if (l->away)
		ms = kube_away_wait(kube_chance());
	if (!l->renewed_ns)
		return ms + (int64_t)(kube_chance() % (uint64_t)(ms / 2 + 1));
	left = (deadline_of(l) - clock_monotonic_ns()) / MS_NS + 1;
	if (left < 0)
		left = 0;
	return left < ms ? left : ms;
}

static int give_back_once(struct kube_lease *l, int64_t until_ns,
			  struct error *err)
{
	const struct kube_lease_record record = {
		.holder = STR(""),
		.duration_seconds = 1,
		.acquired = false,
		.wall_us = clock_wall_seconds() * 1000000,
	};
	int64_t left = (until_ns - clock_monotonic_ns()) / MS_NS;

	if (left <= 0)
		return error_set(err, ERR_IO, "no time left to give it back");
	if (!l->fresh && read_record(l, l->client_last, left, err) < 0)
		return -1;
	if (!l->seen.exists || !str_eq(l->seen.holder, l->options.identity))
		return 0;
	return write_record(l, l->client_last, &record, left, err);
}

/* What fails here only makes the next one wait for the duration. */
static void give_back(struct kube_lease *l)
{
	int64_t until = clock_monotonic_ns() + GIVE_BACK_MS * MS_NS;
	struct error err = ERROR_INIT;

	atomic_store(&l->leads_until, 0);
	for (int i = 0; i < TRIES && l->written; i++) {
		if (give_back_once(l, until, &err) == 0)
			return;
		say(l, &err);
		if (err.code != ERR_CONFLICT)
			return;
	}
}

static void *run(void *context)
{
	struct kube_lease *l = context;

	while (!kube_stop_is_set(l->stop)) {
		if (!turn(l) && !kube_stop_is_set(l->stop)) {
			atomic_store(&l->leads_until, 0);
			l->options.lost(l->options.context);
			return NULL;
		}
		(void)kube_stop_wait(l->stop, pause_ms(l));
	}
	give_back(l);
	return NULL;
}

static int check_options(const struct kube_lease_options *o, struct error *err)
{
	if (!o->ns.n || !o->name.n || !o->identity.n)
		return error_set(err, ERR_CONFIG,
				 "a lease needs a namespace, a name and an "
				 "identity of its holder");
	if (o->retry_seconds < 1 || o->deadline_seconds <= o->retry_seconds ||
	    o->duration_seconds <= o->deadline_seconds ||
	    o->duration_seconds > INT32_MAX)
		return error_set(err, ERR_CONFIG,
				 "lease of %u s, renewed within %u s, tried "
				 "every %u s: each must be longer than the "
				 "next, and the last at least 1 s",
				 o->duration_seconds, o->deadline_seconds,
				 o->retry_seconds);
	return 0;
}

static struct kube_lease *lease_new(const struct kube_lease_options *o)
{
	struct kube_lease *l = calloc(1, sizeof(*l));

	if (!l || pthread_mutex_init(&l->lock, NULL))
		BUG("out of memory");
	l->options = *o;
	l->options.ns = arena_str(&l->arena, o->ns);
	l->options.name = arena_str(&l->arena, o->name);
	l->options.identity = arena_str(&l->arena, o->identity);
	l->never = kube_stop_new();
	see_none(l);
	return l;
}

static void lease_free(struct kube_lease *l)
{
	kube_client_free(&l->client);
	kube_client_free(&l->client_last);
	kube_stop_free(&l->never);
	arena_release(&l->record);
	arena_release(&l->arena);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

static int make_clients(struct kube_lease *l, const struct kube_config *config,
			const struct kube_client_options *options,
			struct error *err)
{
	struct kube_client_options own = *options;

	/* A renewal must not queue behind the work that it protects. */
	own.limit = NULL;
	if (kube_client_new(config, &own, &l->client, err) < 0)
		return -1;
	own.stop = l->never;
	return kube_client_new(config, &own, &l->client_last, err);
}

int kube_lease_start(const struct kube_config *config,
		     const struct kube_client_options *client,
		     const struct kube_lease_options *options,
		     struct kube_lease **out, struct error *err)
{
	struct kube_lease *l;

	*out = NULL;
	if (!client->stop)
		BUG("a lease without a stop could never be given back");
	if (check_options(options, err) < 0)
		return -1;
	l = lease_new(options);
	l->stop = client->stop;
	if (make_clients(l, config, client, err) < 0) {
		lease_free(l);
		return -1;
	}
	if (pthread_create(&l->thread, NULL, run, l)) {
		lease_free(l);
		return error_set(err, ERR_IO, "no thread for the lease: %m");
	}
	*out = l;
	return 0;
}

bool kube_lease_leads(const struct kube_lease *lease)
{
	return clock_monotonic_ns() < atomic_load(&lease->leads_until);
}

struct error kube_lease_says(struct kube_lease *lease)
{
	struct error says;

	if (pthread_mutex_lock(&lease->lock))
		BUG("lock of the lease");
	says = lease->says;
	if (pthread_mutex_unlock(&lease->lock))
		BUG("lock of the lease");
	return says;
}

void kube_lease_join(struct kube_lease **lease)
{
	if (!*lease)
		return;
	if (pthread_join((*lease)->thread, NULL))
		BUG("thread of the lease");
	lease_free(*lease);
	*lease = NULL;
}
