/* The table of metrics. */
#include "controller/measures.h"

#include "controller/reconcilers.h"

/* In the order of enum reconciler_kind. */
static const char *const kinds[RECONCILERS + 1] = {
	[RECONCILE_NETWORK] = "network",
	[RECONCILE_GATE] = "gate",
	[RECONCILE_CLAIM] = "claim",
	[RECONCILE_SANDBOX] = "sandbox",
	[RECONCILE_TIER] = "tier",
	[RECONCILE_POLICY] = "policy",
	[RECONCILE_EXCEPTION] = "exception",
	[RECONCILE_AUDIT] = "audit",
	[RECONCILE_CERTIFICATES] = "certificates",
	[RECONCILERS] = NULL,
};
/* In the order of enum lane. */
static const char *const lanes[LANES + 1] = {
	[LANE_PROMPT] = "prompt",
	[LANE_BACKGROUND] = "background",
	[LANES] = NULL,
};
static const char *const outcomes[] = { "done", "conflict", "failed", NULL };
static const char *const actions[] = { "apply",	 "status", "patch",
				       "delete", "event",  NULL };
static const char *const verbs[] = { "get",	    "list",   "create",
				     "put",	    "apply",  "json-patch",
				     "merge-patch", "delete", NULL };
static const char *const statuses[] = {
	"none", "2xx", "3xx", "4xx", "5xx", NULL
};
static const char *const events[] = { "written", "dropped", "failed", NULL };
static const char *const results[] = { "ok", "refused", NULL };
static const char *const findings[] = { "pass", "warn", "fail", NULL };
static const char *const certificates[] = { "ca", "serving", NULL };
static const char *const versions[] = { BULKHEAD_VERSION, NULL };

static const int64_t lag_buckets[] = {
	1000000,    5000000,	 10000000,    25000000,	     50000000,
	100000000,  250000000,	 500000000,   1000000000,    2500000000,
	5000000000, 10000000000, 60000000000, 3600000000000, 0,
};

#define GAUGE(metric, text)                                                    \
	{                                                                      \
		.name = (metric), .help = (text), .type = METRIC_GAUGE         \
	}

#define OF_LANE(metric, text)                                                  \
	{                                                                      \
		.name = (metric), .help = (text), .type = METRIC_GAUGE,        \
		.labels = {                                                    \
			{ "lane", lanes }                                      \
		}                                                              \
	}

const struct metric measures[MEASURES] = {
	[MEASURE_RECONCILES] = {
		.name = "bulkhead_reconciles_total",
		.help = "Keys that were looked at, by outcome",
		.type = METRIC_COUNTER,
		.labels = { { "reconciler", kinds }, { "outcome", outcomes } },
	},
	[MEASURE_RECONCILE_SECONDS] = {
		.name = "bulkhead_reconcile_seconds",
		.help = "Time from taking a key to giving it back",
		.type = METRIC_HISTOGRAM,
		.unit = METRIC_NANOSECONDS,
		.buckets = metric_latency_buckets,
		.labels = { { "reconciler", kinds } },
	},
	[MEASURE_ACTIONS] = {
		.name = "bulkhead_actions_total",
		.help = "What was done to the cluster",
		.type = METRIC_COUNTER,
		.labels = { { "reconciler", kinds }, { "action", actions } },
	},
	[MEASURE_REQUESTS] = {
		.name = "bulkhead_api_requests_total",
		.help = "Requests to the API server, retries included",
		.type = METRIC_COUNTER,
		.labels = { { "verb", verbs }, { "status", statuses } },
	},
	[MEASURE_REQUEST_SECONDS] = {
		.name = "bulkhead_api_request_seconds",
		.help = "Time the API server took",
		.type = METRIC_HISTOGRAM,
		.unit = METRIC_NANOSECONDS,
		.buckets = metric_latency_buckets,
		.labels = { { "verb", verbs } },
	},
	[MEASURE_QUEUE_DEPTH] =
		OF_LANE("bulkhead_queue_depth", "Keys that are due"),
	[MEASURE_QUEUE_DELAYED] =
		OF_LANE("bulkhead_queue_delayed", "Keys that are due later"),
	[MEASURE_QUEUE_FAILING] =
		OF_LANE("bulkhead_queue_failing", "Keys that failed last time"),
	[MEASURE_QUEUE_LAG] = {
		.name = "bulkhead_queue_lag_seconds",
		.help = "How long the oldest key has been due",
		.type = METRIC_GAUGE,
		.unit = METRIC_NANOSECONDS,
		.labels = { { "lane", lanes } },
	},
	[MEASURE_EXPIRY_LAG] = {
		.name = "bulkhead_expiry_lag_seconds",
		.help = "From the time at which an object was to end to its "
			"deletion",
		.type = METRIC_HISTOGRAM,
		.unit = METRIC_NANOSECONDS,
		.buckets = lag_buckets,
	},
	[MEASURE_GATE_WAIT] = {
		.name = "bulkhead_gate_wait_seconds",
		.help = "From the creation of a Pod (whole seconds) to the "
			"lifting of its gate",
		.type = METRIC_HISTOGRAM,
		.unit = METRIC_NANOSECONDS,
		.buckets = lag_buckets,
	},
	[MEASURE_AUDIT_FINDINGS] = {
		.name = "bulkhead_audited_objects_total",
		.help = "Living objects that were judged, by result",
		.type = METRIC_COUNTER,
		.labels = { { "result", findings } },
	},
	[MEASURE_EVENTS] = {
		.name = "bulkhead_events_total",
		.help = "Events, by what became of them",
		.type = METRIC_COUNTER,
		.labels = { { "result", events } },
	},
	[MEASURE_LEADER] =
		GAUGE("bulkhead_leader", "1 while this replica works"),
	[MEASURE_SYNCED] =
		GAUGE("bulkhead_synced", "1 when all kinds were listed"),
	[MEASURE_OBJECTS] =
		GAUGE("bulkhead_inventory_objects", "Objects mirrored"),
	[MEASURE_BEHIND] =
		GAUGE("bulkhead_inventory_kinds_behind",
		      "Kinds that could not be watched for a minute"),
	[MEASURE_POLICY_LOADS] = {
		.name = "bulkhead_policy_loads_total",
		.help = "Sets of tiers read, by result",
		.type = METRIC_COUNTER,
		.labels = { { "result", results } },
	},
	[MEASURE_POLICY_TIERS] =
		GAUGE("bulkhead_policy_tiers", "Tiers of the set in use"),
	[MEASURE_CERTIFICATE_EXPIRY] = {
		.name = "bulkhead_certificate_expiry_timestamp_seconds",
		.help = "End of the certificates that are stored",
		.type = METRIC_GAUGE,
		.labels = { { "certificate", certificates } },
	},
	[MEASURE_START_TIME] =
		GAUGE("bulkhead_start_time_seconds",
		      "Start of the process, seconds since 1970"),
	[MEASURE_BUILD_INFO] = {
		.name = "bulkhead_build_info",
		.help = "1, with the version",
		.type = METRIC_GAUGE,
		.labels = { { "version", versions } },
	},
};

unsigned measure_status(unsigned status)
{
	return status < 200 || status > 599 ? 0 : status / 100 - 1;
}
