/*
 * The thread that keeps house: the policy, whether there is work, the clock,
 * and a look at everything now and then.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "controller/measures.h"
#include "controller/service.h"
#include "lib/clock.h"
#include "policies/load.h"

#define SECOND INT64_C(1000000000)
#define MS INT64_C(1000000)

/* Changes that come together are loaded together. */
enum { SETTLE_MS = 20, KEEP_MS = 500 };
#define RESYNC_EVERY (600 * SECOND)
/* A clock that is slewed goes slower than this. */
#define CLOCK_STEP (500 * MS)

static void use(struct service *s, struct snapshot *snapshot)
{
	metrics_set(s->metrics, MEASURE_POLICY_TIERS, METRIC_NO_LABELS,
		    (int64_t)snapshot->n_tiers);
	log_event(LOG_INFO, "policy in use",
		  LOG_INT("tiers", (int64_t)snapshot->n_tiers),
		  LOG_STR("digest", snapshot->digest));
	snapshot_slot_put(&s->slot, snapshot);
}

/* True when plans would differ: another set, or another refusal. */
static bool tell_refusal(struct service *s, const char *refusal)
{
	bool news;

	service_lock(s);
	news = strcmp(s->refused, refusal) != 0;
	snprintf(s->refused, sizeof(s->refused), "%s", refusal);
	service_unlock(s);
	if (news && *refusal)
		log_event(LOG_ERROR, "policy refused",
			  LOG_STR("error", str_of(refusal)));
	return news;
}

static bool load_policy(struct service *s)
{
	struct error err = ERROR_INIT;
	struct snapshot *snapshot = NULL;
	bool ok = load_policies_known(s->inventory, &snapshot, &err) == 0;
	bool news = tell_refusal(s, ok ? "" : err.msg);

	metrics_add(s->metrics, MEASURE_POLICY_LOADS,
		    METRIC_LABELS(ok ? RESULT_OK : RESULT_REFUSED), 1);
	if (!ok)
		return news;
	/* Only a status or labels have changed: nothing that decides. */
	if (snapshot_slot_holds(&s->slot, snapshot)) {
		snapshot_unref(&snapshot);
		return news;
	}
	use(s, snapshot);
	return true;
}

static void look_at_policy(struct service *s)
{
	bool dirty;

	service_lock(s);
	dirty = s->policy_dirty;
	s->policy_dirty = false;
	service_unlock(s);
	if (!dirty || !atomic_load(&s->synced))
		return;
	if (kube_stop_wait(s->stop, SETTLE_MS))
		return;
	if (load_policy(s))
		service_resync(s, "the policy has changed");
}

/* Once for each change, and not for each count of objects. */
static void tell_trouble(struct service *s, const char *says, size_t trouble)
{
	bool news;

	service_lock(s);
	news = trouble != s->behind;
	s->behind = trouble;
	snprintf(s->says, sizeof(s->says), "%s", says);
	service_unlock(s);
	if (!news)
		return;
	log_event(trouble ? LOG_WARN : LOG_INFO, "cluster",
		  LOG_STR("says", str_of(says)));
}

static void look_at_cluster(struct service *s)
{
	char says[512] = "";
	bool synced = kube_reflectors_synced(s->reflectors, says, sizeof(says));
	size_t behind = kube_reflectors_behind(
		s->reflectors, clock_monotonic_ns(), says, sizeof(says));

	/* Waiting counts as trouble of its own once somebody was asked. */
	if (!synced && strstr(says, "trying again"))
		behind += WATCHES;
	tell_trouble(s, says, behind);
	if (!synced || atomic_load(&s->synced))
		return;
	log_event(LOG_INFO, "cluster known", LOG_STR("says", str_of(says)));
	atomic_store(&s->synced, true);
	(void)load_policy(s);
}

static void start_lane(struct service *s, enum lane lane, unsigned n)
{
	while (n-- > 0) {
		struct service_worker *w = &s->workers[s->n_workers];

		w->service = s;
		w->lane = lane;
		if (pthread_create(&w->thread, NULL, worker_run, w))
			BUG("a thread for a worker");
		s->n_workers++;
	}
}

static void start_workers(struct service *s)
{
	log_event(LOG_INFO, "working", LOG_INT("workers", s->options->workers));
	/* First, or what changes meanwhile would lead nowhere. */
	atomic_store(&s->working, true);
	service_resync(s, "the work begins");
	start_lane(s, LANE_PROMPT, s->options->workers);
	start_lane(s, LANE_BACKGROUND, WORKERS_BACKGROUND);
}

/* Also without any good set: who ends claims, and tells what is wrong? */
static void look_at_work(struct service *s)
{
	if (!atomic_load(&s->working) && atomic_load(&s->synced) &&
	    atomic_load(&s->leads))
		start_workers(s);
}

struct clocks {
	int64_t offset;	  /* wall - monotonic */
	int64_t resynced; /* monotonic */
};

static void look_at_clock(struct service *s, struct clocks *c)
{
	int64_t now = clock_monotonic_ns();
	int64_t offset = clock_wall_ns() - now;
	int64_t step = offset - c->offset;

	if (step > CLOCK_STEP || step < -CLOCK_STEP) {
		log_event(LOG_WARN, "the clock was set",
			  LOG_INT("milliseconds", step / MS));
		c->offset = offset;
		service_resync(s, "the clock was set");
	} else if (now - c->resynced > RESYNC_EVERY) {
		service_resync(s, "it is time");
		c->resynced = now;
	}
}

static void wait_for_news(struct service *s)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += KEEP_MS * MS;
	until.tv_sec += until.tv_nsec / SECOND;
	until.tv_nsec %= SECOND;
	service_lock(s);
	if (!s->policy_dirty)
		pthread_cond_timedwait(&s->wake, &s->lock, &until);
	service_unlock(s);
}

void *keeper_run(void *context)
{
	struct service *s = context;
	struct clocks clocks = { .resynced = clock_monotonic_ns() };

	clocks.offset = clock_wall_ns() - clocks.resynced;
	while (!kube_stop_is_set(s->stop)) {
		look_at_cluster(s);
		look_at_policy(s);
		look_at_work(s);
		look_at_clock(s, &clocks);
		wait_for_news(s);
	}
	return NULL;
}
