/*
 * Inside of the transport: one exchange of request and answer, for the sources
 * kube/transport*.c alone. Both whole answers and streams are exchanges; a
 * stream is one that is left open behind its head.
 */
#ifndef KUBE_TRANSPORT_STATE_H
#define KUBE_TRANSPORT_STATE_H

#include <curl/curl.h>

#include "kube/credentials.h"
#include "kube/transport.h"
#include "lib/buf.h"

struct kube_transport {
	CURLM *multi;
	CURL *settings; /* what all requests have in common */
	const struct kube_stop *stop;
	struct kube_credentials credentials;
	struct arena arena;
	/* In the arena: */
	const char *server;  /* as the configuration has it, for messages */
	const char *base;    /* the same, with the name that TLS is to check */
	const char *host;    /* Host header to go with it; NULL: base's */
	const char *reroute; /* CURLOPT_CONNECT_TO; NULL: none */
	const char *name;    /* that the server's certificate must have */
	const char *trust;   /* what it is checked against */
	const char *source;  /* where that is configured */
	const char *user_agent;
	bool tls, insecure;
	bool streaming; /* a stream is open */
};

enum exchange_end {
	EXCHANGE_RUNS,
	EXCHANGE_DONE, /* as libcurl says in result */
	EXCHANGE_TIMED_OUT,
	EXCHANGE_STOPPED,
	EXCHANGE_BODY_TOO_LARGE,
	EXCHANGE_HEAD_TOO_LARGE,
};

/* At most what libcurl hands over at once. */
enum { EXCHANGE_PIECE_MAX = CURL_MAX_WRITE_SIZE };

struct exchange {
	struct kube_transport *transport;
	CURL *easy;
	struct curl_slist *headers, *reroute;
	struct str unsent; /* rest of the request's body, borrowed */
	char what[256];	   /* "GET /api/v1/pods at https://a:6443" */
	enum exchange_end end;
	CURLcode result;
	char detail[CURL_ERROR_SIZE];
	int64_t waited_ms; /* of a time-out */
	size_t head_n;	   /* bytes of the head so far */
	bool head_done;
	struct buf body; /* of a whole answer */
	/* Of a stream, what libcurl handed over last; NULL: no stream. */
	char *piece;
	size_t piece_n, piece_at;
	bool paused;
};

/*
 * Adds it to the transport: it goes out with the next exchange_run. piece
 * (EXCHANGE_PIECE_MAX bytes, borrowed) is for the body of a 200; NULL: it is
 * gathered like every other. x stays where it is until exchange_release, which
 * an exchange that did not begin wants too.
 */
int exchange_begin(struct exchange *x, struct kube_transport *transport,
		   const struct kube_transport_request *request, char *piece,
		   struct error *err) MUST_CHECK;

/*
 * Lets all of the transport go on until reached (NULL: never) says so of x, x
 * has ended, ms have passed or stop is set; x->end tells the last three.
 */
void exchange_run(struct exchange *x, bool (*reached)(const struct exchange *),
		  int64_t ms);

unsigned exchange_status(const struct exchange *x);

/* Status, Retry-After, and a copy of the body. A 401 casts out the token. */
void exchange_answer(const struct exchange *x, struct arena *a,
		     struct kube_transport_answer *answer);

/* Takes it out of the transport; closes its connection unless it is done. */
void exchange_release(struct exchange *x);

/* ---- transport_error.c ---- */

/* What is known of an exchange that ended without a whole answer, in *err. */
enum kube_transport_outcome exchange_failure(const struct exchange *x,
					     struct error *err);

#endif
