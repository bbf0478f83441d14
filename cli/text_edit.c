/*
 * The tree that was written and the one that is wanted, walked side by side:
 * what only the wanted one has is added to the text. Recursion is as deep as
 * the reader let documents be.
 */
#include "cli/text_edit.h"

#include "cli/text_change.h"
#include "lib/yamldoc.h"

static int walk(struct text_changes *c, const struct json *written,
		const struct json *wanted, const struct text_around *around);

static int add(struct text_changes *c, const struct json *v,
	       const struct json *added, const struct text_around *inner)
{
	if (json_len(added) == 0)
		return 0;
	if (inner->flow)
		return text_change_add_flow(c, v, added, inner->json);
	return text_change_add_block(c, v, added);
}

/* Members stay in order, so the same index is tried first. */
static const struct json_member *find(const struct json *v, struct str key,
				      size_t i)
{
	if (i < v->n && str_eq(v->u.members[i].key, key))
		return &v->u.members[i];
	return json_member(v, key);
}

static int walk_object(struct text_changes *c, const struct json *written,
		       const struct json *wanted, struct text_around inner)
{
	struct json added = json_make_object();
	size_t same = 0, i = 0;

	inner.member = true;
	json_each_member(m, wanted) {
		const struct json_member *old = find(written, m->key, i++);

		if (!old) {
			json_add(c->arena, &added, m->key, m->value);
			continue;
		}
		same++;
		inner.at = old->at;
		if (walk(c, &old->value, &m->value, &inner) < 0)
			return -1;
	}
	if (same < written->n)
		return text_change_refuse(
			c, written->start,
			"a field of this would have to be removed");
	return add(c, written, &added, &inner);
}

static int walk_array(struct text_changes *c, const struct json *written,
		      const struct json *wanted, struct text_around inner)
{
	struct json added = json_make_array();

	inner.member = false;
	if (wanted->n < written->n)
		return text_change_refuse(
			c, written->start,
			"an item of this would have to be removed");
	for (size_t i = 0; i < wanted->n; i++) {
		const struct json *old = json_item(written, i);

		if (!json_exists(old)) {
			json_append(c->arena, &added, wanted->u.items[i]);
			continue;
		}
		inner.at = old->start;
		if (walk(c, old, &wanted->u.items[i], &inner) < 0)
			return -1;
	}
	return add(c, written, &added, &inner);
}

/* JSON has no style; an author who quotes the first key writes JSON too. */
static struct text_around inside_of(struct text_changes *c,
				    const struct json *v,
				    const struct text_around *outer)
{
	struct text_around inner = { .at = v->start, .json = outer->json };

	inner.flow = v->style != JSON_STYLE_BLOCK;
	if (v->style == JSON_STYLE_NONE)
		inner.json = true;
	else if (inner.flow && json_object_len(v) > 0 &&
		 !v->u.members[0].value.aliased)
		inner.json = text_change_is_quoted(c, v->u.members[0].at);
	if (!inner.flow)
		inner.indent = text_change_indent(c, v);
	return inner;
}

static int walk(struct text_changes *c, const struct json *written,
		const struct json *wanted, const struct text_around *around)
{
	if (written->aliased)
		return json_equal(written, wanted)
			       ? 0
			       : text_change_refuse(
					 c, around->at,
					 "this comes through an anchor, which "
					 "other places share; write it out");
	if (json_is(written, JSON_NULL) && !json_is(wanted, JSON_NULL))
		return text_change_replace_null(c, written, wanted, around);
	if (json_is(written, JSON_OBJECT) && json_is(wanted, JSON_OBJECT))
		return walk_object(c, written, wanted,
				   inside_of(c, written, around));
	if (json_is(written, JSON_ARRAY) && json_is(wanted, JSON_ARRAY))
		return walk_array(c, written, wanted,
				  inside_of(c, written, around));
	if (json_equal(written, wanted))
		return 0;
	return text_change_refuse(c, around->at,
				  "this would have to be changed");
}

int text_read_one(struct arena *a, struct str text,
		  const struct json_limits *limits, struct json *doc,
		  struct error *err)
{
	struct yamldoc *y = yamldoc_open(a, text, limits);
	struct json more;
	int got = yamldoc_next(y, a, doc, err);

	if (got > 0 && yamldoc_next(y, a, &more, err) != 0)
		got = error_set(err, ERR_INPUT, "more than one document");
	yamldoc_close(&y);
	return got;
}

int text_edit(struct arena *a, struct str text, const struct json *wanted,
	      const struct json_limits *limits, struct str *out,
	      struct error *err)
{
	const struct text_around outside = { .at = { 1, 1 } };
	struct error ignored = ERROR_INIT;
	struct text_changes c = { .arena = a, .err = err };
	struct json written, now;
	int got;

	*out = text;
	got = text_read_one(a, text, limits, &written, err);
	if (got < 0)
		return -1;
	if (!got)
		return error_set(err, ERR_INPUT, "there is no document");
	c.place = text_place_new(a, text);
	if (walk(&c, &written, wanted, &outside) < 0 ||
	    text_change_apply(&c, out) < 0)
		return -1;
	if (c.n > 0 && (text_read_one(a, *out, limits, &now, &ignored) != 1 ||
			!json_equal(&now, wanted))) {
		*out = text;
		return error_set(err, ERR_INPUT,
				 "with lines added the text would not read as "
				 "meant");
	}
	return 0;
}
