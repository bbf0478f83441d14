/* Bump allocation in chunks that double up to a limit. */
#include "lib/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_EACH_OWN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_EACH_OWN 1
#endif
#endif
#ifndef ARENA_EACH_OWN
#define ARENA_EACH_OWN 0
#endif

enum {
	ALIGN = 16,
	CHUNK_MIN = 8 << 10,
	CHUNK_MAX = 256 << 10,
};

struct arena_chunk {
	struct arena_chunk *next;
	size_t size; /* of data */
	_Alignas(ALIGN) char data[];
};

static struct arena_chunk *chunk_new(size_t size)
{
	struct arena_chunk *c = malloc(sizeof(*c) + size);

	if (!c) {
		fputs("fatal: out of memory\n", stderr);
		abort();
	}
	c->size = size;
	return c;
}

static void use_chunk(struct arena *a, struct arena_chunk *c)
{
	a->at = c->data;
	a->end = c->data + c->size;
}

static void push_chunk(struct arena *a, size_t size)
{
	struct arena_chunk *c = chunk_new(size);

	c->next = a->chunks;
	a->chunks = c;
	use_chunk(a, c);
}

static size_t next_size(const struct arena *a, size_t need)
{
	size_t size = a->chunks ? 2 * a->chunks->size : CHUNK_MIN;

	if (size > CHUNK_MAX)
		size = CHUNK_MAX;
	return size < need || ARENA_EACH_OWN ? need : size;
}

void arena_reserve(struct arena *a, size_t bytes)
{
	if (!ARENA_EACH_OWN)
		push_chunk(a, bytes);
}

/* Those before end, which is one of them or NULL. */
static void free_chunks(struct arena_chunk *c, const struct arena_chunk *end)
{
	while (c != end) {
		struct arena_chunk *next = c->next;

		free(c);
		c = next;
	}
}

void arena_release(struct arena *a)
{
	free_chunks(a->chunks, NULL);
	*a = (struct arena)ARENA_INIT;
}

void arena_rewind(struct arena *a, const struct arena *mark)
{
	free_chunks(a->chunks, mark->chunks);
	*a = *mark;
}

void arena_reset(struct arena *a)
{
	bool keep = a->chunks && a->chunks->size <= CHUNK_MAX;

	if (!keep || ARENA_EACH_OWN) {
		arena_release(a);
		return;
	}
	free_chunks(a->chunks->next, NULL);
	a->chunks->next = NULL;
	use_chunk(a, a->chunks);
	a->used = 0;
}

void *arena_raw(struct arena *a, size_t n, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(n, size, &bytes) ||
	    bytes > SIZE_MAX / 2 - ALIGN)
		BUG("arena size overflow");
	if (bytes == 0)
		bytes = 1;
	if (!ARENA_EACH_OWN)
		bytes = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (ARENA_EACH_OWN || (size_t)(a->end - a->at) < bytes)
		push_chunk(a, next_size(a, bytes));
	p = a->at;
	a->at += bytes;
	a->used += bytes;
	return p;
}

void *arena_alloc(struct arena *a, size_t n, size_t size)
{
	void *p = arena_raw(a, n, size);

	memset(p, 0, n * size);
	return p;
}

struct str arena_str(struct arena *a, struct str s)
{
	char *p = arena_raw(a, s.n + 1, 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct str){ p, s.n };
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
	char small[256];
	va_list args, again;
	char *p;
	int n;

	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(small, sizeof(small), fmt, args);
	va_end(args);
	if (n < 0)
		BUG("arena_printf format");
	p = arena_raw(a, (size_t)n + 1, 1);
	if ((size_t)n < sizeof(small))
		memcpy(p, small, (size_t)n + 1);
	else
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return (struct str){ p, (size_t)n };
}

void *arena_grow(struct arena *a, void *array, size_t n, size_t *cap,
		 size_t size)
{
	void *bigger;

	if (n > *cap)
		BUG("arena_grow beyond the capacity");
	if (n < *cap)
		return array;
	*cap = *cap ? 2 * *cap : 8;
	bigger = arena_raw(a, *cap, size);
	if (n)
		memcpy(bigger, array, n * size);
	memset((char *)bigger + n * size, 0, (*cap - n) * size);
	return bigger;
}
