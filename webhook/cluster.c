/* One reflector for each row of the table, and a thread for all that is rare.
 */
#include "webhook/cluster.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "kube/reflectors.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "webhook/lookups.h"
#include "webhook/watches.h"

/* Changes that come together are loaded together. */
#define SETTLE_MS 20
#define LOOKUP_MS 500

struct cluster {
	struct cluster_options options;
	struct kube_stop *stop;
	struct kube_reflector_options reflect[WATCHES];
	struct kube_reflectors *policy; /* NULL: comes from elsewhere */
	struct kube_reflectors *objects;
	struct kube_client *client; /* of the thread's own */
	pthread_t thread;
	bool started;

	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t wake;
	bool ending, policy_dirty;
	struct lookups lookups;
};

static void lock(struct cluster *c)
{
	if (pthread_mutex_lock(&c->lock))
		BUG("lock of the cluster");
}

static void unlock(struct cluster *c)
{
	if (pthread_mutex_unlock(&c->lock))
		BUG("lock of the cluster");
}

/* ---- policy ---- */

void cluster_poke(struct cluster *c)
{
	lock(c);
	c->policy_dirty = true;
	pthread_cond_signal(&c->wake);
	unlock(c);
}

static void on_changed(void *context, const struct inventory_object *object,
		       bool removed)
{
	(void)object;
	(void)removed;
	cluster_poke(context);
}

static void on_listed(void *context)
{
	cluster_poke(context);
}

static void load_policy(struct cluster *c)
{
	char says[64];

	if (!kube_stop_wait(c->stop, SETTLE_MS) &&
	    kube_reflectors_synced(c->policy, says, sizeof(says)))
		c->options.policy_changed(c->options.context);
}

/* ---- single objects ---- */

/* With what is kept of its kind, as the reflector would put it. */
static void put(struct cluster *c, const struct watch *w,
		const struct lookup *lookup, const struct json *doc)
{
	struct arena *a;
	struct inventory_object *o = inventory_object_new(&a);

	w->keep(a, doc, &o->doc);
	o->group = str_of(w->group);
	o->kind = str_of(w->kind);
	o->ns = arena_str(a, str_of(lookup->ns));
	o->name = arena_str(a, str_of(lookup->name));
	o->source = STR("");
	inventory_put(c->options.inventory, o);
}

/* The version that the reflector watches is not told: any that is served. */
static enum lookup_state get(struct cluster *c, const struct watch *w,
			     const struct lookup *lookup, struct arena *a)
{
	struct kube_resource resource = { .group = w->group,
					  .plural = w->name,
					  .kind = w->kind,
					  .namespaced = lookup->ns[0] != 0 };
	enum lookup_state outcome = LOOKUP_ABSENT;
	struct error err = ERROR_INIT;

	for (size_t i = 0; w->versions[i] && outcome == LOOKUP_ABSENT; i++) {
		struct kube_call call = {
			.verb = KUBE_GET,
			.resource = &resource,
			.ns = str_of(lookup->ns),
			.name = str_of(lookup->name),
			.metadata_only = w->metadata_only,
			.timeout_ms = LOOKUP_MS,
		};

		resource.version = w->versions[i];
		if (kube_do(c->client, a, &call, &err) == 0) {
			put(c, w, lookup, &call.answer);
			outcome = LOOKUP_FREE;
		} else if (call.status != 404) {
			outcome = LOOKUP_FAILED;
		}
	}
	if (outcome == LOOKUP_FAILED)
		log_event(LOG_WARN, "object not asked for",
			  LOG_STR("error", str_of(err.msg)));
	return outcome;
}

/* With the lock, which is given away meanwhile. */
static void wake(struct cluster *c, int64_t now_ns)
{
	struct http_waiter *waiter;

	while ((waiter = lookups_wake(&c->lookups, now_ns))) {
		unlock(c);
		http_wake(waiter);
		lock(c);
	}
}

static void answer(struct cluster *c, struct lookup *lookup)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct lookup copy = *lookup;
	enum lookup_state outcome;
	int64_t now_ns;

	unlock(c);
	outcome = get(c, &watches[copy.kind], &copy, &a);
	lock(c);
	now_ns = clock_monotonic_ns();
	lookups_done(&c->lookups, lookup, outcome, now_ns);
	wake(c, now_ns);
}

enum lookup_advice cluster_ask(struct cluster *c, struct str group,
			       struct str kind, struct str ns, struct str name,
			       struct http_waiter *waiter, int64_t since_ns)
{
	const struct watch *w = watch_find(group, kind);
	enum lookup_advice advice;

	if (!w)
		return LOOKUP_GO_ON;
	lock(c);
	advice = lookups_want(&c->lookups, (unsigned)(w - watches), ns, name,
			      c->ending ? NULL : waiter, since_ns,
			      clock_monotonic_ns());
	pthread_cond_signal(&c->wake);
	unlock(c);
	return advice;
}

/* ---- life ---- */

static void *run(void *context)
{
	struct cluster *c = context;
	struct lookup *lookup;

	lock(c);
	while (!c->ending) {
		lookup = lookups_next(&c->lookups, clock_monotonic_ns());
		if (lookup) {
			answer(c, lookup);
		} else if (c->policy_dirty) {
			c->policy_dirty = false;
			unlock(c);
			load_policy(c);
			lock(c);
		} else {
			pthread_cond_wait(&c->wake, &c->lock);
		}
	}
	wake(c, INT64_MAX);
	unlock(c);
	return NULL;
}

static struct kube_client_options client_options(const struct cluster *c)
{
	return (struct kube_client_options){
		.user_agent = "bulkhead-webhook/" BULKHEAD_VERSION,
		.field_manager = "bulkhead-webhook",
		.stop = c->stop,
	};
}

static void describe(struct cluster *c, size_t i)
{
	const struct watch *w = &watches[i];

	c->reflect[i] = (struct kube_reflector_options){
		.name = str_of(w->name),
		.group = w->group,
		.kind = w->kind,
		.versions = w->versions,
		.label_selector = str_of(w->label_selector),
		.metadata_only = w->metadata_only,
		.optional = w->optional,
		.inventory = c->options.inventory,
		.keep = w->keep,
		.changed = i < WATCHES_POLICY ? on_changed : NULL,
		.listed = i < WATCHES_POLICY ? on_listed : NULL,
		.context = c,
	};
}

static int start(struct cluster *c, struct error *err)
{
	const struct kube_client_options client = client_options(c);

	if (kube_client_new(c->options.config, &client, &c->client, err) < 0)
		return -1;
	for (size_t i = 0; i < WATCHES; i++)
		describe(c, i);
	if (kube_reflectors_start(
		    c->options.config, &client, c->reflect + WATCHES_POLICY,
		    WATCHES - WATCHES_POLICY, &c->objects, err) < 0)
		return -1;
	if (c->options.policy &&
	    kube_reflectors_start(c->options.config, &client, c->reflect,
				  WATCHES_POLICY, &c->policy, err) < 0)
		return -1;
	if (pthread_create(&c->thread, NULL, run, c))
		return error_set(err, ERR_IO, "cannot start a thread: %m");
	c->started = true;
	return 0;
}

int cluster_start(const struct cluster_options *options, struct cluster **out,
		  struct error *err)
{
	struct cluster *c = calloc(1, sizeof(*c));

	if (!c)
		BUG("out of memory");
	c->options = *options;
	c->stop = kube_stop_new();
	if (pthread_mutex_init(&c->lock, NULL) ||
	    pthread_cond_init(&c->wake, NULL))
		BUG("lock of the cluster");
	if (start(c, err) < 0) {
		cluster_stop(&c);
		return -1;
	}
	c->options.config = NULL; /* borrowed for the start only */
	*out = c;
	return 0;
}

bool cluster_synced(struct cluster *c, char *says, size_t n)
{
	int64_t now = clock_monotonic_ns();

	if ((c->policy && !kube_reflectors_synced(c->policy, says, n)) ||
	    !kube_reflectors_synced(c->objects, says, n))
		return false;
	/* Old knowledge is better than none, but it should be told. */
	if (c->policy)
		(void)kube_reflectors_behind(c->policy, now, says, n);
	(void)kube_reflectors_behind(c->objects, now, says, n);
	return true;
}

void cluster_stop(struct cluster **cluster)
{
	struct cluster *c = *cluster;

	if (!c)
		return;
	kube_stop_set(c->stop);
	lock(c);
	c->ending = true;
	pthread_cond_signal(&c->wake);
	unlock(c);
	if (c->started)
		pthread_join(c->thread, NULL);
	kube_reflectors_join(&c->policy);
	kube_reflectors_join(&c->objects);
	kube_client_free(&c->client);
	kube_stop_free(&c->stop);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->lock);
	free(c);
	*cluster = NULL;
}
