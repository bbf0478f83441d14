/* A bad new set, pair or list leaves the old one in use, and says so. */
#include "webhook/loading.h"

#include "lib/clock.h"
#include "policies/load.h"
#include "webhook/measures.h"

/* ---- policy ---- */

bool loading_is_policy_watched(const struct service *s)
{
	return options_watch(s->options) && !s->options->tiers.n;
}

static struct str policy_origin(const struct service *s)
{
	if (s->options->tiers.n)
		return s->options->tiers;
	return loading_is_policy_watched(s) ? STR("cluster") : STR("shipped");
}

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

/* Lists that arrive one after the other lead to the same set again. */
static void tell_policy(struct service *s, const struct snapshot *snapshot)
{
	struct str origin = policy_origin(s);

	if (snapshot_slot_holds(&s->slot, snapshot))
		return;
	tell_warnings(snapshot, str_is(origin, "shipped"));
	log_event(LOG_INFO, "policy in use",
		  LOG_INT("tiers", (int64_t)snapshot->n_tiers),
		  LOG_STR("digest", snapshot->digest), LOG_STR("from", origin));
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

static int read_policy(struct service *s, struct snapshot **out,
		       struct error *err)
{
	if (loading_is_policy_watched(s))
		return load_policies_known(s->inventory, out, err);
	return load_policies(s->options->tiers, out, err);
}

/*
 * A cluster without a sound set is served all the same: whoever would mend it
 * asks us first, and is answered only by a server that is ready.
 */
static void policy_refused(struct service *s, const struct error *err)
{
	bool old = snapshot_slot_generation(&s->slot) > 0;

	refused(s, READY_POLICY, "policy refused", old, err);
	if (old || !loading_is_policy_watched(s))
		return;
	readiness_set(&s->readiness, READY_POLICY, true,
		      "none in use, all but Bulkhead's own kinds is refused: "
		      "%s",
		      err->msg);
	atomic_store(&s->policy_refused, true);
}

void loading_policy(struct service *s)
{
	struct error err = ERROR_INIT;
	struct snapshot *snapshot = NULL;
	bool ok = read_policy(s, &snapshot, &err) == 0;

	count(s, MEASURE_POLICY_LOADS, ok);
	if (!ok) {
		policy_refused(s, &err);
		return;
	}
	atomic_store(&s->policy_refused, false);
	tell_policy(s, snapshot);
	metrics_set(s->metrics, MEASURE_POLICY_TIERS, METRIC_NO_LABELS,
		    (int64_t)snapshot->n_tiers);
	readiness_set(&s->readiness, READY_POLICY, true, "%zu tiers, digest %s",
		      snapshot->n_tiers, snapshot->digest.p);
	snapshot_slot_put(&s->slot, snapshot);
	metrics_set(s->metrics, MEASURE_POLICY_GENERATION, METRIC_NO_LABELS,
		    (int64_t)snapshot_slot_generation(&s->slot));
}

/* ---- objects of the cluster ---- */

void loading_objects(struct service *s)
{
	struct error err = ERROR_INIT;

	if (options_watch(s->options)) {
		if (!s->cluster)
			readiness_set(&s->readiness, READY_OBJECTS, false,
				      "waiting for the cluster");
		return;
	}
	if (!s->options->cluster_objects.n) {
		atomic_store(&s->synced, true);
		readiness_set(&s->readiness, READY_OBJECTS, true, "none given");
		return;
	}
	if (cluster_files_load(&s->files, s->options->cluster_objects,
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

void loading_certificate(struct service *s)
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

void loading_check_expiry(struct service *s)
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
