/*
 * Find the version that is served, list, watch, and begin again from where it
 * went wrong. Each turn does the first of these that is to be done:
 *
 *	served   version  turn
 *	no       -        discover
 *	yes      none     list
 *	yes      some     watch from it
 *
 * 404 forgets what is served. What makes a version useless (410), or shows that
 * an event is lost, forgets the version. All else waits and goes on.
 */
#include "kube/reflector_turn.h"

#include "kube/discovery.h"
#include "kube/reflector_list.h"
#include "kube/retry.h"
#include "kube/watch.h"
#include "lib/clock.h"

enum {
	ABSENT_MS = 10000, /* up to as much again, by chance */
	RETRY_AFTER_MAX = 30,
	/* A watch that fails so often in a row may be from another time. */
	FAILURES_TO_LIST = 8,
};

#define HASTY_NS INT64_C(10000000000)

static void pause_ms(const struct reflector_turn *r, int64_t ms)
{
	kube_stop_wait(r->stop, ms / r->options->wait_divisor);
}

static void back_off(struct reflector_turn *r, unsigned *failures,
		     const struct error *err)
{
	const unsigned asked = r->retry_after > RETRY_AFTER_MAX
				       ? RETRY_AFTER_MAX
				       : r->retry_after;
	const bool away = err->code == ERR_AWAY;
	int64_t ms;

	/* Nobody's fault who is not there, and no reason to list anew. */
	if (!away && *failures < UINT32_MAX)
		++*failures;
	ms = away ? kube_away_wait(kube_chance())
		  : kube_backoff_wait(*failures, kube_chance());
	if (ms < (int64_t)asked * 1000)
		ms = (int64_t)asked * 1000;
	r->retry_after = 0;
	reflector_shown_failure(r->shown);
	reflector_shown_say(r->shown, "%s; trying again in %lld s", err->msg,
			    (long long)(ms + 999) / 1000);
	pause_ms(r, ms);
}

static const char *kept_text(struct arena *a, const char *text)
{
	return arena_str(a, str_of(text)).p;
}

/*
 * A version that was listed before says nothing about a kind served anew. And
 * one that was known to be empty, not being served, is unknown until its list.
 */
static void adopt(struct reflector_turn *r, const struct kube_resource *found)
{
	struct arena *a = &r->arena;

	arena_reset(a);
	r->resource = (struct kube_resource){
		.group = r->options->group,
		.kind = r->options->kind,
		.version = kept_text(a, found->version),
		.plural = kept_text(a, found->plural),
		.namespaced = found->namespaced,
	};
	r->mirror.api_version = kube_resource_api_version(a, &r->resource);
	r->mirror.namespaced = found->namespaced;
	r->served = true;
	if (r->absent) {
		inventory_set_known(r->options->inventory,
				    str_of(r->options->group),
				    str_of(r->options->kind), false);
		reflector_shown_unknown(r->shown);
	}
	r->absent = false;
	r->absences = 0;
	buf_clear(&r->version);
}

static void become_known(struct reflector_turn *r)
{
	inventory_set_known(r->options->inventory, str_of(r->options->group),
			    str_of(r->options->kind), true);
	reflector_shown_list(r->shown, clock_monotonic_ns());
	if (r->options->listed)
		r->options->listed(r->options->context);
}

/*
 * The server says for sure that there is no such kind (503 is what it says
 * while it starts). Still, what was known goes only when it says so again: an
 * answer from elsewhere, such as a proxy's, is no reason to drop a cluster.
 */
static void miss(struct reflector_turn *r)
{
	const unsigned synced = reflector_shown_get(r->shown).synced;

	if (r->absences < UINT32_MAX)
		r->absences++;
	if (r->options->optional && !r->absent && r->absences > synced) {
		mirror_sweep(&r->mirror, NULL);
		r->absent = true;
		become_known(r);
	}
	/* That it is absent is an answer, too. */
	if (r->absent)
		reflector_shown_contact(r->shown, clock_monotonic_ns());
	if (!r->options->optional)
		reflector_shown_failure(r->shown);
	reflector_shown_say(
		r->shown,
		"%.*s: the API server serves no %s in group \"%s\"; %s",
		STR_ARG(r->options->name), r->options->kind, r->options->group,
		r->options->optional ? "asking again every 15 s"
				     : "install its CustomResourceDefinition");
	pause_ms(r, ABSENT_MS + (int64_t)(kube_chance() % (ABSENT_MS + 1)));
}

static int discover(struct reflector_turn *r, struct error *err)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct kube_resource found;
	const int result = kube_discover(r->client, &a, r->options->group,
					 r->options->versions, r->options->kind,
					 &found, err);

	if (result < 0)
		return -1;
	if (result)
		adopt(r, &found);
	else
		miss(r);
	return 0;
}

static int list(struct reflector_turn *r, struct error *err)
{
	struct reflector_list list = {
		.client = r->client,
		.resource = &r->resource,
		.mirror = &r->mirror,
		.page = r->page,
	};
	const int result = reflector_list(&list, &r->version, err);

	r->page = result < 0 ? r->options->page : list.page;
	if (result < 0) {
		if (list.status == 404)
			r->served = false;
		return -1;
	}
	r->list_failures = 0;
	become_known(r);
	return 0;
}

static void went_well(struct reflector_turn *r)
{
	r->watch_failures = 0;
	r->hasty = 0;
	r->moved = false;
}

static int apply(struct reflector_turn *r, struct arena *a,
		 const struct kube_event *event, struct error *err)
{
	int result = 0;

	switch (event->type) {
	case KUBE_ADDED:
	case KUBE_MODIFIED:
		result = mirror_put(&r->mirror, a, &event->object, NULL, err);
		break;
	case KUBE_DELETED:
		result = mirror_delete(&r->mirror, a, &event->object, err);
		break;
	case KUBE_BOOKMARK:
		break;
	}
	if (result < 0)
		return error_wrap(err, "watch %s", r->resource.plural);
	buf_clear(&r->version);
	buf_add(&r->version, event->resource_version);
	if (buf_failed(&r->version))
		return error_set(err, ERR_LIMIT,
				 "watch %s: a resourceVersion of %zu bytes",
				 r->resource.plural, event->resource_version.n);
	went_well(r);
	reflector_shown_event(r->shown, clock_monotonic_ns());
	return 0;
}

/* 0 at the end that the server gives. */
static int follow(struct reflector_turn *r, struct kube_watch *watch,
		  struct error *err)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct kube_event event;
	int result;

	while ((result = kube_watch_next(watch, &a, &event, err)) > 0) {
		if (apply(r, &a, &event, err) < 0)
			return -1;
		arena_reset(&a);
	}
	return result;
}

/* Once may happen; whoever does it always would be asked without a pause. */
static int ended(struct reflector_turn *r, bool at_once, struct error *err)
{
	if (!at_once || ++r->hasty < 2)
		return 0;
	return error_set(err, ERR_IO,
			 "watch %s: the server ends it as soon as it begins",
			 r->resource.plural);
}

/*
 * Versions grow old, and kinds move on to other versions: the first time after
 * a watch that went well this is no failure, and nothing is waited for.
 */
static int failed(struct reflector_turn *r, unsigned status,
		  const struct error *err)
{
	const bool moved = err->code == ERR_GONE || status == 404;

	if (status == 404)
		r->served = false;
	if (moved || err->code == ERR_INPUT || err->code == ERR_LIMIT ||
	    r->watch_failures % FAILURES_TO_LIST == FAILURES_TO_LIST - 1)
		buf_clear(&r->version);
	if (!moved || r->moved)
		return -1;
	r->moved = true;
	reflector_shown_say(r->shown, "%s", err->msg);
	return 0;
}

static int run_watch(struct reflector_turn *r,
		     struct kube_watch_failure *failure, struct error *err)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	CLEANUP(kube_watch_close) struct kube_watch *watch = NULL;
	const struct kube_watch_options options = {
		.resource = &r->resource,
		.ns = r->options->ns,
		.label_selector = r->options->label_selector,
		.field_selector = r->options->field_selector,
		.metadata_only = r->options->metadata_only,
		.resource_version = arena_str(&a, buf_str(&r->version)),
		.idle_ms = r->options->idle_ms,
		.failure = failure,
	};
	const uint64_t events = reflector_shown_get(r->shown).events;
	const int64_t start = clock_monotonic_ns();
	bool at_once;
	int result;

	if (kube_watch_open(r->client, &options, &watch, err) < 0)
		return -1;
	reflector_shown_watch(r->shown, clock_monotonic_ns());
	reflector_shown_say(r->shown, "watching at %s", r->resource.version);
	result = follow(r, watch, err);
	at_once = reflector_shown_get(r->shown).events == events &&
		  clock_monotonic_ns() - start < HASTY_NS;
	if (!at_once)
		went_well(r);
	return result < 0 ? -1 : ended(r, at_once, err);
}

static int watch(struct reflector_turn *r, struct error *err)
{
	struct kube_watch_failure failure = { .status = 0 };
	const int result = run_watch(r, &failure, err);

	reflector_shown_no_watch(r->shown);
	if (result == 0)
		return 0;
	r->retry_after = failure.retry_after;
	return failed(r, failure.status, err);
}

void reflector_turn(struct reflector_turn *r)
{
	struct error err = ERROR_INIT;
	unsigned *failures = &r->list_failures;
	int result;

	if (!r->served) {
		result = discover(r, &err);
	} else if (!r->version.n) {
		result = list(r, &err);
	} else {
		failures = &r->watch_failures;
		result = watch(r, &err);
	}
	if (result < 0 && !kube_stop_is_set(r->stop))
		back_off(r, failures, &err);
}
