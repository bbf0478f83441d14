/* Three routes, whose context is the struct status_port. */
#include "lib/status_port.h"

enum { METRICS_MAX = 4 << 20, CONNECTIONS = 64 };

static const char *const text_type = "text/plain; charset=utf-8";

/* Alive is who answers: a server that hangs answers nothing. */
static void handle_healthz(const struct http_request *request,
			   struct http_answer *answer, void *context)
{
	(void)request;
	(void)context;
	answer->content_type = text_type;
	answer->body = STR("ok\n");
}

static void handle_readyz(const struct http_request *request,
			  struct http_answer *answer, void *context)
{
	const struct status_port *port = context;
	bool ready = port->ready(port->context, request->arena, &answer->body);

	answer->content_type = text_type;
	answer->status = ready ? 200 : 503;
}

static void handle_metrics(const struct http_request *request,
			   struct http_answer *answer, void *context)
{
	const struct status_port *port = context;
	CLEANUP(buf_release) struct buf out = BUF_INIT(METRICS_MAX);

	port->measure(port->context);
	metrics_write(port->metrics, &out);
	if (buf_failed(&out)) {
		answer->status = 500;
		answer->content_type = text_type;
		answer->body = STR("there are more numbers than fit\n");
		return;
	}
	answer->content_type = "text/plain; version=0.0.4; charset=utf-8";
	answer->body = arena_str(request->arena, buf_str(&out));
}

#define ROUTE(at, handler)                                                     \
	{                                                                      \
		.path = (at), .methods = HTTP_GET | HTTP_HEAD,                 \
		.handle = (handler)                                            \
	}

static const struct http_route routes[] = {
	ROUTE("/healthz", handle_healthz),
	ROUTE("/readyz", handle_readyz),
	ROUTE("/metrics", handle_metrics),
	{ .path = NULL },
};

int status_port_start(const struct status_port *port, struct http_server **out,
		      struct error *err)
{
	const struct http_config config = {
		.listen = port->listen,
		.routes = routes,
		.context = (void *)(uintptr_t)port,
		.threads = 1,
		.max_connections = CONNECTIONS,
	};

	return http_server_start(&config, out, err);
}
