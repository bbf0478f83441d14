/* The life of the server: what starts, what is looked at, what ends. */
#include "webhook/service.h"

#include "lib/clock.h"
#include "webhook/handlers.h"
#include "webhook/loading.h"
#include "webhook/measures.h"

enum { STOP_SECONDS = 30 };

/* ---- the cluster ---- */

static void on_policy_changed(void *context)
{
	loading_policy(context);
}

/* Once synced it stays so: see kube/reflector.h. */
static void look_at_cluster(struct service *s)
{
	char says[512];
	bool synced;

	if (!s->cluster)
		return;
	synced = cluster_synced(s->cluster, says, sizeof(says));
	if (synced && !atomic_load(&s->synced))
		log_event(LOG_INFO, "cluster known",
			  LOG_STR("says", str_of(says)));
	if (synced)
		atomic_store(&s->synced, true);
	readiness_set(&s->readiness, READY_OBJECTS, synced, "%s", says);
}

static int start_cluster(struct service *s, struct error *err)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct options *o = s->options;
	struct kube_config config;
	const struct cluster_options options = {
		.config = &config,
		.inventory = s->inventory,
		.policy = loading_is_policy_watched(s),
		.policy_changed = on_policy_changed,
		.context = s,
	};

	if (!options_watch(o))
		return 0;
	if (kube_config_choose(&a, o->in_cluster, o->kubeconfig, o->context,
			       &config, err) < 0)
		return -1;
	log_event(LOG_INFO, "watching the cluster",
		  LOG_STR("server", config.server),
		  LOG_STR("context", config.context));
	return cluster_start(&options, &s->cluster, err);
}

/* ---- life ---- */

static void watch(struct watch_files *w, struct str a, struct str b,
		  struct str c)
{
	const struct str paths[] = { a, b, c };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (paths[i].n)
			w->paths[n++] = paths[i].p;
	watch_files_start(w);
}

static void start_watching(struct service *s)
{
	const struct options *o = s->options;

	watch(&s->policy_watch, o->tiers, STR_NONE, STR_NONE);
	watch(&s->object_watch, o->cluster_objects, STR_NONE, STR_NONE);
	watch(&s->certificate_watch, o->cert_file, o->key_file,
	      o->client_ca_file);
}

void service_init(struct service *s, const struct options *options)
{
	const struct tls_files files = {
		.cert = options->cert_file,
		.key = options->key_file,
		.client_ca = options->client_ca_file,
		.allowed_names = options->allowed_names.v,
		.n_allowed_names = options->allowed_names.n,
	};

	*s = (struct service){ .options = options,
			       .slot = SNAPSHOT_SLOT_INIT,
			       .readiness = READINESS_INIT };
	s->inventory = inventory_new();
	s->metrics = metrics_new(measures, MEASURES);
	s->tls = tls_new(&files);
	metrics_set(s->metrics, MEASURE_BUILD_INFO, METRIC_LABELS(0), 1);
	metrics_set(s->metrics, MEASURE_START_TIME, METRIC_NO_LABELS,
		    clock_wall_seconds());
	readiness_set(&s->readiness, READY_SERVING, false, "starting");
	/* Before the reading: what changes meanwhile is read again. */
	start_watching(s);
	if (loading_is_policy_watched(s))
		readiness_set(&s->readiness, READY_POLICY, false,
			      "waiting for the cluster's tiers");
	else
		loading_policy(s);
	loading_objects(s);
	loading_certificate(s);
}

int service_start(struct service *s, struct error *err)
{
	const struct options *o = s->options;
	struct http_config reviews = {
		.listen = o->listen,
		.routes = s->routes,
		.context = s,
		.tls = tls_hooks(s->tls),
		.threads = o->threads,
		.max_connections = o->max_connections,
		.max_per_address = o->max_per_address,
		.max_in_flight = o->max_in_flight,
		.request_seconds = (unsigned)o->request_seconds,
		.body_budget = o->body_budget,
	};

	handlers_status(s, &s->port);
	for (size_t i = 0; i < ARRAY_LEN(s->routes); i++)
		s->routes[i] = review_routes[i];
	for (size_t i = 0; s->routes[i].path; i++)
		s->routes[i].body_max = o->max_body;
	/*
	 * The handlers ask the cluster; the status port shows the numbers of
	 * the other.
	 */
	if (start_cluster(s, err) < 0 ||
	    http_server_start(&reviews, &s->reviews, err) < 0 ||
	    status_port_start(&s->port, &s->status, err) < 0)
		return -1;
	readiness_set(&s->readiness, READY_SERVING, true, "serving");
	return 0;
}

static void reload_policy(struct service *s)
{
	if (!loading_is_policy_watched(s))
		loading_policy(s);
	else if (s->cluster)
		cluster_poke(s->cluster);
}

void service_reload(struct service *s, bool all)
{
	if (watch_files_changed(&s->policy_watch) || all)
		reload_policy(s);
	if (watch_files_changed(&s->object_watch) || all)
		loading_objects(s);
	if (watch_files_changed(&s->certificate_watch) || all)
		loading_certificate(s);
	loading_check_expiry(s);
	look_at_cluster(s);
}

void service_drain(struct service *s)
{
	readiness_set(&s->readiness, READY_SERVING, false, "draining");
	http_server_drain(s->reviews);
}

void service_release(struct service *s)
{
	http_server_stop(&s->status, 1);
	http_server_stop(&s->reviews, STOP_SECONDS);
	cluster_stop(&s->cluster);
	tls_free(&s->tls);
	metrics_free(&s->metrics);
	cluster_files_release(&s->files);
	inventory_free(&s->inventory);
	snapshot_slot_release(&s->slot);
}
