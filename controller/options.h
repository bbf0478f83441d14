/* The options of bulkhead-controller. */
#ifndef CONTROLLER_OPTIONS_H
#define CONTROLLER_OPTIONS_H

#include <stdio.h>

#include "controller/world.h"
#include "lib/log.h"
#include "lib/option.h"

struct options {
	bool in_cluster;
	struct str kubeconfig, context;
	struct str metrics_listen;
	struct str identity; /* empty: host name and a random part */
	struct settings settings;
	bool leader_elect;
	unsigned lease_seconds; /* deadline and retry follow from it */
	unsigned workers, requests_per_second;
	enum log_level log_level;
	bool help, version;
};

/* Defaults, then argv[0..argc). ERR_CONFIG names the option. */
int options_parse(struct arena *a, int argc, char *const *argv,
		  struct options *out, struct error *err) MUST_CHECK;

void options_help(FILE *out);

#endif
