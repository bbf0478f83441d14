/*
 * Failures in words: what was asked of whom, what went wrong, what to look at;
 * and whether the server may have acted on the request.
 */
#include "kube/transport_state.h"

#include <inttypes.h>

enum kind {
	FAULT_BY_BYTES, /* whether it was sent tells the outcome */
	FAULT_REFUSED,	/* trying again changes nothing */
};

/* Rows end with CURLE_OK, which stands for all others. */
static const struct fault {
	CURLcode code;
	enum kind kind;
	const char *words, *advice;
} faults[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, FAULT_BY_BYTES,
	  "the server's name is not known",
	  "check the name, and the name service of this machine" },
	{ CURLE_COULDNT_CONNECT, FAULT_BY_BYTES, "no connection",
	  "check that the API server runs, and the address" },
	{ CURLE_OPERATION_TIMEDOUT, FAULT_BY_BYTES, "no connection in time",
	  "check the address, and firewalls on the way" },
	{ CURLE_SSL_CONNECT_ERROR, FAULT_BY_BYTES, "no TLS session",
	  "check that this port speaks https, with TLS 1.2 or newer" },
	{ CURLE_SSL_CERTPROBLEM, FAULT_REFUSED,
	  "the client certificate or its key cannot be used",
	  "check that both are PEM, belong together, and may be read" },
	{ CURLE_GOT_NOTHING, FAULT_BY_BYTES,
	  "the connection was closed without an answer",
	  "check that this is an API server, and its log" },
	{ CURLE_PARTIAL_FILE, FAULT_BY_BYTES,
	  "the connection broke in the middle of the answer",
	  "the server may have restarted" },
	{ CURLE_RECV_ERROR, FAULT_BY_BYTES, "the connection broke",
	  "the server may have restarted; if it asks for a client "
	  "certificate, check that too" },
	{ CURLE_SEND_ERROR, FAULT_BY_BYTES, "the connection broke",
	  "the server may have restarted" },
	{ CURLE_SEND_FAIL_REWIND, FAULT_BY_BYTES,
	  "the connection broke before the answer",
	  "the server may have restarted" },
	{ CURLE_UNSUPPORTED_PROTOCOL, FAULT_BY_BYTES,
	  "the answer is no HTTP/1.1",
	  "check the port, and whether it wants https" },
	{ CURLE_WEIRD_SERVER_REPLY, FAULT_BY_BYTES, "the answer is no HTTP/1.1",
	  "check the port, and whether it wants https" },
	{ CURLE_OK, FAULT_BY_BYTES, "the request failed",
	  "check the API server, and the network" },
};

static const struct fault *find_fault(CURLcode code)
{
	const struct fault *fault = faults;

	while (fault->code != CURLE_OK && fault->code != code)
		fault++;
	return fault;
}

/* libcurl's own words, without the names of our files in memory. */
static struct str detail(const struct exchange *x)
{
	struct str text = str_of(x->detail);

	if (!text.n)
		text = str_of(curl_easy_strerror(x->result));
	text = str_sub(text, 0, str_find_str(text, STR("CAfile")));
	text = str_sub(text, 0, str_find_str(text, STR("/proc/self")));
	while (text.n && strchr(" .:(", text.p[text.n - 1]))
		text.n--;
	return text;
}

/*
 * A client certificate of ours that GnuTLS cannot load comes back as a
 * handshake that failed.
 */
static CURLcode code_of(const struct exchange *x)
{
	if (x->result == CURLE_SSL_CONNECT_ERROR &&
	    strstr(x->detail, "reading X.509 key or certificate"))
		return CURLE_SSL_CERTPROBLEM;
	return x->result;
}

/* Of a connection that libcurl replaced, the bytes count as well. */
static enum kube_transport_outcome by_bytes(const struct exchange *x)
{
	long sent = 1;

	(void)curl_easy_getinfo(x->easy, CURLINFO_REQUEST_SIZE, &sent);
	return sent == 0 ? TRANSPORT_NOT_SENT : TRANSPORT_UNKNOWN;
}

/* Nobody listens: asking again soon costs nobody anything. */
static enum error_code error_code_of(const struct fault *fault)
{
	if (fault->kind == FAULT_REFUSED)
		return ERR_CONFIG;
	return fault->code == CURLE_COULDNT_CONNECT ? ERR_AWAY : ERR_IO;
}

static void tell_untrusted(const struct exchange *x, struct error *err)
{
	const struct kube_transport *t = x->transport;

	error_set(err, ERR_CONFIG,
		  "%s: the server's certificate was refused (%.*s): checked "
		  "for the name %s against %s; check both, and the clock",
		  x->what, STR_ARG(detail(x)), t->name, t->trust);
}

static void tell_no_authority(const struct exchange *x, struct error *err)
{
	error_set(
		err, ERR_CONFIG,
		"%s: %s cannot be read: check that it is PEM, and may be read",
		x->what, x->transport->trust);
}

static enum kube_transport_outcome failed(const struct exchange *x,
					  struct error *err)
{
	const struct fault *fault = find_fault(code_of(x));

	if (x->result == CURLE_PEER_FAILED_VERIFICATION ||
	    x->result == CURLE_SSL_ISSUER_ERROR) {
		tell_untrusted(x, err);
		return TRANSPORT_REFUSED;
	}
	if (x->result == CURLE_SSL_CACERT_BADFILE) {
		tell_no_authority(x, err);
		return TRANSPORT_REFUSED;
	}
	error_set(err, error_code_of(fault), "%s: %s (%.*s): %s (%s)", x->what,
		  fault->words, STR_ARG(detail(x)), fault->advice,
		  x->transport->source);
	return fault->kind == FAULT_REFUSED ? TRANSPORT_REFUSED : by_bytes(x);
}

static enum kube_transport_outcome timed_out(const struct exchange *x,
					     struct error *err)
{
	const char *missing = "no answer";

	if (x->head_done)
		missing = x->piece ? "nothing more" : "no whole answer";
	else if (by_bytes(x) == TRANSPORT_NOT_SENT)
		missing = "no connection";
	error_set(err, ERR_IO,
		  "%s: %s within %" PRId64 " ms: check the API server's load, "
		  "and the network",
		  x->what, missing, x->waited_ms);
	return by_bytes(x);
}

enum kube_transport_outcome exchange_failure(const struct exchange *x,
					     struct error *err)
{
	switch (x->end) {
	case EXCHANGE_DONE:
		return failed(x, err);
	case EXCHANGE_TIMED_OUT:
		return timed_out(x, err);
	case EXCHANGE_STOPPED:
		error_set(err, ERR_IO, "%s: given up to stop", x->what);
		return TRANSPORT_STOPPED;
	case EXCHANGE_BODY_TOO_LARGE:
		error_set(err, ERR_LIMIT,
			  "%s: the answer has more than %zu bytes: ask for "
			  "less at once",
			  x->what, x->body.cap);
		return TRANSPORT_REFUSED;
	case EXCHANGE_HEAD_TOO_LARGE:
		error_set(err, ERR_LIMIT,
			  "%s: the head of the answer is too large: check "
			  "that this is an API server",
			  x->what);
		return TRANSPORT_REFUSED;
	case EXCHANGE_RUNS:
		break;
	}
	BUG("an exchange that goes on has not failed");
}
