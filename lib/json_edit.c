/*
 * Copy on write. A node whose "own" is set has a child array that this session
 * allocated, and so have all nodes above it; all other arrays are shared and
 * never written. Copying an array clears "own" in the copied children, because
 * their arrays are still the original's.
 *
 * Capacity is not stored: an own array of n has room for room_for(n), the
 * power of two at or above n. Appending allocates exactly when n is that full;
 * after a removal the array has more room than the rule says, never less.
 */
#include "lib/json_edit.h"

enum { ROOM_MIN = 4 };

struct steps {
	const struct path *at[JSON_EDIT_DEPTH_MAX]; /* from the root down */
	size_t n;
};

static void steps_of(struct steps *steps, const struct path *path)
{
	size_t n = 0;

	for (const struct path *p = path; p; p = p->parent)
		n++;
	if (n > JSON_EDIT_DEPTH_MAX)
		BUG("path of an edit is too long");
	steps->n = n;
	for (const struct path *p = path; p; p = p->parent)
		steps->at[--n] = p;
}

static size_t room_for(size_t n)
{
	size_t room = ROOM_MIN;

	while (room < n)
		room *= 2;
	return room;
}

/* Puts a private child array with room for `room` under v. */
static void copy_array(struct arena *a, struct json *v, size_t room)
{
	if (json_is(v, JSON_OBJECT)) {
		const struct json_member *old = v->u.members;
		struct json_member *copy =
			arena_raw(a, room, sizeof(struct json_member));

		for (size_t i = 0; i < v->n; i++) {
			copy[i] = old[i];
			copy[i].value.own = false;
		}
		v->u.members = copy;
	} else {
		const struct json *old = v->u.items;
		struct json *copy = arena_raw(a, room, sizeof(struct json));

		for (size_t i = 0; i < v->n; i++) {
			copy[i] = old[i];
			copy[i].own = false;
		}
		v->u.items = copy;
	}
	v->own = true;
}

/* Makes the array of v private, with room for one more child. */
static void reserve(struct arena *a, struct json *v)
{
	size_t room = room_for((size_t)v->n + 1);

	if (v->n == UINT32_MAX)
		BUG("collection too large");
	if (v->own && room == room_for(v->n))
		return;
	if (!v->own) {
		copy_array(a, v, room);
		return;
	}
	/* Growing: what the children own stays theirs. */
	if (json_is(v, JSON_OBJECT)) {
		struct json_member *old = v->u.members;

		v->u.members = arena_raw(a, room, sizeof(*old));
		memcpy(v->u.members, old, v->n * sizeof(*old));
	} else {
		struct json *old = v->u.items;

		v->u.items = arena_raw(a, room, sizeof(*old));
		memcpy(v->u.items, old, v->n * sizeof(*old));
	}
}

/*
 * A value may come out of a working copy, this one or another, whose arrays
 * can still change in place: those are copied, all else is shared. Recursion
 * is as deep as edits went.
 */
static struct json detached(struct arena *a, struct json v, size_t depth)
{
	if (!v.own)
		return v;
	if (depth > JSON_EDIT_DEPTH_MAX)
		BUG("value of an edit is too deep");
	if (json_is(&v, JSON_OBJECT)) {
		const struct json_member *old = v.u.members;

		copy_array(a, &v, room_for(v.n));
		for (size_t i = 0; i < v.n; i++)
			v.u.members[i].value =
				detached(a, old[i].value, depth + 1);
	} else if (json_is(&v, JSON_ARRAY)) {
		const struct json *old = v.u.items;

		copy_array(a, &v, room_for(v.n));
		for (size_t i = 0; i < v.n; i++)
			v.u.items[i] = detached(a, old[i], depth + 1);
	}
	return v;
}

static size_t member_index(const struct json *object, struct str key)
{
	size_t i = 0;

	while (i < object->n && !str_eq(object->u.members[i].key, key))
		i++;
	return i;
}

/* Position of the step's child in v; v->n when there is none yet. */
static size_t position(const struct json *v, const struct path *step)
{
	if (step->key.p) {
		if (!json_is(v, JSON_OBJECT))
			BUG("edit steps by a key into what is no object");
		return member_index(v, step->key);
	}
	if (!json_is(v, JSON_ARRAY))
		BUG("edit steps by an index into what is no array");
	if (step->index > v->n)
		BUG("edit steps beyond the end of an array");
	return step->index;
}

static void make_collection(struct json *v, const struct path *step)
{
	if (!json_is_set(v))
		*v = step->key.p ? json_make_object() : json_make_array();
}

static struct json *child(struct json *v, size_t i)
{
	return json_is(v, JSON_OBJECT) ? &v->u.members[i].value
				       : &v->u.items[i];
}

static void make_own(struct json_edit *e, struct json *v)
{
	if (!v->own)
		copy_array(e->arena, v, room_for(v->n));
}

/* Opens a gap of one child at i in the private array of v. */
static struct json *open_gap(struct json_edit *e, struct json *v, size_t i,
			     struct str key)
{
	struct json_member *m;

	reserve(e->arena, v);
	if (json_is(v, JSON_ARRAY)) {
		memmove(&v->u.items[i + 1], &v->u.items[i],
			(v->n - i) * sizeof(struct json));
		v->n++;
		return &v->u.items[i];
	}
	m = &v->u.members[v->n++];
	*m = (struct json_member){ .key = arena_str(e->arena, key) };
	return &m->value;
}

/* Walks to the collection that holds the last step, all of it made private. */
static struct json *walk_to_parent(struct json_edit *e,
				   const struct steps *steps)
{
	struct json *v = &e->root;

	for (size_t s = 0; s + 1 < steps->n; s++) {
		const struct path *step = steps->at[s];
		size_t i;

		make_collection(v, step);
		i = position(v, step);
		if (i < v->n) {
			make_own(e, v);
			v = child(v, i);
			continue;
		}
		if (!step->key.p)
			BUG("edit steps through an item that is not there");
		v = open_gap(e, v, i, step->key);
		*v = (struct json){ .type = JSON_NULL };
	}
	make_collection(v, steps->at[steps->n - 1]);
	return v;
}

static void put(struct json_edit *e, const struct path *path, struct json value,
		bool insert)
{
	struct steps steps;
	struct json *parent;
	size_t i;

	if (!json_exists(&value))
		BUG("edit sets a missing value");
	value = detached(e->arena, value, 0);
	if (!path) {
		e->root = value;
		return;
	}
	steps_of(&steps, path);
	parent = walk_to_parent(e, &steps);
	i = position(parent, path);
	if (i == parent->n || (insert && !path->key.p)) {
		*open_gap(e, parent, i, path->key) = value;
		return;
	}
	make_own(e, parent);
	*child(parent, i) = value;
}

struct json_edit json_edit_start(struct arena *a, const struct json *original)
{
	struct json_edit e = { .arena = a, .root = *original };

	e.root.own = false;
	return e;
}

bool json_edit_reaches(const struct json *root, const struct path *path)
{
	for (const struct path *p = path; p; p = p->parent) {
		const struct json *up = path_get(root, p->parent);
		bool made = !json_is_set(up) && p->parent && p->parent->key.p;

		if (p->key.p && !json_is(up, JSON_OBJECT) && !made)
			return false;
		if (!p->key.p && p->index >= json_array_len(up))
			return false;
	}
	return true;
}

void json_edit_set(struct json_edit *e, const struct path *path,
		   struct json value)
{
	put(e, path, value, false);
}

void json_edit_insert(struct json_edit *e, const struct path *path,
		      struct json value)
{
	put(e, path, value, true);
}

void json_edit_remove(struct json_edit *e, const struct path *path)
{
	struct steps steps;
	struct json *v;
	size_t i, rest;

	if (!path)
		BUG("edit removes the root");
	if (!json_exists(path_get(&e->root, path)))
		return;
	steps_of(&steps, path);
	v = walk_to_parent(e, &steps);
	i = position(v, path);
	make_own(e, v);
	rest = --v->n - i;
	if (json_is(v, JSON_OBJECT))
		memmove(&v->u.members[i], &v->u.members[i + 1],
			rest * sizeof(struct json_member));
	else
		memmove(&v->u.items[i], &v->u.items[i + 1],
			rest * sizeof(struct json));
}
