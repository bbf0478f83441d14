/*
 * The only user of libyaml: its events, one after the other, into yaml_tree.
 * Each document is parsed for itself, as kubectl does, so that an error in one
 * does not hide the others.
 */
#include "lib/yamldoc.h"

#include <yaml.h>

#include "lib/json_read.h"
#include "lib/yaml_source.h"
#include "lib/yaml_tree.h"

struct yamldoc {
	struct str text;
	const struct json_limits *limits;
	struct yaml_source source;
	bool too_long, started, ended;
};

/* One document on its way. */
struct reading {
	struct arena *arena;
	struct error *err;
	yaml_parser_t parser;
	struct yaml_cursor cursor;
	struct yaml_tree *tree;
	size_t flow; /* open flow collections */
	bool dots;   /* the document ended with "..." */
};

struct yamldoc *yamldoc_open(struct arena *a, struct str text,
			     const struct json_limits *limits)
{
	struct yamldoc *y = arena_new(a, struct yamldoc, 1);
	char *p;

	y->limits = limits ? limits : &json_limits_default;
	y->text = text;
	y->too_long = text.n > y->limits->bytes;
	if (text.n == 0 || y->too_long || text.p[text.n - 1] == '\n')
		return y;
	/* kubectl reads lines: the last one always has its line feed. */
	p = arena_raw(a, text.n + 1, 1);
	memcpy(p, text.p, text.n);
	p[text.n] = '\n';
	y->text = (struct str){ p, text.n + 1 };
	return y;
}

static struct json_mark mark_at(struct reading *r, const yaml_mark_t *at)
{
	yaml_cursor_to_index(&r->cursor, at->index);
	return r->cursor.mark;
}

/* ---- errors ---- */

static int fail_reader(struct reading *r)
{
	struct json_mark at;

	yaml_cursor_to_byte(&r->cursor, r->parser.problem_offset);
	at = r->cursor.mark;
	if (r->parser.problem_value < 0)
		return error_at(r->err, ERR_INPUT, at.line, at.column,
				"not readable as UTF-8 text: %s",
				r->parser.problem);
	return error_at(r->err, ERR_INPUT, at.line, at.column,
			"not readable as UTF-8 text: %s (0x%02x)",
			r->parser.problem, (unsigned)r->parser.problem_value);
}

static int fail_parser(struct reading *r)
{
	const yaml_parser_t *p = &r->parser;
	struct json_mark context = { 0, 0 }, at;
	bool tab;

	if (p->context)
		context = mark_at(r, &p->context_mark);
	at = mark_at(r, &p->problem_mark);
	tab = r->cursor.byte < r->cursor.chunk.text.n &&
	      r->cursor.chunk.text.p[r->cursor.byte] == '\t';
	if (tab)
		return error_at(r->err, ERR_INPUT, at.line, at.column,
				"not valid YAML: a tab where only spaces may "
				"indent; use spaces");
	if (p->context && context.line != at.line)
		return error_at(r->err, ERR_INPUT, at.line, at.column,
				"not valid YAML: %s, %s from line %u on",
				p->problem, p->context, context.line);
	return error_at(r->err, ERR_INPUT, at.line, at.column,
			"not valid YAML: %s", p->problem);
}

static int next_event(struct reading *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event))
		return 0;
	switch (r->parser.error) {
	case YAML_READER_ERROR:
		return fail_reader(r);
	case YAML_MEMORY_ERROR:
	case YAML_NO_ERROR:
	case YAML_COMPOSER_ERROR:
	case YAML_WRITER_ERROR:
	case YAML_EMITTER_ERROR:
		return error_set(r->err, ERR_LIMIT,
				 "the YAML parser ran out of memory");
	case YAML_SCANNER_ERROR:
	case YAML_PARSER_ERROR:
		break;
	}
	return fail_parser(r);
}

/* ---- events ---- */

static struct str text_of(const yaml_char_t *p)
{
	return str_of((const char *)p);
}

/*
 * libyaml reads the escape "\/" that go-yaml refuses. raw is the scalar as it
 * stands in the source.
 */
static bool has_slash_escape(struct str raw)
{
	for (size_t i = 0; i + 1 < raw.n; i++) {
		if (raw.p[i] != '\\')
			continue;
		if (raw.p[++i] == '/')
			return true;
	}
	return false;
}

static enum json_style scalar_style(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_LITERAL_SCALAR_STYLE:
	case YAML_FOLDED_SCALAR_STYLE:
		return JSON_STYLE_BLOCK;
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return JSON_STYLE_QUOTED;
	case YAML_ANY_SCALAR_STYLE:
	case YAML_PLAIN_SCALAR_STYLE:
		break;
	}
	return JSON_STYLE_PLAIN;
}

/* What libyaml reads and go-yaml does not. */
static int check_raw(const struct reading *r, yaml_scalar_style_t style,
		     struct str raw, struct json_mark at)
{
	if (style == YAML_DOUBLE_QUOTED_SCALAR_STYLE && has_slash_escape(raw))
		return error_at(r->err, ERR_INPUT, at.line, at.column,
				"\"\\/\" is no escape in YAML; write \"/\"");
	if (style == YAML_PLAIN_SCALAR_STYLE && r->flow > 0 &&
	    str_find(raw, '?') < raw.n)
		return error_at(
			r->err, ERR_INPUT, at.line, at.column,
			"kubectl cannot read \"?\" in plain text inside "
			"[] or {}; quote \"%.*s\"",
			STR_ARG(raw));
	return 0;
}

static int scalar_event(struct reading *r, const yaml_event_t *event)
{
	struct yaml_place at = {
		.style = scalar_style(event->data.scalar.style),
		.start = mark_at(r, &event->start_mark),
		.anchor = text_of(event->data.scalar.anchor),
	};
	size_t from = r->cursor.byte;
	struct str value = { (const char *)event->data.scalar.value,
			     event->data.scalar.length };
	struct yaml_scalar s = {
		.text = arena_str(r->arena, value),
		.tag = text_of(event->data.scalar.tag),
		.plain = event->data.scalar.plain_implicit,
	};
	struct str raw;

	at.end = mark_at(r, &event->end_mark);
	raw = str_sub(r->cursor.chunk.text, from, r->cursor.byte);
	/* libyaml takes the line breaks behind a block scalar as its own. */
	if (at.style == JSON_STYLE_BLOCK)
		at.end = yaml_cursor_text_end(&r->cursor);
	if (check_raw(r, event->data.scalar.style, raw, at.start) < 0)
		return -1;
	return yaml_tree_scalar(r->tree, &s, &at);
}

static int open_event(struct reading *r, const yaml_event_t *event)
{
	bool mapping = event->type == YAML_MAPPING_START_EVENT;
	bool flow = mapping ? event->data.mapping_start.style ==
				      YAML_FLOW_MAPPING_STYLE
			    : event->data.sequence_start.style ==
				      YAML_FLOW_SEQUENCE_STYLE;
	struct json_mark start = mark_at(r, &event->start_mark);
	struct yaml_place at = {
		.style = flow ? JSON_STYLE_FLOW : JSON_STYLE_BLOCK,
		.start = start,
		.end = start,
		.anchor = text_of(mapping ? event->data.mapping_start.anchor
					  : event->data.sequence_start.anchor),
	};

	if (flow || r->flow > 0)
		r->flow++;
	return yaml_tree_open(r->tree, mapping ? JSON_OBJECT : JSON_ARRAY, &at);
}

static int alias_event(struct reading *r, const yaml_event_t *event)
{
	struct yaml_place at = {
		.style = JSON_STYLE_PLAIN,
		.start = mark_at(r, &event->start_mark),
		.end = mark_at(r, &event->end_mark),
		.anchor = text_of(event->data.alias.anchor),
	};

	return yaml_tree_alias(r->tree, &at);
}

/* 1 when the document is complete. */
static int one_event(struct reading *r, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_END_EVENT:
		r->dots = !event->data.document_end.implicit;
		return 1;
	case YAML_STREAM_END_EVENT:
		return 1;
	case YAML_SCALAR_EVENT:
		return scalar_event(r, event);
	case YAML_ALIAS_EVENT:
		return alias_event(r, event);
	case YAML_MAPPING_START_EVENT:
	case YAML_SEQUENCE_START_EVENT:
		return open_event(r, event);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		r->flow -= r->flow > 0;
		return yaml_tree_close(r->tree, mark_at(r, &event->end_mark));
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_START_EVENT:
		break;
	}
	return 0;
}

/* kubectl would silently ignore what stands behind the first document. */
static int fail_behind(struct reading *r, struct json_mark at)
{
	return error_at(r->err, ERR_INPUT, at.line, at.column, "%s",
			r->dots ? "kubectl ignores what stands behind \"...\"; "
				  "put \"---\" on a line before it"
				: "not valid YAML: this belongs to nothing "
				  "before it; check the indentation");
}

static int expect_end(struct reading *r)
{
	CLEANUP(yaml_event_delete) yaml_event_t event = { 0 };

	if (next_event(r, &event) == 0)
		return event.type == YAML_STREAM_END_EVENT
			       ? 0
			       : fail_behind(r, mark_at(r, &event.start_mark));
	if (r->parser.error != YAML_PARSER_ERROR)
		return -1;
	return fail_behind(r, mark_at(r, &r->parser.problem_mark));
}

/* 1 with a document, 0 when there was none. */
static int read_events(struct reading *r, struct json *doc)
{
	bool any = false;

	for (;;) {
		CLEANUP(yaml_event_delete) yaml_event_t event = { 0 };
		int done;

		if (next_event(r, &event) < 0)
			return -1;
		any = any || event.type == YAML_DOCUMENT_START_EVENT;
		done = one_event(r, &event);
		if (done < 0)
			return -1;
		if (done)
			break;
	}
	if (!any)
		return 0;
	if (expect_end(r) < 0 || yaml_tree_finish(r->tree, doc) < 0)
		return -1;
	return !json_is(doc, JSON_NULL);
}

/* For right line numbers the lines before the chunk come along, empty. */
static struct str with_lines_before(struct arena *a, struct yaml_chunk chunk)
{
	size_t before = chunk.line - 1;
	char *p = arena_raw(a, before + chunk.text.n, 1);

	memset(p, '\n', before);
	memcpy(p + before, chunk.text.p, chunk.text.n);
	return (struct str){ p, before + chunk.text.n };
}

/* kubectl tries a stream that begins with a brace as JSON first. */
static bool is_json_stream(const struct yamldoc *y)
{
	struct str text = str_trim(y->text);

	return text.n > 0 && text.p[0] == '{';
}

/* JSON has escapes that YAML does not have. */
static bool read_json(const struct yamldoc *y, struct arena *a,
		      struct yaml_chunk chunk, struct json *doc)
{
	struct error ignored = ERROR_INIT;

	return json_read(a, with_lines_before(a, chunk), JSON_READ_MARKS,
			 y->limits, doc, &ignored) == 0;
}

static int read_chunk(const struct yamldoc *y, struct arena *a,
		      struct yaml_chunk chunk, struct json *doc,
		      struct error *err)
{
	struct reading r = {
		.arena = a,
		.err = err,
		.cursor = yaml_cursor_at_start(chunk),
		.tree = yaml_tree_new(a, y->limits, err),
	};
	int result;

	if (!yaml_parser_initialize(&r.parser))
		return error_set(err, ERR_LIMIT,
				 "the YAML parser ran out of memory");
	yaml_parser_set_input_string(
		&r.parser, (const unsigned char *)chunk.text.p, chunk.text.n);
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	result = read_events(&r, doc);
	yaml_parser_delete(&r.parser);
	return result;
}

static int start(struct yamldoc *y, struct error *err)
{
	y->started = true;
	if (y->too_long)
		return error_set(err, ERR_LIMIT,
				 "the text has %zu bytes; the limit is %zu",
				 y->text.n, y->limits->bytes);
	return yaml_source_open(&y->source, y->text, err);
}

int yamldoc_next(struct yamldoc *y, struct arena *a, struct json *doc,
		 struct error *err)
{
	struct yaml_chunk chunk;
	bool first = !y->started;
	int r;

	if (first && start(y, err) < 0) {
		y->ended = true;
		return -1;
	}
	while (!y->ended) {
		r = yaml_source_next(&y->source, &chunk, err);
		if (r > 0 && first && is_json_stream(y) &&
		    read_json(y, a, chunk, doc))
			return 1;
		first = false;
		if (r > 0)
			r = read_chunk(y, a, chunk, doc, err);
		else
			y->ended = r == 0;
		if (r != 0)
			return r;
	}
	return 0;
}

bool yamldoc_can_continue(const struct yamldoc *y)
{
	return !y->ended;
}

void yamldoc_close(struct yamldoc **y)
{
	*y = NULL;
}
