/* Canonical text parses back to an equal value and is a fixed point. */
#include "lib/cidr.h"
#include "lib/duration.h"
#include "lib/quantity.h"
#include "lib/timestamp.h"

#define ROUND_TRIP(type, parse, write, equal)                                  \
	static void check_##parse(struct arena *a, struct str text)            \
	{                                                                      \
		struct error err;                                              \
		struct str first;                                              \
		type x, y;                                                     \
                                                                               \
		if (parse(text, &x, &err) < 0)                                 \
			return;                                                \
		first = write(a, x);                                           \
		if (parse(first, &y, &err) < 0 || !(equal) ||                  \
		    !str_eq(write(a, y), first))                               \
			BUG("canonical text changes when it is read again");   \
	}
#define block_str(a, c) cidr_str((a), &(c))
ROUND_TRIP(struct quantity, quantity_parse, quantity_str, !quantity_cmp(x, y))
ROUND_TRIP(int64_t, duration_parse, duration_str, x == y)
ROUND_TRIP(int64_t, timestamp_parse, timestamp_str, x == y)
ROUND_TRIP(struct cidr, cidr_parse, block_str,
	   x.first == y.first && x.last == y.last)
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const checks[])(struct arena *, struct str) = {
		check_quantity_parse, check_duration_parse,
		check_timestamp_parse, check_cidr_parse
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	if (size)
		checks[data[0] % 4](
			&a, (struct str){ (const char *)data + 1, size - 1 });
	return 0;
}
