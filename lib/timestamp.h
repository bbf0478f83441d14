/*
 * RFC 3339 timestamps, as metav1.Time reads and writes them. Seconds since
 * 1970-01-01T00:00:00Z (no leap seconds); fractions are cut on reading.
 * Years 0 to 9999.
 */
#ifndef LIB_TIMESTAMP_H
#define LIB_TIMESTAMP_H

#include "lib/arena.h"
#include "lib/error.h"

int timestamp_parse(struct str text, int64_t *seconds,
		    struct error *err) MUST_CHECK;

/* "2026-11-21T06:00:00Z", always UTC; BUG outside years 0 to 9999. */
struct str timestamp_str(struct arena *a, int64_t seconds);

#endif
