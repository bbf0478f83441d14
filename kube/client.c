/*
 * Calls of the API from start to end: the request is built once, sent until
 * something final comes back or time is up, and its answer read. What may be
 * sent again is told by request.c, when by retry.c.
 */
#include "kube/client.h"

#include <stdlib.h>

#include "kube/request.h"
#include "kube/retry.h"
#include "lib/clock.h"
#include "lib/json_read.h"

#define MS_NS INT64_C(1000000)

enum { DEFAULT_MS = 30000 };

/*
 * What etcd and the API server let through as one object is 3 MiB at most. What
 * they have stored is read, however odd: an object that cannot be would hide
 * all others of its list.
 */
static const struct json_limits object_limits = {
	.bytes = 8 << 20,
	.depth = 300,
	.nodes = 400000,
	.nul_keys = true,
};

/*
 * A page of 500 objects with managed fields is about 5 MiB and 300000 nodes.
 * The caps are ten times that; a node costs at most 64 bytes, so the worst
 * page takes 64 MiB of text and 256 MiB of nodes while it is read.
 */
static const struct json_limits list_limits = {
	.bytes = 64 << 20,
	.depth = 300,
	.nodes = 4000000,
	.nul_keys = true,
};

/* Whoever fails sends a Status of a few KiB. */
static const struct json_limits status_limits = {
	.bytes = 1 << 20,
	.depth = 20,
	.nodes = 20000,
};

struct kube_client {
	struct arena arena; /* of the options' text */
	struct kube_client_options options;
	struct kube_transport *transport;
};

/* One call under way. */
struct exchange {
	struct kube_client *client;
	struct arena *arena;
	struct kube_call *call;
	struct kube_transport_request request;
	struct kube_transport_answer answer;
	enum kube_transport_outcome outcome; /* of the last try */
	const char *what;
	int64_t deadline_ns;
	unsigned tries;
	bool idempotent, writes;
	bool asked_again; /* after a 401 */
};

int kube_client_new(const struct kube_config *config,
		    const struct kube_client_options *options,
		    struct kube_client **out, struct error *err)
{
	struct kube_client *client = calloc(1, sizeof(*client));

	if (!client)
		BUG("out of memory");
	client->options = *options;
	client->options.user_agent =
		arena_str(&client->arena, str_of(options->user_agent)).p;
	client->options.field_manager =
		arena_str(&client->arena, str_of(options->field_manager)).p;
	*out = client;
	if (kube_transport_new(config, options->stop,
			       client->options.user_agent, &client->transport,
			       err) < 0) {
		kube_client_free(out);
		return -1;
	}
	return 0;
}

void kube_client_free(struct kube_client **client)
{
	if (!*client)
		return;
	kube_transport_free(&(*client)->transport);
	arena_release(&(*client)->arena);
	free(*client);
	*client = NULL;
}

struct kube_transport *kube_client_transport(struct kube_client *client)
{
	return client->transport;
}

static int stopped(struct exchange *x, struct error *err)
{
	x->call->stopped = true;
	x->call->status = 0;
	return error_set(err, ERR_IO, "%s: not done, we are stopping", x->what);
}

static int64_t left_ms(const struct exchange *x)
{
	return (x->deadline_ns - clock_monotonic_ns()) / MS_NS;
}

/* A turn under the rate limit: 0, or -1 when it comes too late. */
static int wait_turn(struct exchange *x, struct error *err)
{
	const struct kube_client_options *o = &x->client->options;
	int64_t ns = 0;

	if (o->limit)
		ns = kube_limit_take(o->limit, clock_monotonic_ns());
	if (ns / MS_NS >= left_ms(x))
		return error_set(err, ERR_IO,
				 "%s: no turn in time: this program has more "
				 "to ask than its rate limit allows",
				 x->what);
	/* Rounded up: a turn is not taken early. */
	if (kube_stop_wait(o->stop, (ns + MS_NS - 1) / MS_NS))
		return stopped(x, err);
	return 0;
}

/* What the server did not answer, or in more bytes than we read. */
static bool may_have_acted(const struct exchange *x, const struct error *err)
{
	switch (x->outcome) {
	case TRANSPORT_ANSWERED:
	case TRANSPORT_NOT_SENT:
		return false;
	case TRANSPORT_UNKNOWN:
	case TRANSPORT_STOPPED:
		return x->writes;
	case TRANSPORT_REFUSED:
		return x->writes && err->code == ERR_LIMIT;
	}
	BUG("an outcome that is none");
}

static bool may_write(const struct exchange *x)
{
	const struct kube_client_options *o = &x->client->options;

	return !x->writes || !o->may_write || o->may_write(o->context);
}

static void send_once(struct exchange *x, struct error *err)
{
	const struct kube_client_options *o = &x->client->options;
	int64_t start = clock_monotonic_ns();

	x->answer = (struct kube_transport_answer){ .status = 0 };
	x->request.timeout_ms = left_ms(x);
	if (x->request.timeout_ms < 1)
		x->request.timeout_ms = 1;
	x->outcome = kube_transport_send(x->client->transport, x->arena,
					 &x->request, &x->answer, err);
	x->tries++;
	x->call->status =
		x->outcome == TRANSPORT_ANSWERED ? x->answer.status : 0;
	if (may_have_acted(x, err))
		x->call->maybe_done = true;
	if (o->observe)
		o->observe(o->context, x->call, clock_monotonic_ns() - start);
}

/* How long until the next try, -1: none. */
static int64_t next_try(struct exchange *x)
{
	const struct kube_attempt attempt = {
		.tries = x->tries,
		.outcome = x->outcome,
		.status = x->answer.status,
		.retry_after = x->answer.retry_after,
		.idempotent = x->idempotent,
	};
	int64_t ms = kube_retry_wait(&attempt, kube_chance());

	/* The token may just have been replaced: the transport reads it anew.
	 */
	if (x->outcome == TRANSPORT_ANSWERED && x->answer.status == 401 &&
	    !x->asked_again) {
		x->asked_again = true;
		ms = 0;
	}
	return ms < left_ms(x) ? ms : -1;
}

/* 0 with an answer of any status, -1 with *err without one. */
static int exchange(struct exchange *x, struct error *err)
{
	for (;;) {
		int64_t ms;

		if (wait_turn(x, err) < 0)
			return -1;
		if (!may_write(x))
			return stopped(x, err);
		send_once(x, err);
		ms = next_try(x);
		if (ms < 0)
			break;
		if (kube_stop_wait(x->client->options.stop, ms))
			return stopped(x, err);
	}
	if (x->outcome == TRANSPORT_ANSWERED)
		return 0;
	x->call->stopped = x->outcome == TRANSPORT_STOPPED;
	if (x->tries > 1)
		return error_wrap(err, "%s: after %u tries", x->what, x->tries);
	return error_wrap(err, "%s", x->what);
}

static int refused(struct exchange *x, struct error *err)
{
	struct error unread = ERROR_INIT;
	struct json body;

	if (json_read(x->arena, x->answer.body, 0, &status_limits, &body,
		      &unread) < 0)
		body = json_missing;
	return kube_status_error(x->what, x->answer.status, &body,
				 &x->call->reason, err);
}

/*
 * What cannot be read is the server's failure, not a fault in what we asked.
 * Whatever it was, it did it.
 */
static int unreadable(struct exchange *x, struct error *err)
{
	if (err->code != ERR_LIMIT)
		err->code = ERR_IO;
	x->call->maybe_done = x->writes;
	return error_wrap(err, "%s: the answer (%u) cannot be read", x->what,
			  x->answer.status);
}

/*
 * A list without items must not pass for an empty one. null is empty: so the
 * API server writes a PartialObjectMetadataList with nothing in it.
 */
static int check_answer(const struct kube_call *call, struct error *err)
{
	const struct json *items = json_at(&call->answer, "items");

	if (!json_is(&call->answer, JSON_OBJECT))
		return error_set(err, ERR_IO, "it is %s, wanted an object",
				 json_type_name(json_type(&call->answer)));
	if (call->verb == KUBE_LIST && !json_is(items, JSON_ARRAY) &&
	    !json_is(items, JSON_NULL))
		return error_set(err, ERR_IO,
				 "its items are %s, wanted an array",
				 json_type_name(json_type(items)));
	return 0;
}

static int read_answer(struct exchange *x, struct error *err)
{
	bool list = x->call->verb == KUBE_LIST;

	if (x->answer.status / 100 != 2)
		return refused(x, err);
	if (json_read(x->arena, x->answer.body, 0,
		      list ? &list_limits : &object_limits, &x->call->answer,
		      err) < 0 ||
	    check_answer(x->call, err) < 0)
		return unreadable(x, err);
	x->call->maybe_done = false;
	return 0;
}

static int run(struct exchange *x, struct error *err)
{
	int64_t ms = x->call->timeout_ms > 0 ? x->call->timeout_ms : DEFAULT_MS;

	x->deadline_ns = clock_monotonic_ns() + ms * MS_NS;
	x->request.answer_max = x->call->verb == KUBE_LIST
					? list_limits.bytes
					: object_limits.bytes;
	if (exchange(x, err) < 0)
		return -1;
	return read_answer(x, err);
}

int kube_do(struct kube_client *client, struct arena *a, struct kube_call *call,
	    struct error *err)
{
	struct exchange x = { .client = client, .arena = a, .call = call };

	call->status = 0;
	call->stopped = call->maybe_done = false;
	call->reason = STR_NONE;
	call->answer = json_missing;
	if (kube_request_build(a, call, client->options.field_manager,
			       &x.request, err) < 0)
		return -1;
	x.what = kube_request_what(a, call).p;
	x.idempotent = kube_request_idempotent(call);
	x.writes = kube_request_writes(call);
	return run(&x, err);
}

int kube_get_path(struct kube_client *client, struct arena *a, struct str path,
		  unsigned *status, struct json *answer, struct error *err)
{
	/* What observers see of it: a GET of no resource. */
	static const struct kube_resource none = { "", "", "", "", false };
	struct kube_call call = { .verb = KUBE_GET, .resource = &none };
	struct exchange x = {
		.client = client,
		.arena = a,
		.call = &call,
		.request = { .method = "GET", .path = path },
		.what = arena_printf(a, "get %.*s", STR_ARG(path)).p,
		.idempotent = true,
	};
	int r = run(&x, err);

	if (status)
		*status = call.status;
	*answer = call.answer;
	return r;
}
