/* The metrics of the admission server. docs: each row's help. */
#ifndef WEBHOOK_MEASURES_H
#define WEBHOOK_MEASURES_H

#include "lib/metrics.h"
#include "policies/subject.h"

enum measure {
	MEASURE_REVIEWS,
	MEASURE_REVIEW_SECONDS,
	MEASURE_REVIEW_ERRORS,
	MEASURE_REVIEW_WAITS,
	MEASURE_BODY_BYTES,
	MEASURE_PATCH_BYTES,
	MEASURE_READY,
	MEASURE_POLICY_GENERATION,
	MEASURE_POLICY_TIERS,
	MEASURE_POLICY_LOADS,
	MEASURE_CERTIFICATE_EXPIRY,
	MEASURE_CERTIFICATE_LOADS,
	MEASURE_CONNECTIONS,
	MEASURE_IN_FLIGHT,
	MEASURE_HTTP_BODY_BYTES,
	MEASURE_ACCEPTED,
	MEASURE_HANDSHAKES,
	MEASURE_TIMED_OUT,
	MEASURE_CONNECTION_ERRORS,
	MEASURE_REFUSED,
	MEASURE_START_TIME,
	MEASURE_BUILD_INFO,
	MEASURES,
};

extern const struct metric measures[MEASURES];

/* Label values, by these indices. */
enum measure_path { PATH_MUTATE, PATH_VALIDATE };
enum measure_verdict {
	VERDICT_ALLOWED,
	VERDICT_PATCHED,
	VERDICT_WARNED,
	VERDICT_DENIED,
};
enum measure_phase { PHASE_PARSE, PHASE_JUDGE, PHASE_WRITE };
enum measure_error {
	REVIEW_UNDECODABLE,
	REVIEW_TOO_LARGE,
	REVIEW_NOT_READY,
	REVIEW_TOO_LATE,
};
enum measure_result { RESULT_OK, RESULT_REFUSED };

/* The label of a kind; the last, "other", for kinds that are not ours. */
unsigned measure_kind(const struct subject *subject);

#endif
