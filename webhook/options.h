/* The options of bulkhead-webhook. */
#ifndef WEBHOOK_OPTIONS_H
#define WEBHOOK_OPTIONS_H

#include <stdio.h>

#include "lib/log.h"
#include "lib/option.h"

struct options {
	struct str listen, metrics_listen;
	struct str cert_file, key_file, client_ca_file;
	struct texts allowed_names;
	struct str tiers, cluster_objects;
	/* The cluster to watch: at most one of the first two. */
	bool in_cluster;
	struct str kubeconfig, context;
	int64_t now; /* seconds since 1970; 0: by the clock */
	int64_t grace_seconds, request_seconds;
	enum log_level log_level;
	unsigned log_allowed; /* one in so many; 0: none */
	size_t max_body, body_budget;
	unsigned max_in_flight, max_connections, max_per_address, threads;
	bool help, version;
};

/* Defaults, then argv[0..argc). ERR_CONFIG names the option. */
int options_parse(struct arena *a, int argc, char *const *argv,
		  struct options *out, struct error *err) MUST_CHECK;

/* Is a cluster watched? */
static inline bool options_watch(const struct options *o)
{
	return o->in_cluster || o->kubeconfig.n || o->context.n;
}

void options_help(FILE *out);

#endif
