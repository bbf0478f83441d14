/* Two webhook configurations: reading their entries, and server-side apply. */
#include "controller/ca_bundle.h"

#include "controller/certificate_call.h"
#include "lib/base64.h"
#include "lib/log.h"

#define MANAGER "bulkhead-ca-injector"
#define GROUP "admissionregistration.k8s.io"

static const struct kube_resource resources[CA_BUNDLE_CONFIGURATIONS] = {
	{ GROUP, "v1", "mutatingwebhookconfigurations",
	  "MutatingWebhookConfiguration", false },
	{ GROUP, "v1", "validatingwebhookconfigurations",
	  "ValidatingWebhookConfiguration", false },
};

#define FROM_SECRET "cert-manager.io/inject-ca-from-secret"
static const char *const injected[] = {
	"cert-manager.io/inject-ca-from",
	FROM_SECRET,
	"cert-manager.io/inject-apiserver-ca",
};

/* ---- reading ---- */

/* What is no base64 is no bundle: it is written anew like a missing one. */
static struct str decoded(struct arena *a, const struct json *base64)
{
	struct error err = ERROR_INIT;
	struct str pem;

	return base64_decode(a, json_str(base64), &pem, &err) < 0 ? STR_NONE
								  : pem;
}

static bool is_ours(const struct json *fields)
{
	return json_str_is(json_at(fields, "manager"), STR(MANAGER)) &&
	       json_str_is(json_at(fields, "operation"), STR("Apply"));
}

/* Another one's share is enough: an apply of ours would be a conflict. */
static struct str owner_of(struct arena *a, const struct json *managed,
			   const struct json *webhook)
{
	struct str key =
		arena_printf(a, "k:{\"name\":\"%.*s\"}",
			     STR_ARG(json_str(json_at(webhook, "name"))));
	bool is_owned = false;

	json_each_item(item, managed) {
		const struct json *entry =
			json_get(json_at(item, "fieldsV1", "f:webhooks"), key);

		if (!json_exists(
			    json_at(entry, "f:clientConfig", "f:caBundle")))
			continue;
		if (!is_ours(item))
			return json_str(json_at(item, "manager"));
		is_owned = true;
	}
	if (!is_owned &&
	    json_is_set(json_at(webhook, "clientConfig", "caBundle")))
		return STR("a manager that is not recorded");
	return STR("");
}

static struct str injector_of(const struct json *annotations)
{
	for (size_t i = 0; i < ARRAY_LEN(injected); i++)
		if (json_is_set(json_at(annotations, injected[i])))
			return STR("cert-manager");
	return STR("");
}

static void read_bundles(struct arena *a, const struct json *object,
			 struct ca_bundle_configuration *c)
{
	const struct json *metadata = json_at(object, "metadata");
	const struct json *webhooks = json_at(object, "webhooks");
	struct str injector = injector_of(json_at(metadata, "annotations"));

	c->bundles = arena_new(a, struct ca_bundle, json_array_len(webhooks));
	json_each_item(w, webhooks) {
		const struct json *bundle =
			json_at(w, "clientConfig", "caBundle");

		c->bundles[c->n++] = (struct ca_bundle){
			.webhook = json_str(json_at(w, "name")),
			.pem = decoded(a, bundle),
			.keeper = injector.n
					  ? injector
					  : owner_of(a,
						     json_at(metadata,
							     "managedFields"),
						     w),
		};
	}
}

static int read_one(const struct reconcile *r, struct str secret,
		    struct ca_bundle_configuration *c, struct error *err)
{
	const struct settings *settings = r->world->settings;
	struct kube_call call = {
		.resource = c->resource,
		.name = settings->webhook_configuration,
	};
	const struct json *metadata;

	c->name = call.name;
	if (certificate_get(r, &call, err) < 0)
		return -1;
	metadata = json_at(&call.answer, "metadata");
	c->is_there = json_exists(&call.answer);
	c->uid = json_str(json_at(metadata, "uid"));
	c->resource_version = json_str(json_at(metadata, "resourceVersion"));
	c->is_copied = json_str_is(
		json_at(metadata, "annotations", FROM_SECRET),
		arena_printf(r->arena, "%.*s/%.*s", STR_ARG(settings->ns),
			     STR_ARG(secret)));
	read_bundles(r->arena, &call.answer, c);
	return 0;
}

int ca_bundles_read(const struct reconcile *r, struct str secret,
		    struct ca_bundles *out, struct error *err)
{
	*out = (struct ca_bundles){ .v = { { .n = 0 } } };
	for (size_t i = 0; i < CA_BUNDLE_CONFIGURATIONS; i++) {
		out->v[i].resource = &resources[i];
		if (read_one(r, secret, &out->v[i], err) < 0)
			return -1;
	}
	return 0;
}

bool ca_bundles_kept_by_others(const struct ca_bundles *all)
{
	size_t n = 0;

	for (size_t i = 0; i < CA_BUNDLE_CONFIGURATIONS; i++)
		for (size_t j = 0; j < all->v[i].n; j++, n++)
			if (!all->v[i].bundles[j].keeper.n)
				return false;
	return n > 0;
}

/* ---- publishing ---- */

static void add_str(struct arena *a, struct json *object, const char *key,
		    struct str value)
{
	json_add(a, object, str_of(key), json_make_string(value));
}

static struct json webhooks_of(struct arena *a,
			       const struct ca_bundle_configuration *c,
			       struct str pem)
{
	struct json webhooks = json_make_array();
	struct str base64 = base64_encode(a, pem);

	for (size_t i = 0; i < c->n; i++) {
		struct json webhook = json_make_object();
		struct json client = json_make_object();

		if (c->bundles[i].keeper.n)
			continue;
		add_str(a, &client, "caBundle", base64);
		add_str(a, &webhook, "name", c->bundles[i].webhook);
		json_add(a, &webhook, STR("clientConfig"), client);
		json_append(a, &webhooks, webhook);
	}
	return webhooks;
}

/*
 * uid and resourceVersion make it fail when the configuration was changed or
 * deleted since: an apply creates what is not there.
 */
static struct json body_of(struct arena *a,
			   const struct ca_bundle_configuration *c,
			   struct str pem)
{
	struct json body = json_make_object(), metadata = json_make_object();

	add_str(a, &metadata, "name", c->name);
	add_str(a, &metadata, "uid", c->uid);
	add_str(a, &metadata, "resourceVersion", c->resource_version);
	add_str(a, &body, "apiVersion",
		kube_resource_api_version(a, c->resource));
	add_str(a, &body, "kind", str_of(c->resource->kind));
	json_add(a, &body, STR("metadata"), metadata);
	json_add(a, &body, STR("webhooks"), webhooks_of(a, c, pem));
	return body;
}

static bool is_outdated(const struct ca_bundle_configuration *c, struct str pem)
{
	for (size_t i = 0; i < c->n; i++)
		if (!c->bundles[i].keeper.n && !str_eq(c->bundles[i].pem, pem))
			return true;
	return false;
}

static int publish_one(const struct reconcile *r,
		       const struct ca_bundle_configuration *c, struct str pem,
		       struct error *err)
{
	struct json body = body_of(r->arena, c, pem);
	struct kube_call call = {
		.verb = KUBE_APPLY,
		.resource = c->resource,
		.name = c->name,
		.body = &body,
		.field_manager = STR(MANAGER),
	};

	if (certificate_call(r, &call, err) < 0)
		return -1;
	log_event(LOG_INFO, "caBundle published",
		  LOG_STR("kind", str_of(c->resource->kind)),
		  LOG_STR("name", c->name));
	return 0;
}

int ca_bundles_publish(const struct reconcile *r, const struct ca_bundles *all,
		       struct str pem, struct error *err)
{
	for (size_t i = 0; i < CA_BUNDLE_CONFIGURATIONS; i++)
		if (is_outdated(&all->v[i], pem) &&
		    publish_one(r, &all->v[i], pem, err) < 0)
			return -1;
	return 0;
}
