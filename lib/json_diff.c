/*
 * The difference of two trees. A working copy of json_edit.h shares with its
 * original what was not edited; such parts are skipped by comparing pointers,
 * so the cost is that of the arrays that were copied. Recursion is as deep as
 * the trees, which their readers cap.
 */
#include "lib/json_diff.h"

#include "lib/map.h"
#include "lib/path.h"

/* From this many members on, a search that fails builds an index. */
enum { INDEX_MIN = 32 };

struct diff {
	struct arena *arena;
	struct json ops;
};

/* Finds the members of one object, fast when asked in their order. */
struct finder {
	const struct json *object;
	size_t next; /* behind the last one found */
	struct map index;
	bool indexed;
};

static struct finder finder_of(struct arena *a, const struct json *object)
{
	return (struct finder){ .object = object, .index = MAP_INIT(a) };
}

static bool is_at(struct finder *f, size_t i, struct str key)
{
	if (i >= f->object->n || !str_eq(f->object->u.members[i].key, key))
		return false;
	f->next = i + 1;
	return true;
}

/*
 * One insertion or removal shifts all that follows: the next place and the one
 * behind it are tried before searching.
 */
static const struct json *find(struct finder *f, struct str key)
{
	const struct json *old;

	if (is_at(f, f->next, key) || is_at(f, f->next + 1, key))
		return &f->object->u.members[f->next - 1].value;
	if (f->object->n < INDEX_MIN)
		return json_get(f->object, key);
	if (!f->indexed) {
		for (size_t i = 0; i < f->object->n; i++)
			map_set(&f->index, f->object->u.members[i].key,
				&f->object->u.members[i].value);
		f->indexed = true;
	}
	old = map_get(&f->index, key);
	return old ? old : &json_missing;
}

static void add_op(struct diff *d, struct str op, const struct path *path,
		   const struct json *value)
{
	struct arena *a = d->arena;
	struct json o = json_make_object();

	json_add(a, &o, STR("op"), json_make_string(op));
	json_add(a, &o, STR("path"), json_make_string(path_pointer(a, path)));
	if (value)
		json_add(a, &o, STR("value"), *value)->own = false;
	json_append(a, &d->ops, o);
}

static bool is_shared(const struct json *x, const struct json *y)
{
	if (x->type != y->type)
		return false;
	if (json_is(x, JSON_OBJECT))
		return x->n == y->n && x->u.members == y->u.members;
	if (json_is(x, JSON_ARRAY))
		return x->n == y->n && x->u.items == y->u.items;
	return json_equal(x, y);
}

static void compare(struct diff *d, const struct path *path,
		    const struct json *before, const struct json *after);

static void compare_objects(struct diff *d, const struct path *path,
			    const struct json *before, const struct json *after)
{
	struct finder in_before = finder_of(d->arena, before);
	struct finder in_after = finder_of(d->arena, after);
	size_t found = 0;

	json_each_member(m, after) {
		const struct path here = path_key(path, m->key);
		const struct json *old = find(&in_before, m->key);

		if (json_exists(old)) {
			found++;
			compare(d, &here, old, &m->value);
		} else {
			add_op(d, STR("add"), &here, &m->value);
		}
	}
	if (found == before->n)
		return;
	json_each_member(m, before) {
		const struct path here = path_key(path, m->key);

		if (!json_exists(find(&in_after, m->key)))
			add_op(d, STR("remove"), &here, NULL);
	}
}

static void compare_arrays(struct diff *d, const struct path *path,
			   const struct json *before, const struct json *after)
{
	size_t common = before->n < after->n ? before->n : after->n;

	for (size_t i = 0; i < common; i++) {
		const struct path here = path_index(path, i);

		compare(d, &here, &before->u.items[i], &after->u.items[i]);
	}
	for (size_t i = common; i < after->n; i++) {
		const struct path here = path_index(path, i);

		add_op(d, STR("add"), &here, &after->u.items[i]);
	}
	for (size_t i = before->n; i > common; i--) {
		const struct path here = path_index(path, i - 1);

		add_op(d, STR("remove"), &here, NULL);
	}
}

static void compare(struct diff *d, const struct path *path,
		    const struct json *before, const struct json *after)
{
	if (is_shared(before, after))
		return;
	if (before->type == after->type && json_is(after, JSON_OBJECT))
		compare_objects(d, path, before, after);
	else if (before->type == after->type && json_is(after, JSON_ARRAY))
		compare_arrays(d, path, before, after);
	else
		add_op(d, STR("replace"), path, after);
}

struct json json_diff(struct arena *a, const struct json *before,
		      const struct json *after)
{
	struct diff d = { .arena = a, .ops = json_make_array() };

	compare(&d, NULL, before, after);
	return d.ops;
}
