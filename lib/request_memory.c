/* A free list under a lock, and an atomic budget beside it. */
#include "lib/request_memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct request_pool {
	pthread_mutex_t lock; /* guards unused and n */
	struct request_memory *unused;
	size_t n, kept;
	size_t budget;
	atomic_size_t charged;
};

static void *allocated(void *p)
{
	if (!p)
		BUG("out of memory");
	return p;
}

static void lock(struct request_pool *pool)
{
	if (pthread_mutex_lock(&pool->lock))
		BUG("lock of the request memory");
}

static void unlock(struct request_pool *pool)
{
	if (pthread_mutex_unlock(&pool->lock))
		BUG("lock of the request memory");
}

struct request_pool *request_pool_new(size_t kept, size_t budget)
{
	struct request_pool *pool = allocated(calloc(1, sizeof(*pool)));

	pool->kept = kept;
	pool->budget = budget;
	if (pthread_mutex_init(&pool->lock, NULL))
		BUG("no lock for the request memory");
	return pool;
}

static void destroy(struct request_memory *m)
{
	arena_release(&m->arena);
	buf_release(&m->body);
	free(m);
}

void request_pool_free(struct request_pool **pool)
{
	struct request_pool *p = *pool;

	if (!p)
		return;
	while (p->unused) {
		struct request_memory *m = p->unused;

		p->unused = m->next;
		destroy(m);
	}
	pthread_mutex_destroy(&p->lock);
	free(p);
	*pool = NULL;
}

struct request_memory *request_memory_take(struct request_pool *pool,
					   size_t body_max)
{
	struct request_memory *m;

	lock(pool);
	m = pool->unused;
	if (m) {
		pool->unused = m->next;
		pool->n--;
	}
	unlock(pool);
	if (!m)
		m = allocated(calloc(1, sizeof(*m)));
	m->body.cap = body_max;
	return m;
}

static void drop_body(struct request_pool *pool, struct request_memory *m)
{
	if (m->charged)
		atomic_fetch_sub(&pool->charged, m->charged);
	m->charged = 0;
	buf_clear(&m->body);
	if (m->body.size > REQUEST_BODY_FREE)
		buf_release(&m->body);
}

void request_memory_give(struct request_pool *pool,
			 struct request_memory **memory)
{
	struct request_memory *m = *memory;
	bool keep;

	*memory = NULL;
	drop_body(pool, m);
	arena_reset(&m->arena);
	lock(pool);
	keep = pool->n < pool->kept;
	if (keep) {
		m->next = pool->unused;
		pool->unused = m;
		pool->n++;
	}
	unlock(pool);
	if (!keep)
		destroy(m);
}

/* Growing doubles, but pages that were never written to take no memory. */
static size_t charge_of(size_t size)
{
	return size <= REQUEST_BODY_FREE ? 0 : size;
}

static bool charge(struct request_pool *pool, struct request_memory *m,
		   size_t size)
{
	size_t more = charge_of(size) - m->charged;

	if (!more)
		return true;
	if (atomic_fetch_add(&pool->charged, more) + more > pool->budget) {
		atomic_fetch_sub(&pool->charged, more);
		return false;
	}
	m->charged += more;
	return true;
}

enum request_fit request_memory_add(struct request_pool *pool,
				    struct request_memory *m, struct str bytes)
{
	size_t size = m->body.n + bytes.n;

	if (size > m->body.cap) {
		drop_body(pool, m);
		return REQUEST_TOO_LARGE;
	}
	if (!charge(pool, m, size)) {
		drop_body(pool, m);
		return REQUEST_NO_ROOM;
	}
	buf_add(&m->body, bytes);
	return REQUEST_FITS;
}

enum request_fit request_memory_fits(const struct request_pool *pool,
				     const struct request_memory *m,
				     size_t size)
{
	if (size > m->body.cap)
		return REQUEST_TOO_LARGE;
	if (atomic_load(&pool->charged) + charge_of(size) > pool->budget)
		return REQUEST_NO_ROOM;
	return REQUEST_FITS;
}

size_t request_pool_charged(const struct request_pool *pool)
{
	return atomic_load(&pool->charged);
}
