/* A small table, searched from end to end: it is short and seldom used. */
#include "webhook/lookups.h"

enum { ABSENT_SECONDS = 5 };
#define SECOND INT64_C(1000000000)

static bool is(const struct lookup *one, unsigned kind, struct str ns,
	       struct str name)
{
	return one->state != LOOKUP_FREE && one->kind == kind &&
	       str_is(ns, one->ns) && str_is(name, one->name);
}

static void expire(struct lookups *l, int64_t now_ns)
{
	for (size_t i = 0; i < LOOKUPS_MAX; i++)
		if (l->v[i].state == LOOKUP_ABSENT &&
		    l->v[i].until_ns <= now_ns)
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

/* What is known to be absent makes room, the oldest first. */
static struct lookup *find_room(struct lookups *l)
{
	struct lookup *oldest = NULL;

	for (size_t i = 0; i < LOOKUPS_MAX; i++) {
		struct lookup *one = &l->v[i];

		if (one->state == LOOKUP_FREE)
			return one;
		if (one->state == LOOKUP_ABSENT &&
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

bool lookups_want(struct lookups *l, unsigned kind, struct str ns,
		  struct str name, int64_t now_ns)
{
	struct lookup *one;

	if (!name.n || name.n >= LOOKUP_NAME_MAX || ns.n >= LOOKUP_NAME_MAX)
		return false;
	expire(l, now_ns);
	one = find(l, kind, ns, name);
	if (one)
		return one->state != LOOKUP_ABSENT;
	one = find_room(l);
	/* Full: whoever asks comes again, and finds a place or the object. */
	if (!one)
		return true;
	*one = (struct lookup){ .state = LOOKUP_WANTED, .kind = kind };
	copy(one->ns, ns);
	copy(one->name, name);
	return true;
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

void lookups_done(struct lookup *lookup, bool absent, int64_t now_ns)
{
	lookup->state = absent ? LOOKUP_ABSENT : LOOKUP_FREE;
	lookup->until_ns = now_ns + ABSENT_SECONDS * SECOND;
}
