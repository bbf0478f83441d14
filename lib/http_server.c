/*
 * Connections and the daemon: libmicrohttpd with its own threads, each waiting
 * in epoll. Public functions of lib/http.h that are about the whole server.
 */
#include "lib/http.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/http_state.h"
#include "lib/listener.h"

#define SECOND_NS INT64_C(1000000000)

enum {
	HEAD_MAX = 32 << 10,
	THREADS_MIN = 2,
	THREADS_MAX = 4,
	KEPT_PER_THREAD = 4,
	STOP_SETTLE_MS = 500, /* for bytes on the way when the door closes */
	STOP_STEP_US = 5000,
};

/* ---- connections ---- */

struct http_connection *http_connection_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	if (!info)
		BUG("a connection without its context");
	return info->socket_context;
}

void http_give_time(struct http_connection *c, unsigned seconds)
{
	deadline_set(&c->deadline,
		     clock_monotonic_ns() + (int64_t)seconds * SECOND_NS);
}

void http_wait_for_request(struct http_connection *c)
{
	const struct http_config *config = &c->server->config;

	http_give_time(c, config->idle_seconds + config->request_seconds);
}

void http_handshake_done(struct http_connection *connection)
{
	atomic_fetch_add_explicit(&connection->server->handshakes, 1,
				  memory_order_relaxed);
	http_wait_for_request(connection);
}

static void start_session(struct http_server *s, struct MHD_Connection *mhd,
			  struct http_connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);

	if (!info)
		BUG("a connection without TLS");
	http_give_time(c, s->config.request_seconds);
	c->tls_state = s->config.tls->started(s->config.tls->context,
					      info->tls_session, c);
}

/* Spread over a tenth, so that connections do not all move at once. */
static int64_t age_limit(const struct http_config *config, int fd)
{
	int64_t whole = (int64_t)config->max_age_seconds * SECOND_NS;

	return clock_monotonic_ns() + whole - whole / 160 * (fd % 16);
}

static struct http_connection *open_connection(struct http_server *s,
					       struct MHD_Connection *mhd)
{
	struct http_connection *c = calloc(1, sizeof(*c));
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);

	if (!c || !info)
		BUG("out of memory");
	c->server = s;
	c->closes_ns = age_limit(&s->config, info->connect_fd);
	atomic_fetch_add_explicit(&s->accepted, 1, memory_order_relaxed);
	http_wait_for_request(c);
	if (s->config.tls)
		start_session(s, mhd, c);
	deadlines_add(s->deadlines, &c->deadline, info->connect_fd);
	return c;
}

static void connection_changed(void *context, struct MHD_Connection *mhd,
			       void **socket_context,
			       enum MHD_ConnectionNotificationCode code)
{
	struct http_server *s = context;
	struct http_connection *c = *socket_context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_context = open_connection(s, mhd);
		return;
	}
	if (!c)
		return;
	deadlines_remove(s->deadlines, &c->deadline);
	if (s->config.tls)
		s->config.tls->ended(s->config.tls->context, c->tls_state);
	free(c);
	*socket_context = NULL;
}

/* ---- the daemon ---- */

/* Failed handshakes and the like: a peer can cause any number of them. */
static void library_note(void *context, const char *format, va_list args)
{
	struct http_server *s = context;

	(void)format;
	(void)args;
	atomic_fetch_add_explicit(&s->notes, 1, memory_order_relaxed);
}

static unsigned or_default(unsigned given, unsigned otherwise)
{
	return given ? given : otherwise;
}

/* Of a large node's cores, of which a container has few. */
static unsigned usual_threads(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (cores < THREADS_MIN)
		return THREADS_MIN;
	return cores < THREADS_MAX ? (unsigned)cores : THREADS_MAX;
}

static void set_defaults(struct http_config *c)
{
	c->threads = or_default(c->threads, usual_threads());
	c->max_connections = or_default(c->max_connections, 512);
	c->max_in_flight = or_default(c->max_in_flight, 256);
	c->idle_seconds = or_default(c->idle_seconds, HTTP_IDLE_SECONDS);
	c->request_seconds = or_default(c->request_seconds, 10);
	c->max_age_seconds = or_default(c->max_age_seconds, 300);
	if (!c->body_budget)
		c->body_budget = 64 << 20;
	if (c->threads > c->max_connections)
		c->threads = c->max_connections;
}

static struct MHD_Daemon *start_daemon(struct http_server *s, int fd)
{
	const struct http_config *c = &s->config;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG |
			 MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME |
			 (c->tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_PRIORITIES, 0,
		  c->tls ? (void *)(uintptr_t)c->tls->priorities : NULL },
		{ MHD_OPTION_HTTPS_CERT_CALLBACK, 0,
		  c->tls ? (void *)(uintptr_t)c->tls->no_certificate : NULL },
		{ MHD_OPTION_END, 0, NULL },
	};
	struct MHD_OptionItem threads[] = {
		{ c->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END,
		  c->threads, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};

	/* The logger comes first: it hears about what follows. */
	return MHD_start_daemon(
		flags, 0, NULL, NULL, http_serve, s, MHD_OPTION_EXTERNAL_LOGGER,
		library_note, s, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_ARRAY,
		threads, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_MAX,
		MHD_OPTION_CONNECTION_LIMIT, c->max_connections,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, c->max_per_address,
		MHD_OPTION_CONNECTION_TIMEOUT, c->idle_seconds,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_CONNECTION,
		connection_changed, s, MHD_OPTION_NOTIFY_COMPLETED,
		http_request_ended, s, MHD_OPTION_URI_LOG_CALLBACK,
		http_request_began, s,
		c->tls ? MHD_OPTION_ARRAY : MHD_OPTION_END, tls,
		MHD_OPTION_END);
}

/*
 * What hundreds of connections leave is free but scattered: the allocator keeps
 * it but for the end of its heaps.
 */
static void give_back(void)
{
	(void)malloc_trim(0);
}

static void free_server(struct http_server **server)
{
	struct http_server *s = *server;

	deadlines_free(&s->deadlines);
	request_pool_free(&s->pool);
	arena_release(&s->arena);
	free(s);
	*server = NULL;
}

int http_server_start(const struct http_config *config,
		      struct http_server **out, struct error *err)
{
	struct http_server *s;
	int fd;

	if (listener_open(config->listen, &fd, err) < 0)
		return -1;
	s = calloc(1, sizeof(*s));
	if (!s)
		BUG("out of memory");
	s->config = *config;
	set_defaults(&s->config);
	s->address = listener_address(&s->arena, fd);
	s->deadlines = deadlines_new(give_back);
	s->pool = request_pool_new((size_t)s->config.threads * KEPT_PER_THREAD,
				   s->config.body_budget);
	s->daemon = start_daemon(s, fd);
	if (!s->daemon) {
		(void)close(fd);
		free_server(&s);
		return error_set(err, ERR_IO,
				 "the HTTP server does not start on %.*s: %m",
				 STR_ARG(config->listen));
	}
	*out = s;
	return 0;
}

struct str http_server_address(const struct http_server *s)
{
	return s->address;
}

void http_server_drain(struct http_server *s)
{
	atomic_store(&s->draining, true);
}

/*
 * Whoever stands in the queue of the closing door is still served. The
 * descriptor stays the caller's to close when the library's threads have ended:
 * until then they may still take it out of their epoll sets. -1: none.
 */
static int close_door(struct http_server *s)
{
	int fd = MHD_quiesce_daemon(s->daemon), one;
	struct sockaddr_storage address;
	socklen_t size;

	if (fd < 0)
		return -1;
	while ((one = listener_accept(fd, &address, &size)) >= 0)
		/* It closes the socket when it fails. */
		(void)MHD_add_connection(s->daemon, one,
					 (struct sockaddr *)&address, size);
	(void)shutdown(fd, SHUT_RDWR);
	return fd;
}

static bool is_quiet(const struct http_server *s, int64_t since)
{
	return deadlines_watched(s->deadlines) == 0 ||
	       (atomic_load(&s->open) == 0 &&
		clock_monotonic_ns() - since >
			STOP_SETTLE_MS * INT64_C(1000000));
}

void http_server_stop(struct http_server **server, unsigned seconds)
{
	struct http_server *s = *server;
	int64_t since = clock_monotonic_ns();
	int door;

	if (!s)
		return;
	http_server_drain(s);
	door = close_door(s);
	while (seconds && !is_quiet(s, since) &&
	       clock_monotonic_ns() - since < seconds * SECOND_NS)
		(void)usleep(STOP_STEP_US);
	/* The library may not stop while a connection is suspended. */
	while (atomic_load(&s->waiters))
		(void)usleep(STOP_STEP_US);
	MHD_stop_daemon(s->daemon);
	if (door >= 0)
		(void)close(door);
	free_server(server);
}

struct http_stats http_server_stats(const struct http_server *s)
{
	struct http_stats stats = {
		.connections = deadlines_watched(s->deadlines),
		.in_flight = atomic_load(&s->in_flight),
		.body_bytes = request_pool_charged(s->pool),
		.accepted = atomic_load(&s->accepted),
		.handshakes = atomic_load(&s->handshakes),
		.timed_out = deadlines_passed(s->deadlines),
		.library_notes = atomic_load(&s->notes),
	};

	for (size_t i = 0; i < HTTP_REFUSALS; i++)
		stats.refused[i] = atomic_load(&s->refused[i]);
	return stats;
}
