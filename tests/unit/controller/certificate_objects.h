/*
 * What the API server holds for the tests of certificates: two Secrets and two
 * webhook configurations in memory, with resourceVersion and ownership of
 * caBundle. Include behind cmocka.h.
 */
#ifndef TESTS_UNIT_CONTROLLER_CERTIFICATE_OBJECTS_H
#define TESTS_UNIT_CONTROLLER_CERTIFICATE_OBJECTS_H

#include <pthread.h>

#include "lib/buf.h"
#include "lib/json_build.h"

#define INJECTOR "bulkhead-ca-injector"

enum { API_ENTRIES = 2, API_READ = 64 << 10, API_REQUEST_MAX = 1 << 20 };

enum api_fault {
	FAULT_NONE,
	FAULT_CONFLICT, /* 409, not done */
	FAULT_CUT,	/* done, and no answer */
	FAULT_DEAD,	/* this one and all that follow: as if we had died */
	FAULT_FORBIDDEN,
};

struct api_secret {
	bool there;
	unsigned version;
	struct json doc;
};

struct api_entry {
	bool there;
	struct str base64;	       /* of caBundle */
	struct str manager, operation; /* empty: nobody */
};

struct api_configuration {
	bool there;
	unsigned version;
	struct str annotation, value;
	struct api_entry entries[API_ENTRIES];
};

struct api {
	struct arena arena;
	int listener;
	pthread_t thread;
	pthread_mutex_t lock; /* guards the rest */
	struct api_secret secrets[2];
	struct api_configuration configurations[2];
	int64_t now; /* seconds */
	unsigned calls, writes;
	unsigned fault_at; /* the number of a call, or of a write; from 1 */
	bool fault_of_write;
	enum api_fault fault;
	/* Entry 0 goes away before the apply with this number. */
	unsigned vanish_at, applies;
	struct buf events; /* one after the other */
	char uncovered[600];
};

struct api_request {
	struct str method, path;
	struct json body;
};

struct api_answer {
	unsigned status;
	struct json body;
};

static const char *const api_secret_names[] = { "bulkhead-ca",
						"bulkhead-webhook-tls" };
static const char *const api_plurals[] = { "mutatingwebhookconfigurations",
					   "validatingwebhookconfigurations" };

static inline struct json api_string(struct str s)
{
	return json_make_string(s);
}

static inline struct api_answer api_status(struct api *api, unsigned code,
					   const char *reason,
					   const char *message)
{
	struct json body = json_make_object();

	json_add(&api->arena, &body, STR("kind"), api_string(STR("Status")));
	json_add(&api->arena, &body, STR("code"),
		 json_make_int(&api->arena, code));
	json_add(&api->arena, &body, STR("reason"), api_string(str_of(reason)));
	json_add(&api->arena, &body, STR("message"),
		 api_string(str_of(message)));
	return (struct api_answer){ code, body };
}

static inline struct str api_number(struct api *api, unsigned n)
{
	return arena_printf(&api->arena, "%u", n);
}

/* ---- Secrets ---- */

static inline struct str api_version(const struct json *body)
{
	return json_str(json_at(body, "metadata", "resourceVersion"));
}

/* The document as it was sent, with another resourceVersion. */
static inline void api_keep(struct api *api, struct api_secret *s,
			    const struct json *body)
{
	struct json doc = json_copy(&api->arena, body), all, metadata;

	all = json_make_object();
	metadata = json_make_object();
	json_each_member(m, json_at(&doc, "metadata")) {
		if (!str_is(m->key, "resourceVersion"))
			json_add(&api->arena, &metadata, m->key, m->value);
	}
	json_add(&api->arena, &metadata, STR("resourceVersion"),
		 api_string(api_number(api, ++s->version)));
	json_each_member(m, &doc) {
		json_add(&api->arena, &all, m->key,
			 str_is(m->key, "metadata") ? metadata : m->value);
	}
	s->doc = all;
	s->there = true;
}

static inline struct api_answer api_secret_call(struct api *api,
						struct api_secret *s,
						const struct api_request *r)
{
	bool post = str_is(r->method, "POST");

	if (post && s->there)
		return api_status(api, 409, "AlreadyExists", "exists");
	if (!post && !s->there)
		return api_status(api, 404, "NotFound", "not found");
	if (str_is(r->method, "PUT") &&
	    !str_eq(api_version(&r->body),
		    json_str(json_at(&s->doc, "metadata", "resourceVersion"))))
		return api_status(api, 409, "Conflict", "changed");
	if (!str_is(r->method, "GET"))
		api_keep(api, s, &r->body);
	return (struct api_answer){ post ? 201 : 200, s->doc };
}

/* ---- webhook configurations ---- */

static inline struct str api_entry_name(struct api *api, size_t i)
{
	return arena_printf(&api->arena, "w%zu.bulkhead.dev", i);
}

static inline struct json api_wrap(struct api *api, struct str key,
				   struct json value)
{
	struct json object = json_make_object();

	json_add(&api->arena, &object, key, value);
	return object;
}

static inline struct json api_managed(struct api *api, size_t i,
				      const struct api_entry *e)
{
	struct arena *a = &api->arena;
	struct json item = json_make_object();
	struct str key = arena_printf(a, "k:{\"name\":\"%s\"}",
				      api_entry_name(api, i).p);

	json_add(a, &item, STR("manager"), api_string(e->manager));
	json_add(a, &item, STR("operation"), api_string(e->operation));
	json_add(a, &item, STR("fieldsV1"),
		 api_wrap(api, STR("f:webhooks"),
			  api_wrap(api, key,
				   api_wrap(api, STR("f:clientConfig"),
					    api_wrap(api, STR("f:caBundle"),
						     json_make_object())))));
	return item;
}

static inline struct json api_webhook(struct api *api, size_t i,
				      const struct api_entry *e)
{
	struct json webhook = json_make_object(), client = json_make_object();

	json_add(&api->arena, &client, STR("url"),
		 api_string(STR("https://127.0.0.1:1")));
	if (e->base64.n)
		json_add(&api->arena, &client, STR("caBundle"),
			 api_string(e->base64));
	json_add(&api->arena, &webhook, STR("name"),
		 api_string(api_entry_name(api, i)));
	json_add(&api->arena, &webhook, STR("clientConfig"), client);
	return webhook;
}

static inline struct json api_show(struct api *api,
				   const struct api_configuration *c)
{
	struct arena *a = &api->arena;
	struct json doc = json_make_object(), metadata = json_make_object();
	struct json webhooks = json_make_array(), managed = json_make_array();

	for (size_t i = 0; i < API_ENTRIES; i++) {
		const struct api_entry *e = &c->entries[i];

		if (e->there)
			json_append(a, &webhooks, api_webhook(api, i, e));
		if (e->there && e->manager.n)
			json_append(a, &managed, api_managed(api, i, e));
	}
	json_add(a, &metadata, STR("name"), api_string(STR("bulkhead")));
	json_add(a, &metadata, STR("uid"), api_string(STR("u1")));
	json_add(a, &metadata, STR("resourceVersion"),
		 api_string(api_number(api, c->version)));
	if (c->annotation.n)
		json_add(a, &metadata, STR("annotations"),
			 api_wrap(api, c->annotation, api_string(c->value)));
	json_add(a, &metadata, STR("managedFields"), managed);
	json_add(a, &doc, STR("metadata"), metadata);
	json_add(a, &doc, STR("webhooks"), webhooks);
	return doc;
}

static inline struct api_entry *
api_find(struct api *api, struct api_configuration *c, struct str name)
{
	for (size_t i = 0; i < API_ENTRIES; i++)
		if (c->entries[i].there && str_eq(api_entry_name(api, i), name))
			return &c->entries[i];
	return NULL;
}

/* All or nothing: the first pass only looks. */
static inline struct api_answer
api_apply(struct api *api, struct api_configuration *c, const struct json *body)
{
	for (int pass = 0; pass < 2; pass++)
		json_each_item(w, json_at(body, "webhooks")) {
			struct api_entry *e =
				api_find(api, c, json_str(json_at(w, "name")));

			if (!e)
				return api_status(api, 422, "Invalid",
						  "required");
			if (e->manager.n && !str_is(e->manager, INJECTOR))
				return api_status(api, 409, "Conflict",
						  "owned");
			if (!pass)
				continue;
			e->base64 = arena_str(
				&api->arena, json_str(json_at(w, "clientConfig",
							      "caBundle")));
			e->manager = STR(INJECTOR);
			e->operation = STR("Apply");
		}
	c->version++;
	return (struct api_answer){ 200, api_show(api, c) };
}

static inline struct api_answer
api_configuration_call(struct api *api, struct api_configuration *c,
		       const struct api_request *r)
{
	struct str path = r->path;
	bool ours = str_find_str(path, STR("fieldManager=" INJECTOR)) < path.n;
	bool forced = str_find_str(path, STR("force")) < path.n;

	if (!c->there)
		return api_status(api, 404, "NotFound", "not found");
	if (str_is(r->method, "GET"))
		return (struct api_answer){ 200, api_show(api, c) };
	if (!ours || forced || !str_is(r->method, "PATCH"))
		return api_status(api, 400, "BadRequest", "not an apply");
	if (++api->applies == api->vanish_at) {
		c->entries[0].there = false;
		c->version++;
	}
	if (!str_eq(api_version(&r->body), api_number(api, c->version)))
		return api_status(api, 409, "Conflict", "changed");
	return api_apply(api, c, &r->body);
}

#endif
