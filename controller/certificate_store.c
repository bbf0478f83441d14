/* Two Secrets, from and to the API. Their content never gets into a message. */
#include "controller/certificate_store.h"

#include "controller/certificate_call.h"

#define LABEL "app.kubernetes.io/managed-by"
#define LABEL_VALUE "bulkhead"
#define CERT_MANAGERS "cert-manager.io/certificate-name"

static const struct kube_resource secrets = { "", "v1", "secrets", "Secret",
					      true };

/* The type of a Secret cannot be changed: it counts when one is created. */
static const struct {
	const char *name, *type, *advice;
} kinds[] = {
	[CERTS_SECRET_CA] = { "bulkhead-ca", "Opaque",
			      "or start the controller with "
			      "--no-certificates" },
	[CERTS_SECRET_LEAF] = { "bulkhead-webhook-tls", "kubernetes.io/tls",
				"or have whoever made it inject its CA too "
				"(annotation cert-manager.io/inject-ca-from on "
				"both webhook configurations), or start the "
				"controller with --no-certificates" },
};

struct str certificate_store_name(enum certs_secret which)
{
	return str_of(kinds[which].name);
}

static bool is_ours(const struct json *object)
{
	const struct json *metadata = json_at(object, "metadata");

	return json_str_is(json_at(metadata, "labels", LABEL),
			   STR(LABEL_VALUE)) &&
	       !json_is_set(json_at(metadata, "annotations", CERT_MANAGERS));
}

static int read_one(const struct reconcile *r, struct certificate_store *store,
		    enum certs_secret which, struct error *err)
{
	struct certificate_secret *secret = &store->secrets[which];
	struct kube_call call = {
		.resource = &secrets,
		.ns = r->world->settings->ns,
		.name = certificate_store_name(which),
	};

	if (certificate_get(r, &call, err) < 0)
		return -1;
	*secret = (struct certificate_secret){
		.is_there = json_exists(&call.answer),
		.is_ours = is_ours(&call.answer),
		.object = call.answer,
	};
	if (secret->is_ours)
		certs_state_read(r->arena, json_at(&call.answer, "data"), which,
				 &store->state);
	return 0;
}

int certificate_store_read(const struct reconcile *r,
			   struct certificate_store *store, struct error *err)
{
	*store = (struct certificate_store){ .state = { .bundle = STR("") } };
	if (read_one(r, store, CERTS_SECRET_CA, err) < 0)
		return -1;
	return read_one(r, store, CERTS_SECRET_LEAF, err);
}

int certificate_store_check(const struct reconcile *r,
			    const struct certificate_store *store,
			    struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(store->secrets); i++)
		if (store->secrets[i].is_there && !store->secrets[i].is_ours)
			return error_set(
				err, ERR_CONFIG,
				"Secret \"%s\" in namespace \"%.*s\" is not "
				"Bulkhead's and is left alone: delete it so "
				"that one is made, or label it " LABEL
				"=" LABEL_VALUE ", %s",
				kinds[i].name, STR_ARG(r->world->settings->ns),
				kinds[i].advice);
	return 0;
}

static void add_str(struct arena *a, struct json *object, const char *key,
		    struct str value)
{
	json_add(a, object, str_of(key), json_make_string(value));
}

static struct json created(const struct reconcile *r, enum certs_secret which)
{
	struct json secret = json_make_object(), metadata = json_make_object();
	struct json labels = json_make_object();
	struct arena *a = r->arena;

	add_str(a, &labels, LABEL, STR(LABEL_VALUE));
	add_str(a, &metadata, "namespace", r->world->settings->ns);
	add_str(a, &metadata, "name", certificate_store_name(which));
	json_add(a, &metadata, STR("labels"), labels);
	add_str(a, &secret, "apiVersion", STR("v1"));
	add_str(a, &secret, "kind", str_of(secrets.kind));
	json_add(a, &secret, STR("metadata"), metadata);
	add_str(a, &secret, "type", str_of(kinds[which].type));
	return secret;
}

static struct json without_data(struct arena *a, const struct json *secret)
{
	struct json copy = json_make_object();

	json_each_member(m, secret)
		if (!str_is(m->key, "data"))
			json_add(a, &copy, m->key, m->value);
	return copy;
}

int certificate_store_write(const struct reconcile *r,
			    const struct certificate_store *store,
			    const struct certs_state *state,
			    enum certs_secret which, struct error *err)
{
	const struct certificate_secret *secret = &store->secrets[which];
	struct json body = secret->is_there
				   ? without_data(r->arena, &secret->object)
				   : created(r, which);
	struct kube_call call = {
		.verb = secret->is_there ? KUBE_REPLACE : KUBE_CREATE,
		.resource = &secrets,
		.ns = r->world->settings->ns,
		.name = secret->is_there ? certificate_store_name(which)
					 : STR_NONE,
		.body = &body,
	};

	json_add(r->arena, &body, STR("data"),
		 certs_state_data(r->arena, state, which));
	return certificate_call(r, &call, err);
}
