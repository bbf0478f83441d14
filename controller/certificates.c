/*
 * Certificates: read everything, let certs/rotation.h plan, carry the plan out
 * in its order. Nothing is remembered from one time to the next, so that after
 * any failure the next look begins with what is there.
 */
#include "controller/certificates.h"

#include "certs/authority.h"
#include "certs/rotation.h"
#include "controller/ca_bundle.h"
#include "controller/certificate_store.h"
#include "controller/measures.h"
#include "lib/log.h"

#define SECOND INT64_C(1000000000)
/* Secrets and caBundle are not watched. */
#define LOOK_EVERY (60 * SECOND)

struct look {
	const struct reconcile *r;
	struct certificate_store store;
	struct ca_bundles bundles;
	struct certs_plan plan;
};

/* ---- for people ---- */

/* On the webhook configuration: there a person looks when webhooks fail. */
static void note_event(const struct reconcile *r,
		       const struct ca_bundle_configuration *c, bool warning,
		       const char *reason, struct str note)
{
	const struct kube_event_note event = {
		.api_version = kube_resource_api_version(r->arena, c->resource),
		.kind = str_of(c->resource->kind),
		.name = c->name,
		.uid = c->uid,
		.warning = warning,
		.reason = reason,
		.action = "KeepCertificates",
		.note = note,
	};

	if (c->is_there)
		kube_events_add(r->events, &event, r->mono_ns);
}

static void tell_changes(const struct look *l)
{
	const struct ca_bundle_configuration *v = l->bundles.v;

	for (size_t i = 0; i < l->plan.n_changes; i++) {
		log_event(LOG_INFO, "certificates changed",
			  LOG_STR("change", l->plan.changes[i]));
		note_event(l->r, v[0].is_there ? &v[0] : &v[1], false,
			   "CertificatesChanged", l->plan.changes[i]);
	}
}

static const struct ca_bundle *
find_foreign(const struct ca_bundle_configuration *c, struct str pem)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->bundles[i].keeper.n && !str_eq(c->bundles[i].pem, pem))
			return &c->bundles[i];
	return NULL;
}

/* We serve with a certificate of ours, and others say what is trusted. */
static void tell_foreign(const struct look *l)
{
	for (size_t i = 0; i < CA_BUNDLE_CONFIGURATIONS; i++) {
		const struct ca_bundle_configuration *c = &l->bundles.v[i];
		const struct ca_bundle *b = find_foreign(c, l->plan.bundle);
		struct str note;

		if (!b)
			continue;
		note = arena_printf(l->r->arena,
				    "caBundle of webhook %.*s is kept by %.*s "
				    "and is not ca.crt of our serving Secret; "
				    "it is left alone: remove it there, or "
				    "keep the Secret there too",
				    STR_ARG(b->webhook), STR_ARG(b->keeper));
		log_event(LOG_WARN, "caBundle of another manager",
			  LOG_STR("kind", str_of(c->resource->kind)),
			  LOG_STR("name", c->name), LOG_STR("note", note));
		note_event(l->r, c, true, "CABundleNotOurs", note);
	}
}

static void measure(const struct look *l)
{
	metrics_set(l->r->metrics, MEASURE_CERTIFICATE_EXPIRY,
		    METRIC_LABELS(CERTIFICATE_CA), l->plan.ca_ends);
	metrics_set(l->r->metrics, MEASURE_CERTIFICATE_EXPIRY,
		    METRIC_LABELS(CERTIFICATE_SERVING), l->plan.leaf_ends);
}

/* ---- planning ---- */

/* The Secret may still be to come: whoever keeps caBundle makes it too. */
static bool is_left_to_others(const struct look *l)
{
	if (l->store.secrets[CERTS_SECRET_LEAF].is_ours ||
	    !ca_bundles_kept_by_others(&l->bundles))
		return false;
	if (l->store.secrets[CERTS_SECRET_LEAF].is_there)
		return true;
	for (size_t i = 0; i < CA_BUNDLE_CONFIGURATIONS; i++)
		if (l->bundles.v[i].is_copied)
			return false;
	return true;
}

static struct str name_of(struct arena *a, const struct settings *s,
			  const char *before_ns, const char *after_ns)
{
	return arena_printf(a, "%.*s%s%.*s%s", STR_ARG(s->service), before_ns,
			    STR_ARG(*before_ns ? s->ns : STR("")), after_ns);
}

/* The API server asks for the first one. */
static struct cert_names names_of(struct arena *a, const struct settings *s)
{
	const struct cert_names *more = &s->certificate_names;
	struct cert_names names = {
		.dns = arena_new(a, struct str, more->n_dns + 4),
		.ips = more->ips,
		.n_ips = more->n_ips,
	};

	names.dns[names.n_dns++] = name_of(a, s, ".", ".svc");
	names.dns[names.n_dns++] = name_of(a, s, ".", ".svc.cluster.local");
	names.dns[names.n_dns++] = name_of(a, s, ".", "");
	names.dns[names.n_dns++] = name_of(a, s, "", "");
	for (size_t i = 0; i < more->n_dns; i++)
		names.dns[names.n_dns++] = more->dns[i];
	return names;
}

/*
 * What another one keeps counts when it trusts the certificate in use: it is a
 * copy of our bundle, and the next CA has to get there too. Any other would
 * hold a rotation up for ever.
 */
static struct certs_seen seen_by(const struct look *l)
{
	struct arena *a = l->r->arena;
	struct authorities all;
	struct str *v =
		arena_new(a, struct str, l->bundles.v[0].n + l->bundles.v[1].n);
	size_t n = 0;

	authorities_read(a, &l->store.state, &all);
	for (size_t i = 0; i < CA_BUNDLE_CONFIGURATIONS; i++)
		for (size_t j = 0; j < l->bundles.v[i].n; j++) {
			const struct ca_bundle *b = &l->bundles.v[i].bundles[j];

			if (!b->keeper.n ||
			    authorities_cover(&all, b->pem,
					      world_seconds(l->r->world)))
				v[n++] = b->pem;
		}
	return (struct certs_seen){ v, n };
}

static int make_plan(struct look *l, struct error *err)
{
	const struct settings *s = l->r->world->settings;
	const struct certs_config config = {
		.names = names_of(l->r->arena, s),
		.ca_life = s->ca_life,
		.leaf_life = s->leaf_life,
		.wait = s->wait,
	};
	const struct certs_seen seen = seen_by(l);

	if (certificate_store_check(l->r, &l->store, err) < 0)
		return -1;
	return certs_step(l->r->arena, &l->store.state, &config, &seen,
			  world_seconds(l->r->world), &l->plan, err);
}

/* ---- carrying out ---- */

static int store(const struct look *l, enum certs_secret which,
		 struct error *err)
{
	return certificate_store_write(l->r, &l->store, &l->plan.state, which,
				       err);
}

/* What signs, then who trusts it, then what it has signed. */
static int carry_out(const struct look *l, struct error *err)
{
	if (l->plan.ca_changed && store(l, CERTS_SECRET_CA, err) < 0)
		return -1;
	/* What follows may fail, and the next plan has less to tell. */
	if (l->plan.ca_changed)
		tell_changes(l);
	if (ca_bundles_publish(l->r, &l->bundles, l->plan.bundle, err) < 0)
		return -1;
	if (l->plan.leaf_changed && store(l, CERTS_SECRET_LEAF, err) < 0)
		return -1;
	if (!l->plan.ca_changed)
		tell_changes(l);
	return 0;
}

int certificates_run(const struct reconcile *r, const struct queue_key *key,
		     struct plan *plan, struct error *err)
{
	struct str secret = certificate_store_name(CERTS_SECRET_LEAF);
	struct look l = { .r = r };

	(void)key;
	if (!r->world->settings->certificates)
		return 0;
	plan_again(plan, LOOK_EVERY);
	if (certificate_store_read(r, &l.store, err) < 0 ||
	    ca_bundles_read(r, secret, &l.bundles, err) < 0)
		return -1;
	if (is_left_to_others(&l))
		return 0;
	if (make_plan(&l, err) < 0)
		return -1;
	tell_foreign(&l);
	if (carry_out(&l, err) < 0)
		return -1;
	measure(&l);
	plan_again(plan, l.plan.again * SECOND - r->world->now_ns);
	return 0;
}
