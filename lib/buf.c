/* Growing output with a cap; overflow is sticky. */
#include "lib/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_release(struct buf *b)
{
	free(b->p);
	*b = (struct buf)BUF_INIT(b->cap);
}

void buf_clear(struct buf *b)
{
	b->n = 0;
	b->failed = false;
	if (b->p)
		b->p[0] = '\0';
}

/* Room for n more bytes and the NUL; false, and failed, when over the cap. */
static bool reserve(struct buf *b, size_t n)
{
	size_t size = b->size ? b->size : 256;

	if (b->failed || n > b->cap - b->n) {
		b->failed = true;
		return false;
	}
	if (n > SIZE_MAX / 4 - b->n)
		BUG("buffer size overflow");
	while (size < b->n + n + 1)
		size *= 2;
	if (size == b->size)
		return true;
	b->p = realloc(b->p, size);
	if (!b->p) {
		fputs("fatal: out of memory\n", stderr);
		abort();
	}
	b->size = size;
	return true;
}

void buf_add(struct buf *b, struct str s)
{
	if (!reserve(b, s.n))
		return;
	if (s.n)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
	b->p[b->n] = '\0';
}

void buf_puts(struct buf *b, const char *cstr)
{
	buf_add(b, str_of(cstr));
}

void buf_putc(struct buf *b, char c)
{
	buf_add(b, (struct str){ &c, 1 });
}

void buf_fill(struct buf *b, char c, size_t n)
{
	if (!reserve(b, n))
		return;
	memset(b->p + b->n, c, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args, again;
	int n;

	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		BUG("buf_printf format");
	if (reserve(b, (size_t)n)) {
		vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	}
	va_end(again);
}
