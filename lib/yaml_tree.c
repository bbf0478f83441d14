/*
 * A stack of open collections beside that of json_build: what stands next in
 * a mapping, which anchor it has, what it will merge.
 */
#include "lib/yaml_tree.h"

#include "lib/map.h"

enum merging {
	MERGE_NONE,
	MERGE_VALUE, /* "<<" was the key: its value comes next */
	MERGE_LIST,  /* inside "<<: [" */
};

struct anchor {
	struct json value;
	bool complete;
	bool marked; /* value is the copy whose nodes say "aliased" */
};

struct frame {
	enum json_type type;
	enum json_style style;
	bool has_key;
	struct json_mark end; /* of the last child */
	struct anchor *anchor;
	struct json *merges; /* mappings, in the order of the text */
	size_t n_merges, merges_cap;
	bool merged; /* "<<" was there */
};

struct yaml_tree {
	struct arena *arena;
	const struct json_limits *limits;
	struct error *err;
	struct json_build *build;
	struct map anchors;
	struct frame *frames;
	size_t depth, frames_cap;
	enum merging merging;
	size_t alias_work; /* what the builder's count of nodes misses */
};

struct yaml_tree *yaml_tree_new(struct arena *a,
				const struct json_limits *limits,
				struct error *err)
{
	struct yaml_tree *t = arena_new(a, struct yaml_tree, 1);

	t->arena = a;
	t->limits = limits;
	t->err = err;
	t->build = json_build_new(a, limits, err);
	t->anchors = (struct map)MAP_INIT(a);
	return t;
}

static struct frame *top(struct yaml_tree *t)
{
	return t->depth > 0 ? &t->frames[t->depth - 1] : NULL;
}

static bool wants_key(struct yaml_tree *t)
{
	struct frame *f = top(t);

	return f && f->type == JSON_OBJECT && !f->has_key;
}

/* A value is there, with everything in it. */
static void value_done(struct yaml_tree *t, struct json_mark end)
{
	struct frame *f = top(t);

	if (!f)
		return;
	f->has_key = false;
	f->end = end;
}

/* The anchor, known from now on; NULL when the node has none. */
static struct anchor *add_anchor(struct yaml_tree *t,
				 const struct yaml_place *at)
{
	struct anchor *anchor;

	if (!at->anchor.p)
		return NULL;
	anchor = arena_new(t->arena, struct anchor, 1);
	map_set(&t->anchors, at->anchor, anchor);
	return anchor;
}

static void complete_anchor(struct anchor *anchor, const struct json *v)
{
	if (!anchor)
		return;
	anchor->value = *v;
	anchor->complete = true;
}

static int fail_at(struct yaml_tree *t, const struct yaml_place *at,
		   const char *what)
{
	return error_at(t->err, ERR_INPUT, at->start.line, at->start.column,
			"%s", what);
}

static int fail_merge(struct yaml_tree *t, const struct yaml_place *at)
{
	return fail_at(t, at,
		       "\"<<\" wants an alias of a mapping (<<: *name) or a "
		       "sequence of such aliases");
}

/* ---- keys ---- */

static int start_merge(struct yaml_tree *t, const struct yaml_place *at)
{
	struct frame *f = top(t);

	if (f->merged)
		return fail_at(t, at,
			       "a second \"<<\" in one mapping; give the first "
			       "one a sequence: <<: [*a, *b]");
	f->merged = true;
	f->has_key = true;
	t->merging = MERGE_VALUE;
	return 0;
}

static bool is_merge(const struct yaml_scalar *s)
{
	return str_is(s->text, "<<") &&
	       (s->plain || str_is(s->tag, "tag:yaml.org,2002:merge"));
}

static int add_key(struct yaml_tree *t, struct str key,
		   const struct yaml_place *at)
{
	if (json_build_key(t->build, key, at->start) < 0)
		return -1;
	top(t)->has_key = true;
	return 0;
}

static int scalar_key(struct yaml_tree *t, const struct yaml_scalar *s,
		      const struct yaml_place *at)
{
	struct anchor *anchor = add_anchor(t, at);
	struct str key;
	struct json v;

	if (is_merge(s))
		return start_merge(t, at);
	if (yaml_scalar_key(t->arena, s, &key, t->err) < 0 ||
	    yaml_scalar_value(t->arena, s, &v, t->err) < 0) {
		t->err->line = at->start.line;
		t->err->column = at->start.column;
		return -1;
	}
	v.style = (uint8_t)at->style;
	v.start = at->start;
	v.end = at->end;
	complete_anchor(anchor, &v);
	return add_key(t, key, at);
}

/* ---- aliases ---- */

/*
 * A copy whose nodes say "aliased"; what says so already is shared. As deep as
 * the builder allows; stops early when the work is over its limit.
 */
static struct json copy_aliased(struct yaml_tree *t, const struct json *v)
{
	struct json copy = *v;

	if (v->aliased || ++t->alias_work > t->limits->nodes)
		return copy;
	copy.aliased = true;
	if (json_len(v) == 0)
		return copy;
	if (json_is(v, JSON_ARRAY)) {
		copy.u.items = arena_raw(t->arena, v->n, sizeof(*v));
		for (uint32_t i = 0; i < v->n; i++)
			copy.u.items[i] = copy_aliased(t, &v->u.items[i]);
	} else if (json_is(v, JSON_OBJECT)) {
		copy.u.members =
			arena_raw(t->arena, v->n, sizeof(*v->u.members));
		for (uint32_t i = 0; i < v->n; i++) {
			copy.u.members[i] = v->u.members[i];
			copy.u.members[i].value =
				copy_aliased(t, &v->u.members[i].value);
		}
	}
	return copy;
}

/* The anchor's value, aliased; made once. */
static int mark_aliased(struct yaml_tree *t, struct anchor *anchor,
			const struct yaml_place *at, size_t work)
{
	t->alias_work += work;
	if (!anchor->marked)
		anchor->value = copy_aliased(t, &anchor->value);
	anchor->marked = true;
	if (t->alias_work <= t->limits->nodes)
		return 0;
	return error_at(t->err, ERR_LIMIT, at->start.line, at->start.column,
			"aliases bring more than %zu values into one "
			"document, which is the limit",
			t->limits->nodes);
}

static struct anchor *find_anchor(struct yaml_tree *t,
				  const struct yaml_place *at)
{
	struct anchor *anchor = map_get(&t->anchors, at->anchor);

	if (!anchor) {
		(void)error_at(t->err, ERR_INPUT, at->start.line,
			       at->start.column,
			       "there is no anchor &%.*s before this alias",
			       STR_ARG(at->anchor));
		return NULL;
	}
	if (anchor->complete)
		return anchor;
	(void)error_at(t->err, ERR_INPUT, at->start.line, at->start.column,
		       "the anchor &%.*s would contain itself",
		       STR_ARG(at->anchor));
	return NULL;
}

/* The mapping that holds "<<". */
static struct frame *merging_frame(struct yaml_tree *t)
{
	return &t->frames[t->depth - (t->merging == MERGE_LIST ? 2 : 1)];
}

/*
 * Own keys behind "<<" win over merged ones everywhere. For those before it
 * readers disagree.
 */
static int check_own(struct yaml_tree *t, const struct json *v,
		     const struct yaml_place *at)
{
	json_each_member(m, v) {
		if (json_build_has(t->build, m->key))
			return error_at(t->err, ERR_INPUT, at->start.line,
					at->start.column,
					"\"%.*s\" stands before \"<<\" and is "
					"merged by it too, where YAML readers "
					"disagree; write \"<<\" first",
					STR_ARG(m->key));
	}
	return 0;
}

static int add_merge(struct yaml_tree *t, struct anchor *anchor,
		     const struct yaml_place *at)
{
	const struct json *v = &anchor->value;
	struct frame *f = merging_frame(t);

	if (!json_is(v, JSON_OBJECT))
		return fail_merge(t, at);
	if (mark_aliased(t, anchor, at, 1 + json_len(v)) < 0 ||
	    check_own(t, v, at) < 0)
		return -1;
	f->merges = arena_grow(t->arena, f->merges, f->n_merges, &f->merges_cap,
			       sizeof(*v));
	f->merges[f->n_merges++] = *v;
	if (t->merging == MERGE_VALUE) {
		t->merging = MERGE_NONE;
		value_done(t, at->end);
	} else {
		top(t)->end = at->end;
	}
	return 0;
}

static int alias_key(struct yaml_tree *t, const struct json *v,
		     const struct yaml_place *at)
{
	if (!json_is(v, JSON_STRING))
		return fail_at(
			t, at,
			"an alias that is a key must stand for a string");
	return add_key(t, json_str(v), at);
}

/* ---- merging, when the mapping is complete ---- */

static int merge_all(struct yaml_tree *t, const struct frame *f)
{
	for (size_t i = 0; i < f->n_merges; i++) {
		json_each_member(m, &f->merges[i]) {
			if (json_build_has(t->build, m->key))
				continue;
			if (json_build_key(t->build, m->key, m->at) < 0 ||
			    json_build_value(t->build, &m->value) < 0)
				return -1;
		}
	}
	return 0;
}

/* ---- events ---- */

int yaml_tree_scalar(struct yaml_tree *t, const struct yaml_scalar *s,
		     const struct yaml_place *at)
{
	struct anchor *anchor;
	struct json v;

	if (t->merging != MERGE_NONE)
		return fail_merge(t, at);
	if (wants_key(t))
		return scalar_key(t, s, at);
	anchor = add_anchor(t, at);
	if (yaml_scalar_value(t->arena, s, &v, t->err) < 0) {
		t->err->line = at->start.line;
		t->err->column = at->start.column;
		return -1;
	}
	v.style = (uint8_t)at->style;
	v.start = at->start;
	v.end = at->end;
	complete_anchor(anchor, &v);
	if (json_build_scalar(t->build, v) < 0)
		return -1;
	value_done(t, at->end);
	return 0;
}

static void push(struct yaml_tree *t, enum json_type type,
		 const struct yaml_place *at)
{
	t->frames = arena_grow(t->arena, t->frames, t->depth, &t->frames_cap,
			       sizeof(*t->frames));
	t->frames[t->depth++] = (struct frame){
		.type = type,
		.style = at->style,
		.end = at->end,
		.anchor = add_anchor(t, at),
	};
}

int yaml_tree_open(struct yaml_tree *t, enum json_type collection,
		   const struct yaml_place *at)
{
	if (t->merging == MERGE_VALUE && collection == JSON_ARRAY &&
	    !at->anchor.p) {
		t->merging = MERGE_LIST;
		push(t, collection, at);
		return 0;
	}
	if (t->merging != MERGE_NONE)
		return fail_merge(t, at);
	if (wants_key(t))
		return fail_at(t, at,
			       "a key must be a string, not a collection");
	if (json_build_open(t->build, collection, at->style, at->start) < 0)
		return -1;
	push(t, collection, at);
	return 0;
}

int yaml_tree_close(struct yaml_tree *t, struct json_mark end)
{
	struct frame *f = top(t);
	struct anchor *anchor = f->anchor;
	struct json v;

	if (f->style == JSON_STYLE_BLOCK)
		end = f->end;
	if (t->merging == MERGE_LIST) {
		t->merging = MERGE_NONE;
		t->depth--;
		value_done(t, end);
		return 0;
	}
	if (merge_all(t, f) < 0 || json_build_close(t->build, end) < 0)
		return -1;
	t->depth--;
	v = json_build_last(t->build);
	complete_anchor(anchor, &v);
	value_done(t, end);
	return 0;
}

int yaml_tree_alias(struct yaml_tree *t, const struct yaml_place *at)
{
	struct anchor *anchor = find_anchor(t, at);

	if (!anchor)
		return -1;
	if (t->merging != MERGE_NONE)
		return add_merge(t, anchor, at);
	if (wants_key(t))
		return alias_key(t, &anchor->value, at);
	if (mark_aliased(t, anchor, at, 0) < 0 ||
	    json_build_value(t->build, &anchor->value) < 0)
		return -1;
	value_done(t, at->end);
	return 0;
}

int yaml_tree_finish(struct yaml_tree *t, struct json *doc)
{
	return json_build_finish(t->build, doc);
}
