/* Opening a listening socket, for any mix of address families. */
#include "lib/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

enum { BACKLOG = 1024, TEXT_MAX = 128 };

static int refuse(struct str where, struct error *err)
{
	return error_set(err, ERR_CONFIG,
			 "\"%.*s\" is no address to listen on, wanted "
			 "ADDRESS:PORT, :PORT or [IPV6]:PORT",
			 STR_ARG(where));
}

/* getaddrinfo(3) would take 70000 for 4464. */
static bool is_port(struct str s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (i == 5 || s.p[i] < '0' || s.p[i] > '9')
			return false;
		n = n * 10 + (unsigned)(s.p[i] - '0');
	}
	return s.n > 0 && n <= 65535;
}

/* Cuts at the last colon; brackets are taken off. */
static int split(struct str where, char host[TEXT_MAX], char port[TEXT_MAX],
		 struct error *err)
{
	struct str h = where, p;

	while (h.n && h.p[h.n - 1] != ':')
		h.n--;
	p = str_sub(where, h.n, where.n);
	if (!h.n || where.n >= TEXT_MAX || !is_port(p))
		return refuse(where, err);
	h.n--;
	if (str_starts(h, STR("[")) && str_ends(h, STR("]")))
		h = str_sub(h, 1, h.n - 1);
	else if (str_find(h, ':') < h.n)
		return refuse(where, err);
	snprintf(host, TEXT_MAX, "%.*s", STR_ARG(h));
	snprintf(port, TEXT_MAX, "%.*s", STR_ARG(p));
	return 0;
}

/* -1 with errno. */
static int try_address(const struct addrinfo *address)
{
	const int one = 1, zero = 0;
	int fd = socket(address->ai_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int saved;

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (address->ai_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero,
				 sizeof(zero));
	if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

static int try_family(const char *host, const char *port, int family)
{
	const struct addrinfo hints = {
		.ai_family = family,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
	};
	struct addrinfo *found = NULL;
	int fd;

	if (getaddrinfo(*host ? host : NULL, port, &hints, &found)) {
		errno = EINVAL;
		return -1;
	}
	fd = try_address(found);
	freeaddrinfo(found);
	return fd;
}

int listener_open(struct str where, int *fd, struct error *err)
{
	char host[TEXT_MAX] = "", port[TEXT_MAX] = "";

	if (split(where, host, port, err) < 0)
		return -1;
	/* An IPv6 socket takes IPv4 too, where the machine has IPv6 at all. */
	*fd = try_family(host, port, *host ? AF_UNSPEC : AF_INET6);
	if (*fd < 0 && !*host)
		*fd = try_family(host, port, AF_INET);
	if (*fd >= 0)
		return 0;
	if (errno == EINVAL)
		return refuse(where, err);
	return error_set(err, ERR_IO, "cannot listen on %.*s: %m",
			 STR_ARG(where));
}

struct str listener_address(struct arena *a, int fd)
{
	struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
	socklen_t size = sizeof(address);
	char host[TEXT_MAX], port[TEXT_MAX];

	if (getsockname(fd, (struct sockaddr *)&address, &size) ||
	    getnameinfo((struct sockaddr *)&address, size, host, sizeof(host),
			port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV))
		return STR("?");
	return arena_printf(a,
			    address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s",
			    host, port);
}

int listener_accept(int fd, struct sockaddr_storage *address, socklen_t *size)
{
	int one;

	do {
		*size = sizeof(*address);
		one = accept4(fd, (struct sockaddr *)address, size,
			      SOCK_NONBLOCK | SOCK_CLOEXEC);
	} while (one < 0 && (errno == EINTR || errno == ECONNABORTED));
	return one;
}
