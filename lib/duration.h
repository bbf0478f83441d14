/*
 * Go durations (time.ParseDuration, Duration.String), exact int64 nanoseconds:
 * "1h30m", "90m", "1.5h", "300ms". Range about 292 years either way.
 */
#ifndef LIB_DURATION_H
#define LIB_DURATION_H

#include "lib/arena.h"
#include "lib/error.h"

#define DURATION_SECOND INT64_C(1000000000)

int duration_parse(struct str text, int64_t *nanoseconds,
		   struct error *err) MUST_CHECK;

/* As Go's Duration.String: "1h30m0s". */
struct str duration_str(struct arena *a, int64_t nanoseconds);

/* For people: as duration_str without zero units at the end: "1h30m", "8h". */
struct str duration_short(struct arena *a, int64_t nanoseconds);

#endif
