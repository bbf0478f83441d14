/* From a request to the pure functions, and their results to the log. */
#include "webhook/handlers.h"

#include "lib/clock.h"
#include "lib/duration.h"
#include "webhook/admit.h"
#include "webhook/service.h"

#define TIMEOUT_MAX (30 * DURATION_SECOND) /* the API server's own limit */

/* ---- reviews ---- */

/* "?timeout=5s"; what cannot be read counts as not given. */
static int64_t deadline_of(const struct http_request *request)
{
	struct str text = http_query(request, "timeout");
	struct error err = ERROR_INIT;
	int64_t timeout;

	if (!text.n || duration_parse(text, &timeout, &err) < 0 ||
	    timeout <= 0 || timeout > TIMEOUT_MAX)
		return 0;
	return request->received_ns + timeout;
}

static struct str operation_name(enum operation operation)
{
	switch (operation) {
	case OPERATION_CREATE:
		return STR("CREATE");
	case OPERATION_UPDATE:
		return STR("UPDATE");
	case OPERATION_DELETE:
		return STR("DELETE");
	case OPERATION_CONNECT:
		return STR("CONNECT");
	}
	BUG("operation");
}

static void log_review(const char *what, const struct http_request *request,
		       const struct admit_answer *answer)
{
	const struct subject *s = &answer->review.subject;

	log_event(
		LOG_INFO, what, LOG_STR("uid", answer->review.uid),
		LOG_STR("path", request->path),
		LOG_STR("operation", operation_name(s->operation)),
		LOG_STR("group", s->group), LOG_STR("kind", s->kind),
		LOG_STR("subresource", s->subresource),
		LOG_STR("namespace", s->ns), LOG_STR("name", s->name),
		LOG_STR("user", s->user.name), LOG_STR("tier", answer->tier),
		LOG_STR("rules", answer->rules),
		LOG_BOOL("dry_run", s->dry_run),
		LOG_INT("microseconds",
			(clock_monotonic_ns() - request->received_ns) / 1000));
}

static bool is_sampled(struct service *s)
{
	unsigned every = s->options->log_allowed;

	return every &&
	       atomic_fetch_add_explicit(&s->allowed, 1, memory_order_relaxed) %
			       every ==
		       0;
}

static void log_answer(struct service *s, const struct http_request *request,
		       const struct admit_answer *answer)
{
	if (answer->status != 200)
		log_event(LOG_WARN, "review refused",
			  LOG_STR("path", request->path),
			  LOG_INT("status", answer->status),
			  LOG_INT("bytes", (int64_t)request->body.n),
			  LOG_STR("error", str_trim(answer->body)));
	else if (answer->verdict == VERDICT_DENIED)
		log_review("denied", request, answer);
	else if (is_sampled(s))
		log_review("allowed", request, answer);
}

struct asking {
	struct cluster *cluster;
	const struct http_request *request;
	bool waits; /* for one object at a time */
};

static enum lookup_advice ask(void *context, struct str group, struct str kind,
			      struct str ns, struct str name)
{
	struct asking *asking = context;
	const struct http_request *request = asking->request;
	enum lookup_advice advice = cluster_ask(
		asking->cluster, group, kind, ns, name,
		asking->waits ? NULL : request->waiter, request->received_ns);

	asking->waits |= advice == LOOKUP_WAIT;
	return advice;
}

static void handle_review(const struct http_request *request,
			  struct http_answer *answer, void *context)
{
	struct service *s = context;
	struct snapshot *snapshot = snapshot_slot_get(&s->slot);
	struct asking asking = { .cluster = s->cluster, .request = request };
	const struct admit admit = {
		.snapshot = snapshot,
		.inventory = atomic_load(&s->synced) ? s->inventory : NULL,
		.now = s->options->now ? s->options->now : clock_wall_seconds(),
		.deadline_ns = deadline_of(request),
		.clock_ns = clock_monotonic_ns,
		.metrics = s->metrics,
		.no_policy =
			atomic_load(&s->policy_refused)
				? readiness_says(request->arena, &s->readiness,
						 READY_POLICY)
				: STR(""),
		.ask = s->cluster ? ask : NULL,
		.ask_context = &asking,
	};
	struct admit_answer out;

	admit_review(request->arena, &admit, request->path, request->body,
		     &out);
	if (!out.waits)
		log_answer(s, request, &out);
	/* The answer's text is its own: it borrows nothing of the policy. */
	snapshot_unref(&snapshot);
	answer->waits = out.waits;
	answer->status = out.status;
	answer->retry_after = out.retry_after;
	answer->body = out.body;
	if (out.status != 200)
		answer->content_type = "text/plain; charset=utf-8";
}

#define REVIEW_ROUTE(at)                                                       \
	{                                                                      \
		.path = (at), .methods = HTTP_POST,                            \
		.content_type = "application/json", .counted = true,           \
		.handle = handle_review                                        \
	}

const struct http_route review_routes[3] = {
	REVIEW_ROUTE("/mutate"),
	REVIEW_ROUTE("/validate"),
	{ .path = NULL },
};

/* ---- status ---- */

static bool ready(void *context, struct arena *a, struct str *text)
{
	struct service *s = context;
	bool is_ready;

	*text = readiness_text(a, &s->readiness, &is_ready);
	return is_ready;
}

/* What others count is taken over when someone asks. */
static void take_over(void *context)
{
	struct service *s = context;
	const struct http_stats stats = http_server_stats(s->reviews);
	struct metrics *m = s->metrics;
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	bool is_ready;

	readiness_text(&a, &s->readiness, &is_ready);
	metrics_set(m, MEASURE_READY, METRIC_NO_LABELS, is_ready);
	metrics_set(m, MEASURE_CONNECTIONS, METRIC_NO_LABELS,
		    (int64_t)stats.connections);
	metrics_set(m, MEASURE_IN_FLIGHT, METRIC_NO_LABELS,
		    (int64_t)stats.in_flight);
	metrics_set(m, MEASURE_HTTP_BODY_BYTES, METRIC_NO_LABELS,
		    (int64_t)stats.body_bytes);
	metrics_set(m, MEASURE_ACCEPTED, METRIC_NO_LABELS,
		    (int64_t)stats.accepted);
	metrics_set(m, MEASURE_HANDSHAKES, METRIC_NO_LABELS,
		    (int64_t)stats.handshakes);
	metrics_set(m, MEASURE_TIMED_OUT, METRIC_NO_LABELS,
		    (int64_t)stats.timed_out);
	metrics_set(m, MEASURE_CONNECTION_ERRORS, METRIC_NO_LABELS,
		    (int64_t)stats.library_notes);
	for (unsigned i = 0; i < HTTP_REFUSALS; i++)
		metrics_set(m, MEASURE_REFUSED, METRIC_LABELS(i),
			    (int64_t)stats.refused[i]);
}

void handlers_status(struct service *s, struct status_port *out)
{
	*out = (struct status_port){
		.listen = s->options->metrics_listen,
		.metrics = s->metrics,
		.ready = ready,
		.measure = take_over,
		.context = s,
	};
}
