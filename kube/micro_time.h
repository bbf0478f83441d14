/*
 * metav1.MicroTime: RFC 3339 with exactly six digits of the second, always
 * UTC. The API server refuses other spellings of it.
 */
#ifndef KUBE_MICRO_TIME_H
#define KUBE_MICRO_TIME_H

#include "lib/arena.h"

/* From microseconds since 1970; BUG outside years 0 to 9999. */
struct str kube_micro_time(struct arena *a, int64_t wall_us);

#endif
