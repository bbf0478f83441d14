/*
 * Texts that go between the author's: lines for block collections, members
 * inside brackets, values in place of null. Nothing is verified here; who
 * applies them reads the result back.
 */
#include "cli/text_change.h"

#include <stdlib.h>

#include "cli/text_flow.h"
#include "lib/yamldoc.h"

enum { TEXT_MAX = 1 << 30, INDENT = 2 };

static void change(struct text_changes *c, size_t at, size_t remove,
		   struct str text)
{
	c->v = arena_grow(c->arena, c->v, c->n, &c->cap, sizeof(*c->v));
	c->v[c->n] = (struct change){ at, remove, text, c->n };
	c->n++;
}

int text_change_refuse(struct text_changes *c, struct json_mark at,
		       const char *why)
{
	return error_at(c->err, ERR_INPUT, at.line, at.column, "%s", why);
}

static struct str keep(struct text_changes *c, const struct buf *b)
{
	if (buf_failed(b))
		BUG("added text has no bounds");
	return arena_str(c->arena, buf_str(b));
}

static char text_at(const struct text_changes *c, size_t i)
{
	if (i >= c->place.text.n)
		return '\0';
	return c->place.text.p[i];
}

/* ---- block collections ---- */

/* Lines indented, ended as the author's lines around them. */
static struct str indented(struct text_changes *c, struct str lines,
			   size_t indent, size_t at)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(TEXT_MAX);
	struct str eol = text_place_eol(&c->place, at), line;
	bool bare = at > 0 && text_at(c, at - 1) != '\n';

	/* A file without a line feed at its end stays one. */
	if (bare)
		buf_add(&out, eol);
	lines.n -= str_ends(lines, STR("\n"));
	while (str_split(&lines, '\n', &line)) {
		if (line.n)
			buf_fill(&out, ' ', indent);
		buf_add(&out, line);
		if (lines.p || !bare)
			buf_add(&out, eol);
	}
	return keep(c, &out);
}

static void add_lines(struct text_changes *c, const struct json *added,
		      size_t indent, size_t at)
{
	CLEANUP(buf_release) struct buf lines = BUF_INIT(TEXT_MAX);

	yamldoc_write(&lines, added);
	if (buf_failed(&lines))
		BUG("added text has no bounds");
	change(c, at, 0, indented(c, buf_str(&lines), indent, at));
}

static bool same_mark(struct json_mark x, struct json_mark y)
{
	return x.line == y.line && x.column == y.column;
}

/* The child that v, a block collection, ends with; NULL when it has none. */
static const struct json *child_at_end(const struct json *v)
{
	const struct json *child = NULL;

	json_each_member(m, v) {
		if (!m->value.aliased && same_mark(m->value.end, v->end))
			child = &m->value;
	}
	json_each_item(item, v) {
		if (!item->aliased && same_mark(item->end, v->end))
			child = item;
	}
	return child;
}

/* The scalar or flow collection that v ends with. */
static const struct json *last_leaf(const struct json *v)
{
	const struct json *child;

	while ((child = child_at_end(v)))
		v = child;
	return v;
}

/* Blank lines behind the visible text that a block scalar (|+) owns. */
static size_t blank_lines(const struct json *leaf)
{
	struct str s = json_str(leaf);
	size_t visible = s.n, feeds = 0;

	if (leaf->style != JSON_STYLE_BLOCK)
		return 0;
	while (visible > 0 && strchr(" \t\r\n", s.p[visible - 1]))
		feeds += s.p[--visible] == '\n';
	return feeds > 0 && visible > 0 ? feeds - 1 : feeds;
}

/* Where a line goes that is to follow v's last one. */
static size_t behind(struct text_changes *c, const struct json *v)
{
	size_t at = text_place_line_end(&c->place,
					text_place_offset(&c->place, v->end));

	for (size_t n = blank_lines(last_leaf(v)); n > 0; n--)
		at = text_place_line_end(&c->place, at);
	return at;
}

static bool is_before(struct json_mark x, struct json_mark y)
{
	return x.line < y.line || (x.line == y.line && x.column < y.column);
}

/* Where v's first key stands: behind a tag or an anchor when it has one. */
static struct json_mark first_mark(struct text_changes *c, const struct json *v)
{
	char first = text_at(c, text_place_offset(&c->place, v->start));

	if (first != '&' && first != '!')
		return v->start;
	json_each_member(m, v) {
		if (is_before(v->start, m->at) && is_before(m->at, v->end))
			return m->at;
	}
	return (struct json_mark){ 0, 0 };
}

size_t text_change_indent(struct text_changes *c, const struct json *v)
{
	uint32_t column = first_mark(c, v).column;

	return column ? column - 1 : 0;
}

bool text_change_is_quoted(struct text_changes *c, struct json_mark at)
{
	return text_at(c, text_place_offset(&c->place, at)) == '"';
}

int text_change_add_block(struct text_changes *c, const struct json *v,
			  const struct json *added)
{
	struct json_mark first = first_mark(c, v);

	if (!first.line)
		return text_change_refuse(
			c, v->start,
			"where this list or mapping begins is hard to "
			"tell");
	add_lines(c, added, first.column - 1, behind(c, v));
	return 0;
}

/* ---- flow collections ---- */

struct inside {
	size_t at;    /* where text is added */
	size_t close; /* the closing bracket */
	bool comma;   /* there is one before it */
	bool first;   /* nothing is between the brackets */
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The offset behind a comma between from and to, or from. */
static size_t behind_comma(const struct text_changes *c, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if (text_at(c, i) == '#')
			i = text_place_line_end(&c->place, i) - 1;
		else if (text_at(c, i) == ',')
			return i + 1;
	}
	return from;
}

static const struct json *last_child(const struct json *v)
{
	if (json_is(v, JSON_OBJECT))
		return &v->u.members[v->n - 1].value;
	return &v->u.items[v->n - 1];
}

static int find_inside(struct text_changes *c, const struct json *v,
		       struct inside *in)
{
	size_t end = text_place_offset(&c->place, v->end), from;

	*in = (struct inside){ .first = json_len(v) == 0 };
	if (!end || (text_at(c, end - 1) != '}' && text_at(c, end - 1) != ']'))
		return text_change_refuse(
			c, v->end, "no closing bracket is where this ends");
	in->close = in->at = end - 1;
	if (in->first)
		return 0;
	if (last_child(v)->aliased) {
		/* The marks are the anchor's. */
		while (in->at > 0 && is_space(text_at(c, in->at - 1)))
			in->at--;
		in->comma = in->at > 0 && text_at(c, in->at - 1) == ',';
		return 0;
	}
	from = text_place_offset(&c->place, last_child(v)->end);
	in->at = behind_comma(c, from, in->close);
	in->comma = in->at > from;
	return 0;
}

/* The blanks that the line begins with. */
static struct str margin_of(const struct text_changes *c, size_t at)
{
	size_t start = text_place_line_start(&c->place, at), i = start;

	while (text_at(c, i) == ' ' || text_at(c, i) == '\t')
		i++;
	return str_sub(c->place.text, start, i);
}

/* A line of its own, so that a comment behind the last member stays there. */
static void add_flow_lines(struct text_changes *c, const struct inside *in,
			   const struct json *added, struct flow_style *style)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(TEXT_MAX);
	size_t at = text_place_line_end(&c->place, in->at);

	style->lines = true;
	style->margin = margin_of(c, in->at);
	style->eol = text_place_eol(&c->place, at);
	if (!in->comma)
		change(c, in->at, 0, STR(","));
	buf_add(&out, style->margin);
	flow_write_inside(&out, added, style);
	if (in->comma)
		buf_putc(&out, ',');
	buf_add(&out, style->eol);
	change(c, at, 0, keep(c, &out));
}

int text_change_add_flow(struct text_changes *c, const struct json *v,
			 const struct json *added, bool json)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(TEXT_MAX);
	struct flow_style style = { .json = json };
	struct inside in;

	if (find_inside(c, v, &in) < 0)
		return -1;
	if (!in.first && text_place_line_end(&c->place, in.at) <= in.close) {
		add_flow_lines(c, &in, added, &style);
		return 0;
	}
	if (!in.first)
		buf_puts(&out, in.comma ? " " : ", ");
	flow_write_inside(&out, added, &style);
	change(c, in.at, 0, keep(c, &out));
	return 0;
}

/* ---- null ---- */

static bool is_null_text(struct str s)
{
	return !s.n || str_is(s, "null") || str_is(s, "~") ||
	       str_is(s, "Null") || str_is(s, "NULL");
}

static void replace_by_lines(struct text_changes *c, size_t start, size_t end,
			     const struct json *wanted,
			     const struct text_around *around)
{
	size_t indent = around->indent;

	if (json_is(wanted, JSON_OBJECT))
		indent += INDENT;
	if (end > start) {
		while (start > 0 && (text_at(c, start - 1) == ' ' ||
				     text_at(c, start - 1) == '\t'))
			start--;
		change(c, start, end - start, STR(""));
	}
	add_lines(c, wanted, indent, text_place_line_end(&c->place, end));
}

int text_change_replace_null(struct text_changes *c, const struct json *written,
			     const struct json *wanted,
			     const struct text_around *around)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(TEXT_MAX);
	size_t start = text_place_offset(&c->place, written->start);
	size_t end = text_place_offset(&c->place, written->end);
	struct flow_style style = { .json = around->json };

	if (end < start || !is_null_text(str_sub(c->place.text, start, end)))
		return text_change_refuse(
			c, written->start,
			"what stands for null here cannot be replaced");
	if (around->member && !around->flow && json_len(wanted) > 0) {
		replace_by_lines(c, start, end, wanted, around);
		return 0;
	}
	if (start == end && start > 0 && !is_space(text_at(c, start - 1)))
		buf_putc(&out, ' ');
	flow_write(&out, wanted, &style);
	change(c, start, end - start, keep(c, &out));
	return 0;
}

/* ---- all of them ---- */

static int compare(const void *x, const void *y)
{
	const struct change *p = x, *q = y;

	if (p->at != q->at)
		return p->at < q->at ? -1 : 1;
	return p->order < q->order ? -1 : 1;
}

int text_change_apply(struct text_changes *c, struct str *out)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEXT_MAX);
	size_t at = 0;

	if (!c->n)
		return 0;
	qsort(c->v, c->n, sizeof(*c->v), compare);
	for (size_t i = 0; i < c->n; i++) {
		const struct change *next = &c->v[i];

		if (next->at < at)
			return error_set(c->err, ERR_INPUT,
					 "two additions meet in one place");
		buf_add(&text, str_sub(c->place.text, at, next->at));
		buf_add(&text, next->text);
		at = next->at + next->remove;
	}
	buf_add(&text, str_sub(c->place.text, at, c->place.text.n));
	if (buf_failed(&text))
		return error_set(c->err, ERR_LIMIT,
				 "the text would be larger than %d bytes",
				 TEXT_MAX);
	*out = arena_str(c->arena, buf_str(&text));
	return 0;
}
