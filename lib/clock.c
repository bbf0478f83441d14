/* The clocks of the machine. */
#include "lib/clock.h"

#include <time.h>

static struct timespec read_clock(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t) < 0)
		BUG("clock_gettime");
	return t;
}

int64_t clock_wall_seconds(void)
{
	return read_clock(CLOCK_REALTIME).tv_sec;
}

int64_t clock_monotonic_ns(void)
{
	struct timespec t = read_clock(CLOCK_MONOTONIC);

	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}
