/* The routes of both ports. Their context is a struct service. */
#ifndef WEBHOOK_HANDLERS_H
#define WEBHOOK_HANDLERS_H

#include "lib/http.h"

/* /mutate and /validate; the cap of bodies is the service's to set. */
extern const struct http_route review_routes[3];

/* /healthz, /readyz, /metrics. */
extern const struct http_route status_routes[4];

#endif
