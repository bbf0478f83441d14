/*
 * Events to a tree. Children of open collections wait in one shared array; a
 * collection that closes takes its own off the end into an array of just the
 * right size.
 */
#include "lib/json_build.h"

#include "lib/map.h"

enum { LINEAR_MAX = 16 }; /* members; larger objects find keys by a map */

const struct json_limits json_limits_default = {
	.bytes = 8 << 20,
	.depth = 100,
	.nodes = 400000,
};

/* An open collection. */
struct frame {
	struct json value; /* without its children */
	struct str key;	   /* objects: of the value that comes next */
	struct json_mark at;
	bool has_key;
	size_t first;	  /* own children in pending */
	struct map *keys; /* of objects above LINEAR_MAX members */
};

struct json_build {
	struct arena *arena;
	const struct json_limits *limits;
	struct error *err;
	bool failed, has_root;
	size_t nodes;
	struct json root;
	struct frame *frames;
	size_t depth, frames_cap;
	struct json_member *pending; /* items of arrays have no key */
	size_t n_pending, pending_cap;
};

struct json_build *json_build_new(struct arena *a,
				  const struct json_limits *limits,
				  struct error *err)
{
	struct json_build *b = arena_new(a, struct json_build, 1);

	b->arena = a;
	b->limits = limits;
	b->err = err;
	return b;
}

size_t json_build_depth(const struct json_build *b)
{
	return b->depth;
}

static struct frame *top(struct json_build *b)
{
	return b->depth ? &b->frames[b->depth - 1] : NULL;
}

static int too_deep(struct json_build *b, struct json_mark at)
{
	b->failed = true;
	return error_at(b->err, ERR_LIMIT, at.line, at.column,
			"nested deeper than %zu levels, which is the limit",
			b->limits->depth);
}

static int count_node(struct json_build *b, struct json_mark at)
{
	if (++b->nodes <= b->limits->nodes)
		return 0;
	b->failed = true;
	return error_at(b->err, ERR_LIMIT, at.line, at.column,
			"more than %zu values in one document, which is the "
			"limit: split it",
			b->limits->nodes);
}

static int check_utf8(struct json_build *b, struct str s, struct json_mark at,
		      const char *what)
{
	size_t bad;

	if (json_utf8_valid(s, &bad))
		return 0;
	b->failed = true;
	return error_at(b->err, ERR_INPUT, at.line, at.column,
			"this %s is not valid UTF-8: byte 0x%02x at its "
			"offset %zu",
			what, (unsigned char)s.p[bad], bad);
}

/* Puts a finished value where it belongs. */
static int place(struct json_build *b, const struct json *v)
{
	struct frame *f = top(b);
	struct json_member *m;

	if (!f && b->has_root) {
		b->failed = true;
		return error_at(b->err, ERR_INPUT, v->start.line,
				v->start.column,
				"a second value behind the document: only "
				"one is wanted");
	}
	if (!f) {
		b->root = *v;
		b->has_root = true;
		return 0;
	}
	if (f->value.type == JSON_OBJECT && !f->has_key)
		BUG("a value in an object without its key");
	if (b->n_pending == b->pending_cap)
		b->pending = arena_grow(b->arena, b->pending, b->n_pending,
					&b->pending_cap, sizeof(*m));
	m = &b->pending[b->n_pending++];
	m->key = f->key;
	m->at = f->at;
	m->value = *v;
	f->has_key = false;
	return 0;
}

static int check_scalar(struct json_build *b, const struct json *v)
{
	if (json_is(v, JSON_STRING))
		return check_utf8(b, v->u.text, v->start, "string");
	if (json_is(v, JSON_NUMBER) && !json_number_valid(v->u.text)) {
		b->failed = true;
		return error_at(b->err, ERR_INPUT, v->start.line,
				v->start.column,
				"not a number as JSON writes it: \"%.*s\"",
				STR_ARG(v->u.text));
	}
	return 0;
}

int json_build_scalar(struct json_build *b, struct json v)
{
	if (b->failed)
		return -1;
	if (v.type < JSON_NULL || v.type > JSON_STRING)
		BUG("json_build_scalar of what is no scalar");
	if (count_node(b, v.start) < 0 || check_scalar(b, &v) < 0)
		return -1;
	return place(b, &v);
}

int json_build_open(struct json_build *b, enum json_type collection,
		    enum json_style style, struct json_mark start)
{
	struct frame *f;

	if (b->failed)
		return -1;
	if (collection != JSON_ARRAY && collection != JSON_OBJECT)
		BUG("json_build_open of what is no collection");
	if (b->depth >= b->limits->depth)
		return too_deep(b, start);
	if (count_node(b, start) < 0)
		return -1;
	b->frames = arena_grow(b->arena, b->frames, b->depth, &b->frames_cap,
			       sizeof(*f));
	f = &b->frames[b->depth++];
	*f = (struct frame){
		.value = { .type = (uint8_t)collection,
			   .style = (uint8_t)style,
			   .start = start },
		.first = b->n_pending,
	};
	return 0;
}

static void take_children(struct json_build *b, struct json *v, size_t first)
{
	const struct json_member *from = b->pending + first;

	v->n = (uint32_t)(b->n_pending - first);
	if (v->type == JSON_OBJECT) {
		v->u.members = arena_raw(b->arena, v->n, sizeof(*from));
		memcpy(v->u.members, from, v->n * sizeof(*from));
	} else {
		v->u.items = arena_raw(b->arena, v->n, sizeof(*v));
		for (size_t i = 0; i < v->n; i++)
			v->u.items[i] = from[i].value;
	}
	b->n_pending = first;
}

int json_build_close(struct json_build *b, struct json_mark end)
{
	struct frame *f = top(b);
	struct json v;

	if (b->failed)
		return -1;
	if (!f || f->has_key)
		BUG("json_build_close in the wrong place");
	v = f->value;
	v.end = end;
	if (b->n_pending > f->first)
		take_children(b, &v, f->first);
	b->depth--;
	return place(b, &v);
}

static const struct json_member *
find_pending(const struct json_build *b, const struct frame *f, struct str key)
{
	for (size_t i = f->first; i < b->n_pending; i++)
		if (str_eq(b->pending[i].key, key))
			return &b->pending[i];
	return NULL;
}

static void start_map(struct json_build *b, struct frame *f)
{
	f->keys = arena_new(b->arena, struct map, 1);
	*f->keys = (struct map)MAP_INIT(b->arena);
	for (size_t i = f->first; i < b->n_pending; i++)
		map_set(f->keys, b->pending[i].key, b);
}

/* Keeps the time linear for an object of hostile size. */
static bool is_known(struct json_build *b, struct frame *f, struct str key)
{
	if (b->n_pending - f->first < LINEAR_MAX)
		return find_pending(b, f, key);
	if (!f->keys)
		start_map(b, f);
	if (map_get(f->keys, key))
		return true;
	map_set(f->keys, key, b);
	return false;
}

static int duplicate(struct json_build *b, const struct frame *f,
		     struct str key, struct json_mark at)
{
	const struct json_member *first = find_pending(b, f, key);

	b->failed = true;
	if (!first->at.line)
		return error_at(b->err, ERR_INPUT, 0, 0,
				"duplicate key in one object: \"%.*s\"",
				STR_ARG(key));
	return error_at(b->err, ERR_INPUT, at.line, at.column,
			"duplicate key, first on line %u: \"%.*s\"",
			first->at.line, STR_ARG(key));
}

int json_build_key(struct json_build *b, struct str key, struct json_mark at)
{
	struct frame *f = top(b);

	if (b->failed)
		return -1;
	if (!f || f->value.type != JSON_OBJECT || f->has_key)
		BUG("json_build_key in the wrong place");
	if (!b->limits->nul_keys && key.n && memchr(key.p, '\0', key.n)) {
		b->failed = true;
		return error_at(b->err, ERR_INPUT, at.line, at.column,
				"this key holds a NUL character: remove it");
	}
	if (check_utf8(b, key, at, "key") < 0)
		return -1;
	if (is_known(b, f, key))
		return duplicate(b, f, key, at);
	f->key = key.p ? key : STR("");
	f->at = at;
	f->has_key = true;
	return 0;
}

/* Counts a subtree that is shared; depth is where its root stands. */
static int count_tree(struct json_build *b, const struct json *v, size_t depth)
{
	if (count_node(b, v->start) < 0)
		return -1;
	if (v->type >= JSON_ARRAY && depth >= b->limits->depth)
		return too_deep(b, v->start);
	json_each_item(item, v)
		if (count_tree(b, item, depth + 1) < 0)
			return -1;
	json_each_member(m, v)
		if (count_tree(b, &m->value, depth + 1) < 0)
			return -1;
	return 0;
}

int json_build_value(struct json_build *b, const struct json *v)
{
	if (b->failed || count_tree(b, v, b->depth) < 0)
		return -1;
	return place(b, v);
}

int json_build_finish(struct json_build *b, struct json *doc)
{
	if (b->failed)
		return -1;
	if (b->depth || !b->has_root) {
		b->failed = true;
		return error_set(b->err, ERR_INPUT,
				 "the document ends before its value does");
	}
	*doc = b->root;
	return 0;
}

struct json json_build_last(const struct json_build *b)
{
	if (b->depth == 0 && b->has_root)
		return b->root;
	if (b->depth == 0 || b->n_pending == 0)
		BUG("json_build_last before the first value");
	return b->pending[b->n_pending - 1].value;
}

bool json_build_has(const struct json_build *b, struct str key)
{
	const struct frame *f;

	if (b->depth == 0)
		return false;
	f = &b->frames[b->depth - 1];
	if (f->keys)
		return map_get(f->keys, key);
	return find_pending(b, f, key);
}

static bool in_range(unsigned char c, unsigned char low, unsigned char high)
{
	return c >= low && c <= high;
}

/* The second byte's range is what rules out overlong forms and surrogates. */
static bool second_fits(unsigned char lead, unsigned char second)
{
	switch (lead) {
	case 0xe0:
		return in_range(second, 0xa0, 0xbf);
	case 0xed:
		return in_range(second, 0x80, 0x9f);
	case 0xf0:
		return in_range(second, 0x90, 0xbf);
	case 0xf4:
		return in_range(second, 0x80, 0x8f);
	default:
		return in_range(second, 0x80, 0xbf);
	}
}

/* Bytes of the character at p, 0 when it is none. n > 0 bytes are there. */
static size_t char_length(const unsigned char *p, size_t n)
{
	size_t want;

	if (p[0] < 0x80)
		return 1;
	if (in_range(p[0], 0xc2, 0xdf))
		want = 2;
	else if (in_range(p[0], 0xe0, 0xef))
		want = 3;
	else if (in_range(p[0], 0xf0, 0xf4))
		want = 4;
	else
		return 0;
	if (n < want || !second_fits(p[0], p[1]))
		return 0;
	for (size_t i = 2; i < want; i++)
		if (!in_range(p[i], 0x80, 0xbf))
			return 0;
	return want;
}

static bool ascii8(const unsigned char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return (word & 0x8080808080808080u) == 0;
}

static bool ascii4(const unsigned char *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof(word));
	return (word & 0x80808080u) == 0;
}

/* Whole words; the last one overlaps the one before it. */
static bool is_ascii(const unsigned char *p, size_t n)
{
	if (n >= 8) {
		for (size_t i = 0; i < n - 8; i += 8)
			if (!ascii8(p + i))
				return false;
		return ascii8(p + n - 8);
	}
	if (n >= 4)
		return ascii4(p) && ascii4(p + n - 4);
	return n == 0 || (p[0] | p[n / 2] | p[n - 1]) < 0x80;
}

bool json_utf8_valid(struct str s, size_t *at)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = 0;

	if (is_ascii(p, s.n))
		return true;
	while (i < s.n) {
		size_t length = char_length(p + i, s.n - i);

		if (length == 0) {
			if (at)
				*at = i;
			return false;
		}
		i += length;
		while (s.n - i >= 8 && ascii8(p + i))
			i += 8;
	}
	return true;
}

static size_t skip_digits(struct str s, size_t i)
{
	while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
		i++;
	return i;
}

static bool at_either(struct str s, size_t i, char a, char b)
{
	return i < s.n && (s.p[i] == a || s.p[i] == b);
}

bool json_number_valid(struct str s)
{
	size_t i = at_either(s, 0, '-', '-') ? 1 : 0, from = i;

	i = skip_digits(s, i);
	if (i == from || (s.p[from] == '0' && i > from + 1))
		return false;
	if (at_either(s, i, '.', '.')) {
		from = i + 1;
		i = skip_digits(s, from);
		if (i == from)
			return false;
	}
	if (at_either(s, i, 'e', 'E')) {
		from = i + 1;
		if (at_either(s, from, '+', '-'))
			from++;
		i = skip_digits(s, from);
		if (i == from)
			return false;
	}
	return i == s.n;
}
