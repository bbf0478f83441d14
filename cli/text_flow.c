/* Flow collections on one line or on many. */
#include "cli/text_flow.h"

#include "lib/json_write.h"
#include "lib/yamldoc.h"

enum {
	STEP = 2,
	INDENT_MAX = 2000, /* readers cap trees far below */
};

static void write_scalar(struct buf *out, const struct json *v,
			 const struct flow_style *style)
{
	if (style->json)
		json_write(out, v);
	else
		yamldoc_write_scalar(out, v);
}

static void write_key(struct buf *out, struct str key,
		      const struct flow_style *style)
{
	struct json v = json_make_string(key);

	write_scalar(out, &v, style);
	buf_puts(out, ": ");
}

static void new_line(struct buf *out, const struct flow_style *style)
{
	buf_add(out, style->eol);
	buf_add(out, style->margin);
	buf_fill(out, ' ', style->indent);
}

static void separate(struct buf *out, bool first,
		     const struct flow_style *style)
{
	if (first)
		return;
	buf_putc(out, ',');
	if (style->lines)
		new_line(out, style);
	else
		buf_putc(out, ' ');
}

void flow_write_inside(struct buf *out, const struct json *v,
		       const struct flow_style *style)
{
	bool first = true;

	json_each_item(item, v) {
		separate(out, first, style);
		first = false;
		flow_write(out, item, style);
	}
	json_each_member(m, v) {
		separate(out, first, style);
		first = false;
		write_key(out, m->key, style);
		flow_write(out, &m->value, style);
	}
}

void flow_write(struct buf *out, const struct json *v,
		const struct flow_style *style)
{
	struct flow_style inner = *style;
	const char *brackets = json_is(v, JSON_OBJECT) ? "{}" : "[]";

	if (!json_is(v, JSON_OBJECT) && !json_is(v, JSON_ARRAY)) {
		write_scalar(out, v, style);
		return;
	}
	inner.indent += STEP;
	inner.lines = style->lines && json_len(v) > 0;
	if (inner.indent > INDENT_MAX)
		BUG("a tree too deep to write");
	buf_putc(out, brackets[0]);
	if (inner.lines)
		new_line(out, &inner);
	flow_write_inside(out, v, &inner);
	if (inner.lines)
		new_line(out, style);
	buf_putc(out, brackets[1]);
}
