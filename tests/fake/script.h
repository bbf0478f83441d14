/*
 * A scripted HTTP server for tests, in a thread of the test itself: it answers
 * one request after the other from a table, byte by byte as told, so that a
 * stream can be cut, held back, or never answered at an exact place. Plain
 * HTTP on 127.0.0.1, one connection at a time unless a step says otherwise.
 *
 * For the behaviour of a whole API server there is tests/fake/apiserver.py.
 */
#ifndef TESTS_FAKE_SCRIPT_H
#define TESTS_FAKE_SCRIPT_H

#include "lib/str.h"

struct fake_step {
	/* The request must begin with this: "GET /api/v1/pods?". */
	const char *expect;
	/* And its head or body must hold this; NULL: anything. */
	const char *holds;
	/*
	 * Written as it stands, so it holds status line and headers; NULL: the
	 * connection is closed without an answer. length 0: strlen.
	 */
	const char *answer;
	size_t length;
	/* Bytes per write(2); 0: all at once. Tests how streams are put
	 * together. */
	size_t chunk;
	int hold_ms; /* before answering */
	bool close;  /* close the connection after it; else keep it alive */
	bool linger; /* after it, keep it open and silent until the end */
	bool refuse; /* before it, close the port for hold_ms: refused */
};

struct fake_script;

/* steps end with expect NULL; borrowed. The server listens on return. */
struct fake_script *fake_script_start(const struct fake_step *steps);

/* "http://127.0.0.1:PORT" */
const char *fake_script_url(const struct fake_script *script);

/* How many steps were answered so far. */
size_t fake_script_done(const struct fake_script *script);

/* How many connections were made so far. */
size_t fake_script_connections(const struct fake_script *script);

/*
 * Stops it. Returns NULL when every step was taken as expected, else what was
 * not: static text of this script, valid until the next start.
 */
const char *fake_script_stop(struct fake_script **script);

#endif
