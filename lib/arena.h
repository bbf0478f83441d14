/*
 * An arena: memory that is given back all at once.
 *
 * Every lifetime in the programs is an arena: process, policy snapshot,
 * request, cached object. A function that takes "struct arena *a" first
 * returns things that live as long as a; a function without it does not
 * allocate. There is no free of a single object.
 *
 * Memory is zeroed. Allocation never returns NULL: when the system has none
 * left the process aborts, which is honest only because every input has a cap.
 * Under AddressSanitizer each allocation is its own malloc, so that overruns
 * stay visible.
 *
 * Not locked: one thread at a time.
 *
 *	CLEANUP(arena_release) struct arena a = ARENA_INIT;
 *	struct point *p = arena_new(&a, struct point, 2);
 */
#ifndef LIB_ARENA_H
#define LIB_ARENA_H

#include "lib/str.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks; /* newest first */
	char *at, *end;		    /* free part of the newest chunk */
	size_t used;		    /* bytes handed out since init or reset */
};

#define ARENA_INIT                                                             \
	{                                                                      \
		.chunks = NULL                                                 \
	}

/* Frees everything. The arena is as after ARENA_INIT. */
void arena_release(struct arena *a);

/*
 * Forgets everything handed out; keeps one chunk of usual size for what comes
 * next, so that one large request does not hold its memory for ever.
 */
void arena_reset(struct arena *a);

/*
 * Forgets what was handed out since mark was a copy of *a, and frees it. Not
 * across a release or reset.
 */
void arena_rewind(struct arena *a, const struct arena *mark);

/*
 * The next bytes come from one piece of exactly this size: for what is kept
 * long, and whose size is known (used of an arena that held the same).
 */
void arena_reserve(struct arena *a, size_t bytes);

/* Zeroed, aligned for any type, never NULL; n * size may not overflow. */
void *arena_alloc(struct arena *a, size_t n, size_t size);
#define arena_new(a, type, n) ((type *)arena_alloc((a), (n), sizeof(type)))

/* As arena_new, for arrays that the caller fills at once: not zeroed. */
void *arena_raw(struct arena *a, size_t n, size_t size);

/* A copy of s, NUL-terminated behind its end. */
struct str arena_str(struct arena *a, struct str s);

/* Formatted text, NUL-terminated behind its end. */
struct str arena_printf(struct arena *a, const char *fmt, ...)
	PRINTF_LIKE(2, 3);

/*
 * Room for one more element in an array that grows in the arena: returns the
 * array, moved when full. *cap is the caller's; starts at 0 with array NULL.
 */
void *arena_grow(struct arena *a, void *array, size_t n, size_t *cap,
		 size_t size);

#endif
