/* The state of a reflector behind a lock that is held for a few stores. */
#include "kube/reflector_shown.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct reflector_shown {
	pthread_mutex_t lock; /* guards the state */
	struct kube_reflector_state state;
};

_Static_assert(sizeof(((struct kube_reflector_state *)0)->says) ==
		       sizeof(((struct error *)0)->msg),
	       "says holds a message");

static void lock(struct reflector_shown *shown)
{
	if (pthread_mutex_lock(&shown->lock))
		BUG("reflector lock");
}

static void unlock(struct reflector_shown *shown)
{
	if (pthread_mutex_unlock(&shown->lock))
		BUG("reflector lock");
}

struct reflector_shown *reflector_shown_new(void)
{
	struct reflector_shown *shown = calloc(1, sizeof(*shown));

	if (!shown) {
		fputs("fatal: out of memory\n", stderr);
		abort();
	}
	if (pthread_mutex_init(&shown->lock, NULL))
		BUG("no lock for a reflector");
	return shown;
}

void reflector_shown_free(struct reflector_shown **shown)
{
	if (!*shown)
		return;
	pthread_mutex_destroy(&(*shown)->lock);
	free(*shown);
	*shown = NULL;
}

struct kube_reflector_state reflector_shown_get(struct reflector_shown *shown)
{
	struct kube_reflector_state state;

	lock(shown);
	state = shown->state;
	unlock(shown);
	return state;
}

void reflector_shown_say(struct reflector_shown *shown, const char *fmt, ...)
{
	struct error said;
	va_list args;

	va_start(args, fmt);
	error_vset(&said, ERR_NONE, fmt, args);
	va_end(args);
	lock(shown);
	memcpy(shown->state.says, said.msg, sizeof(said.msg));
	unlock(shown);
}

void reflector_shown_list(struct reflector_shown *shown, int64_t now_ns)
{
	lock(shown);
	shown->state.synced = true;
	shown->state.contact_ns = now_ns;
	shown->state.lists++;
	unlock(shown);
}

void reflector_shown_contact(struct reflector_shown *shown, int64_t now_ns)
{
	lock(shown);
	shown->state.contact_ns = now_ns;
	unlock(shown);
}

void reflector_shown_unknown(struct reflector_shown *shown)
{
	lock(shown);
	shown->state.synced = false;
	unlock(shown);
}

void reflector_shown_watch(struct reflector_shown *shown, int64_t now_ns)
{
	lock(shown);
	shown->state.watching = true;
	shown->state.contact_ns = now_ns;
	unlock(shown);
}

void reflector_shown_event(struct reflector_shown *shown, int64_t now_ns)
{
	lock(shown);
	shown->state.contact_ns = now_ns;
	shown->state.events++;
	unlock(shown);
}

void reflector_shown_no_watch(struct reflector_shown *shown)
{
	lock(shown);
	shown->state.watching = false;
	unlock(shown);
}

void reflector_shown_failure(struct reflector_shown *shown)
{
	lock(shown);
	shown->state.failures++;
	unlock(shown);
}
