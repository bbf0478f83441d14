/*
 * What the files of the HTTP server share; nobody else includes it.
 */
#ifndef LIB_HTTP_STATE_H
#define LIB_HTTP_STATE_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "lib/deadlines.h"
#include "lib/http.h"
#include "lib/request_memory.h"

struct http_server {
	struct http_config config;
	struct MHD_Daemon *daemon;
	struct deadlines *deadlines;
	struct request_pool *pool;
	struct arena arena; /* of address */
	struct str address;
	atomic_bool draining;
	_Atomic unsigned in_flight; /* of counted routes */
	_Atomic unsigned open;	    /* requests of any route */
	_Atomic unsigned waiters;   /* that somebody may have to wake */
	_Atomic uint64_t accepted, handshakes, notes;
	_Atomic uint64_t refused[HTTP_REFUSALS];
};

struct http_connection {
	struct deadline deadline;
	struct http_server *server;
	void *tls_state;
	int64_t closes_ns;   /* the age at which answers close it */
	int64_t received_ns; /* first line of the request under way */
};

struct http_connection *http_connection_of(struct MHD_Connection *mhd);

/* The peer has so long for what comes next. */
void http_give_time(struct http_connection *c, unsigned seconds);
/* Until a request begins: it may be silent, or drip its first line. */
void http_wait_for_request(struct http_connection *c);

/* Part of a request, and of its lifetime. */
struct http_waiter {
	struct http_server *server;
	struct MHD_Connection *mhd;
	_Atomic enum { WAITER_UNUSED, WAITER_WAITS, WAITER_WOKEN } state;
};

/* NULL when the server is about to stop. Otherwise one of the two follows. */
struct http_waiter *http_waiter_offer(struct http_waiter *w);
void http_waiter_unused(struct http_waiter *w);
/* Suspends the connection; its thread goes on with others. */
void http_waiter_wait(struct http_waiter *w);

/* The library's callbacks for requests. */
void *http_request_began(void *context, const char *uri,
			 struct MHD_Connection *mhd);
enum MHD_Result http_serve(void *context, struct MHD_Connection *mhd,
			   const char *path, const char *method,
			   const char *version, const char *upload,
			   size_t *upload_size, void **request);
void http_request_ended(void *context, struct MHD_Connection *mhd,
			void **request, enum MHD_RequestTerminationCode why);

#endif
