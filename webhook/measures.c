/* The table of metrics. */
#include "webhook/measures.h"

#include "lib/http.h"

static const char *const kinds[] = {
	"Pod",
	"Sandbox",
	"SandboxTemplate",
	"SandboxClaim",
	"SandboxWarmPool",
	"NetworkPolicy",
	"Namespace",
	"Scale",
	"PodExecOptions",
	"PodAttachOptions",
	"PodPortForwardOptions",
	"IsolationTier",
	"IsolationPolicy",
	"IsolationException",
	"other",
	NULL,
};
enum { KIND_OTHER = ARRAY_LEN(kinds) - 2 };

static const char *const operations[] = { "CREATE", "UPDATE", "DELETE",
					  "CONNECT", NULL };
static const char *const paths[] = { "mutate", "validate", NULL };
static const char *const verdicts[] = { "allowed", "patched", "warned",
					"denied", NULL };
static const char *const phases[] = { "parse", "judge", "write", NULL };
static const char *const errors[] = { "undecodable", "too_large", "not_ready",
				      "too_late", NULL };
static const char *const results[] = { "ok", "refused", NULL };
static const char *const refusals[] = {
	[HTTP_REFUSED_BAD] = "bad_length",
	[HTTP_REFUSED_PATH] = "path",
	[HTTP_REFUSED_METHOD] = "method",
	[HTTP_REFUSED_TOO_LARGE] = "too_large",
	[HTTP_REFUSED_TYPE] = "content_type",
	[HTTP_REFUSED_BUSY] = "busy",
	NULL,
};
static const char *const versions[] = { BULKHEAD_VERSION, NULL };

static const int64_t byte_buckets[] = { 256,	 1024,	 4096,	  16384,
					65536,	 262144, 1048576, 4194304,
					8388608, 0 };

const struct metric measures[MEASURES] = {
	[MEASURE_REVIEWS] = {
		.name = "bulkhead_reviews_total",
		.help = "Reviews answered, by what was answered",
		.type = METRIC_COUNTER,
		.labels = { { "path", paths }, { "kind", kinds },
			    { "operation", operations },
			    { "verdict", verdicts } },
	},
	[MEASURE_REVIEW_SECONDS] = {
		.name = "bulkhead_review_seconds",
		.help = "Time spent on a review, by phase",
		.type = METRIC_HISTOGRAM,
		.unit = METRIC_NANOSECONDS,
		.buckets = metric_latency_buckets,
		.labels = { { "phase", phases } },
	},
	[MEASURE_REVIEW_ERRORS] = {
		.name = "bulkhead_review_errors_total",
		.help = "Requests that got no review, by reason",
		.type = METRIC_COUNTER,
		.labels = { { "reason", errors } },
	},
	[MEASURE_REVIEW_WAITS] = {
		.name = "bulkhead_review_waits_total",
		.help = "Waits for an object that was asked for singly",
		.type = METRIC_COUNTER,
	},
	[MEASURE_BODY_BYTES] = {
		.name = "bulkhead_review_body_bytes",
		.help = "Size of the reviews that arrived",
		.type = METRIC_HISTOGRAM,
		.buckets = byte_buckets,
	},
	[MEASURE_PATCH_BYTES] = {
		.name = "bulkhead_patch_bytes",
		.help = "Size of the patches, in base64",
		.type = METRIC_HISTOGRAM,
		.buckets = byte_buckets,
	},
	[MEASURE_READY] = {
		.name = "bulkhead_ready",
		.help = "1 when reviews are answered, see /readyz",
		.type = METRIC_GAUGE,
	},
	[MEASURE_POLICY_GENERATION] = {
		.name = "bulkhead_policy_generation",
		.help = "How often the policy in force was replaced",
		.type = METRIC_GAUGE,
	},
	[MEASURE_POLICY_TIERS] = {
		.name = "bulkhead_policy_tiers",
		.help = "Tiers in force",
		.type = METRIC_GAUGE,
	},
	[MEASURE_POLICY_LOADS] = {
		.name = "bulkhead_policy_loads_total",
		.help = "Policy sets read; a refused one changes nothing",
		.type = METRIC_COUNTER,
		.labels = { { "result", results } },
	},
	[MEASURE_CERTIFICATE_EXPIRY] = {
		.name = "bulkhead_certificate_expiry_timestamp_seconds",
		.help = "When the serving certificate ends; 0 without one",
		.type = METRIC_GAUGE,
	},
	[MEASURE_CERTIFICATE_LOADS] = {
		.name = "bulkhead_certificate_loads_total",
		.help = "Certificates read; a refused one changes nothing",
		.type = METRIC_COUNTER,
		.labels = { { "result", results } },
	},
	[MEASURE_CONNECTIONS] = {
		.name = "bulkhead_http_connections",
		.help = "Connections that are open",
		.type = METRIC_GAUGE,
	},
	[MEASURE_IN_FLIGHT] = {
		.name = "bulkhead_http_in_flight",
		.help = "Reviews that are under way",
		.type = METRIC_GAUGE,
	},
	[MEASURE_HTTP_BODY_BYTES] = {
		.name = "bulkhead_http_body_bytes",
		.help = "Memory held for bodies beyond 64 KiB each",
		.type = METRIC_GAUGE,
	},
	[MEASURE_ACCEPTED] = {
		.name = "bulkhead_http_accepted_total",
		.help = "Connections accepted",
		.type = METRIC_COUNTER,
	},
	[MEASURE_HANDSHAKES] = {
		.name = "bulkhead_tls_handshakes_total",
		.help = "TLS handshakes that succeeded",
		.type = METRIC_COUNTER,
	},
	[MEASURE_TIMED_OUT] = {
		.name = "bulkhead_http_timed_out_total",
		.help = "Connections closed because the peer took too long",
		.type = METRIC_COUNTER,
	},
	[MEASURE_CONNECTION_ERRORS] = {
		.name = "bulkhead_http_connection_errors_total",
		.help = "Failed handshakes, malformed requests, lost peers",
		.type = METRIC_COUNTER,
	},
	[MEASURE_REFUSED] = {
		.name = "bulkhead_http_refused_total",
		.help = "Requests refused before they were looked into",
		.type = METRIC_COUNTER,
		.labels = { { "reason", refusals } },
	},
	[MEASURE_START_TIME] = {
		.name = "bulkhead_start_time_seconds",
		.help = "When the program started",
		.type = METRIC_GAUGE,
	},
	[MEASURE_BUILD_INFO] = {
		.name = "bulkhead_build_info",
		.help = "1, with the version as a label",
		.type = METRIC_GAUGE,
		.labels = { { "version", versions } },
	},
};

unsigned measure_kind(const struct subject *subject)
{
	for (unsigned i = 0; i < KIND_OTHER; i++)
		if (str_is(subject->kind, kinds[i]))
			return i;
	return KIND_OTHER;
}
