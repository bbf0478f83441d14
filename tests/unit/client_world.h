/*
 * A client and a scripted server to talk to, for the tests of clients. Include
 * behind cmocka.h.
 */
#ifndef TESTS_UNIT_CLIENT_WORLD_H
#define TESTS_UNIT_CLIENT_WORLD_H

#include "kube/client.h"
#include "tests/fake/script.h"

#define HEAD "HTTP/1.1 "
/* The end of such an answer is the end of its connection. */
#define CLOSE "Connection: close\r\n\r\n"
#define OK HEAD "200 OK\r\nContent-Length: 2\r\n\r\n{}"
#define LIST HEAD "200 OK\r\nContent-Length: 12\r\n\r\n{\"items\":[]}"
#define ANSWER(status, headers, body) HEAD status " X\r\n" headers CLOSE body
#define STATUS(code, reason)                                                   \
	"{\"kind\":\"Status\",\"code\":" code ",\"reason\":\"" reason "\"}"
#define GET_X "GET /api/v1/namespaces/a/pods/x HTTP/1.1\r\n"
#define POST                                                                   \
	"POST /api/v1/namespaces/a/pods?fieldManager=us&"                      \
	"fieldValidation=Strict HTTP/1.1\r\n"

static const struct kube_resource pods = { "", "v1", "pods", "Pod", true };

struct world {
	struct arena arena;
	struct fake_script *script;
	struct kube_stop *stop;
	struct kube_client *client;
	struct kube_limit *limit;
	struct error err;
	unsigned tries; /* that were observed */
	bool stop_after_try;
};

static inline void world_observed(void *context, const struct kube_call *call,
				  int64_t ns)
{
	struct world *w = context;

	assert_non_null(call->resource);
	assert_true(ns >= 0);
	w->tries++;
	if (w->stop_after_try)
		kube_stop_set(w->stop);
}

/* A copy in which the server does what its answers say. */
static inline const struct fake_step *
world_closing(struct arena *a, const struct fake_step *steps)
{
	size_t n = 0;
	struct fake_step *copy;

	while (steps[n].expect)
		n++;
	copy = arena_new(a, struct fake_step, n + 1);
	for (size_t i = 0; i < n; i++) {
		copy[i] = steps[i];
		if (copy[i].answer && strstr(copy[i].answer, CLOSE))
			copy[i].close = true;
	}
	return copy;
}

static inline void world_start(struct world *w, const struct fake_step *steps)
{
	struct kube_config config = { .ns = STR("a") };
	const struct kube_client_options options = {
		.user_agent = "test/1",
		.field_manager = "us",
		.stop = w->stop = kube_stop_new(),
		.limit = w->limit,
		.observe = world_observed,
		.context = w,
	};

	w->script = fake_script_start(world_closing(&w->arena, steps));
	config.server = str_of(fake_script_url(w->script));
	if (kube_client_new(&config, &options, &w->client, &w->err) < 0)
		fail_msg("%s", w->err.msg);
}

/* Every step was taken, and nothing else was asked. */
static inline void world_finish(struct world *w)
{
	const char *complaint;

	kube_client_free(&w->client);
	complaint = fake_script_stop(&w->script);
	kube_stop_free(&w->stop);
	kube_limit_free(&w->limit);
	arena_release(&w->arena);
	if (complaint)
		fail_msg("%s", complaint);
}

static inline struct kube_call world_get(void)
{
	return (struct kube_call){ .verb = KUBE_GET,
				   .resource = &pods,
				   .ns = STR("a"),
				   .name = STR("x") };
}

static inline struct kube_call world_create(const struct json *body)
{
	return (struct kube_call){ .verb = KUBE_CREATE,
				   .resource = &pods,
				   .ns = STR("a"),
				   .body = body };
}

#endif
