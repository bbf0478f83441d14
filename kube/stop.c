/*
 * A flag and an eventfd: the flag is what is asked, the descriptor is what is
 * waited for. The counter is never read, so it stays readable for all waiters.
 */
#include "kube/stop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/clock.h"

#define MS_NS INT64_C(1000000)

struct kube_stop {
	atomic_bool set;
	int fd;
};

struct kube_stop *kube_stop_new(void)
{
	struct kube_stop *stop = calloc(1, sizeof(*stop));

	if (!stop)
		BUG("out of memory");
	stop->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stop->fd < 0)
		BUG("no descriptor to stop with");
	return stop;
}

void kube_stop_free(struct kube_stop **stop)
{
	if (!*stop)
		return;
	(void)close((*stop)->fd);
	free(*stop);
	*stop = NULL;
}

void kube_stop_set(struct kube_stop *stop)
{
	static const uint64_t one = 1;
	int saved = errno;

	atomic_store(&stop->set, true);
	/* Fails only when the counter is full: readable then as well. */
	if (write(stop->fd, &one, sizeof(one)) < 0)
		errno = saved;
}

bool kube_stop_is_set(const struct kube_stop *stop)
{
	return atomic_load(&stop->set);
}

bool kube_stop_wait(const struct kube_stop *stop, int64_t ms)
{
	int64_t start = clock_monotonic_ns();
	struct pollfd fd = { .fd = stop->fd, .events = POLLIN };

	while (!kube_stop_is_set(stop)) {
		int64_t past = (clock_monotonic_ns() - start) / MS_NS;
		int64_t left = ms > past ? ms - past : 0;

		if (poll(&fd, 1, left > INT_MAX ? INT_MAX : (int)left) < 0 &&
		    errno != EINTR)
			BUG("wait for the stop");
		if (left == 0)
			return kube_stop_is_set(stop);
	}
	return true;
}

int kube_stop_fd(const struct kube_stop *stop)
{
	return stop->fd;
}
