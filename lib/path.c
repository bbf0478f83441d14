/*
 * Paths: text for people and for patches, copies, and the way down a tree.
 *
 * Steps are linked upwards only, so text is filled in from its end. Nothing
 * recurses: a path may come from a JSON Pointer of any length.
 */
#include "lib/path.h"

enum { INDEX_DIGITS = 20 }; /* of the largest size_t */

/* Text that is filled in from its end; measures only while p is NULL. */
struct backwards {
	char *p;
	size_t n; /* bytes so far */
};

static void put(struct backwards *b, struct str s)
{
	b->n += s.n;
	if (!b->p)
		return;
	b->p -= s.n;
	if (s.n)
		memcpy(b->p, s.p, s.n);
}

static void put_index(struct backwards *b, size_t index)
{
	char digits[INDEX_DIGITS];
	char *at = digits + sizeof(digits);

	do {
		*--at = (char)('0' + index % 10);
		index /= 10;
	} while (index);
	put(b, (struct str){ at, (size_t)(digits + sizeof(digits) - at) });
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_identifier(struct str key)
{
	for (size_t i = 0; i < key.n; i++) {
		bool digit = key.p[i] >= '0' && key.p[i] <= '9';

		if (!is_letter(key.p[i]) && !(digit && i > 0))
			return false;
	}
	return key.n > 0;
}

static void put_field_step(struct backwards *b, const struct path *step)
{
	if (step->key.p && is_identifier(step->key)) {
		put(b, step->key);
		if (step->parent)
			put(b, STR("."));
		return;
	}
	put(b, STR("]"));
	if (step->key.p)
		put(b, step->key);
	else
		put_index(b, step->index);
	put(b, STR("["));
}

static void put_pointer_step(struct backwards *b, const struct path *step)
{
	const char *key = step->key.p;

	if (!key)
		put_index(b, step->index);
	for (size_t i = key ? step->key.n : 0; i-- > 0;) {
		if (key[i] == '~')
			put(b, STR("~0"));
		else if (key[i] == '/')
			put(b, STR("~1"));
		else
			put(b, (struct str){ key + i, 1 });
	}
	put(b, STR("/"));
}

/* Once to measure, once to write. */
static struct str to_text(struct arena *a, const struct path *p,
			  void (*put_step)(struct backwards *,
					   const struct path *))
{
	struct backwards size = { NULL, 0 }, text;

	for (const struct path *step = p; step; step = step->parent)
		put_step(&size, step);
	text.p = arena_raw(a, size.n + 1, 1);
	text.p += size.n;
	*text.p = '\0';
	text.n = 0;
	for (const struct path *step = p; step; step = step->parent)
		put_step(&text, step);
	return (struct str){ text.p, text.n };
}

struct str path_field(struct arena *a, const struct path *p)
{
	return to_text(a, p, put_field_step);
}

struct str path_pointer(struct arena *a, const struct path *p)
{
	return to_text(a, p, put_pointer_step);
}

const struct path *path_copy(struct arena *a, const struct path *p)
{
	const struct path *copy = NULL, **link = &copy;

	for (; p; p = p->parent) {
		struct path *step = arena_new(a, struct path, 1);

		*step = *p;
		if (p->key.p)
			step->key = arena_str(a, p->key);
		*link = step;
		link = &step->parent;
	}
	return copy;
}

/* The step that stands on the given level, 1 directly below the root. */
static const struct path *step_at(const struct path *p, size_t length,
				  size_t level)
{
	for (; length > level; length--)
		p = p->parent;
	return p;
}

static const struct json *descend(const struct json *v, const struct path *step)
{
	return step->key.p ? json_get(v, step->key) : json_item(v, step->index);
}

/*
 * Looks each level's step up from the end. That costs depth of the document
 * times length of the path, which beats a stack: paths are short, and a
 * hostile long one stops where the document stops.
 */
static const struct json *walk(const struct json *root, const struct path *p,
			       const struct json **marked)
{
	const struct json *v = root;
	size_t length = 0;

	for (const struct path *step = p; step; step = step->parent)
		length++;
	for (size_t level = 1; level <= length && json_exists(v); level++) {
		v = descend(v, step_at(p, length, level));
		if (v->start.line)
			*marked = v;
	}
	return v;
}

const struct json *path_get(const struct json *root, const struct path *p)
{
	const struct json *marked;

	return walk(root, p, &marked);
}

const struct json *path_nearest(const struct json *root, const struct path *p)
{
	const struct json *marked = root;

	walk(root, p, &marked);
	return marked;
}
