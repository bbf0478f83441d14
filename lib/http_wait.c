/* Requests that wait without a thread: suspended connections. */
#include "lib/http_state.h"

struct http_waiter *http_waiter_offer(struct http_waiter *w)
{
	/* Counted before the look: whoever stops looks the other way round. */
	atomic_fetch_add(&w->server->waiters, 1);
	atomic_store(&w->state, WAITER_UNUSED);
	if (!atomic_load(&w->server->draining))
		return w;
	http_waiter_unused(w);
	return NULL;
}

void http_waiter_unused(struct http_waiter *w)
{
	atomic_fetch_sub(&w->server->waiters, 1);
}

static void resume(struct http_server *s, struct MHD_Connection *mhd)
{
	MHD_resume_connection(mhd);
	atomic_fetch_sub(&s->waiters, 1);
}

/* Whichever of the two comes second lets the connection go on. */
void http_waiter_wait(struct http_waiter *w)
{
	MHD_suspend_connection(w->mhd);
	if (atomic_exchange(&w->state, WAITER_WAITS) == WAITER_WOKEN)
		resume(w->server, w->mhd);
}

void http_wake(struct http_waiter *w)
{
	/* Woken early, it may be gone as soon as its state is set. */
	struct http_server *s = w->server;
	struct MHD_Connection *mhd = w->mhd;

	if (atomic_exchange(&w->state, WAITER_WOKEN) == WAITER_WAITS)
		resume(s, mhd);
}
