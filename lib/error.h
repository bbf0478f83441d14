/*
 * An error is a value in the caller's frame, passed as the last parameter,
 * never NULL. A function that fails fills it and returns -1:
 *
 *	if (fd < 0)
 *		return error_set(err, ERR_IO, "cannot open %s: %m", path);
 *	if (json_read(a, text, &doc, err) < 0)
 *		return error_wrap(err, "admission review");
 *
 * Nothing to release. A refusal of a manifest is not an error: it is data (see
 * policies/verdict.h). Codes exist only where a caller branches.
 */
#ifndef LIB_ERROR_H
#define LIB_ERROR_H

#include <stdarg.h>

#include "lib/base.h"

enum error_code {
	ERR_NONE,
	ERR_INPUT,    /* malformed or refused input */
	ERR_LIMIT,    /* a cap was hit: bytes, depth, nodes, matches */
	ERR_CONFIG,   /* a bad tier, policy, exception or option */
	ERR_IO,	      /* file or network */
	ERR_AWAY,     /* nobody listens at that address */
	ERR_CONFLICT, /* HTTP 409 */
	ERR_GONE,     /* HTTP 410 */
};

struct error {
	enum error_code code;
	/* Where in the input, 1-based; 0 when the error has no position. */
	uint32_t line, column;
	char msg[512]; /* NUL-terminated, one line of UTF-8, cut with "..." */
};

#define ERROR_INIT                                                             \
	{                                                                      \
		.code = ERR_NONE                                               \
	}

/*
 * All return -1 always, so that an error path is one line. Controls in what
 * they quote become spaces, bytes that are no UTF-8 become "?".
 */
int error_set(struct error *err, enum error_code code, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

int error_vset(struct error *err, enum error_code code, const char *fmt,
	       va_list args) PRINTF_LIKE(3, 0);

/* Like error_set, with a position in the input. */
int error_at(struct error *err, enum error_code code, uint32_t line,
	     uint32_t column, const char *fmt, ...) PRINTF_LIKE(5, 6);

/* Puts "context: " before the message; code and position stay. */
int error_wrap(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
