/*
 * The port on which a server tells how it is, in plain HTTP:
 *
 *	/healthz  200 while anything answers (a Pod's livenessProbe)
 *	/readyz   200 or 503, and why (its readinessProbe)
 *	/metrics  the numbers, for Prometheus (exposition format 0.0.4)
 *
 * What is ready and what is counted, the program says by two functions. They
 * run in the port's one thread, and may not block.
 */
#ifndef LIB_STATUS_PORT_H
#define LIB_STATUS_PORT_H

#include "lib/http.h"
#include "lib/metrics.h"

struct status_port {
	struct str listen; /* as listener_open takes it */
	const struct metrics *metrics;
	/* Ready? *text is a line for each reason, in a or static. */
	bool (*ready)(void *context, struct arena *a, struct str *text);
	/* Brings up to date what others count; called before numbers are told.
	 */
	void (*measure)(void *context);
	void *context;
};

/*
 * *port and all it points to are borrowed until *out has been stopped
 * (http_server_stop). Errors as of http_server_start.
 */
int status_port_start(const struct status_port *port, struct http_server **out,
		      struct error *err) MUST_CHECK;

#endif
