/* What both ports answer. The context of the handlers is a struct service. */
#ifndef WEBHOOK_HANDLERS_H
#define WEBHOOK_HANDLERS_H

#include "lib/status_port.h"

struct service;

/* /mutate and /validate; the cap of bodies is the service's to set. */
extern const struct http_route review_routes[3];

/* Everything about the status port of s, which it borrows. */
void handlers_status(struct service *s, struct status_port *out);

#endif
