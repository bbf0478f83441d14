/* The status port: alive, ready, and the numbers. */
#include "controller/measures.h"
#include "controller/service.h"
#include "lib/clock.h"

enum { METRICS_MAX = 4 << 20 };

static const char *const text_type = "text/plain; charset=utf-8";

static void handle_healthz(const struct http_request *request,
			   struct http_answer *answer, void *context)
{
	(void)request;
	(void)context;
	answer->content_type = text_type;
	answer->body = STR("ok\n");
}

/* A replica that does not lead is ready to: it is synced as well. */
static void handle_readyz(const struct http_request *request,
			  struct http_answer *answer, void *context)
{
	struct service *s = context;
	bool synced = atomic_load(&s->synced);
	struct arena *a = request->arena;

	service_lock(s);
	answer->body = arena_printf(
		a, "[%c]cluster: %s\n[%c]policy: %s\n[+]lease: %s\n",
		synced ? '+' : '-', s->says, s->refused[0] ? '-' : '+',
		s->refused[0] ? s->refused : "in use",
		atomic_load(&s->leads) ? "ours" : "another replica's");
	service_unlock(s);
	answer->content_type = text_type;
	answer->status = synced ? 200 : 503;
}

static void set(struct service *s, enum measure measure, int64_t value)
{
	metrics_set(s->metrics, measure, METRIC_NO_LABELS, value);
}

/* What others count is taken over when someone asks. */
static void take_over(struct service *s)
{
	const struct queue_stats q =
		queue_stats(s->queue, clock_monotonic_ns());
	const struct kube_events_stats e = kube_events_stats(s->events);

	set(s, MEASURE_QUEUE_DEPTH, (int64_t)q.depth);
	set(s, MEASURE_QUEUE_DELAYED, (int64_t)q.delayed);
	set(s, MEASURE_QUEUE_FAILING, (int64_t)q.failing);
	set(s, MEASURE_QUEUE_LAG, q.lag_ns);
	set(s, MEASURE_LEADER, atomic_load(&s->working));
	set(s, MEASURE_SYNCED, atomic_load(&s->synced));
	set(s, MEASURE_OBJECTS, (int64_t)inventory_count(s->inventory));
	service_lock(s);
	set(s, MEASURE_BEHIND, (int64_t)s->behind);
	service_unlock(s);
	metrics_set(s->metrics, MEASURE_EVENTS, METRIC_LABELS(EVENT_WRITTEN),
		    (int64_t)e.written);
	metrics_set(s->metrics, MEASURE_EVENTS, METRIC_LABELS(EVENT_DROPPED),
		    (int64_t)e.dropped);
	metrics_set(s->metrics, MEASURE_EVENTS, METRIC_LABELS(EVENT_FAILED),
		    (int64_t)e.failed);
}

static void handle_metrics(const struct http_request *request,
			   struct http_answer *answer, void *context)
{
	struct service *s = context;
	struct buf out = BUF_INIT(METRICS_MAX);

	take_over(s);
	metrics_write(s->metrics, &out);
	answer->content_type = "text/plain; version=0.0.4; charset=utf-8";
	answer->body = arena_str(request->arena, buf_str(&out));
	buf_release(&out);
}

#define STATUS_ROUTE(at, handler)                                              \
	{                                                                      \
		.path = (at), .methods = HTTP_GET | HTTP_HEAD,                 \
		.handle = (handler)                                            \
	}

const struct http_route service_routes[4] = {
	STATUS_ROUTE("/healthz", handle_healthz),
	STATUS_ROUTE("/readyz", handle_readyz),
	STATUS_ROUTE("/metrics", handle_metrics),
	{ .path = NULL },
};
