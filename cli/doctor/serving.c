/* Who answers the API server: certificates, endpoints, the answer itself. */
#include "cli/doctor/all.h"

#include "certs/certificate.h"
#include "lib/base64.h"
#include "lib/timestamp.h"

enum { WEEK = 7 * 24 * 60 * 60 };

/* ---- certificates ---- */

void doctor_bundle_read(struct arena *a, struct str base64, int64_t now,
			struct doctor_bundle *out)
{
	struct error err = ERROR_INIT;
	struct certificate_list list;

	*out = (struct doctor_bundle){ .problem = STR("") };
	if (!base64.n) {
		out->problem = STR("is not set");
		return;
	}
	if (base64_decode(a, base64, &out->pem, &err) < 0 ||
	    certificate_read_all(a, out->pem, &list, &err) < 0) {
		out->problem = arena_printf(a, "cannot be read: %s", err.msg);
		return;
	}
	out->n = list.n;
	for (size_t i = 0; i < list.n; i++)
		if (list.v[i].valid.not_after > out->not_after)
			out->not_after = list.v[i].valid.not_after;
	if (out->not_after <= now)
		out->problem =
			arena_printf(a, "expired at %.*s",
				     STR_ARG(timestamp_str(a, out->not_after)));
}

#define RENEW                                                                  \
	"bulkhead-controller makes the certificates and writes caBundle: "     \
	"look "                                                                \
	"at it (controller.lease), or write the CA of the serving "            \
	"certificate "                                                         \
	"there"

/* The certificate that is served; false: not known. */
static bool serving(struct arena *a, const struct doctor_facts *f,
		    struct certificate *cert, struct doctor_result *r)
{
	struct str text = json_str(
		json_at(doctor_find(f, FACT_SERVING, STR(DOCTOR_SYSTEM),
				    STR("bulkhead-webhook-tls")),
			"data", "tls.crt"));
	struct error err = ERROR_INIT;
	struct str pem;

	if (!text.n)
		return false;
	if (base64_decode(a, text, &pem, &err) == 0 &&
	    certificate_read(a, pem, cert, &err) == 0)
		return true;
	doctor_fail(a, r, RENEW, "Secret bulkhead-webhook-tls: tls.crt: %s",
		    err.msg);
	return false;
}

static bool is_for(const struct certificate *cert, struct str name)
{
	for (size_t i = 0; i < cert->names.n_dns; i++)
		if (str_eq(cert->names.dns[i], name))
			return true;
	return false;
}

static void check_leaf(struct arena *a, const struct doctor_facts *f,
		       const struct certificate *cert,
		       const struct doctor_bundle *bundle,
		       const struct json *service, struct doctor_result *r)
{
	struct error err = ERROR_INIT;
	struct str name = arena_printf(
		a, "%.*s.%.*s.svc", STR_ARG(json_str(json_at(service, "name"))),
		STR_ARG(json_str(json_at(service, "namespace"))));

	if (certificate_verify(cert, bundle->pem, f->now, &err) < 0)
		doctor_fail(a, r, RENEW,
			    "the API server will not take the certificate of "
			    "Secret bulkhead-webhook-tls: %s",
			    err.msg);
	else if (!is_for(cert, name))
		doctor_fail(a, r, RENEW,
			    "the certificate of Secret bulkhead-webhook-tls is "
			    "not for %.*s",
			    STR_ARG(name));
	else if (cert->valid.not_after - f->now < WEEK)
		doctor_warn(a, r, RENEW,
			    "the serving certificate expires at %.*s and has "
			    "not been renewed",
			    STR_ARG(timestamp_str(a, cert->valid.not_after)));
}

static void check_entry(struct arena *a, const struct doctor_facts *f,
			const struct json *webhook, struct doctor_result *r)
{
	const struct json *client = json_at(webhook, "clientConfig");
	struct doctor_bundle bundle;
	struct certificate cert;

	doctor_bundle_read(a, json_str(json_at(client, "caBundle")), f->now,
			   &bundle);
	if (bundle.problem.n) {
		doctor_fail(a, r, RENEW, "%.*s: caBundle %.*s",
			    STR_ARG(json_str(json_at(webhook, "name"))),
			    STR_ARG(bundle.problem));
		return;
	}
	if (json_is_set(json_at(client, "service")) && serving(a, f, &cert, r))
		check_leaf(a, f, &cert, &bundle, json_at(client, "service"), r);
}

static const enum doctor_fact configurations[] = { FACT_MUTATING,
						   FACT_VALIDATING };

static void check_certificate(struct arena *a, const struct doctor_facts *f,
			      struct doctor_result *r)
{
	size_t n = 0;

	if (doctor_unread(a, f, FACT_MUTATING, r) ||
	    doctor_unread(a, f, FACT_VALIDATING, r))
		return;
	for (size_t i = 0; i < ARRAY_LEN(configurations); i++)
		json_each_item(item, &f->lists[configurations[i]].items)
			json_each_item(webhook, json_at(item, "webhooks")) {
				check_entry(a, f, webhook, r);
				n++;
			}
	if (!n)
		doctor_skip(a, r,
			    "nothing is registered: see "
			    "webhook.registered");
	if (!json_len(&f->lists[FACT_SERVING].items))
		doctor_pass(a, r,
			    "caBundle of %zu webhooks is valid (the "
			    "serving certificate cannot be seen)",
			    n);
	doctor_pass(a, r,
		    "caBundle of %zu webhooks is valid and covers the "
		    "serving certificate",
		    n);
}

const struct doctor_check doctor_webhook_certificate = {
	.id = "webhook.certificate",
	.title = "The API server trusts the certificate that is served",
	.run = check_certificate,
};

/* ---- endpoints ---- */

static size_t ready_of(const struct json *endpoint_slice)
{
	size_t n = 0;

	json_each_item(endpoint, json_at(endpoint_slice, "endpoints"))
		/* Not told counts as ready (discovery.k8s.io/v1). */
		n += !json_is_false(json_at(endpoint, "conditions", "ready"));
	return n;
}

size_t doctor_ready_endpoints(const struct doctor_facts *f,
			      const struct json *service)
{
	size_t n = 0;

	json_each_item(item, &f->lists[FACT_ENDPOINTS].items) {
		const struct json *metadata = json_at(item, "metadata");

		if (str_eq(json_str(json_at(metadata, "namespace")),
			   json_str(json_at(service, "namespace"))) &&
		    str_eq(json_str(json_at(metadata, "labels",
					    "kubernetes.io/service-name")),
			   json_str(json_at(service, "name"))))
			n += ready_of(item);
	}
	return n;
}

static void check_endpoints_of(struct arena *a, const struct doctor_facts *f,
			       const struct json *service,
			       struct doctor_result *r)
{
	struct str name =
		arena_printf(a, "%.*s/%.*s",
			     STR_ARG(json_str(json_at(service, "namespace"))),
			     STR_ARG(json_str(json_at(service, "name"))));
	size_t ready = doctor_ready_endpoints(f, service);

	if (ready == 1)
		doctor_warn(a, r,
			    "run two replicas: while the only one restarts "
			    "all that it judges is refused",
			    "Service %.*s has one ready endpoint",
			    STR_ARG(name));
	else if (!ready)
		doctor_fail(a, r,
			    "look at the Pods of bulkhead-webhook: kubectl "
			    "describe and logs say what they wait for",
			    "Service %.*s has no ready endpoint: all that is "
			    "judged is refused",
			    STR_ARG(name));
}

/* Of a configuration; returns how many webhooks are reached by service. */
static size_t check_services(struct arena *a, const struct doctor_facts *f,
			     const struct json *item, struct doctor_result *r)
{
	size_t n = 0;

	json_each_item(webhook, json_at(item, "webhooks")) {
		const struct json *client = json_at(webhook, "clientConfig");

		if (json_is_set(json_at(client, "url"))) {
			doctor_pass(a, r, "reached at %.*s, no Service",
				    STR_ARG(json_str(json_at(client, "url"))));
			continue;
		}
		check_endpoints_of(a, f, json_at(client, "service"), r);
		n++;
	}
	return n;
}

static void check_endpoints(struct arena *a, const struct doctor_facts *f,
			    struct doctor_result *r)
{
	size_t n = 0;

	if (doctor_unread(a, f, FACT_VALIDATING, r) ||
	    doctor_unread(a, f, FACT_ENDPOINTS, r))
		return;
	for (size_t i = 0; i < ARRAY_LEN(configurations); i++)
		json_each_item(item, &f->lists[configurations[i]].items)
			n += check_services(a, f, item, r);
	if (n)
		doctor_pass(a, r,
			    "the services of %zu webhooks have ready endpoints",
			    n);
	else if (!r->found.n)
		doctor_skip(a, r,
			    "nothing is registered: see "
			    "webhook.registered");
}

const struct doctor_check doctor_webhook_endpoints = {
	.id = "webhook.endpoints",
	.title = "The webhooks' service has ready endpoints",
	.run = check_endpoints,
};

/* ---- the answer itself ---- */

static bool forbids(const struct doctor_probe *p)
{
	return p->status == 403 && doctor_has(p->says, "cannot create");
}

static bool is_filled(const struct doctor_probe *p)
{
	return json_is_set(
		       json_at(&p->answer, "metadata", "labels", LABEL_TIER)) ||
	       json_is_set(json_at(&p->answer, "spec", "podTemplate", "spec",
				   "runtimeClassName")) ||
	       json_is_set(json_at(&p->answer, "spec", "podTemplate", "spec",
				   "securityContext"));
}

#define ASKED "(a Sandbox that was sent with dryRun=All)"

static void check_wrong(struct arena *a, const struct doctor_facts *f,
			struct doctor_result *r)
{
	const struct doctor_probe *p = &f->wrong;

	if (p->status >= 200 && p->status < 300)
		doctor_fail(a, r,
			    "look at webhook.registered; does a "
			    "namespaceSelector leave out the namespace "
			    "default?",
			    "a Sandbox that names an unknown tier is "
			    "accepted " ASKED ": nothing judges it");
	else if (!doctor_has(p->says, "bulkhead.dev\" denied"))
		doctor_warn(a, r, "read the message, and try again",
			    "no answer of Bulkhead's: %.*s " ASKED,
			    STR_ARG(p->says));
}

/* Why nothing can be told by it; NULL: it can. */
static const char *useless(const struct doctor_facts *f)
{
	const struct doctor_list *list = &f->lists[FACT_VALIDATING];

	if (list->outcome == LIVE_READ && !json_len(&list->items))
		return "nothing is registered: see webhook.registered";
	if (!f->plain.sent)
		return "there is no kind Sandbox to try with";
	if (forbids(&f->plain) || forbids(&f->wrong))
		return "you may not create Sandboxes in the namespace "
		       "default, not even to try";
	return NULL;
}

static void check_call(struct arena *a, const struct doctor_probe *p,
		       struct doctor_result *r)
{
	if (doctor_has(p->says, "failed calling webhook"))
		doctor_fail(a, r,
			    "can the API server reach the webhook's Pods "
			    "(firewall to port 9443, network policies), and "
			    "does it trust its certificate?",
			    "%.*s " ASKED, STR_ARG(p->says));
}

static void check_answers(struct arena *a, const struct doctor_facts *f,
			  struct doctor_result *r)
{
	const char *why = useless(f);

	if (why) {
		doctor_skip(a, r, "%s", why);
		return;
	}
	check_call(a, &f->plain, r);
	check_call(a, &f->wrong, r);
	check_wrong(a, f, r);
	if (is_filled(&f->plain))
		doctor_pass(a, r, "it fills in and refuses " ASKED);
	doctor_pass(a, r, "it refuses " ASKED);
}

const struct doctor_check doctor_webhook_answers = {
	.id = "webhook.answers",
	.title = "Bulkhead answers the API server",
	.run = check_answers,
};

/* ---- the reconciler ---- */

#define START                                                                  \
	"look at the Deployment bulkhead-controller in " DOCTOR_SYSTEM         \
	": while none leads, Pods of tiers wait at their gate, and lifetimes " \
	"do not end"

static void check_lease(struct arena *a, const struct doctor_facts *f,
			struct doctor_result *r)
{
	const struct json *spec =
		json_at(doctor_find(f, FACT_LEASE, STR(DOCTOR_SYSTEM),
				    STR("bulkhead-controller")),
			"spec");
	struct str holder = json_str(json_at(spec, "holderIdentity"));
	int64_t renewed = 0, life = 0;

	if (doctor_unread(a, f, FACT_LEASE, r))
		return;
	if (!holder.n)
		doctor_fail(a, r, START,
			    "nobody holds the Lease "
			    "bulkhead-controller");
	else if (!doctor_time(json_at(spec, "renewTime"), &renewed) ||
		 !json_int(json_at(spec, "leaseDurationSeconds"), &life) ||
		 life <= 0 || life > WEEK)
		doctor_fail(a, r,
			    "delete the Lease: the controller makes it "
			    "anew",
			    "the Lease bulkhead-controller does not say until "
			    "when it is held");
	else if (renewed + life < f->now)
		doctor_fail(a, r, START,
			    "the Lease bulkhead-controller of %.*s ran out at "
			    "%.*s",
			    STR_ARG(holder),
			    STR_ARG(timestamp_str(a, renewed + life)));
	doctor_pass(a, r, "%.*s leads", STR_ARG(holder));
}

const struct doctor_check doctor_controller_lease = {
	.id = "controller.lease",
	.title = "A bulkhead-controller leads",
	.run = check_lease,
};
