/*
 * The reconciler as a whole: reflectors fill the inventory and lead changes to
 * keys; one replica, the leader, has workers that take them.
 *
 * Threads: one for each reflector, one for the lease, the workers, the keeper
 * (policy, clock, resync) and the teller (Events), and those of the status
 * port. Keys are added only while workers run: when they start, everything is
 * looked at.
 */
#ifndef CONTROLLER_SERVICE_H
#define CONTROLLER_SERVICE_H

#include <pthread.h>
#include <stdatomic.h>

#include "controller/options.h"
#include "controller/reconcilers.h"
#include "controller/watches.h"
#include "kube/events.h"
#include "kube/lease.h"
#include "lib/status_port.h"
#include "policies/snapshot_slot.h"

enum {
	WORKERS_MAX = 64,
	/* What they ask for is large; nobody waits for it. */
	WORKERS_BACKGROUND = 2,
};

struct service;

struct service_worker {
	struct service *service;
	enum lane lane;
	pthread_t thread;
};

/* The context of one reflector's callbacks. */
struct service_watch {
	struct service *service;
	const struct watch *watch;
};

struct service {
	const struct options *options;
	struct arena arena; /* of the configuration and the names */
	struct kube_config config;
	struct kube_client_options client; /* of every thread's own client */
	struct kube_stop *stop, *lease_stop;
	struct kube_limit *limit;
	struct metrics *metrics;

	struct inventory *inventory;
	struct kube_reflector_options reflect[WATCHES];
	struct service_watch contexts[WATCHES];
	struct kube_reflectors *reflectors;
	struct snapshot_slot slot;

	struct queue *queues[LANES];
	struct kube_events *events;
	struct kube_lease *lease; /* NULL: works without */
	struct service_worker workers[WORKERS_MAX + WORKERS_BACKGROUND];
	pthread_t keeper, teller;
	unsigned n_workers;
	bool keeps, tells; /* these threads run */
	struct status_port port;
	struct http_server *status;

	atomic_bool synced, leads, working;

	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t wake;  /* of the keeper */
	bool policy_dirty;
	char refused[512]; /* of the set in the cluster; empty: in use */
	char says[512];	   /* what is waited for, or grows old */
	size_t behind;	   /* kinds that grow old */
};

/* Starts everything. On an error release what was started. */
int service_start(struct service *s, const struct options *options,
		  struct error *err) MUST_CHECK;

/* Ends everything, the lease given back. */
void service_stop(struct service *s);

/* The world of this moment; release with world_release. */
void service_world(struct service *s, struct arena *a, struct world *world);
void service_world_release(struct world *world);

/* ---- for its own files ---- */

/* Threads; context is a service_worker, and the service. */
void *worker_run(void *context);
void *keeper_run(void *context);

/* Keys go to the queue of their reconciler's lane. */
struct queue *service_queue(struct service *s, const struct queue_key *key);

/* Keys for all there is; why is for the log. Nothing unless workers run. */
void service_resync(struct service *s, const char *why);

void service_lock(struct service *s);
void service_unlock(struct service *s);

/* Everything about the status port of s, which it borrows. */
void service_status(struct service *s, struct status_port *out);

#endif
