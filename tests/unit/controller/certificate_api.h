/*
 * The part of the API server that certificates need, for their tests: two
 * Secrets and two webhook configurations in memory, with resourceVersion and
 * ownership of caBundle; faults at any call; and after each write a look
 * whether the stored serving certificate is covered by what is published.
 *
 * A thread of the test, one request to a connection. Include behind cmocka.h.
 */
#ifndef TESTS_UNIT_CONTROLLER_CERTIFICATE_API_H
#define TESTS_UNIT_CONTROLLER_CERTIFICATE_API_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "certs/certificate.h"
#include "certs/state.h"
#include "lib/buf.h"
#include "lib/json_read.h"
#include "lib/json_write.h"

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

/* ---- what must hold ---- */

static inline void api_check_entry(struct api *api, const struct api_entry *e,
				   const struct certificate *leaf)
{
	struct certs_state state = { .bundle = STR("") };
	struct json data;
	struct error err = ERROR_INIT;

	if (!e->there || !e->base64.n || !str_is(e->manager, INJECTOR))
		return;
	data = api_wrap(api, STR("ca.crt"), api_string(e->base64));
	certs_state_read(&api->arena, &data, CERTS_SECRET_LEAF, &state);
	if (certificate_verify(leaf, state.bundle, api->now, &err) < 0)
		snprintf(api->uncovered, sizeof(api->uncovered), "write %u: %s",
			 api->writes, err.msg);
}

static inline void api_check(struct api *api)
{
	struct certs_state state = { .bundle = STR("") };
	struct error err = ERROR_INIT;
	struct certificate leaf;

	certs_state_read(&api->arena, json_at(&api->secrets[1].doc, "data"),
			 CERTS_SECRET_LEAF, &state);
	if (certificate_read(&api->arena, state.leaf.cert, &leaf, &err) < 0)
		return;
	for (size_t i = 0; i < 2; i++)
		for (size_t j = 0; j < API_ENTRIES; j++)
			api_check_entry(api, &api->configurations[i].entries[j],
					&leaf);
}

/* ---- HTTP ---- */

static inline bool api_holds(struct str path, const char *part)
{
	return str_find_str(path, str_of(part)) < path.n;
}

static inline struct api_answer api_route(struct api *api,
					  const struct api_request *r)
{
	struct str name = json_str(json_at(&r->body, "metadata", "name"));

	for (size_t i = 0; i < 2; i++) {
		if (api_holds(r->path, api_plurals[i]))
			return api_configuration_call(
				api, &api->configurations[i], r);
		if (api_holds(r->path, "/namespaces/sys/secrets") &&
		    (api_holds(r->path, api_secret_names[i]) ||
		     str_is(name, api_secret_names[i])))
			return api_secret_call(api, &api->secrets[i], r);
	}
	if (api_holds(r->path, "/events")) {
		json_write(&api->events, &r->body);
		return (struct api_answer){ 201, r->body };
	}
	return api_status(api, 400, "BadRequest", "unknown path");
}

static inline bool api_is_faulty(const struct api *api, bool write)
{
	unsigned n = api->fault_of_write ? api->writes : api->calls;

	if (!api->fault_at || (api->fault_of_write && !write))
		return false;
	return api->fault == FAULT_DEAD ? n >= api->fault_at
					: n == api->fault_at;
}

/* status 0: no answer. */
static inline struct api_answer api_take(struct api *api,
					 const struct api_request *r)
{
	/* 400: what is refused so is not tried again. */
	static const unsigned refusals[] = {
		[FAULT_CONFLICT] = 409,
		[FAULT_DEAD] = 400,
		[FAULT_FORBIDDEN] = 403,
	};
	bool write = !str_is(r->method, "GET"), is_faulty;
	struct api_answer answer;

	if (api_holds(r->path, "/events"))
		return api_route(api, r);
	api->calls++;
	api->writes += write;
	is_faulty = api_is_faulty(api, write);
	if (is_faulty && api->fault != FAULT_CUT)
		return api_status(api, refusals[api->fault], "Refused", "no");
	answer = api_route(api, r);
	if (write)
		api_check(api);
	if (is_faulty)
		answer.status = 0;
	return answer;
}

/* The whole request, or an empty text when the connection ended. */
static inline struct str api_receive(int fd, struct buf *in, size_t *head)
{
	static const char length[] = "Content-Length: ";
	size_t want = SIZE_MAX;

	while (in->n < want) {
		char piece[API_READ];
		ssize_t n = recv(fd, piece, sizeof(piece), 0);
		struct str all;

		if (n <= 0)
			return STR_NONE;
		buf_add(in, (struct str){ piece, (size_t)n });
		all = buf_str(in);
		*head = str_find_str(all, STR("\r\n\r\n")) + 4;
		if (*head <= all.n) {
			size_t at = str_find_str(all, str_of(length));

			want = *head;
			if (at < *head)
				want += strtoul(all.p + at + sizeof(length) - 1,
						NULL, 10);
		}
	}
	return buf_str(in);
}

static inline void api_send(struct api *api, int fd,
			    const struct api_answer *answer)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(API_REQUEST_MAX);
	struct str body = json_to_str(&api->arena, &answer->body);

	buf_printf(&out,
		   "HTTP/1.1 %u X\r\nContent-Type: application/json\r\n"
		   "Connection: close\r\nContent-Length: %zu\r\n\r\n",
		   answer->status, body.n);
	buf_add(&out, body);
	if (send(fd, out.p, out.n, MSG_NOSIGNAL) < 0)
		BUG("the test's answer");
}

static inline void api_serve(struct api *api, int fd)
{
	CLEANUP(buf_release) struct buf in = BUF_INIT(API_REQUEST_MAX);
	struct api_request r = { .body = json_missing };
	struct error err = ERROR_INIT;
	struct api_answer answer;
	size_t head = 0;
	struct str all = api_receive(fd, &in, &head), body;

	if (!all.n)
		return;
	all = arena_str(&api->arena, all);
	body = str_sub(all, head, all.n);
	if (!str_split(&all, ' ', &r.method) ||
	    !str_split(&all, ' ', &r.path) ||
	    (body.n &&
	     json_read(&api->arena, body, 0, NULL, &r.body, &err) < 0))
		BUG("the client's request");
	pthread_mutex_lock(&api->lock);
	answer = api_take(api, &r);
	if (answer.status)
		api_send(api, fd, &answer);
	pthread_mutex_unlock(&api->lock);
}

static inline void *api_run(void *context)
{
	struct api *api = context;

	for (;;) {
		int fd = accept(api->listener, NULL, NULL);

		if (fd < 0)
			return NULL;
		api_serve(api, fd);
		close(fd);
	}
}

/* "http://127.0.0.1:PORT" */
static inline struct str api_start(struct api *api, int64_t now)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	struct sockaddr *any = (struct sockaddr *)&address;
	socklen_t size = sizeof(address);

	*api = (struct api){ .now = now, .events = BUF_INIT(API_REQUEST_MAX) };
	for (size_t i = 0; i < 2; i++) {
		struct api_configuration *c = &api->configurations[i];

		c->there = c->entries[0].there = c->entries[1].there = true;
	}
	api->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (api->listener < 0 || bind(api->listener, any, size) < 0 ||
	    listen(api->listener, 16) < 0 ||
	    getsockname(api->listener, any, &size) < 0 ||
	    pthread_mutex_init(&api->lock, NULL) ||
	    pthread_create(&api->thread, NULL, api_run, api))
		BUG("the test's server");
	return arena_printf(&api->arena, "http://127.0.0.1:%u",
			    ntohs(address.sin_port));
}

static inline void api_stop(struct api *api)
{
	shutdown(api->listener, SHUT_RDWR);
	pthread_join(api->thread, NULL);
	close(api->listener);
	pthread_mutex_destroy(&api->lock);
	buf_release(&api->events);
	arena_release(&api->arena);
}

#endif
