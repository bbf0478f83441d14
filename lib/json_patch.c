/*
 * Applies RFC 6902 patches. Pointers (RFC 6901) are resolved against the
 * document as it is at that operation, checked, and handed to json_edit.h as
 * paths. What operations bring in is counted, because "copy" of a document
 * into itself grows it exponentially while its memory stays small.
 */
#include "lib/json_diff.h"

#include "lib/json_build.h"
#include "lib/json_edit.h"

struct patch {
	struct arena *arena;
	struct json_edit edit;
	const struct json *op; /* the operation at hand */
	size_t nodes_left;
	struct error *err;
};

/* A resolved pointer. */
struct target {
	struct str pointer;
	const struct path *path;  /* NULL: the whole document */
	size_t depth;		  /* steps of path */
	const struct json *value; /* missing: where one can be added */
};

/* What a walk over a value that comes in found. */
struct extent {
	size_t nodes;
	bool too_deep;
};

static int fail_at(struct patch *p, struct str pointer, const char *what)
{
	return error_set(p->err, ERR_INPUT, "\"%.*s\" %s", STR_ARG(pointer),
			 what);
}

/* "~0" is "~", "~1" is "/"; any other "~" is an error. */
static int unescape(struct patch *p, struct str token, struct str *key)
{
	char *text;
	size_t n = 0;

	*key = token;
	if (str_find(token, '~') == token.n)
		return 0;
	text = arena_raw(p->arena, token.n, 1);
	for (size_t i = 0; i < token.n; i++) {
		if (token.p[i] != '~') {
			text[n++] = token.p[i];
			continue;
		}
		if (++i == token.n || (token.p[i] != '0' && token.p[i] != '1'))
			return -1;
		text[n++] = token.p[i] == '0' ? '~' : '/';
	}
	*key = (struct str){ text, n };
	return 0;
}

/* Digits without leading zeros; what is longer than any array is refused. */
static int parse_index(struct str token, size_t *index)
{
	size_t n = 0;

	if (token.n == 0 || token.n > 10 || (token.p[0] == '0' && token.n > 1))
		return -1;
	for (size_t i = 0; i < token.n; i++) {
		if (token.p[i] < '0' || token.p[i] > '9')
			return -1;
		n = 10 * n + (size_t)(token.p[i] - '0');
	}
	*index = n;
	return 0;
}

static int step_into_array(struct patch *p, struct target *t, struct str token,
			   struct path *step)
{
	size_t n = t->value->n;
	size_t index;

	if (str_is(token, "-"))
		index = n;
	else if (parse_index(token, &index) < 0)
		return fail_at(p, t->pointer,
			       "has no array index (digits without leading "
			       "zeros, or \"-\") where an array is");
	if (index > n)
		return fail_at(p, t->pointer,
			       "points beyond the end of an array");
	*step = path_index(t->path, index);
	t->value = json_item(t->value, index);
	return 0;
}

static int step_into_object(struct patch *p, struct target *t, struct str token,
			    struct path *step)
{
	struct str key;

	if (unescape(p, token, &key) < 0)
		return fail_at(p, t->pointer,
			       "has a \"~\" that is neither \"~0\" nor \"~1\"");
	if (str_find(key, '\0') < key.n)
		return fail_at(p, t->pointer, "has a key that holds a NUL");
	*step = path_key(t->path, key);
	t->value = json_get(t->value, key);
	return 0;
}

static int step_into(struct patch *p, struct target *t, struct str token)
{
	struct path *step = arena_new(p->arena, struct path, 1);
	int r;

	if (!json_exists(t->value))
		return fail_at(p, t->pointer, "has a parent that is not there");
	if (++t->depth > json_limits_default.depth)
		return error_set(p->err, ERR_LIMIT,
				 "a path of more than %zu "
				 "steps",
				 json_limits_default.depth);
	if (json_is(t->value, JSON_ARRAY))
		r = step_into_array(p, t, token, step);
	else if (json_is(t->value, JSON_OBJECT))
		r = step_into_object(p, t, token, step);
	else
		return fail_at(p, t->pointer,
			       "has a parent that is neither object nor array");
	t->path = step;
	return r;
}

/* The pointer in the operation's member; its last step may be missing. */
static int resolve(struct patch *p, const char *member, struct target *t)
{
	const struct json *v = json_get(p->op, str_of(member));
	struct str rest, token;

	*t = (struct target){ .pointer = json_str(v), .value = &p->edit.root };
	if (!json_is(v, JSON_STRING))
		return error_set(p->err, ERR_INPUT,
				 "\"%s\" is %s, want a "
				 "JSON pointer such as \"/spec/ttl\"",
				 member, json_type_name(json_type(v)));
	rest = t->pointer;
	if (rest.n == 0)
		return 0;
	if (rest.p[0] != '/')
		return fail_at(p, t->pointer, "does not begin with \"/\"");
	rest = str_sub(rest, 1, rest.n);
	while (str_split(&rest, '/', &token))
		if (step_into(p, t, token) < 0)
			return -1;
	return 0;
}

static int resolve_existing(struct patch *p, const char *member,
			    struct target *t)
{
	if (resolve(p, member, t) < 0)
		return -1;
	if (!json_exists(t->value))
		return fail_at(p, t->pointer, "is not there");
	return 0;
}

static int value_of_op(struct patch *p, const struct json **value)
{
	*value = json_get(p->op, STR("value"));
	if (!json_exists(*value))
		return error_set(p->err, ERR_INPUT, "\"value\" is missing");
	return 0;
}

/*
 * Counts the values in v, which lies inside `depth` collections. Stops at the
 * budget, so that shared subtrees cannot explode.
 */
static void measure(const struct json *v, size_t budget, size_t depth,
		    struct extent *x)
{
	if (++x->nodes > budget)
		return;
	if (v->type >= JSON_ARRAY && ++depth > json_limits_default.depth) {
		x->too_deep = true;
		return;
	}
	json_each_item(item, v)
		measure(item, budget, depth, x);
	json_each_member(m, v)
		measure(&m->value, budget, depth, x);
}

/* May v be put below `depth` collections? Takes its nodes off the budget. */
static int charge(struct patch *p, const struct json *v, size_t depth)
{
	struct extent x = { .nodes = 0 };

	measure(v, p->nodes_left, depth, &x);
	if (x.nodes > p->nodes_left)
		return error_set(p->err, ERR_LIMIT,
				 "more than %zu values come in",
				 json_limits_default.nodes);
	if (x.too_deep)
		return error_set(p->err, ERR_LIMIT,
				 "the result is more than %zu levels deep",
				 json_limits_default.depth);
	p->nodes_left -= x.nodes;
	return 0;
}

static int put(struct patch *p, const struct json *value)
{
	struct target to;

	if (resolve(p, "path", &to) < 0 || charge(p, value, to.depth) < 0)
		return -1;
	json_edit_insert(&p->edit, to.path, *value);
	return 0;
}

static int drop(struct patch *p, const struct target *t)
{
	if (!t->path)
		return error_set(p->err, ERR_INPUT,
				 "the whole document cannot be removed");
	json_edit_remove(&p->edit, t->path);
	return 0;
}

static int apply_add(struct patch *p)
{
	const struct json *value;

	return value_of_op(p, &value) < 0 ? -1 : put(p, value);
}

static int apply_remove(struct patch *p)
{
	struct target t;

	return resolve_existing(p, "path", &t) < 0 ? -1 : drop(p, &t);
}

static int apply_replace(struct patch *p)
{
	const struct json *value;
	struct target t;

	if (value_of_op(p, &value) < 0 || resolve_existing(p, "path", &t) < 0 ||
	    charge(p, value, t.depth) < 0)
		return -1;
	json_edit_set(&p->edit, t.path, *value);
	return 0;
}

static bool is_below(struct str pointer, struct str parent)
{
	return pointer.n > parent.n && str_starts(pointer, parent) &&
	       pointer.p[parent.n] == '/';
}

static int apply_move(struct patch *p)
{
	const struct str to = json_str(json_get(p->op, STR("path")));
	struct target from;
	struct json value;

	if (resolve_existing(p, "from", &from) < 0)
		return -1;
	if (str_eq(to, from.pointer))
		return resolve(p, "path", &from);
	if (is_below(to, from.pointer))
		return fail_at(p, from.pointer, "cannot move into itself");
	value = *from.value;
	return drop(p, &from) < 0 ? -1 : put(p, &value);
}

static int apply_copy(struct patch *p)
{
	struct target from;

	return resolve_existing(p, "from", &from) < 0 ? -1 : put(p, from.value);
}

static int apply_test(struct patch *p)
{
	const struct json *value;
	struct target t;

	if (value_of_op(p, &value) < 0 || resolve_existing(p, "path", &t) < 0)
		return -1;
	if (!json_equal(value, t.value))
		return fail_at(p, t.pointer, "is not what \"test\" wants");
	return 0;
}

static const struct {
	const char *name;
	int (*apply)(struct patch *p);
} operations[] = {
	{ "add", apply_add },	{ "remove", apply_remove },
	{ "copy", apply_copy }, { "replace", apply_replace },
	{ "move", apply_move }, { "test", apply_test },
};

static int apply(struct patch *p)
{
	const struct str name = json_str(json_get(p->op, STR("op")));

	for (size_t i = 0; i < ARRAY_LEN(operations); i++) {
		if (!str_is(name, operations[i].name))
			continue;
		if (operations[i].apply(p) < 0)
			return error_wrap(p->err, "%s", operations[i].name);
		return 0;
	}
	if (!name.p)
		return error_set(p->err, ERR_INPUT, "\"op\" is missing");
	return error_set(p->err, ERR_INPUT,
			 "\"op\" is \"%.*s\", want add, remove, replace, "
			 "move, copy or test",
			 STR_ARG(name));
}

int json_patch(struct arena *a, const struct json *doc,
	       const struct json *patch, struct json *result, struct error *err)
{
	struct patch p = { .arena = a,
			   .edit = json_edit_start(a, doc),
			   .nodes_left = json_limits_default.nodes,
			   .err = err };

	if (!json_is(patch, JSON_ARRAY))
		return error_set(err, ERR_INPUT,
				 "a patch is an array of operations, found %s",
				 json_type_name(json_type(patch)));
	for (size_t i = 0; i < patch->n; i++) {
		p.op = json_item(patch, i);
		if (apply(&p) < 0) {
			err->line = p.op->start.line;
			err->column = p.op->start.column;
			return error_wrap(err, "operation %zu", i);
		}
	}
	*result = p.edit.root;
	return 0;
}
