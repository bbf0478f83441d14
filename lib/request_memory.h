/*
 * The memory of HTTP requests: an arena and the body for each, kept for the
 * next request, and a budget that all bodies share.
 *
 * The first REQUEST_BODY_FREE bytes of a body are always taken: that many times
 * the number of connections is bounded. What lies beyond counts against the
 * budget, as it arrives: announcing much costs nobody anything.
 *
 * Thread-safe; a struct request_memory belongs to one request at a time.
 */
#ifndef LIB_REQUEST_MEMORY_H
#define LIB_REQUEST_MEMORY_H

#include "lib/arena.h"
#include "lib/buf.h"

enum { REQUEST_BODY_FREE = 64 << 10 };

struct request_memory {
	struct arena arena;
	struct buf body;
	size_t charged; /* of the budget */
	struct request_memory *next;
};

struct request_pool;

/* Keeps at most kept unused ones; budget is in bytes. */
struct request_pool *request_pool_new(size_t kept, size_t budget);
void request_pool_free(struct request_pool **pool);

/* Empty; body_max is the cap of the body. Never NULL. */
struct request_memory *request_memory_take(struct request_pool *pool,
					   size_t body_max);
void request_memory_give(struct request_pool *pool,
			 struct request_memory **memory);

enum request_fit {
	REQUEST_FITS,
	REQUEST_TOO_LARGE, /* beyond the cap of this body */
	REQUEST_NO_ROOM,   /* beyond what all bodies may take together */
};

/* Appends to the body, or drops the whole body when it does not fit. */
enum request_fit request_memory_add(struct request_pool *pool,
				    struct request_memory *memory,
				    struct str bytes);

/* Whether a body of this size would fit right now. */
enum request_fit request_memory_fits(const struct request_pool *pool,
				     const struct request_memory *memory,
				     size_t size);

/* Bytes of the budget that are taken. */
size_t request_pool_charged(const struct request_pool *pool);

#endif
