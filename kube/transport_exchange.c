/*
 * One request and its answer through libcurl's multi interface, so that one
 * poll(2) waits for the network and for the stop.
 */
#include "kube/transport_state.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/clock.h"

#define MS_NS INT64_C(1000000)
/* Longer would stop a program's work for what may be a mistyped header. */
#define RETRY_AFTER_MAX 3600

enum {
	HEAD_MAX = 64 << 10,
	BODY_MAX = 64 << 20,
	PATH_SHOWN = 128, /* in messages */
};

/* ---- what libcurl calls ---- */

/* NOLINTBEGIN(readability-non-const-parameter): libcurl's types */
static size_t on_header(char *p, size_t size, size_t n, void *context)
{
	struct exchange *x = context;
	struct str line = { p, size * n };

	x->head_n += line.n;
	if (x->head_n > HEAD_MAX) {
		x->end = EXCHANGE_HEAD_TOO_LARGE;
		return 0;
	}
	/* The empty line; behind that of a 1xx another head follows. */
	if (str_trim(line).n == 0)
		x->head_done = exchange_status(x) >= 200;
	return line.n;
}

static size_t gather(struct exchange *x, struct str piece)
{
	buf_add(&x->body, piece);
	if (!buf_failed(&x->body))
		return piece.n;
	x->end = EXCHANGE_BODY_TOO_LARGE;
	return 0;
}

static size_t on_body(char *p, size_t size, size_t n, void *context)
{
	struct exchange *x = context;
	struct str piece = { p, size * n };

	if (!x->piece || exchange_status(x) != 200)
		return gather(x, piece);
	/* It is handed over again when the reader wants it. */
	if (x->piece_at < x->piece_n) {
		x->paused = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	if (piece.n > EXCHANGE_PIECE_MAX)
		BUG("libcurl hands over more than it says");
	if (piece.n)
		memcpy(x->piece, piece.p, piece.n);
	x->piece_n = piece.n;
	x->piece_at = 0;
	return piece.n;
}

/* NOLINTEND(readability-non-const-parameter) */

static size_t on_send(char *p, size_t size, size_t n, void *context)
{
	struct exchange *x = context;
	struct str part = str_sub(x->unsent, 0, size * n);

	if (part.n)
		memcpy(p, part.p, part.n);
	x->unsent = str_sub(x->unsent, part.n, x->unsent.n);
	return part.n;
}

/*
 * libcurl sends a request again by itself when a connection that it had kept
 * turns out to be gone. Once some of the body has left, whether that may be is
 * for the caller to say.
 */
static int on_rewind(void *context, curl_off_t offset, int origin)
{
	(void)context;
	(void)offset;
	(void)origin;
	return CURL_SEEKFUNC_FAIL;
}

/* ---- headers ---- */

static void add_header(struct exchange *x, struct str name, struct str value)
{
	size_t n = name.n + value.n;
	char *line = calloc(1, n + 1);
	struct curl_slist *longer;

	if (!line)
		BUG("out of memory");
	memcpy(line, name.p, name.n);
	if (value.n)
		memcpy(line + name.n, value.p, value.n);
	longer = curl_slist_append(x->headers, line);
	if (!longer)
		BUG("out of memory");
	x->headers = longer;
	explicit_bzero(line, n);
	free(line);
}

static int set_headers(struct exchange *x,
		       const struct kube_transport_request *request,
		       struct error *err)
{
	struct kube_transport *t = x->transport;
	struct str token;

	if (kube_credentials_token(&t->credentials, clock_monotonic_ns(),
				   &token, err) < 0)
		return error_wrap(err, "%s", x->what);
	if (token.n)
		add_header(x, STR("Authorization: Bearer "), token);
	add_header(x, STR("Accept: "),
		   request->accept ? str_of(request->accept)
				   : STR("application/json"));
	if (request->content_type)
		add_header(x, STR("Content-Type: "),
			   str_of(request->content_type));
	if (t->host)
		add_header(x, STR("Host: "), str_of(t->host));
	/* Without a value: do not ask leave to send a body. */
	add_header(x, STR("Expect:"), STR_NONE);
	return 0;
}

static void wipe_headers(struct curl_slist **headers)
{
	for (struct curl_slist *line = *headers; line; line = line->next)
		explicit_bzero(line->data, strlen(line->data));
	curl_slist_free_all(*headers);
	*headers = NULL;
}

/* ---- begin ---- */

/* Encoded by the caller: else it might become another request. */
static bool is_encoded(struct str path)
{
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] <= ' ' || path.p[i] > '~' || path.p[i] == '#')
			return false;
	return str_starts(path, STR("/"));
}

static void set_body(struct exchange *x,
		     const struct kube_transport_request *request)
{
	CURL *easy = x->easy;

	x->unsent = request->body;
	(void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
			       (curl_off_t)request->body.n);
	(void)curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_send);
	(void)curl_easy_setopt(easy, CURLOPT_READDATA, x);
	(void)curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_rewind);
}

static void set_request(struct exchange *x,
			const struct kube_transport_request *request)
{
	CURL *easy = x->easy;

	if (request->content_type)
		set_body(x, request);
	else if (strcmp(request->method, "GET") != 0)
		/* What was never reused libcurl does not send twice. */
		(void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, x->headers);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
	(void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->detail);
	(void)curl_easy_setopt(easy, CURLOPT_PRIVATE, x);
	if (x->transport->reroute)
		x->reroute = curl_slist_append(NULL, x->transport->reroute);
	(void)curl_easy_setopt(easy, CURLOPT_CONNECT_TO, x->reroute);
}

static void set_url(const struct exchange *x, struct str path)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT;
	struct str url = arena_printf(&scratch, "%s%s", x->transport->base,
				      arena_str(&scratch, path).p);

	if (curl_easy_setopt(x->easy, CURLOPT_URL, url.p) != CURLE_OK)
		BUG("libcurl takes no address");
}

int exchange_begin(struct exchange *x, struct kube_transport *transport,
		   const struct kube_transport_request *request, char *piece,
		   struct error *err)
{
	struct str path =
		str_sub(request->path, 0, str_find(request->path, '?'));

	*x = (struct exchange){
		.transport = transport,
		.body = BUF_INIT(request->answer_max ? request->answer_max
						     : BODY_MAX),
	};
	x->piece = piece;
	(void)snprintf(x->what, sizeof(x->what), "%s %.*s at %s",
		       request->method, STR_ARG(str_sub(path, 0, PATH_SHOWN)),
		       transport->server);
	if (!is_encoded(request->path))
		return error_set(err, ERR_INPUT,
				 "%s: the path is not encoded for a URL",
				 x->what);
	if (set_headers(x, request, err) < 0)
		return -1;
	x->easy = curl_easy_duphandle(transport->settings);
	if (!x->easy)
		BUG("out of memory");
	set_url(x, request->path);
	set_request(x, request);
	if (curl_multi_add_handle(transport->multi, x->easy) != CURLM_OK)
		BUG("libcurl takes no request");
	return 0;
}

/* ---- run ---- */

/* Of all exchanges: a stream may end while another request goes on. */
static void take_results(const struct kube_transport *t)
{
	const CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(t->multi, &left))) {
		struct exchange *x = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
					(char **)&x);
		x->result = message->data.result;
		/* libcurl takes half a head for an empty answer. */
		if (x->result == CURLE_OK && !x->head_done)
			x->result = CURLE_PARTIAL_FILE;
		if (x->end == EXCHANGE_RUNS)
			x->end = EXCHANGE_DONE;
	}
}

static int ms_until(int64_t deadline_ns)
{
	int64_t ns = deadline_ns - clock_monotonic_ns();

	if (ns <= 0)
		return 0;
	if (ns / MS_NS >= INT_MAX)
		return INT_MAX;
	return (int)((ns + MS_NS - 1) / MS_NS);
}

void exchange_run(struct exchange *x, bool (*reached)(const struct exchange *),
		  int64_t ms)
{
	const struct kube_transport *t = x->transport;
	struct curl_waitfd stop = { .fd = kube_stop_fd(t->stop),
				    .events = CURL_WAIT_POLLIN };
	int64_t most = ms < INT_MAX ? ms : INT_MAX;
	int64_t deadline = clock_monotonic_ns() + most * MS_NS;

	while (!kube_stop_is_set(t->stop)) {
		int running, left;

		if (curl_multi_perform(t->multi, &running) != CURLM_OK)
			BUG("libcurl cannot go on");
		take_results(t);
		if (x->end != EXCHANGE_RUNS || (reached && reached(x)))
			return;
		left = ms_until(deadline);
		if (left == 0) {
			x->end = EXCHANGE_TIMED_OUT;
			x->waited_ms = most;
			return;
		}
		if (curl_multi_poll(t->multi, &stop, 1, left, NULL) != CURLM_OK)
			BUG("libcurl cannot wait");
	}
	x->end = EXCHANGE_STOPPED;
}

/* ---- answers ---- */

unsigned exchange_status(const struct exchange *x)
{
	long status = 0;

	(void)curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	return (unsigned)status;
}

/* libcurl reads both forms: seconds, and the distance to a date. */
static unsigned retry_after(const struct exchange *x)
{
	curl_off_t seconds = 0;

	(void)curl_easy_getinfo(x->easy, CURLINFO_RETRY_AFTER, &seconds);
	if (seconds < 0)
		return 0;
	return seconds > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : (unsigned)seconds;
}

void exchange_answer(const struct exchange *x, struct arena *a,
		     struct kube_transport_answer *answer)
{
	*answer = (struct kube_transport_answer){
		.status = exchange_status(x),
		.retry_after = retry_after(x),
		.body = arena_str(a, buf_str(&x->body)),
	};
	if (answer->status == 401)
		kube_credentials_distrust(&x->transport->credentials);
}

void exchange_release(struct exchange *x)
{
	if (x->easy) {
		(void)curl_multi_remove_handle(x->transport->multi, x->easy);
		curl_easy_cleanup(x->easy);
	}
	wipe_headers(&x->headers);
	curl_slist_free_all(x->reroute);
	buf_release(&x->body);
}
