/*
 * An HTTP/1.1 server by a table of routes: one call of the handler for each
 * request, with the whole body, in one of a few threads. The only user of
 * libmicrohttpd.
 *
 * What it refuses by itself, in plain text: an unknown path (404), method
 * (405) or content type (415), a body beyond the route's cap (413), headers
 * beyond 32 KiB (431), a length that can be read two ways (400), and with
 * Retry-After, when too much is under way, 503.
 *
 * A handler has no state of its own here and may not block: other connections
 * wait on its thread. What has to wait says so in its answer, and the handler
 * is called again later. What it puts into the arena is forgotten when it
 * returns: the answer has been copied.
 *
 * Every state of a connection has a deadline: the TLS handshake and a request
 * request_seconds each, sending the answer likewise, waiting for the next
 * request idle_seconds.
 */
#ifndef LIB_HTTP_H
#define LIB_HTTP_H

#include "lib/arena.h"
#include "lib/error.h"

enum http_method { HTTP_GET = 1 << 0, HTTP_HEAD = 1 << 1, HTTP_POST = 1 << 2 };

/*
 * Wakes a request that waits: exactly once, from any thread, before or after
 * its handler has returned. The waiter is gone then.
 */
struct http_waiter;
void http_wake(struct http_waiter *waiter);

struct http_request {
	enum http_method method;
	struct str path; /* without the query */
	struct str body;
	int64_t received_ns; /* when its first line was there; monotonic */
	struct arena *arena;
	struct http_waiter *waiter; /* NULL: it may not wait */
	const void *source;	    /* for http_query */
};

/* The value of a query argument, decoded; STR_NONE when absent. */
struct str http_query(const struct http_request *request, const char *name);

struct http_answer {
	unsigned status;	  /* 200 at the start */
	const char *content_type; /* "application/json" at the start */
	struct str body;	  /* copied when the handler returns */
	unsigned retry_after;	  /* seconds; 0: not said */
	/*
	 * Nothing is sent: the handler is called anew, with the same request,
	 * when its waiter has been woken. Only if it gave the waiter to
	 * somebody who wakes it soon: nothing else ends the wait, and the
	 * server does not stop before.
	 */
	bool waits;
};

struct http_route {
	const char *path;	  /* NULL ends a table */
	unsigned methods;	  /* bits */
	const char *content_type; /* of a POST; NULL: any */
	size_t body_max;
	bool counted; /* against max_in_flight */
	void (*handle)(const struct http_request *request,
		       struct http_answer *answer, void *context);
};

struct http_connection;

/*
 * TLS, with the types of its library left out: a session is a
 * gnutls_session_t. started runs before the handshake, in the connection's
 * thread, and gives the session its certificate; ended, with what started
 * returned, once the session is gone.
 */
struct http_tls {
	const char *priorities;
	/* gnutls_certificate_retrieve_function2, for sessions without any. */
	void (*no_certificate)(void);
	void *(*started)(void *context, void *session,
			 struct http_connection *connection);
	void (*ended)(void *context, void *state);
	void *context;
};

/* The TLS side tells that the handshake is over. */
void http_handshake_done(struct http_connection *connection);

/*
 * Longer than the API server keeps an idle connection (90 s, IdleConnTimeout
 * of Go's net/http): were it shorter, a review could cross the closing of its
 * connection and fail.
 */
enum { HTTP_IDLE_SECONDS = 180 };

struct http_config {
	struct str listen; /* as listener_open takes it */
	const struct http_route *routes;
	void *context;		    /* of the handlers */
	const struct http_tls *tls; /* NULL: plain; outlives the server */
	/* 0 is a default for all of these */
	unsigned threads;	  /* the cores, 2 to 4: each holds memory */
	unsigned max_connections; /* 512; more wait to be accepted */
	unsigned max_per_address; /* 0: any; more are closed at once */
	unsigned max_in_flight;	  /* 256 requests of counted routes */
	unsigned idle_seconds;	  /* HTTP_IDLE_SECONDS */
	unsigned request_seconds; /* 10 */
	unsigned max_age_seconds; /* 300, then "Connection: close" */
	size_t body_budget;	  /* 64 MiB, of all bodies beyond 64 KiB */
};

struct http_server;

int http_server_start(const struct http_config *config,
		      struct http_server **out, struct error *err) MUST_CHECK;

/* "127.0.0.1:9443", with the port that was picked. */
struct str http_server_address(const struct http_server *s);

/* From now on every answer closes its connection. */
void http_server_drain(struct http_server *s);

/*
 * Takes no new connection, waits at most seconds for requests under way,
 * closes everything and frees. NULL is fine.
 */
void http_server_stop(struct http_server **s, unsigned seconds);

/* What the server refused by itself. */
enum http_refusal {
	HTTP_REFUSED_BAD,	/* 400 */
	HTTP_REFUSED_PATH,	/* 404 */
	HTTP_REFUSED_METHOD,	/* 405 */
	HTTP_REFUSED_TOO_LARGE, /* 413 */
	HTTP_REFUSED_TYPE,	/* 415 */
	HTTP_REFUSED_BUSY,	/* 503 */
	HTTP_REFUSALS,
};

struct http_stats {
	size_t connections, in_flight, body_bytes; /* right now */
	/* since the start */
	uint64_t accepted, handshakes, timed_out, library_notes;
	uint64_t refused[HTTP_REFUSALS];
};
struct http_stats http_server_stats(const struct http_server *s);

#endif
