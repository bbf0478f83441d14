/* The seconds of lib/timestamp.h with a fraction put before their "Z". */
#include "kube/micro_time.h"

#include "lib/timestamp.h"

#define SECOND_US INT64_C(1000000)

struct str kube_micro_time(struct arena *a, int64_t wall_us)
{
	int64_t seconds = wall_us / SECOND_US;
	int64_t micros = wall_us % SECOND_US;
	struct str whole;

	if (micros < 0) {
		micros += SECOND_US;
		seconds--;
	}
	whole = timestamp_str(a, seconds);
	return arena_printf(a, "%.*s.%06dZ", (int)(whole.n - 1), whole.p,
			    (int)micros);
}
