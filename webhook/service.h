/*
 * What the server serves: the handlers of both ports, and the reloading of
 * what they answer by.
 *
 * Handlers run in the threads of the HTTP servers; service_* in one other.
 */
#ifndef WEBHOOK_SERVICE_H
#define WEBHOOK_SERVICE_H

#include <stdatomic.h>

#include "lib/status_port.h"
#include "policies/snapshot_slot.h"
#include "webhook/cluster.h"
#include "webhook/cluster_files.h"
#include "webhook/options.h"
#include "webhook/readiness.h"
#include "webhook/tls.h"
#include "webhook/watch_files.h"

struct service {
	const struct options *options;
	struct snapshot_slot slot;
	struct inventory *inventory;
	struct cluster_files files; /* that stand for a cluster */
	struct cluster *cluster;    /* NULL: none is watched */
	struct tls *tls;
	struct metrics *metrics;
	struct readiness readiness;
	struct watch_files policy_watch, object_watch, certificate_watch;
	atomic_bool synced;	    /* the inventory holds what there is */
	atomic_bool policy_refused; /* and none is in use: see readiness */
	atomic_uint allowed;	    /* for sampling the log */
	struct http_server *reviews, *status; /* NULL: not started */
	struct http_route routes[3];	      /* of reviews, by the options */
	struct status_port port;
};

/* Reads everything once: what does not pass makes it not ready. */
void service_init(struct service *s, const struct options *options);
void service_release(struct service *s);

/* Both ports. */
int service_start(struct service *s, struct error *err) MUST_CHECK;

/* What changed on disk is read again; all of it when all is set. */
void service_reload(struct service *s, bool all);

/* Not ready from now on; answers close their connections. */
void service_drain(struct service *s);

#endif
