/* HTTP as a test speaks it, byte by byte, with what it heard last. */
#ifndef TESTS_UNIT_HTTP_TALK_H
#define TESTS_UNIT_HTTP_TALK_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/loopback.h"

enum { TEXT_MAX = 1 << 17 };
static char got[TEXT_MAX];

#define POST(path, headers, body)                                              \
	"POST " path " HTTP/1.1\r\nHost: x\r\nContent-Type: "                  \
	"application/json\r\n" headers "\r\n" body

static inline void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 strlen(text));
}

/* One answer: its head, and a body that arrives with it or right after. */
static inline const char *hear(int fd)
{
	size_t n = 0;
	ssize_t part;

	while (n + 1 < sizeof(got)) {
		part = recv(fd, got + n, sizeof(got) - 1 - n, 0);
		if (part <= 0)
			break;
		n += (size_t)part;
		got[n] = '\0';
		if (strstr(got, "\r\n\r\n")) {
			(void)usleep(20000);
			part = recv(fd, got + n, sizeof(got) - 1 - n,
				    MSG_DONTWAIT);
			if (part > 0)
				n += (size_t)part;
			break;
		}
	}
	got[n] = '\0';
	return got;
}

/* The answer to one request on a connection of its own. */
static inline const char *ask_at(struct str address, const char *text)
{
	int fd = loopback_dial(address);

	say(fd, text);
	hear(fd);
	(void)close(fd);
	return got;
}

static inline void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in \"%s\"", part, text);
}

#endif
