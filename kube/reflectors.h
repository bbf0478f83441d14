/*
 * Several reflectors that fill one inventory: started, asked and ended
 * together.
 */
#ifndef KUBE_REFLECTORS_H
#define KUBE_REFLECTORS_H

#include "kube/reflector.h"

struct kube_reflectors;

/*
 * options and what they name outlive the reflectors. When one cannot be started
 * *out holds those that were: set stop and join them.
 */
int kube_reflectors_start(const struct kube_config *config,
			  const struct kube_client_options *client,
			  const struct kube_reflector_options *options,
			  size_t n, struct kube_reflectors **out,
			  struct error *err) MUST_CHECK;

/*
 * Does the inventory hold what there is, of all kinds? says: the first that is
 * waited for, and why; or how much there is.
 */
bool kube_reflectors_synced(const struct kube_reflectors *reflectors,
			    char *says, size_t n);

/*
 * How many kinds have been listed but not watched for more than a minute, so
 * that what is known of them grows old; says: the first, and why.
 */
size_t kube_reflectors_behind(const struct kube_reflectors *reflectors,
			      int64_t now_ns, char *says, size_t n);

struct kube_reflector_state
kube_reflectors_state(const struct kube_reflectors *reflectors, size_t i);

/* Waits for all; stop must be set. NULL is fine. */
void kube_reflectors_join(struct kube_reflectors **reflectors);

#endif
