/*
 * The clocks. Only programs call these; everything below takes time as a
 * parameter.
 */
#ifndef LIB_CLOCK_H
#define LIB_CLOCK_H

#include "lib/base.h"

/* Wall clock, seconds since 1970 (CLOCK_REALTIME). */
int64_t clock_wall_seconds(void);

/* The same in nanoseconds. */
int64_t clock_wall_ns(void);

/* For durations: nanoseconds that never step back (CLOCK_MONOTONIC). */
int64_t clock_monotonic_ns(void);

#endif
