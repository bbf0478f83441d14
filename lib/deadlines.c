/* One thread, one list, one lock around it. */
#include "lib/deadlines.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "lib/clock.h"

#define PERIOD_NS INT64_C(250000000)
#define SECOND_NS INT64_C(1000000000)

struct deadlines {
	pthread_t thread;
	/* guards first, stop and most, and what is listed */
	pthread_mutex_t lock;
	pthread_cond_t stopped;
	struct deadline first; /* head of a ring */
	bool stop;
	void (*thinned)(void);
	size_t most; /* watched at once since thinned ran */
	_Atomic uint64_t passed;
	atomic_size_t watched;
};

static void lock(struct deadlines *all)
{
	if (pthread_mutex_lock(&all->lock))
		BUG("lock of the deadlines");
}

static void unlock(struct deadlines *all)
{
	if (pthread_mutex_unlock(&all->lock))
		BUG("lock of the deadlines");
}

static void look(struct deadlines *all, int64_t now)
{
	for (struct deadline *d = all->first.next; d != &all->first;
	     d = d->next) {
		if (d->passed ||
		    now < atomic_load_explicit(&d->at, memory_order_relaxed))
			continue;
		/* Its owner reads the end of the stream and closes. */
		(void)shutdown(d->fd, SHUT_RDWR);
		d->passed = true;
		atomic_fetch_add_explicit(&all->passed, 1,
					  memory_order_relaxed);
	}
}

/* With the lock held, which it lets go of meanwhile. */
static void tell_thinned(struct deadlines *all)
{
	size_t n = deadlines_watched(all);

	if (!all->thinned || all->most < DEADLINES_MANY || n > all->most / 4)
		return;
	all->most = n;
	unlock(all);
	all->thinned();
	lock(all);
}

static struct timespec later(int64_t now)
{
	int64_t at = now + PERIOD_NS;

	return (struct timespec){ .tv_sec = at / SECOND_NS,
				  .tv_nsec = at % SECOND_NS };
}

static void *watch(void *context)
{
	struct deadlines *all = context;

	lock(all);
	while (!all->stop) {
		int64_t now = clock_monotonic_ns();
		struct timespec until = later(now);

		look(all, now);
		tell_thinned(all);
		if (all->stop)
			break;
		(void)pthread_cond_timedwait(&all->stopped, &all->lock, &until);
	}
	unlock(all);
	return NULL;
}

struct deadlines *deadlines_new(void (*thinned)(void))
{
	struct deadlines *all = calloc(1, sizeof(*all));
	pthread_condattr_t attr;

	if (!all)
		BUG("out of memory");
	all->thinned = thinned;
	all->first.next = all->first.prev = &all->first;
	if (pthread_condattr_init(&attr) ||
	    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) ||
	    pthread_cond_init(&all->stopped, &attr) ||
	    pthread_condattr_destroy(&attr) ||
	    pthread_mutex_init(&all->lock, NULL) ||
	    pthread_create(&all->thread, NULL, watch, all))
		BUG("no thread for the deadlines");
	return all;
}

void deadlines_free(struct deadlines **d)
{
	struct deadlines *all = *d;

	if (!all)
		return;
	lock(all);
	if (all->first.next != &all->first)
		BUG("a deadline outlives its list");
	all->stop = true;
	pthread_cond_signal(&all->stopped);
	unlock(all);
	if (pthread_join(all->thread, NULL))
		BUG("thread of the deadlines");
	pthread_cond_destroy(&all->stopped);
	pthread_mutex_destroy(&all->lock);
	free(all);
	*d = NULL;
}

void deadlines_add(struct deadlines *all, struct deadline *d, int fd)
{
	d->fd = fd;
	d->passed = false;
	lock(all);
	d->next = all->first.next;
	d->prev = &all->first;
	d->next->prev = d;
	all->first.next = d;
	if (atomic_fetch_add(&all->watched, 1) >= all->most)
		all->most = deadlines_watched(all);
	unlock(all);
}

void deadlines_remove(struct deadlines *all, struct deadline *d)
{
	lock(all);
	d->prev->next = d->next;
	d->next->prev = d->prev;
	unlock(all);
	atomic_fetch_sub(&all->watched, 1);
}

uint64_t deadlines_passed(const struct deadlines *all)
{
	return atomic_load_explicit(&all->passed, memory_order_relaxed);
}

size_t deadlines_watched(const struct deadlines *all)
{
	return atomic_load(&all->watched);
}
