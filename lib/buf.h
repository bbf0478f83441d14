/*
 * Growing output with a cap that is given at the start.
 *
 * Writes past the cap are dropped and remembered: write freely, ask once with
 * buf_failed. Heap memory, owned by the struct; buf_release frees it. The
 * bytes are always NUL-terminated behind their end, and may hold NULs.
 *
 * Not locked.
 */
#ifndef LIB_BUF_H
#define LIB_BUF_H

#include "lib/str.h"

struct buf {
	char *p;
	size_t n, size;
	size_t cap;  /* largest n that is allowed, in bytes */
	bool failed; /* sticky: something did not fit */
};

#define BUF_INIT(max)                                                          \
	{                                                                      \
		.cap = (max)                                                   \
	}

void buf_release(struct buf *b);

/* Empties it and forgets a failure; keeps the memory and the cap. */
void buf_clear(struct buf *b);

void buf_add(struct buf *b, struct str s);
void buf_puts(struct buf *b, const char *cstr);
void buf_putc(struct buf *b, char c);
void buf_fill(struct buf *b, char c, size_t n);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* What was written; borrowed until the next write or release. */
static inline struct str buf_str(const struct buf *b)
{
	return (struct str){ b->p ? b->p : "", b->n };
}

static inline bool buf_failed(const struct buf *b)
{
	return b->failed;
}

#endif
