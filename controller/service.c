/* Starting and stopping, and how changes become keys. */
#include "controller/service.h"

#include <stdlib.h>
#include <unistd.h>

#include "controller/measures.h"
#include "kube/retry.h"
#include "lib/clock.h"

enum { TELL_MS = 200 };

void service_lock(struct service *s)
{
	if (pthread_mutex_lock(&s->lock))
		BUG("lock of the service");
}

void service_unlock(struct service *s)
{
	if (pthread_mutex_unlock(&s->lock))
		BUG("lock of the service");
}

static void wake_keeper(struct service *s)
{
	service_lock(s);
	pthread_cond_signal(&s->wake);
	service_unlock(s);
}

/* ---- the world ---- */

void service_world(struct service *s, struct arena *a, struct world *world)
{
	*world = (struct world){
		.snapshot = snapshot_slot_get(&s->slot),
		.inventory = s->inventory,
		.settings = &s->options->settings,
		.now_ns = clock_wall_ns(),
	};
	service_lock(s);
	world->refused = arena_str(a, str_of(s->refused));
	service_unlock(s);
}

void service_world_release(struct world *world)
{
	/* The slot gave out a reference; the world only borrows as const. */
	struct snapshot *snapshot =
		(struct snapshot *)(uintptr_t)world->snapshot;

	snapshot_unref(&snapshot);
}

/* ---- from changes to keys ---- */

struct queue *service_queue(struct service *s, const struct queue_key *key)
{
	return s->queues[reconcilers[key->kind].lane];
}

static void add_key(void *context, const struct queue_key *key,
		    int64_t after_ns)
{
	struct service *s = context;

	queue_add_at(service_queue(s, key), key,
		     clock_monotonic_ns() + after_ns);
}

static void on_changed(void *context, const struct inventory_object *object,
		       bool removed)
{
	const struct service_watch *w = context;
	struct service *s = w->service;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct world world;
	const struct watch_sink sink = { &world, add_key, s };

	if (w->watch - watches < WATCHES_POLICY) {
		service_lock(s);
		s->policy_dirty = true;
		pthread_cond_signal(&s->wake);
		service_unlock(s);
	}
	if (!atomic_load(&s->working))
		return;
	service_world(s, &a, &world);
	w->watch->map(&sink, object, removed);
	service_world_release(&world);
}

static void on_listed(void *context)
{
	const struct service_watch *w = context;

	wake_keeper(w->service);
}

void service_resync(struct service *s, const char *why)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct world world;
	const struct watch_sink sink = { &world, add_key, s };

	if (!atomic_load(&s->working))
		return;
	log_event(LOG_DEBUG, "looking at everything",
		  LOG_STR("why", str_of(why)));
	service_world(s, &a, &world);
	watches_resync(&sink);
	service_world_release(&world);
}

/* ---- the teller ---- */

static void *tell(void *context)
{
	struct service *s = context;
	struct kube_client *client;
	struct error err = ERROR_INIT;

	if (kube_client_new(&s->config, &s->client, &client, &err) < 0) {
		log_event(LOG_ERROR, "Events cannot be told",
			  LOG_STR("error", str_of(err.msg)));
		return NULL;
	}
	while (!kube_stop_wait(s->stop, TELL_MS)) {
		err = (struct error)ERROR_INIT;
		if (kube_events_flush(s->events, client, clock_monotonic_ns(),
				      clock_wall_ns() / 1000, &err) < 0)
			log_event(LOG_WARN, "an Event was not written",
				  LOG_STR("error", str_of(err.msg)));
	}
	kube_client_free(&client);
	return NULL;
}

/* ---- the lease ---- */

static void on_lead(void *context)
{
	struct service *s = context;

	log_event(LOG_INFO, "the lease is ours");
	atomic_store(&s->leads, true);
	wake_keeper(s);
}

/*
 * At once, without giving anything back: another one may work already.
 */
static void on_lost(void *context)
{
	(void)context;
	log_event(LOG_ERROR, "the lease is lost: ending at once");
	_exit(1);
}

/*
 * By our clock, before every write: a process that stood still for longer than
 * its lease finds out here, not when its thread is scheduled.
 */
static bool may_write(void *context)
{
	struct service *s = context;

	if (!s->lease || kube_lease_leads(s->lease))
		return true;
	/* Whoever is told to stop stops in order, without this write. */
	if (!kube_stop_is_set(s->stop))
		on_lost(s);
	return false;
}

static struct str identity_of(struct service *s)
{
	char host[256] = "";

	if (s->options->identity.n)
		return s->options->identity;
	if (gethostname(host, sizeof(host) - 1) < 0)
		host[0] = 0;
	return arena_printf(&s->arena, "%s_%016llx", host,
			    (unsigned long long)kube_chance());
}

static int start_lease(struct service *s, struct error *err)
{
	unsigned lease = s->options->lease_seconds;
	const struct kube_lease_options options = {
		.ns = s->options->settings.ns,
		.name = STR("bulkhead-controller"),
		.identity = identity_of(s),
		.duration_seconds = lease,
		.deadline_seconds = lease * 2 / 3,
		.retry_seconds = lease / 7 ? lease / 7 : 1,
		.lead = on_lead,
		.lost = on_lost,
		.context = s,
	};
	struct kube_client_options client = s->client;

	/* Given back last of all: see join_threads. */
	client.stop = s->lease_stop;
	client.may_write = NULL;
	if (!s->options->leader_elect) {
		atomic_store(&s->leads, true);
		return 0;
	}
	return kube_lease_start(&s->config, &client, &options, &s->lease, err);
}

/* ---- life ---- */

static void observe(void *context, const struct kube_call *call, int64_t ns)
{
	struct service *s = context;

	metrics_add(s->metrics, MEASURE_REQUESTS,
		    METRIC_LABELS(call->verb, measure_status(call->status)), 1);
	metrics_observe(s->metrics, MEASURE_REQUEST_SECONDS,
			METRIC_LABELS(call->verb), ns);
}

static void init(struct service *s, const struct options *options)
{
	pthread_condattr_t attr;

	*s = (struct service){ .options = options, .slot = SNAPSHOT_SLOT_INIT };
	if (pthread_mutex_init(&s->lock, NULL) ||
	    pthread_condattr_init(&attr) ||
	    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) ||
	    pthread_cond_init(&s->wake, &attr) ||
	    pthread_condattr_destroy(&attr))
		BUG("lock of the service");
	s->stop = kube_stop_new();
	s->lease_stop = kube_stop_new();
	s->limit = kube_limit_new(options->requests_per_second,
				  options->requests_per_second);
	s->inventory = inventory_new();
	s->metrics = metrics_new(measures, MEASURES);
	for (size_t i = 0; i < LANES; i++)
		s->queues[i] = queue_new();
	s->client = (struct kube_client_options){
		.user_agent = "bulkhead-controller/" BULKHEAD_VERSION,
		.field_manager = "bulkhead-controller",
		.limit = s->limit,
		.stop = s->stop,
		.observe = observe,
		.may_write = may_write,
		.context = s,
	};
	metrics_set(s->metrics, MEASURE_BUILD_INFO, METRIC_LABELS(0), 1);
	metrics_set(s->metrics, MEASURE_START_TIME, METRIC_NO_LABELS,
		    clock_wall_seconds());
}

static int start_reflectors(struct service *s, struct error *err)
{
	for (size_t i = 0; i < WATCHES; i++) {
		s->contexts[i] = (struct service_watch){ s, &watches[i] };
		s->reflect[i] = watches[i].reflect;
		s->reflect[i].inventory = s->inventory;
		s->reflect[i].changed = on_changed;
		s->reflect[i].listed = on_listed;
		s->reflect[i].context = &s->contexts[i];
	}
	return kube_reflectors_start(&s->config, &s->client, s->reflect,
				     WATCHES, &s->reflectors, err);
}

static int start_events(struct service *s, struct error *err)
{
	const struct kube_events_options options = {
		.controller = STR("bulkhead.dev/controller"),
		.instance = identity_of(s),
		.cluster_ns = STR("default"),
	};

	s->events = kube_events_new(&options);
	if (pthread_create(&s->teller, NULL, tell, s))
		return error_set(err, ERR_IO, "cannot start a thread: %m");
	s->tells = true;
	return 0;
}

static int start_keeper(struct service *s, struct error *err)
{
	if (pthread_create(&s->keeper, NULL, keeper_run, s))
		return error_set(err, ERR_IO, "cannot start a thread: %m");
	s->keeps = true;
	return 0;
}

int service_start(struct service *s, const struct options *options,
		  struct error *err)
{
	init(s, options);
	if (kube_config_choose(&s->arena, options->in_cluster,
			       options->kubeconfig, options->context,
			       &s->config, err) < 0)
		return -1;
	log_event(LOG_INFO, "keeping the cluster",
		  LOG_STR("server", s->config.server),
		  LOG_STR("context", s->config.context));
	service_status(s, &s->port);
	if (start_events(s, err) < 0 ||
	    status_port_start(&s->port, &s->status, err) < 0 ||
	    start_reflectors(s, err) < 0 || start_keeper(s, err) < 0)
		return -1;
	return start_lease(s, err);
}

static void join_threads(struct service *s)
{
	if (s->keeps)
		pthread_join(s->keeper, NULL);
	for (unsigned i = 0; i < s->n_workers; i++)
		pthread_join(s->workers[i].thread, NULL);
	if (s->tells)
		pthread_join(s->teller, NULL);
	kube_reflectors_join(&s->reflectors);
	/* Last: nobody may work any more when the lease is given back. */
	kube_stop_set(s->lease_stop);
	if (s->lease)
		kube_lease_join(&s->lease);
}

void service_stop(struct service *s)
{
	for (size_t i = 0; i < LANES; i++)
		queue_stop(s->queues[i]);
	kube_stop_set(s->stop);
	wake_keeper(s);
	join_threads(s);
	http_server_stop(&s->status, 1);
	kube_events_free(&s->events);
	for (size_t i = 0; i < LANES; i++)
		queue_free(&s->queues[i]);
	metrics_free(&s->metrics);
	inventory_free(&s->inventory);
	snapshot_slot_release(&s->slot);
	kube_limit_free(&s->limit);
	kube_stop_free(&s->stop);
	kube_stop_free(&s->lease_stop);
	pthread_cond_destroy(&s->wake);
	pthread_mutex_destroy(&s->lock);
	arena_release(&s->arena);
}
