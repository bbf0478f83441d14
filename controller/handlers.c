/* What the status port tells: whether it is ready, and the numbers. */
#include "controller/measures.h"
#include "controller/service.h"
#include "lib/clock.h"

static bool has_policy(struct service *s)
{
	struct snapshot *snapshot = snapshot_slot_get(&s->slot);
	bool has = snapshot != NULL;

	snapshot_unref(&snapshot);
	return has;
}

/* A replica that does not lead is ready to: it is synced as well. */
static bool ready(void *context, struct arena *a, struct str *text)
{
	struct service *s = context;
	bool synced = atomic_load(&s->synced);
	bool has = has_policy(s);
	const char *policy = has ? "in use" : "not loaded yet";

	service_lock(s);
	if (s->refused[0])
		policy = s->refused;
	*text = arena_printf(
		a, "[%c]cluster: %s\n[%c]policy: %s\n[+]lease: %s\n",
		synced ? '+' : '-', s->says, has && !s->refused[0] ? '+' : '-',
		policy, atomic_load(&s->leads) ? "ours" : "not ours");
	service_unlock(s);
	return synced;
}

static void set(struct service *s, enum measure measure, int64_t value)
{
	metrics_set(s->metrics, measure, METRIC_NO_LABELS, value);
}

static void take_over_queues(struct service *s)
{
	for (unsigned lane = 0; lane < LANES; lane++) {
		const struct queue_stats q =
			queue_stats(s->queues[lane], clock_monotonic_ns());
		const struct {
			enum measure measure;
			int64_t value;
		} rows[] = {
			{ MEASURE_QUEUE_DEPTH, (int64_t)q.depth },
			{ MEASURE_QUEUE_DELAYED, (int64_t)q.delayed },
			{ MEASURE_QUEUE_FAILING, (int64_t)q.failing },
			{ MEASURE_QUEUE_LAG, q.lag_ns },
		};

		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			metrics_set(s->metrics, rows[i].measure,
				    METRIC_LABELS(lane), rows[i].value);
	}
}

/* What others count is taken over when someone asks. */
static void take_over(void *context)
{
	struct service *s = context;
	const struct kube_events_stats e = kube_events_stats(s->events);

	take_over_queues(s);
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

void service_status(struct service *s, struct status_port *out)
{
	*out = (struct status_port){
		.listen = s->options->metrics_listen,
		.metrics = s->metrics,
		.ready = ready,
		.measure = take_over,
		.context = s,
	};
}
