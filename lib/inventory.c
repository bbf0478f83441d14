/*
 * One array of objects per kind, sorted by namespace and name: a look-up is a
 * binary search, inventory_each a walk over neighbours without sorting, so both
 * may stand on the admission path. Putting a new object moves what lies behind
 * it: 8 bytes per object of the kind at worst, nothing when a list arrives
 * nearly in order, as lists of the API server do.
 *
 * Heap memory. The lock guards the kinds, their arrays and the count, not the
 * objects, which never change. References are dropped outside of it.
 */
#include "lib/inventory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct counted {
	struct inventory_object object; /* first: both have one address */
	struct arena arena;
	atomic_size_t references;
};

struct kind {
	char *text; /* group and kind, owned */
	struct str group, kind;
	bool known;
	const struct inventory_object **objects; /* by namespace, name */
	size_t n, cap;
};

struct inventory {
	pthread_rwlock_t *lock; /* apart, so that const readers can lock */
	struct kind **kinds;	/* by group, kind */
	size_t n_kinds, cap;
	size_t count;
};

/* Two parts of a key, compared one after the other. */
struct pair {
	struct str first, second;
};

static void *allocated(void *p)
{
	if (!p) {
		fputs("fatal: out of memory\n", stderr);
		abort();
	}
	return p;
}

static struct counted *counted_of(const struct inventory_object *object)
{
	return (struct counted *)(uintptr_t)object;
}

static int pair_cmp(struct pair x, struct pair y)
{
	int c = str_cmp(x.first, y.first);

	return c ? c : str_cmp(x.second, y.second);
}

static struct pair key_of_kind(const void *array, size_t i)
{
	const struct kind *k = ((struct kind *const *)array)[i];

	return (struct pair){ k->group, k->kind };
}

static struct pair key_of_object(const void *array, size_t i)
{
	const struct inventory_object *o =
		((const struct inventory_object *const *)array)[i];

	return (struct pair){ o->ns, o->name };
}

/* Index of the first element that is not below key. */
static size_t lower_bound(const void *array, size_t n,
			  struct pair (*key_of)(const void *array, size_t i),
			  struct pair key)
{
	size_t low = 0;

	while (low < n) {
		size_t middle = low + (n - low) / 2;

		if (pair_cmp(key_of(array, middle), key) < 0)
			low = middle + 1;
		else
			n = middle;
	}
	return low;
}

/* Makes room for one pointer at i in an array of n. */
static void *open_gap(void *array, size_t n, size_t *cap, size_t i)
{
	char *p = array;

	if (n == *cap) {
		*cap = *cap ? 2 * *cap : 8;
		p = allocated(reallocarray(array, *cap, sizeof(void *)));
	}
	memmove(p + (i + 1) * sizeof(void *), p + i * sizeof(void *),
		(n - i) * sizeof(void *));
	return p;
}

static struct kind *find_kind(const struct inventory *inv, struct str group,
			      struct str kind, size_t *at)
{
	const struct pair key = { group, kind };
	const size_t i =
		lower_bound(inv->kinds, inv->n_kinds, key_of_kind, key);

	if (at)
		*at = i;
	if (i < inv->n_kinds && pair_cmp(key_of_kind(inv->kinds, i), key) == 0)
		return inv->kinds[i];
	return NULL;
}

static struct kind *make_kind(struct inventory *inv, struct str group,
			      struct str kind)
{
	size_t at;
	struct kind *k = find_kind(inv, group, kind, &at);

	if (k)
		return k;
	k = allocated(calloc(1, sizeof(*k)));
	k->text = allocated(malloc(group.n + kind.n + 1));
	if (group.n)
		memcpy(k->text, group.p, group.n);
	if (kind.n)
		memcpy(k->text + group.n, kind.p, kind.n);
	k->group = (struct str){ k->text, group.n };
	k->kind = (struct str){ k->text + group.n, kind.n };
	inv->kinds = open_gap(inv->kinds, inv->n_kinds++, &inv->cap, at);
	inv->kinds[at] = k;
	return k;
}

static bool find_object(const struct kind *k, struct str ns, struct str name,
			size_t *at)
{
	const struct pair key = { ns, name };

	*at = lower_bound(k->objects, k->n, key_of_object, key);
	return *at < k->n && pair_cmp(key_of_object(k->objects, *at), key) == 0;
}

/* Pods come and go all day: writers must not wait for a gap in the reading. */
static pthread_rwlock_t *new_lock(void)
{
	pthread_rwlock_t *lock = allocated(malloc(sizeof(*lock)));
	pthread_rwlockattr_t attr;

	if (pthread_rwlockattr_init(&attr) ||
	    pthread_rwlockattr_setkind_np(
		    &attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) ||
	    pthread_rwlock_init(lock, &attr))
		BUG("no lock for the inventory");
	pthread_rwlockattr_destroy(&attr);
	return lock;
}

static void lock_to_read(const struct inventory *inv)
{
	if (pthread_rwlock_rdlock(inv->lock))
		BUG("inventory lock");
}

static void lock_to_write(const struct inventory *inv)
{
	if (pthread_rwlock_wrlock(inv->lock))
		BUG("inventory lock");
}

static void unlock(const struct inventory *inv)
{
	if (pthread_rwlock_unlock(inv->lock))
		BUG("inventory lock");
}

struct inventory *inventory_new(void)
{
	struct inventory *inv = allocated(calloc(1, sizeof(*inv)));

	inv->lock = new_lock();
	return inv;
}

static void free_kind(struct kind *k)
{
	for (size_t i = 0; i < k->n; i++)
		inventory_object_unref(&k->objects[i]);
	free(k->objects);
	free(k->text);
	free(k);
}

void inventory_free(struct inventory **inv)
{
	if (!*inv)
		return;
	for (size_t i = 0; i < (*inv)->n_kinds; i++)
		free_kind((*inv)->kinds[i]);
	free((*inv)->kinds);
	pthread_rwlock_destroy((*inv)->lock);
	free((*inv)->lock);
	free(*inv);
	*inv = NULL;
}

struct inventory_object *inventory_object_new(struct arena **arena)
{
	struct counted *c = allocated(calloc(1, sizeof(*c)));

	atomic_init(&c->references, 1);
	*arena = &c->arena;
	return &c->object;
}

const struct inventory_object *
inventory_object_ref(const struct inventory_object *object)
{
	atomic_fetch_add_explicit(&counted_of(object)->references, 1,
				  memory_order_relaxed);
	return object;
}

void inventory_object_unref(const struct inventory_object **object)
{
	struct counted *c;

	if (!*object)
		return;
	c = counted_of(*object);
	*object = NULL;
	if (atomic_fetch_sub_explicit(&c->references, 1, memory_order_acq_rel) >
	    1)
		return;
	arena_release(&c->arena);
	free(c);
}

static void copy_object(struct arena *a, const struct inventory_object *from,
			struct inventory_object *to)
{
	to->group = arena_str(a, from->group);
	to->kind = arena_str(a, from->kind);
	to->ns = arena_str(a, from->ns);
	to->name = arena_str(a, from->name);
	to->source = arena_str(a, from->source);
	to->doc = json_copy_exact(a, &from->doc);
}

/*
 * Thousands of objects are kept for long: each in a piece of its own size. The
 * first copy tells the size.
 */
void inventory_object_compact(struct inventory_object *object)
{
	struct arena first = ARENA_INIT, exact = ARENA_INIT;
	struct counted *c = counted_of(object);
	struct inventory_object copy;

	if (atomic_load_explicit(&c->references, memory_order_acquire) != 1)
		return;
	copy_object(&first, &c->object, &copy);
	arena_reserve(&exact, first.used);
	copy_object(&exact, &copy, &c->object);
	arena_release(&first);
	arena_release(&c->arena);
	c->arena = exact;
}

void inventory_put(struct inventory *inv, struct inventory_object *object)
{
	const struct inventory_object *old = NULL;
	struct kind *k;
	size_t at;

	inventory_object_compact(object);
	lock_to_write(inv);
	k = make_kind(inv, object->group, object->kind);
	if (find_object(k, object->ns, object->name, &at)) {
		old = k->objects[at];
	} else {
		k->objects = open_gap(k->objects, k->n++, &k->cap, at);
		inv->count++;
	}
	k->objects[at] = object;
	unlock(inv);
	inventory_object_unref(&old);
}

bool inventory_remove(struct inventory *inv, struct str group, struct str kind,
		      struct str ns, struct str name)
{
	const struct inventory_object *old = NULL;
	struct kind *k;
	size_t at;
	bool found;

	lock_to_write(inv);
	k = find_kind(inv, group, kind, NULL);
	found = k && find_object(k, ns, name, &at);
	if (found) {
		old = k->objects[at];
		memmove(&k->objects[at], &k->objects[at + 1],
			(--k->n - at) * sizeof(void *));
		inv->count--;
	}
	unlock(inv);
	inventory_object_unref(&old);
	return found;
}

const struct inventory_object *inventory_get(const struct inventory *inv,
					     struct str group, struct str kind,
					     struct str ns, struct str name)
{
	const struct inventory_object *object = NULL;
	const struct kind *k;
	size_t at;

	lock_to_read(inv);
	k = find_kind(inv, group, kind, NULL);
	if (k && find_object(k, ns, name, &at))
		object = inventory_object_ref(k->objects[at]);
	unlock(inv);
	return object;
}

void inventory_set_known(struct inventory *inv, struct str group,
			 struct str kind, bool known)
{
	lock_to_write(inv);
	make_kind(inv, group, kind)->known = known;
	unlock(inv);
}

bool inventory_is_known(const struct inventory *inv, struct str group,
			struct str kind)
{
	const struct kind *k;
	bool known;

	lock_to_read(inv);
	k = find_kind(inv, group, kind, NULL);
	known = k && k->known;
	unlock(inv);
	return known;
}

static void each_of_kind(const struct kind *k, struct str ns,
			 bool (*fn)(const struct inventory_object *object,
				    void *context),
			 void *context)
{
	const struct pair start = { ns, STR_NONE };
	size_t i = lower_bound(k->objects, k->n, key_of_object, start);

	for (; i < k->n; i++) {
		if (ns.p && !str_eq(k->objects[i]->ns, ns))
			return;
		if (!fn(k->objects[i], context))
			return;
	}
}

void inventory_each(const struct inventory *inv, struct str group,
		    struct str kind, struct str ns,
		    bool (*fn)(const struct inventory_object *object,
			       void *context),
		    void *context)
{
	const struct kind *k;

	lock_to_read(inv);
	k = find_kind(inv, group, kind, NULL);
	if (k)
		each_of_kind(k, ns, fn, context);
	unlock(inv);
}

size_t inventory_count(const struct inventory *inv)
{
	size_t n;

	lock_to_read(inv);
	n = inv->count;
	unlock(inv);
	return n;
}
