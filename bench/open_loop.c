/*
 * open_loop PORT PATH REVIEW RATE SECONDS: posts the review at a constant rate
 * over 16 TLS connections, whether or not earlier answers have come. Latency
 * counts from the moment a request was due, so that waiting for a connection
 * is part of it: a server that stalls cannot hide it. Prints a line as
 * bench/webhook/post.lua does, with one more number: the microseconds in which
 * the load itself did not run, which no server can be blamed for.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/json.h"

enum { CONNECTIONS = 16, ANSWER_MAX = 16 << 10, REVIEW_MAX = 1 << 20 };

#define SECOND_NS INT64_C(1000000000)
#define PATIENCE_NS SECOND_NS /* for answers after the last was due */
/* A turn of the loop with all connections busy takes less. */
#define TURN_NS INT64_C(1000000)

struct connection {
	gnutls_session_t session;
	bool busy;
	size_t sent, received;
	int64_t due_ns;
	char answer[ANSWER_MAX];
};

struct load {
	struct arena arena;
	gnutls_certificate_credentials_t credentials;
	struct connection connections[CONNECTIONS];
	int epoll;
	struct str request;
	int64_t rate, wanted; /* requests: a second, in all */
	int64_t started, done, errors;
	int64_t start_ns;
	int64_t stalled_ns; /* in turns of the loop that took too long */
	int64_t *took_ns;   /* of those done */
};

static void die(const char *what)
{
	fprintf(stderr, "open_loop: %s\n", what);
	exit(1); /* NOLINT(concurrency-mt-unsafe): there is one thread */
}

static int64_t number(const char *text)
{
	const struct json n = json_make_number(str_of(text));
	int64_t value;

	if (!json_int(&n, &value) || value < 1 || value > 1000000)
		die("wanted numbers from 1 to 1000000");
	return value;
}

/* ---- connections ---- */

static int connect_to(int64_t port)
{
	const struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int on = 1;

	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)&at, sizeof(at)) < 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0)
		die("cannot connect");
	return fd;
}

static void open_connection(struct load *load, struct connection *c,
			    int64_t port)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
	int fd = connect_to(port), code;

	if (gnutls_init(&c->session, GNUTLS_CLIENT) < 0 ||
	    gnutls_set_default_priority(c->session) < 0 ||
	    gnutls_credentials_set(c->session, GNUTLS_CRD_CERTIFICATE,
				   load->credentials) < 0)
		die("cannot set up TLS");
	gnutls_transport_set_int(c->session, fd);
	do
		code = gnutls_handshake(c->session);
	while (code < 0 && !gnutls_error_is_fatal(code));
	if (code < 0)
		die(gnutls_strerror(code));
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ||
	    epoll_ctl(load->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die("cannot wait for the connection");
}

/* ---- requests ---- */

static bool must_wait(ssize_t code)
{
	return code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED;
}

static void send_on(const struct load *load, struct connection *c)
{
	while (c->sent < load->request.n) {
		ssize_t n = gnutls_record_send(c->session,
					       load->request.p + c->sent,
					       load->request.n - c->sent);

		if (must_wait(n))
			return;
		if (n <= 0)
			die("the connection broke while sending");
		c->sent += (size_t)n;
	}
}

/* 0 while the head is not there, else the length of head and body. */
static size_t answer_length(const struct connection *c)
{
	const struct str got = { c->answer, c->received };
	const char *head_end = memmem(got.p, got.n, "\r\n\r\n", 4);
	const char *line = memmem(got.p, got.n, "Content-Length: ", 16);
	struct json length;
	const char *digits;
	int64_t n;

	if (!head_end)
		return 0;
	if (!line || line > head_end)
		die("an answer without a length");
	digits = line + 16;
	length =
		json_make_number((struct str){ digits, strcspn(digits, "\r") });
	if (!json_int(&length, &n) || n < 0 || n > ANSWER_MAX)
		die("an answer whose length cannot be read");
	return (size_t)(head_end + 4 - got.p) + (size_t)n;
}

static void finish(struct load *load, struct connection *c)
{
	if (!str_starts((struct str){ c->answer, c->received },
			STR("HTTP/1.1 200 ")))
		load->errors++;
	load->took_ns[load->done++] = clock_monotonic_ns() - c->due_ns;
	c->busy = false;
}

static void receive_on(struct load *load, struct connection *c)
{
	while (c->busy) {
		size_t whole;
		ssize_t n =
			gnutls_record_recv(c->session, c->answer + c->received,
					   ANSWER_MAX - c->received);

		if (must_wait(n))
			return;
		if (n <= 0)
			die("the connection broke while receiving");
		c->received += (size_t)n;
		whole = answer_length(c);
		if (whole && c->received >= whole)
			finish(load, c);
	}
}

/* Tickets for resumption come unasked. */
static void drop_what_came(struct connection *c)
{
	ssize_t n = gnutls_record_recv(c->session, c->answer, ANSWER_MAX);

	if (!must_wait(n))
		die("the connection broke while idle");
}

/* ---- the loop ---- */

static void start_due(struct load *load, int64_t now)
{
	int64_t due = (now - load->start_ns) * load->rate / SECOND_NS + 1;

	if (due > load->wanted)
		due = load->wanted;
	for (size_t i = 0; i < CONNECTIONS && load->started < due; i++) {
		struct connection *c = &load->connections[i];

		if (c->busy)
			continue;
		c->busy = true;
		c->sent = c->received = 0;
		c->due_ns = load->start_ns +
			    load->started++ * SECOND_NS / load->rate;
		send_on(load, c);
	}
}

static void take_answers(struct load *load)
{
	struct epoll_event events[CONNECTIONS];
	int n = epoll_wait(load->epoll, events, CONNECTIONS, 0);

	for (int i = 0; i < n; i++) {
		struct connection *c = events[i].data.ptr;

		if (c->busy)
			receive_on(load, c);
		else
			drop_what_came(c);
	}
}

/* Never sleeps: waking up would count as latency of the server. */
static void run(struct load *load)
{
	int64_t end = load->start_ns + PATIENCE_NS +
		      load->wanted * SECOND_NS / load->rate;
	int64_t before = load->start_ns;

	while (load->done < load->wanted) {
		int64_t now = clock_monotonic_ns();

		if (now > end)
			break;
		if (now - before > TURN_NS)
			load->stalled_ns += now - before;
		before = now;
		start_due(load, now);
		for (size_t i = 0; i < CONNECTIONS; i++)
			if (load->connections[i].busy)
				send_on(load, &load->connections[i]);
		take_answers(load);
	}
	load->errors += load->wanted - load->done;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* In a thousand; those that never came count as the slowest. */
static int64_t percentile_us(const struct load *load, int64_t per_mille)
{
	int64_t at = (load->wanted * per_mille + 999) / 1000 - 1;

	return at < load->done ? load->took_ns[at] / 1000 : PATIENCE_NS / 1000;
}

static void report(struct load *load)
{
	int64_t took = clock_monotonic_ns() - load->start_ns;

	qsort(load->took_ns, (size_t)load->done, sizeof(*load->took_ns),
	      compare);
	printf("figures %lld %lld %lld %lld %lld %lld %lld\n",
	       (long long)load->done, (long long)took / 1000,
	       (long long)load->errors, (long long)percentile_us(load, 500),
	       (long long)percentile_us(load, 990),
	       (long long)percentile_us(load, 999),
	       (long long)load->stalled_ns / 1000);
}

static struct str request_of(struct arena *a, const char *path,
			     const char *file)
{
	struct error err = ERROR_INIT;
	struct str body;

	if (file_read(a, file, REVIEW_MAX, &body, &err) < 0)
		die(err.msg);
	return arena_printf(a,
			    "POST %s HTTP/1.1\r\nHost: localhost\r\n"
			    "Content-Type: application/json\r\n"
			    "Content-Length: %zu\r\n\r\n%.*s",
			    path, body.n, STR_ARG(body));
}

int main(int argc, char **argv)
{
	static struct load load = { .arena = ARENA_INIT };

	if (argc != 6)
		return 2;
	load.request = request_of(&load.arena, argv[2], argv[3]);
	load.rate = number(argv[4]);
	load.wanted = load.rate * number(argv[5]);
	load.took_ns = arena_new(&load.arena, int64_t, (size_t)load.wanted);
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (load.epoll < 0 ||
	    gnutls_certificate_allocate_credentials(&load.credentials) < 0)
		die("cannot set up");
	for (size_t i = 0; i < CONNECTIONS; i++)
		open_connection(&load, &load.connections[i], number(argv[1]));
	load.start_ns = clock_monotonic_ns();
	run(&load);
	report(&load);
	return 0;
}
