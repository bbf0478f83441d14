/*
 * Whether a request is sent again, and when: pure.
 *
 * 429, 500, 502, 503, 504 and connections that were refused or reset before
 * the request was sent are tried again. What may have happened already (reset
 * or time-out after sending, 500, 502 and 504) is tried again only when doing
 * it twice is the same as doing it once. Retry-After is kept to, capped at
 * 30 s; else 200 ms doubling to 10 s, and only to 500 ms while nothing can be
 * sent, so that a server that comes back does not wait for us. All waits get up
 * to half more by chance, so that many clients do not come back together. Five
 * tries within the caller's deadline.
 */
#ifndef KUBE_RETRY_H
#define KUBE_RETRY_H

#include "kube/transport.h"

struct kube_attempt {
	unsigned tries; /* so far, this one included */
	enum kube_transport_outcome outcome;
	unsigned status, retry_after; /* when answered */
	bool idempotent;
};

/* Milliseconds to wait before the next try; -1: do not try again. */
int64_t kube_retry_wait(const struct kube_attempt *attempt, uint64_t chance);

/*
 * Back-off of what is done for ever, such as a watch: 0.8 s doubling to 30 s,
 * by chance up to as much again. failures counts from 1.
 */
int64_t kube_backoff_wait(unsigned failures, uint64_t chance);

/*
 * The same while nobody listens at all (ERR_AWAY), however often: 0.4 s, by
 * chance up to as much again. Refusing a connection costs nobody anything.
 */
int64_t kube_away_wait(uint64_t chance);

/* Enough chance for waits; not for secrets. Thread-safe. */
uint64_t kube_chance(void);

#endif
