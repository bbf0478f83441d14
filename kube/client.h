/*
 * Calls of the Kubernetes API: one struct in, one answer out. Retries (see
 * retry.h), limits the rate, and turns every Status into an error that says
 * what was asked, what the server answered and why.
 *
 *	struct kube_call call = {
 *		.verb = KUBE_GET, .resource = &namespaces, .name = STR("a"),
 *	};
 *	if (kube_do(client, &arena, &call, &err) < 0) {
 *		if (call.status == 404)
 *			...
 *		return -1;
 *	}
 *	use(&call.answer);
 *
 * One thread at a time; each thread has its own client, and they share a limit.
 */
#ifndef KUBE_CLIENT_H
#define KUBE_CLIENT_H

#include "kube/limit.h"
#include "kube/resource.h"
#include "kube/transport.h"
#include "lib/json.h"

struct kube_client;

enum kube_verb {
	KUBE_GET,
	KUBE_LIST,	  /* one page; see limit and next */
	KUBE_CREATE,	  /* not idempotent: never sent twice by itself */
	KUBE_REPLACE,	  /* PUT; body with metadata.resourceVersion */
	KUBE_APPLY,	  /* server-side apply with our field manager */
	KUBE_JSON_PATCH,  /* RFC 6902; holds a "test" when it matters */
	KUBE_MERGE_PATCH, /* RFC 7386 */
	KUBE_DELETE,
	KUBE_VERBS,
};

enum kube_propagation {
	KUBE_PROPAGATION_DEFAULT,
	KUBE_BACKGROUND,
	KUBE_FOREGROUND,
	KUBE_ORPHAN,
};

struct kube_call {
	/* asked */
	enum kube_verb verb;
	const struct kube_resource *resource;
	struct str ns, name, subresource;
	const struct json *body;
	struct str field_manager; /* of an apply; empty: the client's */
	bool force;		  /* of an apply: take over fields */
	bool dry_run;
	bool lenient; /* fields that the API does not have are dropped */
	/* of a delete: empty means no precondition */
	struct str uid, resource_version;
	enum kube_propagation propagation;
	/* of a list */
	struct str label_selector, field_selector;
	struct str continue_token; /* "" for the first page */
	unsigned limit;		   /* 0: all in one */
	bool metadata_only;	   /* PartialObjectMetadata */
	int64_t timeout_ms;	   /* for all tries; 0: 30 s */

	/* answered; in the arena of kube_do */
	unsigned status;   /* HTTP; 0: no answer */
	bool stopped;	   /* no answer because stop was set */
	bool maybe_done;   /* a try had no answer, yet may have been done */
	struct str reason; /* of the Status: "NotFound", ...; or empty */
	struct json answer;
};

struct kube_client_options {
	const char *user_agent;	   /* "bulkhead-controller/0.1.0" */
	const char *field_manager; /* "bulkhead-controller" */
	struct kube_limit *limit;  /* borrowed; NULL: none */
	const struct kube_stop *stop;
	/* After each try; NULL: nobody counts. */
	void (*observe)(void *context, const struct kube_call *call,
			int64_t ns);
	/*
	 * Asked before each try of a write; false: it is not sent, and the call
	 * ends as stopped. For who may write only while a lease is held. NULL:
	 * always.
	 */
	bool (*may_write)(void *context);
	void *context;
};

int kube_client_new(const struct kube_config *config,
		    const struct kube_client_options *options,
		    struct kube_client **out, struct error *err) MUST_CHECK;
void kube_client_free(struct kube_client **client);

/*
 * 0 when the server did it (2xx). Else -1 with *err: "get namespaces \"a\":
 * not found (404 NotFound): ..." - code ERR_CONFLICT for 409, ERR_GONE for 410,
 * ERR_INPUT for 400, 415 and 422, ERR_CONFIG for 401 and 403 (with what has to
 * be allowed), ERR_LIMIT for an answer beyond a cap, ERR_AWAY when nobody
 * listens, ERR_IO for the rest.
 */
int kube_do(struct kube_client *client, struct arena *a, struct kube_call *call,
	    struct error *err) MUST_CHECK;

/* Any path, for what is no resource: "/version", "/apis". Retries as a GET. */
int kube_get_path(struct kube_client *client, struct arena *a, struct str path,
		  unsigned *status, struct json *answer,
		  struct error *err) MUST_CHECK;

/*
 * "Status" in an answer's body to an error, for watches too. What is no Status
 * is told by its HTTP status. what: "list pods".
 */
int kube_status_error(const char *what, unsigned http_status,
		      const struct json *body, struct str *reason,
		      struct error *err);

/* For streams: the transport below, its rate already paid for. */
struct kube_transport *kube_client_transport(struct kube_client *client);

#endif
