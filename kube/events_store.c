/*
 * Two search trees (tsearch(3)), of entries and of objects, and rings in the
 * order of use. The limits are kept as one time each: when everything that was
 * let through so far would have been through at the steady rate.
 */
#include "kube/events_store.h"

#include <search.h>
#include <stdlib.h>

#define SECOND_NS INT64_C(1000000000)
#define SERIES_NS (600 * SECOND_NS)
#define PATCH_NS (60 * SECOND_NS)
#define OBJECT_STEP_NS (300 * SECOND_NS)
#define ALL_STEP_NS (SECOND_NS / 50)

enum { OBJECT_BURST = 25, ALL_BURST = EVENTS_BATCH_MAX };

/* An object's share of the limit; forgotten once it is whole again. */
struct event_object {
	struct str key; /* first member, as in an entry */
	struct event_link link;
	int64_t at;
	char text[];
};

_Static_assert(offsetof(struct event_entry, key) == 0, "by_key() reads it");
_Static_assert(offsetof(struct event_object, key) == 0, "by_key() reads it");

static int by_key(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void *find(void *const *tree, struct str key)
{
	void *const *found = tfind(&key, tree, by_key);

	return found ? *found : NULL;
}

static void insert(void **tree, const void *with_key)
{
	if (!tsearch(with_key, tree, by_key))
		BUG("out of memory");
}

static void *new_zeroed(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		BUG("out of memory");
	return p;
}

/* ---- rings ---- */

static void ring_init(struct event_link *head)
{
	head->prev = head->next = head;
}

static void ring_append(struct event_link *head, struct event_link *link)
{
	link->prev = head->prev;
	link->next = head;
	link->prev->next = link;
	head->prev = link;
}

static void ring_remove(struct event_link *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->prev = link->next = link;
}

static struct event_entry *entry_of(struct event_link *link)
{
	return (struct event_entry *)(void *)((char *)link -
					      offsetof(struct event_entry,
						       link));
}

static struct event_object *object_of(struct event_link *link)
{
	return (struct event_object *)(void *)((char *)link -
					       offsetof(struct event_object,
							link));
}

/* ---- limits ---- */

static bool pass(int64_t *at, int64_t step, int burst, int64_t now)
{
	int64_t from = *at > now ? *at : now;

	if (from - now > step * (burst - 1))
		return false;
	*at = from + step;
	return true;
}

static void object_drop(struct event_store *s, struct event_object *object)
{
	tdelete(object, &s->objects, by_key);
	ring_remove(&object->link);
	s->n_objects--;
	free(object);
}

static struct event_object *object_new(struct event_store *s, struct str key)
{
	struct event_object *object;

	if (s->n_objects == EVENTS_HELD_MAX)
		object_drop(s, object_of(s->recent_objects.next));
	object = new_zeroed(sizeof(*object) + key.n);
	memcpy(object->text, key.p, key.n);
	object->key = (struct str){ object->text, key.n };
	insert(&s->objects, object);
	ring_append(&s->recent_objects, &object->link);
	s->n_objects++;
	return object;
}

static bool object_passes(struct event_store *s, struct str key, int64_t now)
{
	struct event_object *object = find(&s->objects, key);

	if (!object)
		object = object_new(s, key);
	ring_remove(&object->link);
	ring_append(&s->recent_objects, &object->link);
	return pass(&object->at, OBJECT_STEP_NS, OBJECT_BURST, now);
}

/* ---- entries ---- */

/*
 * "apiVersion kind ns name uid" with NULs behind each, which is the object, and
 * "type reason note".
 */
struct keys {
	struct arena arena;
	struct str object, whole;
};

static void make_keys(struct keys *keys, const struct kube_event_note *note)
{
	const struct str parts[] = {
		note->api_version,
		note->kind,
		note->ns,
		note->name,
		note->uid,
		note->warning ? STR("W") : STR("N"),
		str_of(note->reason),
		note->note,
	};
	size_t n = 0;
	char *p;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		n += parts[i].n + 1;
	p = arena_new(&keys->arena, char, n);
	keys->whole = (struct str){ p, n };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (parts[i].n)
			memcpy(p, parts[i].p, parts[i].n);
		p += parts[i].n + 1;
		if (i == 4)
			keys->object =
				(struct str){ keys->whole.p,
					      (size_t)(p - keys->whole.p) };
	}
}

static struct str keep(char **to, struct str s)
{
	char *p = *to;

	if (s.n)
		memcpy(p, s.p, s.n);
	*to += s.n;
	return (struct str){ p, s.n };
}

static struct event_entry *entry_new(struct event_store *s, struct str key,
				     const struct kube_event_note *note)
{
	struct str action = str_of(note->action), reason = str_of(note->reason);
	struct event_entry *e =
		new_zeroed(sizeof(*e) + key.n + note->api_version.n +
			   note->kind.n + note->ns.n + note->name.n +
			   note->uid.n + reason.n + action.n + note->note.n);
	char *text = e->text;

	e->key = keep(&text, key);
	e->api_version = keep(&text, note->api_version);
	e->kind = keep(&text, note->kind);
	e->ns = keep(&text, note->ns);
	e->name = keep(&text, note->name);
	e->uid = keep(&text, note->uid);
	e->reason = keep(&text, reason);
	e->action = keep(&text, action);
	e->note = keep(&text, note->note);
	e->warning = note->warning;
	ring_init(&e->link);
	insert(&s->entries, e);
	s->n_entries++;
	return e;
}

static void entry_drop(struct event_store *s, struct event_entry *e)
{
	tdelete(e, &s->entries, by_key);
	ring_remove(&e->link);
	s->n_entries--;
	free(e);
}

static bool is_in_ring(const struct event_entry *e)
{
	return e->link.next != &e->link;
}

/* Nothing to write, and nobody has it. */
static bool is_idle(const struct event_entry *e)
{
	return is_in_ring(e) && e->count == e->sent;
}

static void wait_for_write(struct event_store *s, struct event_entry *e)
{
	ring_remove(&e->link);
	ring_append(&s->waiting, &e->link);
	s->n_waiting++;
}

/* The same again: its count is to be told. */
static void note_again(struct event_store *s, struct event_entry *e,
		       int64_t now)
{
	bool was_idle = is_idle(e);

	e->last_ns = now;
	if (e->count == INT32_MAX)
		return;
	e->count++;
	if (was_idle)
		wait_for_write(s, e);
}

static bool make_room(struct event_store *s)
{
	if (s->n_entries < EVENTS_HELD_MAX)
		return true;
	if (s->idle.next == &s->idle)
		return false;
	entry_drop(s, entry_of(s->idle.next));
	return true;
}

static void forget_old(struct event_store *s, int64_t now)
{
	while (s->idle.next != &s->idle &&
	       now - entry_of(s->idle.next)->last_ns > SERIES_NS)
		entry_drop(s, entry_of(s->idle.next));
	while (s->recent_objects.next != &s->recent_objects &&
	       object_of(s->recent_objects.next)->at < now)
		object_drop(s, object_of(s->recent_objects.next));
}

static bool add_with_keys(struct event_store *s, const struct keys *keys,
			  const struct kube_event_note *note, int64_t now)
{
	struct event_entry *e = find(&s->entries, keys->whole);

	if (e && is_idle(e) && now - e->last_ns > SERIES_NS) {
		entry_drop(s, e);
		e = NULL;
	}
	if (e) {
		note_again(s, e, now);
		return true;
	}
	if (!make_room(s) || !object_passes(s, keys->object, now))
		return false;
	e = entry_new(s, keys->whole, note);
	e->serial = s->serial++;
	e->first_ns = e->last_ns = e->next_ns = now;
	e->count = 1;
	wait_for_write(s, e);
	return true;
}

/* ---- public ---- */

void event_store_init(struct event_store *s)
{
	*s = (struct event_store){ .entries = NULL };
	ring_init(&s->waiting);
	ring_init(&s->idle);
	ring_init(&s->recent_objects);
}

void event_store_release(struct event_store *s)
{
	tdestroy(s->entries, free);
	tdestroy(s->objects, free);
	event_store_init(s);
}

bool event_store_add(struct event_store *s, const struct kube_event_note *note,
		     int64_t now_ns)
{
	struct keys keys = { .arena = ARENA_INIT };
	bool noted;

	make_keys(&keys, note);
	noted = add_with_keys(s, &keys, note, now_ns);
	arena_release(&keys.arena);
	return noted;
}

size_t event_store_take(struct event_store *s,
			struct event_pick picks[EVENTS_BATCH_MAX],
			int64_t now_ns)
{
	struct event_link *link = s->waiting.next, *next;
	size_t n = 0;

	forget_old(s, now_ns);
	for (; link != &s->waiting && n < EVENTS_BATCH_MAX; link = next) {
		struct event_entry *e = entry_of(link);

		next = link->next;
		if (e->next_ns > now_ns)
			continue;
		if (!pass(&s->all_at, ALL_STEP_NS, ALL_BURST, now_ns))
			break;
		ring_remove(link);
		picks[n++] = (struct event_pick){ e, e->last_ns, e->count };
	}
	return n;
}

void event_store_settle(struct event_store *s, const struct event_pick *pick,
			bool created, int64_t now_ns)
{
	struct event_entry *e = pick->entry;

	s->n_waiting--;
	e->created = created;
	e->sent = pick->count;
	e->next_ns = now_ns + PATCH_NS;
	if (e->count != e->sent)
		wait_for_write(s, e);
	else
		ring_append(&s->idle, &e->link);
}

void event_store_return(struct event_store *s, const struct event_pick *pick)
{
	ring_append(&s->waiting, &pick->entry->link);
}
