/*
 * A limit to the rate of requests: a bucket of tokens that refills. Shared by
 * all clients of a program; thread-safe.
 */
#ifndef KUBE_LIMIT_H
#define KUBE_LIMIT_H

#include "lib/base.h"

struct kube_limit;

/* per_second and burst of at least 1. */
struct kube_limit *kube_limit_new(unsigned per_second, unsigned burst);
void kube_limit_free(struct kube_limit **limit);

/*
 * Takes a token, also one that is not there yet: returns how long the caller
 * has to wait for it, in ns, 0 mostly. now_ns is monotonic.
 */
int64_t kube_limit_take(struct kube_limit *limit, int64_t now_ns);

#endif
