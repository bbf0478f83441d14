/*
 * The bucket as one number: when the next token would be due if they came one
 * by one. Whoever is at most a burst ahead of that does not wait.
 */
#include "kube/limit.h"

#include <pthread.h>
#include <stdlib.h>

#define SECOND_NS INT64_C(1000000000)

struct kube_limit {
	pthread_mutex_t lock; /* guards due */
	int64_t due;
	int64_t interval; /* between two tokens, in ns */
	int64_t ahead;	  /* how far due may lie ahead of now without waiting */
};

struct kube_limit *kube_limit_new(unsigned per_second, unsigned burst)
{
	struct kube_limit *limit;

	if (!per_second || !burst)
		BUG("a rate limit that lets nothing through");
	limit = calloc(1, sizeof(*limit));
	if (!limit || pthread_mutex_init(&limit->lock, NULL))
		BUG("out of memory");
	limit->interval = SECOND_NS / per_second;
	if (!limit->interval)
		limit->interval = 1;
	limit->ahead = limit->interval * ((int64_t)burst - 1);
	limit->due = INT64_MIN;
	return limit;
}

void kube_limit_free(struct kube_limit **limit)
{
	if (!*limit)
		return;
	pthread_mutex_destroy(&(*limit)->lock);
	free(*limit);
	*limit = NULL;
}

int64_t kube_limit_take(struct kube_limit *limit, int64_t now_ns)
{
	int64_t early;

	if (pthread_mutex_lock(&limit->lock))
		BUG("lock of the rate limit");
	if (limit->due < now_ns)
		limit->due = now_ns;
	early = limit->due - now_ns - limit->ahead;
	limit->due += limit->interval;
	if (pthread_mutex_unlock(&limit->lock))
		BUG("lock of the rate limit");
	return early > 0 ? early : 0;
}
