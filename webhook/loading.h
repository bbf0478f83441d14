/*
 * What the server answers by, read and read again: policy, objects that stand
 * for a cluster, certificate. Each call ends in the log, the metrics and the
 * readiness.
 *
 * One thread at a time for each of them.
 */
#ifndef WEBHOOK_LOADING_H
#define WEBHOOK_LOADING_H

#include "webhook/service.h"

/* Tiers, policies and exceptions are the cluster's, unless files are given. */
bool loading_is_policy_watched(const struct service *s);

void loading_policy(struct service *s);
void loading_objects(struct service *s);
void loading_certificate(struct service *s);

/* A certificate that was good once ends without any file changing. */
void loading_check_expiry(struct service *s);

#endif
