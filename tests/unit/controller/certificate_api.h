/*
 * The part of the API server that certificates need, for their tests: its
 * objects over HTTP; faults at any call; and after each write a look whether
 * the stored serving certificate is covered by what is published.
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
#include "lib/json_read.h"
#include "lib/json_write.h"
#include "tests/unit/controller/certificate_objects.h"

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
