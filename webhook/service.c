/* Reloading: a bad new set leaves the old one in use, and says so. */
#include "webhook/service.h"

#include "lib/clock.h"
#include "policies/load.h"
#include "webhook/handlers.h"
#include "webhook/measures.h"

enum { STOP_SECONDS = 30 };

/* ---- policy ---- */

/* Those of the shipped catalogue are known and meant. */
static void tell_warnings(const struct snapshot *snapshot, bool shipped)
{
	enum log_level level = shipped ? LOG_DEBUG : LOG_WARN;

	for (size_t i = 0; i < snapshot->n_warnings; i++) {
		const struct snapshot_warning *w = &snapshot->warnings[i];

		log_event(level, "policy warning", LOG_STR("file", w->source),
			  LOG_INT("line", w->at.line),
			  LOG_STR("warning", w->msg));
	}
}

static void count(struct service *s, enum measure measure, bool ok)
{
	metrics_add(s->metrics, measure,
		    METRIC_LABELS(ok ? RESULT_OK : RESULT_REFUSED), 1);
}

/* The text of a refusal, with what goes on meanwhile. */
static void refused(struct service *s, enum readiness_check check,
		    const char *what, bool old, const struct error *err)
{
	readiness_set(&s->readiness, check, old, "%s%s",
		      old ? "the one before is in use, the new one was "
			    "refused: "
			  : "",
		      err->msg);
	log_event(LOG_ERROR, what, LOG_STR("error", str_of(err->msg)),
		  LOG_INT("line", err->line), LOG_BOOL("old_in_use", old));
}

static void load_policy(struct service *s)
{
	struct error err = ERROR_INIT;
	struct snapshot *snapshot = NULL;
	bool ok = load_policies(s->options->tiers, &snapshot, &err) == 0;

	count(s, MEASURE_POLICY_LOADS, ok);
	if (!ok) {
		refused(s, READY_POLICY, "policy refused",
			snapshot_slot_generation(&s->slot) > 0, &err);
		return;
	}
	tell_warnings(snapshot, !s->options->tiers.n);
	metrics_set(s->metrics, MEASURE_POLICY_TIERS, METRIC_NO_LABELS,
		    (int64_t)snapshot->n_tiers);
	readiness_set(&s->readiness, READY_POLICY, true, "%zu tiers, digest %s",
		      snapshot->n_tiers, snapshot->digest.p);
	log_event(LOG_INFO, "policy in use",
		  LOG_INT("tiers", (int64_t)snapshot->n_tiers),
		  LOG_STR("digest", snapshot->digest),
		  LOG_STR("from", s->options->tiers.n ? s->options->tiers
						      : STR("shipped")));
	snapshot_slot_put(&s->slot, snapshot);
	metrics_set(s->metrics, MEASURE_POLICY_GENERATION, METRIC_NO_LABELS,
		    (int64_t)snapshot_slot_generation(&s->slot));
}

/* ---- objects of the cluster ---- */

static void load_objects(struct service *s)
{
	struct error err = ERROR_INIT;

	if (!s->options->cluster_objects.n) {
		atomic_store(&s->synced, true);
		readiness_set(&s->readiness, READY_OBJECTS, true, "none given");
		return;
	}
	if (cluster_files_load(&s->cluster, s->options->cluster_objects,
			       s->inventory, &err) < 0) {
		refused(s, READY_OBJECTS, "cluster objects refused",
			atomic_load(&s->synced), &err);
		return;
	}
	atomic_store(&s->synced, true);
	readiness_set(&s->readiness, READY_OBJECTS, true, "%zu objects",
		      inventory_count(s->inventory));
	log_event(LOG_INFO, "cluster objects in use",
		  LOG_INT("objects", (int64_t)inventory_count(s->inventory)));
}

/* ---- certificate ---- */

static void load_certificate(struct service *s)
{
	struct error err = ERROR_INIT;
	int64_t now = clock_wall_seconds();
	bool ok = tls_load(s->tls, now, &err) == 0;
	int64_t expires_at = tls_expires_at(s->tls);

	count(s, MEASURE_CERTIFICATE_LOADS, ok);
	metrics_set(s->metrics, MEASURE_CERTIFICATE_EXPIRY, METRIC_NO_LABELS,
		    expires_at);
	if (!ok) {
		refused(s, READY_CERTIFICATE, "certificate refused",
			expires_at > now, &err);
		return;
	}
	readiness_set(&s->readiness, READY_CERTIFICATE, true,
		      "valid for %lld s more", (long long)(expires_at - now));
	log_event(LOG_INFO, "certificate in use",
		  LOG_INT("valid_seconds", expires_at - now));
}

/* A certificate that was good once ends without any file changing. */
static void check_expiry(struct service *s)
{
	int64_t expires_at = tls_expires_at(s->tls);

	if (!expires_at || clock_wall_seconds() < expires_at ||
	    !readiness_ok(&s->readiness, READY_CERTIFICATE))
		return;
	readiness_set(&s->readiness, READY_CERTIFICATE, false,
		      "the certificate in use has expired");
	log_event(LOG_ERROR, "certificate expired",
		  LOG_STR("file", s->options->cert_file));
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
	load_policy(s);
	load_objects(s);
	load_certificate(s);
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
		.request_seconds = o->request_seconds,
		.body_budget = o->body_budget,
	};
	struct http_config status = {
		.listen = o->metrics_listen,
		.routes = status_routes,
		.context = s,
		.threads = 1,
		.max_connections = 64,
	};

	for (size_t i = 0; i < ARRAY_LEN(s->routes); i++)
		s->routes[i] = review_routes[i];
	for (size_t i = 0; s->routes[i].path; i++)
		s->routes[i].body_max = o->max_body;
	/* The status port shows the numbers of the other: it comes second. */
	if (http_server_start(&reviews, &s->reviews, err) < 0 ||
	    http_server_start(&status, &s->status, err) < 0)
		return -1;
	readiness_set(&s->readiness, READY_SERVING, true, "serving");
	return 0;
}

void service_reload(struct service *s, bool all)
{
	if (watch_files_changed(&s->policy_watch) || all)
		load_policy(s);
	if (watch_files_changed(&s->object_watch) || all)
		load_objects(s);
	if (watch_files_changed(&s->certificate_watch) || all)
		load_certificate(s);
	check_expiry(s);
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
	tls_free(&s->tls);
	metrics_free(&s->metrics);
	cluster_files_release(&s->cluster);
	inventory_free(&s->inventory);
	snapshot_slot_release(&s->slot);
}
