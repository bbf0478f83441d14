/*
 * The document model: total look-ups, values made by code, whole trees.
 *
 * The walks over whole trees recurse; depth is what the readers' cap let in,
 * or what code nested by hand.
 */
#include "lib/json.h"

#include <inttypes.h>

#include "lib/map.h"

enum {
	FIRST_CAPACITY = 4, /* of a child array that grows; a power of two */
	LINEAR_MAX = 16,    /* members; larger objects are compared by a map */
};

const struct json json_missing = { .type = JSON_MISSING };

const char *json_type_name(enum json_type type)
{
	static const char *const names[] = {
		[JSON_MISSING] = "nothing", [JSON_NULL] = "null",
		[JSON_BOOL] = "boolean",    [JSON_NUMBER] = "number",
		[JSON_STRING] = "string",   [JSON_ARRAY] = "array",
		[JSON_OBJECT] = "object",
	};

	if ((size_t)type >= ARRAY_LEN(names))
		BUG("json_type_name of no type");
	return names[type];
}

/*
 * The engine spends most of its time here: keys of one object mostly differ in
 * length or in their first byte, so the call of memcmp is rare.
 */
const struct json_member *json_member(const struct json *v, struct str key)
{
	json_each_member(m, v)
		if (m->key.n == key.n &&
		    (!key.n || (m->key.p[0] == key.p[0] &&
				memcmp(m->key.p, key.p, key.n) == 0)))
			return m;
	return NULL;
}

const struct json *json_get(const struct json *v, struct str key)
{
	const struct json_member *m = json_member(v, key);

	return m ? &m->value : &json_missing;
}

const struct json *json_at_keys(const struct json *v, const char *const *keys)
{
	for (; *keys; keys++)
		v = json_get(v, str_of(*keys));
	return v;
}

const struct json *json_item(const struct json *v, size_t i)
{
	return i < json_array_len(v) ? &v->u.items[i] : &json_missing;
}

bool json_int(const struct json *v, int64_t *out)
{
	struct str s = v->type == JSON_NUMBER ? v->u.text : STR_NONE;
	bool negative = s.n && s.p[0] == '-';
	int64_t n = 0;

	if (negative)
		s = str_sub(s, 1, s.n);
	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int digit = s.p[i] - '0';

		if (digit < 0 || digit > 9)
			return false;
		/* Downwards, because INT64_MIN has no positive. */
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_sub_overflow(n, digit, &n))
			return false;
	}
	if (!negative && __builtin_sub_overflow(0, n, &n))
		return false;
	*out = n;
	return true;
}

struct json json_make_string(struct str s)
{
	return (struct json){ .type = JSON_STRING,
			      .u.text = s.p ? s : STR("") };
}

struct json json_make_number(struct str text)
{
	return (struct json){ .type = JSON_NUMBER, .u.text = text };
}

struct json json_make_int(struct arena *a, int64_t n)
{
	return json_make_number(arena_printf(a, "%" PRId64, n));
}

struct json json_make_bool(bool b)
{
	return (struct json){ .type = JSON_BOOL, .u.boolean = b };
}

struct json json_make_object(void)
{
	return (struct json){ .type = JSON_OBJECT };
}

struct json json_make_array(void)
{
	return (struct json){ .type = JSON_ARRAY };
}

/* The capacity follows from n alone, so that a value need not carry it. */
static size_t capacity(size_t n)
{
	size_t cap = FIRST_CAPACITY;

	if (n == 0)
		return 0;
	while (cap < n)
		cap *= 2;
	return cap;
}

/* The child array with room for one more. */
static void *room(struct arena *a, void *children, size_t n, size_t size)
{
	void *bigger;

	if (n < capacity(n))
		return children;
	bigger = arena_raw(a, capacity(n + 1), size);
	if (n)
		memcpy(bigger, children, n * size);
	return bigger;
}

struct json *json_add(struct arena *a, struct json *object, struct str key,
		      struct json value)
{
	struct json_member *m;

	if (!json_is(object, JSON_OBJECT))
		BUG("json_add to what is no object");
	if (json_member(object, key))
		BUG("json_add of a key that is there");
	object->u.members = room(a, object->u.members, object->n, sizeof(*m));
	m = &object->u.members[object->n++];
	*m = (struct json_member){ .key = key, .value = value };
	return &m->value;
}

struct json *json_append(struct arena *a, struct json *array, struct json value)
{
	struct json *item;

	if (!json_is(array, JSON_ARRAY))
		BUG("json_append to what is no array");
	array->u.items = room(a, array->u.items, array->n, sizeof(*item));
	item = &array->u.items[array->n++];
	*item = value;
	return item;
}

static bool items_equal(const struct json *x, const struct json *y)
{
	for (size_t i = 0; i < x->n; i++)
		if (!json_equal(&x->u.items[i], &y->u.items[i]))
			return false;
	return true;
}

/* Large objects in different order: linear look-ups would be quadratic. */
static bool members_equal_mapped(const struct json *x, const struct json *y)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT;
	struct map by_key = MAP_INIT(&scratch);

	for (size_t i = 0; i < y->n; i++)
		map_set(&by_key, y->u.members[i].key, &y->u.members[i].value);
	json_each_member(m, x) {
		const struct json *other = map_get(&by_key, m->key);

		if (!other || !json_equal(&m->value, other))
			return false;
	}
	return true;
}

static bool same_order(const struct json *x, const struct json *y)
{
	for (size_t i = 0; i < x->n; i++)
		if (!str_eq(x->u.members[i].key, y->u.members[i].key))
			return false;
	return true;
}

static bool members_equal(const struct json *x, const struct json *y)
{
	bool ordered = same_order(x, y);

	if (!ordered && x->n > LINEAR_MAX)
		return members_equal_mapped(x, y);
	for (size_t i = 0; i < x->n; i++) {
		const struct json_member *m = &x->u.members[i];
		const struct json *other =
			ordered ? &y->u.members[i].value : json_get(y, m->key);

		if (!json_equal(&m->value, other))
			return false;
	}
	return true;
}

bool json_equal(const struct json *x, const struct json *y)
{
	if (x->type != y->type)
		return false;
	switch (json_type(x)) {
	case JSON_MISSING:
	case JSON_NULL:
		return true;
	case JSON_BOOL:
		return x->u.boolean == y->u.boolean;
	case JSON_NUMBER:
	case JSON_STRING:
		return str_eq(x->u.text, y->u.text);
	case JSON_ARRAY:
		return x->n == y->n &&
		       (x->u.items == y->u.items || items_equal(x, y));
	case JSON_OBJECT:
		return x->n == y->n &&
		       (x->u.members == y->u.members || members_equal(x, y));
	}
	BUG("json_equal of no type");
}

/* ---- copies ---- */

static struct json copy(struct arena *a, const struct json *v, bool exact);

static struct json copy_array(struct arena *a, const struct json *v, bool exact)
{
	size_t room = exact ? v->n : capacity(v->n);
	struct json to = *v;

	to.u.items = arena_raw(a, room, sizeof(struct json));
	for (size_t i = 0; i < v->n; i++)
		to.u.items[i] = copy(a, &v->u.items[i], exact);
	return to;
}

static struct json copy_object(struct arena *a, const struct json *v,
			       bool exact)
{
	size_t room = exact ? v->n : capacity(v->n);
	struct json to = *v;

	to.u.members = arena_raw(a, room, sizeof(struct json_member));
	for (size_t i = 0; i < v->n; i++) {
		const struct json_member *m = &v->u.members[i];

		to.u.members[i] = (struct json_member){
			.key = arena_str(a, m->key),
			.at = m->at,
			.value = copy(a, &m->value, exact),
		};
	}
	return to;
}

static struct json copy(struct arena *a, const struct json *v, bool exact)
{
	struct json to = *v;

	switch (json_type(v)) {
	case JSON_MISSING:
	case JSON_NULL:
	case JSON_BOOL:
		return to;
	case JSON_NUMBER:
	case JSON_STRING:
		to.u.text = arena_str(a, v->u.text);
		return to;
	case JSON_ARRAY:
		return copy_array(a, v, exact);
	case JSON_OBJECT:
		return copy_object(a, v, exact);
	}
	BUG("a copy of no type");
}

/*
 * Child arrays get the capacity of grown ones, so that json_add and
 * json_append work on a copy too.
 */
struct json json_copy(struct arena *a, const struct json *v)
{
	return copy(a, v, false);
}

struct json json_copy_exact(struct arena *a, const struct json *v)
{
	return copy(a, v, true);
}
