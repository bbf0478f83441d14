/*
 * A request to stop, for everything that waits: requests, watches, back-off,
 * queues. Set once, never taken back.
 *
 * Thread-safe; kube_stop_set is async-signal-safe as well.
 */
#ifndef KUBE_STOP_H
#define KUBE_STOP_H

#include "lib/base.h"

struct kube_stop;

struct kube_stop *kube_stop_new(void);
/* Nobody may wait any more. */
void kube_stop_free(struct kube_stop **stop);

void kube_stop_set(struct kube_stop *stop);
bool kube_stop_is_set(const struct kube_stop *stop);

/* Waits at most ms; true as soon as it is set. */
bool kube_stop_wait(const struct kube_stop *stop, int64_t ms);

/* Readable once it is set: for poll(2) together with other descriptors. */
int kube_stop_fd(const struct kube_stop *stop);

#endif
