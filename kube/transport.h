/*
 * HTTP to one API server: requests with whole answers, and streams. The only
 * user of libcurl.
 *
 * Keeps its connections open from request to request. TLS 1.2 or newer, the
 * server's certificate checked against the configuration's CA and host name;
 * redirects are not followed; no cookies, no proxy, no compression. Headers
 * and bodies are never logged, the token never appears in an error.
 *
 * One thread at a time. Everything returns soon after stop is set.
 */
#ifndef KUBE_TRANSPORT_H
#define KUBE_TRANSPORT_H

#include "kube/config.h"
#include "kube/stop.h"

struct kube_transport;

struct kube_transport_request {
	const char *method;
	struct str path;	  /* from "/", with the query, encoded */
	const char *content_type; /* of the body; NULL: no body */
	const char *accept;	  /* NULL: application/json */
	struct str body;
	int64_t timeout_ms; /* for the whole answer; of a stream: its head */
	size_t answer_max;  /* bytes of body; 0: 64 MiB */
};

struct kube_transport_answer {
	unsigned status;
	unsigned
		retry_after; /* seconds, RFC 9110 section 10.2.3; 0: not said */
	struct str body;     /* in the arena */
};

/* What is known of a request that has no answer. */
enum kube_transport_outcome {
	TRANSPORT_ANSWERED,
	TRANSPORT_NOT_SENT, /* no byte of it reached the server */
	TRANSPORT_UNKNOWN,  /* the server may have acted on it */
	TRANSPORT_REFUSED,  /* never will: TLS check failed, answer too large */
	TRANSPORT_STOPPED,  /* the same as UNKNOWN, and stop is set */
};

/* The configuration is copied. user_agent is sent with every request. */
int kube_transport_new(const struct kube_config *config,
		       const struct kube_stop *stop, const char *user_agent,
		       struct kube_transport **out,
		       struct error *err) MUST_CHECK;
void kube_transport_free(struct kube_transport **transport);

/* *err is set unless answered; answers of any status are answers. */
enum kube_transport_outcome
kube_transport_send(struct kube_transport *transport, struct arena *a,
		    const struct kube_transport_request *request,
		    struct kube_transport_answer *answer,
		    struct error *err) MUST_CHECK;

/* ---- streams: one at a time for each transport ---- */

struct kube_stream;

/*
 * Returns once the answer's head is there. *out is NULL unless the status is
 * 200; the body of any other answer is in *answer.
 */
enum kube_transport_outcome
kube_stream_open(struct kube_transport *transport, struct arena *a,
		 const struct kube_transport_request *request,
		 struct kube_transport_answer *answer, struct kube_stream **out,
		 struct error *err) MUST_CHECK;

/*
 * Reads what has arrived, at most n bytes, waiting idle_ms for the first: the
 * number of bytes, 0 at the end that the server gave it, -1 when the
 * connection broke, nothing came in time, or stop is set. A reader that is
 * slow makes the server wait; nothing is gathered beyond one read.
 */
int64_t kube_stream_read(struct kube_stream *stream, char *p, size_t n,
			 int64_t idle_ms, struct error *err) MUST_CHECK;

/* NULL is fine. The connection is closed unless the stream has ended. */
void kube_stream_close(struct kube_stream **stream);

#endif
