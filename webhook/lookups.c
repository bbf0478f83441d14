/* A small table, searched from end to end: it is short and seldom used. */
#include "webhook/lookups.h"

#define SECOND INT64_C(1000000000)
#define ABSENT_NS (5 * SECOND)
#define FAILED_NS (SECOND / 2)

static bool is(const struct lookup *one, unsigned kind, struct str ns,
	       struct str name)
{
	return one->state != LOOKUP_FREE && one->kind == kind &&
	       str_is(ns, one->ns) && str_is(name, one->name);
}

static bool is_over(const struct lookup *one)
{
	return one->state == LOOKUP_ABSENT || one->state == LOOKUP_FAILED;
}

static void expire(struct lookups *l, int64_t now_ns)
{
	for (size_t i = 0; i < LOOKUPS_MAX; i++)
		if (is_over(&l->v[i]) && l->v[i].until_ns <= now_ns)
			l->v[i].state = LOOKUP_FREE;
}

static struct lookup *find(struct lookups *l, unsigned kind, struct str ns,
			   struct str name)
{
	for (size_t i = 0; i < LOOKUPS_MAX; i++)
		if (is(&l->v[i], kind, ns, name))
			return &l->v[i];
	return NULL;
}

/* What had no answer makes room, the oldest first. */
static struct lookup *find_room(struct lookups *l)
{
	struct lookup *oldest = NULL;

	for (size_t i = 0; i < LOOKUPS_MAX; i++) {
		struct lookup *one = &l->v[i];

		if (one->state == LOOKUP_FREE)
			return one;
		if (is_over(one) &&
		    (!oldest || one->until_ns < oldest->until_ns))
			oldest = one;
	}
	return oldest;
}

static void copy(char *to, struct str from)
{
	memcpy(to, from.p ? from.p : "", from.n);
	to[from.n] = 0;
}

/* NULL: there is no room. */
static struct lookup *note(struct lookups *l, unsigned kind, struct str ns,
			   struct str name)
{
	struct lookup *one = find_room(l);

	if (!one)
		return NULL;
	*one = (struct lookup){ .state = LOOKUP_WANTED, .kind = kind };
	copy(one->ns, ns);
	copy(one->name, name);
	return one;
}

static enum lookup_advice wait_for(struct lookups *l, const struct lookup *one,
				   void *who, int64_t since_ns, int64_t now_ns)
{
	if (!who || now_ns - since_ns >= LOOKUP_WAIT_NS)
		return LOOKUP_COME_AGAIN;
	for (size_t i = 0; i < LOOKUP_WAITERS_MAX; i++)
		if (!l->waiters[i].who) {
			l->waiters[i] =
				(struct lookup_waiter){ who, since_ns, one };
			return LOOKUP_WAIT;
		}
	return LOOKUP_COME_AGAIN;
}

enum lookup_advice lookups_want(struct lookups *l, unsigned kind, struct str ns,
				struct str name, void *who, int64_t since_ns,
				int64_t now_ns)
{
	struct lookup *one;

	if (!name.n || name.n >= LOOKUP_NAME_MAX || ns.n >= LOOKUP_NAME_MAX)
		return LOOKUP_GO_ON;
	expire(l, now_ns);
	one = find(l, kind, ns, name);
	if (one && one->state == LOOKUP_ABSENT)
		return LOOKUP_GO_ON;
	if (!one)
		one = note(l, kind, ns, name);
	/* Full: whoever comes again finds a place, or the object. */
	if (!one || one->state == LOOKUP_FAILED)
		return LOOKUP_COME_AGAIN;
	return wait_for(l, one, who, since_ns, now_ns);
}

struct lookup *lookups_next(struct lookups *l, int64_t now_ns)
{
	expire(l, now_ns);
	for (size_t i = 0; i < LOOKUPS_MAX; i++)
		if (l->v[i].state == LOOKUP_WANTED) {
			l->v[i].state = LOOKUP_ASKED;
			return &l->v[i];
		}
	return NULL;
}

void lookups_done(struct lookups *l, struct lookup *lookup,
		  enum lookup_state outcome, int64_t now_ns)
{
	lookup->state = outcome;
	lookup->until_ns =
		now_ns + (outcome == LOOKUP_ABSENT ? ABSENT_NS : FAILED_NS);
	for (size_t i = 0; i < LOOKUP_WAITERS_MAX; i++)
		if (l->waiters[i].lookup == lookup)
			l->waiters[i].lookup = NULL;
}

void *lookups_wake(struct lookups *l, int64_t now_ns)
{
	for (size_t i = 0; i < LOOKUP_WAITERS_MAX; i++) {
		struct lookup_waiter *w = &l->waiters[i];
		void *who = w->who;

		if (who &&
		    (!w->lookup || now_ns - w->since_ns >= LOOKUP_WAIT_NS)) {
			*w = (struct lookup_waiter){ .who = NULL };
			return who;
		}
	}
	return NULL;
}
