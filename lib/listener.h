/* A listening TCP socket, by the text of an option: "ADDRESS:PORT". */
#ifndef LIB_LISTENER_H
#define LIB_LISTENER_H

#include <sys/socket.h>

#include "lib/arena.h"
#include "lib/error.h"

/*
 * ":9443" is all addresses, IPv6 and IPv4; "[::1]:0" and "127.0.0.1:0" pick a
 * free port. Numeric addresses only. *fd is the caller's to close. ERR_CONFIG
 * for the text, ERR_IO when the address cannot be had.
 */
int listener_open(struct str where, int *fd, struct error *err) MUST_CHECK;

/* "127.0.0.1:40123": what the socket is bound to. */
struct str listener_address(struct arena *a, int fd);

/* The next connection that waits (non-blocking, ours), or -1: none does. */
int listener_accept(int fd, struct sockaddr_storage *address, socklen_t *size);

#endif
