/*
 * The scripted server: one thread, one poll(2) over the port and whatever
 * connections there are; the next whole request, on any of them, takes the
 * next step. A request that the step did not expect, or that comes behind the
 * last one, is kept as the complaint and answered with a 400 that says so.
 */
#include "tests/fake/script.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kube/stop.h"
#include "lib/buf.h"

enum {
	CONNECTIONS_MAX = 32,
	REQUEST_MAX = 16 << 20,
	READ_MAX = 64 << 10,
	BACKLOG = 16,
	COMPLAINT_MAX = 1024,
	SHOWN = 120, /* of a request in a complaint */
};

struct connection {
	int fd; /* -1: free */
	bool silent;
	struct buf in;
};

struct fake_script {
	const struct fake_step *steps;
	size_t n;
	struct kube_stop *stop;
	pthread_t thread;
	struct sockaddr_in address;
	char url[64];
	/* guards done and accepted; held while the last byte of an answer is
	 * sent, so that who has the answer sees it counted */
	pthread_mutex_t lock;
	size_t done, accepted;
	/* the thread's own until it is joined */
	int listener;
	bool listening;
	struct connection connections[CONNECTIONS_MAX];
	size_t taken;
	char complaint[COMPLAINT_MAX]; /* the first one */
};

PRINTF_LIKE(2, 3)
static void complain(struct fake_script *script, const char *fmt, ...)
{
	va_list args;

	if (script->complaint[0])
		return;
	va_start(args, fmt);
	(void)vsnprintf(script->complaint, sizeof(script->complaint), fmt,
			args);
	va_end(args);
}

/* ---- the port ---- */

/*
 * A bound socket that does not listen refuses, and nobody else gets the port
 * meanwhile.
 */
static void port_bind(struct fake_script *script)
{
	int old = script->listener, on = 1;
	socklen_t size = sizeof(script->address);
	struct sockaddr *address = (struct sockaddr *)&script->address;

	script->listener =
		socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (script->listener < 0 ||
	    setsockopt(script->listener, SOL_SOCKET, SO_REUSEADDR, &on,
		       sizeof(on)) < 0 ||
	    setsockopt(script->listener, SOL_SOCKET, SO_REUSEPORT, &on,
		       sizeof(on)) < 0 ||
	    bind(script->listener, address, size) < 0 ||
	    getsockname(script->listener, address, &size) < 0)
		BUG("no port for the script");
	if (old >= 0)
		(void)close(old);
	script->listening = false;
}

static void port_listen(struct fake_script *script)
{
	if (listen(script->listener, BACKLOG) < 0)
		BUG("the script cannot listen");
	script->listening = true;
}

/* ---- connections ---- */

static void connection_close(struct connection *c)
{
	if (c->fd >= 0)
		(void)close(c->fd);
	c->fd = -1;
	c->silent = false;
	buf_release(&c->in);
}

static void connection_accept(struct fake_script *script)
{
	int on = 1;
	int fd = accept4(script->listener, NULL, NULL,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *c = &script->connections[i];

		if (c->fd >= 0)
			continue;
		pthread_mutex_lock(&script->lock);
		script->accepted++;
		pthread_mutex_unlock(&script->lock);
		*c = (struct connection){ .fd = fd,
					  .in = BUF_INIT(REQUEST_MAX) };
		return;
	}
	complain(script, "more than %d connections at once", CONNECTIONS_MAX);
	(void)close(fd);
}

static void connection_read(struct fake_script *script, struct connection *c)
{
	char piece[READ_MAX];
	ssize_t got = recv(c->fd, piece, sizeof(piece), 0);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0)
		buf_add(&c->in, (struct str){ piece, (size_t)got });
	if (buf_failed(&c->in))
		complain(script, "a request of more than %d bytes",
			 REQUEST_MAX);
	if (got <= 0 || buf_failed(&c->in))
		connection_close(c);
}

static size_t content_length(struct str head)
{
	static const char name[] = "content-length:";
	struct str line;
	size_t n = 0;

	while (str_split(&head, '\n', &line)) {
		struct str value;

		if (line.n < sizeof(name) - 1 ||
		    strncasecmp(line.p, name, sizeof(name) - 1) != 0)
			continue;
		value = str_trim(str_sub(line, sizeof(name) - 1, line.n));
		for (size_t i = 0; i < value.n && n <= REQUEST_MAX; i++)
			n = 10 * n + (size_t)(value.p[i] - '0');
	}
	return n;
}

/* Of the first request with its body; 0: it has not arrived whole. */
static size_t request_size(const struct connection *c)
{
	struct str in = buf_str(&c->in);
	size_t head = str_find_str(in, STR("\r\n\r\n")), size;

	if (c->fd < 0 || c->silent || head == in.n)
		return 0;
	size = head + 4 + content_length(str_sub(in, 0, head));
	return size <= in.n ? size : 0;
}

/* ---- waiting ---- */

static void wait_all(struct fake_script *script)
{
	struct pollfd fds[2 + CONNECTIONS_MAX];

	fds[0] = (struct pollfd){ kube_stop_fd(script->stop), POLLIN, 0 };
	fds[1] = (struct pollfd){ script->listening ? script->listener : -1,
				  POLLIN, 0 };
	for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
		const struct connection *c = &script->connections[i];

		fds[2 + i] =
			(struct pollfd){ c->silent ? -1 : c->fd, POLLIN, 0 };
	}
	if (poll(fds, ARRAY_LEN(fds), -1) < 0 && errno != EINTR)
		BUG("poll of the script");
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		if (fds[2 + i].revents)
			connection_read(script, &script->connections[i]);
	if (fds[1].revents)
		connection_accept(script);
}

/* Until stop is set, ms have passed or the socket is ready; true: it is. */
static bool wait_one(const struct fake_script *script, int fd, short events,
		     int ms)
{
	struct pollfd fds[2] = {
		{ kube_stop_fd(script->stop), POLLIN, 0 },
		{ fd, events, 0 },
	};

	if (poll(fds, 2, ms) < 0 && errno != EINTR)
		BUG("poll of the script");
	return fds[1].revents != 0;
}

/* The first connection with a whole request; NULL: stop is set. */
static struct connection *next_request(struct fake_script *script)
{
	while (!kube_stop_is_set(script->stop)) {
		for (size_t i = 0; i < CONNECTIONS_MAX; i++)
			if (request_size(&script->connections[i]) > 0)
				return &script->connections[i];
		wait_all(script);
	}
	return NULL;
}

static void request_drop(struct connection *c)
{
	size_t size = request_size(c);

	memmove(c->in.p, c->in.p + size, c->in.n - size);
	c->in.n -= size;
}

/* ---- steps ---- */

static bool send_piece(struct fake_script *script, const struct connection *c,
		       struct str piece, bool last)
{
	while (piece.n > 0 && !kube_stop_is_set(script->stop)) {
		ssize_t put;

		pthread_mutex_lock(&script->lock);
		put = send(c->fd, piece.p, piece.n, MSG_NOSIGNAL);
		if (last && put == (ssize_t)piece.n)
			script->done++;
		pthread_mutex_unlock(&script->lock);
		if (put < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		piece = str_sub(piece, put > 0 ? (size_t)put : 0, piece.n);
		if (piece.n > 0)
			(void)wait_one(script, c->fd, POLLOUT, -1);
	}
	return piece.n == 0;
}

/* False: the client has gone, or stop is set. */
static bool send_answer(struct fake_script *script, const struct connection *c,
			const struct fake_step *step)
{
	struct str answer = { step->answer, step->length };
	size_t chunk;

	if (answer.n == 0)
		answer = str_of(step->answer);
	chunk = step->chunk > 0 ? step->chunk : answer.n;
	for (size_t at = 0; at < answer.n; at += chunk)
		if (!send_piece(script, c, str_sub(answer, at, at + chunk),
				at + chunk >= answer.n))
			return false;
	return true;
}

static void count_unanswered(struct fake_script *script, struct connection *c)
{
	pthread_mutex_lock(&script->lock);
	script->done++;
	connection_close(c);
	pthread_mutex_unlock(&script->lock);
}

static void take_step(struct fake_script *script, struct connection *c,
		      const struct fake_step *step)
{
	request_drop(c);
	if (!step->refuse && step->hold_ms > 0)
		(void)wait_one(script, c->fd, POLLRDHUP, step->hold_ms);
	/* Before the client can act on the answer. */
	if (step[1].expect && step[1].refuse)
		port_bind(script);
	/* The client may go away in the middle: a test may want that. */
	if (!step->answer || !send_answer(script, c, step)) {
		count_unanswered(script, c);
	} else if (step->linger) {
		c->silent = true;
	} else if (step->close) {
		connection_close(c);
	}
}

static bool is_expected(struct fake_script *script, const struct connection *c,
			size_t i)
{
	const struct fake_step *step = &script->steps[i];
	struct str request = { c->in.p, request_size(c) };

	if (str_starts(request, str_of(step->expect)) &&
	    (!step->holds ||
	     str_find_str(request, str_of(step->holds)) < request.n))
		return true;
	if (str_starts(request, str_of(step->expect)))
		complain(script, "step %zu: \"%s\" is not in: %.*s", i,
			 step->holds,
			 STR_ARG(str_sub(request, 0, COMPLAINT_MAX / 2)));
	else
		complain(script, "step %zu: not \"%s\" but: %.*s", i,
			 step->expect, STR_ARG(str_sub(request, 0, SHOWN)));
	return false;
}

static void refuse_for_a_while(struct fake_script *script, int ms)
{
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		if (!script->connections[i].silent)
			connection_close(&script->connections[i]);
	(void)kube_stop_wait(script->stop, ms);
	port_listen(script);
}

static void serve_complaint(struct fake_script *script)
{
	struct connection *c;
	char answer[COMPLAINT_MAX + 64];

	while ((c = next_request(script))) {
		complain(script, "behind the last step: %.*s",
			 STR_ARG(str_sub(buf_str(&c->in), 0, SHOWN)));
		(void)snprintf(answer, sizeof(answer),
			       "HTTP/1.1 400 Bad Request\r\n"
			       "Connection: close\r\n\r\n%s",
			       script->complaint);
		(void)send_piece(script, c, str_of(answer), false);
		connection_close(c);
	}
}

static void *serve(void *context)
{
	struct fake_script *script = context;

	for (size_t i = 0; i < script->n; i++) {
		const struct fake_step *step = &script->steps[i];
		struct connection *c;

		if (step->refuse)
			refuse_for_a_while(script, step->hold_ms);
		c = next_request(script);
		if (!c)
			return NULL;
		if (!is_expected(script, c, i))
			break;
		script->taken++;
		take_step(script, c, step);
	}
	serve_complaint(script);
	return NULL;
}

/* ---- public ---- */

struct fake_script *fake_script_start(const struct fake_step *steps)
{
	struct fake_script *script = calloc(1, sizeof(*script));

	if (!script)
		BUG("out of memory");
	script->steps = steps;
	while (steps[script->n].expect)
		script->n++;
	script->stop = kube_stop_new();
	script->listener = -1;
	script->address.sin_family = AF_INET;
	script->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		script->connections[i].fd = -1;
	port_bind(script);
	if (!steps[0].expect || !steps[0].refuse)
		port_listen(script);
	(void)snprintf(script->url, sizeof(script->url), "http://127.0.0.1:%u",
		       ntohs(script->address.sin_port));
	if (pthread_mutex_init(&script->lock, NULL) ||
	    pthread_create(&script->thread, NULL, serve, script))
		BUG("no thread for the script");
	return script;
}

const char *fake_script_url(const struct fake_script *script)
{
	return script->url;
}

/* The lock is no part of what the caller may not change. */
static size_t locked(const struct fake_script *script, const size_t *count)
{
	pthread_mutex_t *lock =
		(pthread_mutex_t *)(uintptr_t)(const void *)&script->lock;
	size_t n;

	pthread_mutex_lock(lock);
	n = *count;
	pthread_mutex_unlock(lock);
	return n;
}

size_t fake_script_done(const struct fake_script *script)
{
	return locked(script, &script->done);
}

size_t fake_script_connections(const struct fake_script *script)
{
	return locked(script, &script->accepted);
}

const char *fake_script_stop(struct fake_script **where)
{
	static char said[COMPLAINT_MAX];
	struct fake_script *script = *where;

	if (!script)
		return NULL;
	kube_stop_set(script->stop);
	if (pthread_join(script->thread, NULL))
		BUG("thread of the script");
	if (script->taken < script->n)
		complain(script, "step %zu of %zu was never asked for: %s",
			 script->taken, script->n,
			 script->steps[script->taken].expect);
	for (size_t i = 0; i < CONNECTIONS_MAX; i++)
		connection_close(&script->connections[i]);
	(void)close(script->listener);
	pthread_mutex_destroy(&script->lock);
	memcpy(said, script->complaint, sizeof(said));
	kube_stop_free(&script->stop);
	free(script);
	*where = NULL;
	return said[0] ? said : NULL;
}
