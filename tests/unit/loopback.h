/* A client's connection to a server that a test runs on 127.0.0.1. */
#ifndef TESTS_UNIT_LOOPBACK_H
#define TESTS_UNIT_LOOPBACK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "lib/str.h"

/*
 * To "127.0.0.1:PORT", as http_server_address tells it. The descriptor is the
 * caller's to close; reading fails after 20 s without a byte.
 */
static inline int loopback_dial(struct str address)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct timeval patience = { .tv_sec = 20 };
	unsigned port = 0;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	for (size_t i = str_find(address, ':') + 1; i < address.n; i++)
		port = port * 10 + (unsigned)(address.p[i] - '0');
	in.sin_port = htons((uint16_t)port);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
				    sizeof(patience)),
			 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	return fd;
}

#endif
