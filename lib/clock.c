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

static int64_t in_ns(struct timespec t)
{
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

int64_t clock_wall_ns(void)
{
	return in_ns(read_clock(CLOCK_REALTIME));
}

int64_t clock_monotonic_ns(void)
{
	return in_ns(read_clock(CLOCK_MONOTONIC));
}
