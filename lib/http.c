/*
 * Requests: libmicrohttpd's callbacks become one call of a handler.
 *
 * A request that is refused still has its body read and dropped when that is
 * short: closing on unread bytes would reset the connection, and the answer
 * might be lost on the way. Long bodies are refused at once.
 */
#include "lib/http.h"

#include <stdio.h>

#include "lib/clock.h"
#include "lib/http_head.h"
#include "lib/http_state.h"

struct request {
	struct http_waiter waiter;
	struct request_memory *memory;
	const struct http_route *route;
	struct http_connection *connection;
	enum http_method method;
	int64_t received_ns;
	struct http_answer answer;
	struct str allow;
	bool refused; /* answer is final, the body is dropped */
	bool counted; /* in in_flight */
};

/* The first line of a request is there. */
void *http_request_began(void *context, const char *uri,
			 struct MHD_Connection *mhd)
{
	struct http_connection *c = http_connection_of(mhd);

	(void)context;
	(void)uri;
	c->received_ns = clock_monotonic_ns();
	http_give_time(c, c->server->config.request_seconds);
	return NULL;
}

/* ---- answers ---- */

static void add_header(struct MHD_Response *response, const char *name,
		       const char *value)
{
	if (MHD_add_response_header(response, name, value) != MHD_YES)
		BUG("a header that cannot be sent");
}

static bool should_close(const struct http_connection *c)
{
	return atomic_load_explicit(&c->server->draining,
				    memory_order_relaxed) ||
	       clock_monotonic_ns() > c->closes_ns;
}

static enum MHD_Result send_answer(struct MHD_Connection *mhd,
				   const struct request *r)
{
	const struct http_answer *a = &r->answer;
	struct MHD_Response *response = MHD_create_response_from_buffer(
		a->body.n, (void *)(uintptr_t)a->body.p, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;
	char seconds[16];

	if (!response)
		BUG("out of memory");
	add_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, a->content_type);
	if (a->retry_after) {
		snprintf(seconds, sizeof(seconds), "%u", a->retry_after);
		add_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
	}
	if (r->allow.n)
		add_header(response, MHD_HTTP_HEADER_ALLOW, r->allow.p);
	if (should_close(r->connection))
		add_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
	http_give_time(r->connection,
		       r->connection->server->config.request_seconds);
	result = MHD_queue_response(mhd, a->status, response);
	MHD_destroy_response(response);
	return result;
}

/* ---- refusals ---- */

static void refuse(struct request *r, enum http_refusal why)
{
	struct http_server *s = r->connection->server;

	r->refused = true;
	r->answer.status = http_refusal_status(why);
	r->answer.content_type = "text/plain; charset=utf-8";
	r->answer.body = http_refusal_text(why);
	r->answer.retry_after = why == HTTP_REFUSED_BUSY ? 1 : 0;
	atomic_fetch_add_explicit(&s->refused[why], 1, memory_order_relaxed);
}

static void refuse_body(struct request *r, enum request_fit fit)
{
	switch (fit) {
	case REQUEST_FITS:
		return;
	case REQUEST_TOO_LARGE:
		refuse(r, HTTP_REFUSED_TOO_LARGE);
		return;
	case REQUEST_NO_ROOM:
		refuse(r, HTTP_REFUSED_BUSY);
		return;
	}
	BUG("request fit");
}

static bool enter(struct request *r)
{
	struct http_server *s = r->connection->server;

	if (!r->route->counted)
		return true;
	if (atomic_fetch_add(&s->in_flight, 1) >= s->config.max_in_flight) {
		atomic_fetch_sub(&s->in_flight, 1);
		return false;
	}
	r->counted = true;
	return true;
}

static void judge_head(struct request *r, const struct http_head *head)
{
	const struct http_route *route = r->route;
	enum http_refusal why = http_head_judge(head, route, r->method);

	if (why == HTTP_REFUSED_METHOD)
		r->allow = http_methods_str(&r->memory->arena, route->methods);
	if (why != HTTP_REFUSALS) {
		refuse(r, why);
		return;
	}
	r->memory->body.cap = route->body_max;
	refuse_body(r, request_memory_fits(r->connection->server->pool,
					   r->memory, (size_t)head->length));
	if (!r->refused && !enter(r))
		refuse(r, HTTP_REFUSED_BUSY);
}

/* ---- requests ---- */

static enum MHD_Result note_header(void *context, enum MHD_ValueKind kind,
				   const char *name, const char *value)
{
	(void)kind;
	http_head_add(context, str_of(name), str_of(value));
	return MHD_YES;
}

static enum MHD_Result begin(struct MHD_Connection *mhd, const char *path,
			     const char *method, void **request)
{
	struct http_connection *c = http_connection_of(mhd);
	struct request_memory *memory = request_memory_take(c->server->pool, 0);
	struct request *r = arena_new(&memory->arena, struct request, 1);
	struct http_head head = { .length = 0 };

	r->waiter.server = c->server;
	r->waiter.mhd = mhd;
	r->memory = memory;
	r->connection = c;
	r->received_ns = c->received_ns;
	r->method = http_method_of(str_of(method));
	r->route = http_route_find(c->server->config.routes, str_of(path));
	r->answer = (struct http_answer){ .status = 200,
					  .content_type = "application/json" };
	*request = r;
	atomic_fetch_add(&c->server->open, 1);
	MHD_get_connection_values(mhd, MHD_HEADER_KIND, note_header, &head);
	judge_head(r, &head);
	if (r->refused &&
	    (head.length > REQUEST_BODY_FREE || http_head_ambiguous(&head)))
		return send_answer(mhd, r);
	return MHD_YES;
}

static void take_body(struct request *r, struct str bytes)
{
	if (!r->refused)
		refuse_body(r, request_memory_add(r->connection->server->pool,
						  r->memory, bytes));
}

static enum MHD_Result finish(struct MHD_Connection *mhd, struct request *r,
			      const char *path)
{
	const struct http_answer fresh = r->answer;
	const struct arena before = r->memory->arena;
	enum MHD_Result result = MHD_YES;
	struct http_request request = {
		.method = r->method,
		.path = str_of(path),
		.body = buf_str(&r->memory->body),
		.received_ns = r->received_ns,
		.arena = &r->memory->arena,
		.source = mhd,
	};

	if (r->refused)
		return send_answer(mhd, r);
	request.waiter = http_waiter_offer(&r->waiter);
	r->route->handle(&request, &r->answer,
			 r->connection->server->config.context);
	if (!r->answer.waits)
		result = send_answer(mhd, r);
	/*
	 * Many wait, and many answers are on their way before the first has
	 * left: only as many documents are held as threads handle them.
	 */
	arena_rewind(&r->memory->arena, &before);
	if (r->answer.waits) {
		r->answer = fresh;
		http_waiter_wait(&r->waiter);
	} else if (request.waiter) {
		http_waiter_unused(&r->waiter);
	}
	return result;
}

/* NOLINTNEXTLINE(readability-function-size): the library's signature */
enum MHD_Result http_serve(void *context, struct MHD_Connection *mhd,
			   const char *path, const char *method,
			   const char *version, const char *upload,
			   size_t *upload_size, void **request)
{
	(void)context;
	(void)version;
	if (!*request)
		return begin(mhd, path, method, request);
	if (*upload_size) {
		take_body(*request, (struct str){ upload, *upload_size });
		*upload_size = 0;
		return MHD_YES;
	}
	return finish(mhd, *request, path);
}

void http_request_ended(void *context, struct MHD_Connection *mhd,
			void **request, enum MHD_RequestTerminationCode why)
{
	struct http_server *s = context;
	struct request *r = *request;
	struct request_memory *memory;

	(void)mhd;
	(void)why;
	if (!r)
		return;
	*request = NULL;
	http_wait_for_request(r->connection);
	if (r->counted)
		atomic_fetch_sub(&s->in_flight, 1);
	memory = r->memory; /* r lives in it */
	request_memory_give(s->pool, &memory);
	atomic_fetch_sub(&s->open, 1);
}

struct str http_query(const struct http_request *request, const char *name)
{
	/* NULL where a test makes the request. */
	struct MHD_Connection *mhd = (void *)(uintptr_t)request->source;

	if (!mhd)
		return STR_NONE;
	return str_of(
		MHD_lookup_connection_value(mhd, MHD_GET_ARGUMENT_KIND, name));
}
