/*
 * One kubeconfig file: Config of client.config.k8s.io/v1, as
 * k8s.io/client-go/tools/clientcmd reads it. For kube/config.c; not locked.
 */
#ifndef KUBE_CONFIG_FILE_H
#define KUBE_CONFIG_FILE_H

#include "kube/config.h"
#include "lib/json.h"

struct kubeconfig {
	struct str path; /* NUL-terminated behind its end */
	struct json root;
};

/* Into a, which holds secrets then: one to give back soon. */
int kubeconfig_load(struct arena *a, struct str path, struct kubeconfig *out,
		    struct error *err) MUST_CHECK;

/* Its current-context; empty when there is none. */
struct str kubeconfig_current(const struct kubeconfig *k);
bool kubeconfig_has(const struct kubeconfig *k, struct str context);

/* "a", "b": the contexts there are, for messages. */
struct str kubeconfig_contexts(struct arena *a, const struct kubeconfig *k);

/* What the context says, copied into a. ERR_CONFIG with the place. */
int kubeconfig_take(struct arena *a, const struct kubeconfig *k,
		    struct str context, struct kube_config *out,
		    struct error *err) MUST_CHECK;

#endif
