/* One thread that takes keys, plans, and carries the plan out. */
#include "controller/apply.h"
#include "controller/measures.h"
#include "controller/reconcilers.h"
#include "controller/service.h"
#include "kube/retry.h"
#include "lib/clock.h"

struct worker {
	struct service *service;
	struct kube_client *client;
	struct arena arena; /* of one key */
};

static void count_actions(const struct worker *w, unsigned kind,
			  const struct apply_stats *stats)
{
	for (unsigned i = 0; i <= ACTION_EVENT; i++)
		if (stats->done[i])
			metrics_add(w->service->metrics, MEASURE_ACTIONS,
				    METRIC_LABELS(kind, i), stats->done[i]);
}

/* How late what was wanted has come. */
static void observe_lags(const struct worker *w, unsigned kind,
			 const struct plan *plan)
{
	enum measure measure =
		kind == RECONCILE_GATE ? MEASURE_GATE_WAIT : MEASURE_EXPIRY_LAG;

	for (size_t i = 0; i < plan->n; i++)
		if (plan->actions[i].due_ns)
			metrics_observe(
				w->service->metrics, measure, METRIC_NO_LABELS,
				clock_wall_ns() - plan->actions[i].due_ns);
}

static int run_plan(struct worker *w, const struct reconciler *reconciler,
		    const struct world *world, const struct queue_key *key,
		    struct plan *plan, struct error *err)
{
	struct apply_stats stats = { .calls = 0 };
	int result;

	reconciler->plan(world, key, plan);
	result = apply_plan(w->client, w->service->events, plan,
			    clock_monotonic_ns(), &stats, err);
	count_actions(w, key->kind, &stats);
	if (result == 0)
		observe_lags(w, key->kind, plan);
	return result;
}

static int run(struct worker *w, const struct world *world,
	       const struct queue_key *key, struct plan *plan,
	       struct error *err)
{
	const struct reconciler *reconciler = &reconcilers[key->kind];
	const struct reconcile r = {
		.world = world,
		.client = w->client,
		.events = w->service->events,
		.metrics = w->service->metrics,
		.arena = &w->arena,
		.mono_ns = clock_monotonic_ns(),
	};

	if (reconciler->plan)
		return run_plan(w, reconciler, world, key, plan, err);
	return reconciler->run(&r, key, plan, err);
}

/* A plan from what was old already is no failure worth a line. */
static void tell_failure(const struct queue_key *key, const struct error *err)
{
	enum log_level level = err->code == ERR_CONFLICT ? LOG_DEBUG : LOG_WARN;

	log_event(level, "not done, trying again",
		  LOG_STR("reconciler", str_of(reconcilers[key->kind].name)),
		  LOG_STR("namespace", key->ns), LOG_STR("name", key->name),
		  LOG_STR("error", str_of(err->msg)));
}

static enum queue_outcome settle(struct worker *w, const struct queue_key *key,
				 const struct plan *plan, int result,
				 const struct error *err)
{
	enum measure_outcome outcome = OUTCOME_DONE;
	int64_t now = clock_monotonic_ns();

	for (size_t i = 0; i < plan->n_keys; i++)
		queue_add(service_queue(w->service, &plan->keys[i]),
			  &plan->keys[i], now);
	if (result < 0) {
		outcome = err->code == ERR_CONFLICT ? OUTCOME_CONFLICT
						    : OUTCOME_FAILED;
		tell_failure(key, err);
	}
	metrics_add(w->service->metrics, MEASURE_RECONCILES,
		    METRIC_LABELS(key->kind, outcome), 1);
	if (result < 0)
		return QUEUE_RETRY;
	return plan->again_ns || plan->more ? QUEUE_AFTER : QUEUE_DONE;
}

static void reconcile(struct worker *w, const struct queue_key *key)
{
	struct service *s = w->service;
	struct plan *plan = arena_new(&w->arena, struct plan, 1);
	struct error err = ERROR_INIT;
	int64_t since = clock_monotonic_ns();
	enum queue_outcome outcome;
	struct world world;
	int result;

	plan->arena = &w->arena;
	service_world(s, &w->arena, &world);
	result = run(w, &world, key, plan, &err);
	service_world_release(&world);
	outcome = settle(w, key, plan, result, &err);
	metrics_observe(s->metrics, MEASURE_RECONCILE_SECONDS,
			METRIC_LABELS(key->kind), clock_monotonic_ns() - since);
	queue_done(service_queue(s, key), key, outcome,
		   outcome == QUEUE_AFTER && !plan->more ? plan->again_ns : 0,
		   clock_monotonic_ns(), kube_chance());
}

void *worker_run(void *context)
{
	const struct service_worker *self = context;
	struct worker w = { .service = self->service };
	struct error err = ERROR_INIT;
	struct queue_key key;

	if (kube_client_new(&w.service->config, &w.service->client, &w.client,
			    &err) < 0) {
		log_event(LOG_ERROR, "a worker cannot start",
			  LOG_STR("error", str_of(err.msg)));
		return NULL;
	}
	while (queue_get(w.service->queues[self->lane], &key)) {
		reconcile(&w, &key);
		arena_reset(&w.arena);
	}
	kube_client_free(&w.client);
	arena_release(&w.arena);
	return NULL;
}
