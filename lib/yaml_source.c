/* Documents of a stream, and positions in them. */
#include "lib/yaml_source.h"

static const struct str byte_order_mark = STR_INIT("\xef\xbb\xbf");

int yaml_source_open(struct yaml_source *src, struct str text,
		     struct error *err)
{
	*src = (struct yaml_source){ .line = 1 };
	if (str_starts(text, STR("\xff\xfe")) ||
	    str_starts(text, STR("\xfe\xff")))
		return error_at(err, ERR_INPUT, 1, 1,
				"this is UTF-16; save the file as UTF-8");
	src->rest = text;
	return 0;
}

/* Cuts the next line, without its line break. */
static struct str take_line(struct yaml_source *src)
{
	struct str line = STR_NONE;

	str_split(&src->rest, '\n', &line);
	src->line++;
	return line;
}

static bool is_separator(struct str line)
{
	return str_starts(line, STR("---"));
}

/*
 * Nothing but spaces or a comment. Characters that libyaml might refuse are
 * for it to see.
 */
static bool is_blank(struct str line)
{
	bool comment = false;

	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];

		if (c == '#')
			comment = true;
		else if (c != ' ' && c != '\r' &&
			 !(comment && c > ' ' && c <= '~'))
			return false;
	}
	return true;
}

/*
 * Everything else that kubectl's line reader does not see as a separator is
 * YAML's business; but what it does see, it wants alone on its line.
 */
static int check_separator(struct str line, uint32_t at, struct error *err)
{
	struct str tail = str_trim(str_sub(line, 3, line.n));

	if (tail.n == 0 || (tail.p[0] == '#' && tail.p > line.p + 3))
		return 0;
	return error_at(
		err, ERR_INPUT, at, 1,
		"kubectl wants \"---\" alone on its line; move \"%.*s\" "
		"to the next one",
		STR_ARG(tail));
}

static int check_line(struct str line, uint32_t at, struct error *err)
{
	size_t cr = str_find(line, '\r');

	if (str_starts(line, byte_order_mark) && at > 1)
		return error_at(err, ERR_INPUT, at, 1,
				"a byte order mark inside the text; remove it");
	if (cr + 1 < line.n)
		return error_at(err, ERR_INPUT, at, (uint32_t)cr + 1,
				"a carriage return without a line feed; save "
				"the file with LF or CRLF line ends");
	return 0;
}

/* Leaves rest at the next separator or at the end. */
static void skip_chunk(struct yaml_source *src)
{
	while (src->rest.p && !is_separator(src->rest))
		take_line(src);
}

/* The first line that says something: where the chunk begins. */
static int start_chunk(struct yaml_chunk *chunk, struct str line, uint32_t at,
		       struct error *err)
{
	if (str_starts(line, byte_order_mark))
		line = str_sub(line, byte_order_mark.n, line.n);
	if (line.n > 0 && line.p[0] == '%')
		return error_at(err, ERR_INPUT, at, 1,
				"kubectl accepts no YAML directives; remove "
				"\"%.*s\"",
				STR_ARG(str_trim(line)));
	*chunk = (struct yaml_chunk){ line, at };
	return 0;
}

static int take_chunk_line(struct yaml_source *src, struct yaml_chunk *chunk,
			   struct error *err)
{
	uint32_t at = src->line;
	bool separator = is_separator(src->rest);
	struct str line = take_line(src);

	if (check_line(line, at, err) < 0)
		return -1;
	if (separator)
		return check_separator(line, at, err);
	if (!chunk->text.p && is_blank(line))
		return 0;
	if (!chunk->text.p && start_chunk(chunk, line, at, err) < 0)
		return -1;
	chunk->text.n = (size_t)(line.p + line.n - chunk->text.p);
	if (src->rest.p)
		chunk->text.n++;
	return 0;
}

int yaml_source_next(struct yaml_source *src, struct yaml_chunk *chunk,
		     struct error *err)
{
	*chunk = (struct yaml_chunk){ .text = STR_NONE };
	while (src->rest.p && !(chunk->text.p && is_separator(src->rest))) {
		if (take_chunk_line(src, chunk, err) < 0) {
			skip_chunk(src);
			return -1;
		}
	}
	return chunk->text.p != NULL;
}

struct yaml_cursor yaml_cursor_at_start(struct yaml_chunk chunk)
{
	return (struct yaml_cursor){
		.chunk = chunk,
		.mark = { chunk.line, 1 },
	};
}

static bool is_continuation(const struct yaml_cursor *c)
{
	return c->byte < c->chunk.text.n &&
	       ((unsigned char)c->chunk.text.p[c->byte] & 0xc0) == 0x80;
}

static void step(struct yaml_cursor *c)
{
	bool newline = c->chunk.text.p[c->byte] == '\n';

	do {
		c->byte++;
	} while (is_continuation(c));
	c->index++;
	if (newline) {
		c->mark.line++;
		c->mark.column = 1;
	} else {
		c->mark.column++;
	}
}

void yaml_cursor_to_index(struct yaml_cursor *c, size_t index)
{
	if (index < c->index)
		*c = yaml_cursor_at_start(c->chunk);
	while (c->index < index && c->byte < c->chunk.text.n)
		step(c);
}

void yaml_cursor_to_byte(struct yaml_cursor *c, size_t byte)
{
	if (byte < c->byte)
		*c = yaml_cursor_at_start(c->chunk);
	while (c->byte < byte && c->byte < c->chunk.text.n)
		step(c);
}

struct json_mark yaml_cursor_text_end(const struct yaml_cursor *c)
{
	struct str text = str_sub(c->chunk.text, 0, c->byte);
	struct json_mark mark = c->mark;
	size_t line_start, end = text.n;

	while (end > 0 && strchr(" \t\r\n", text.p[end - 1])) {
		end--;
		if (text.p[end] == '\n')
			mark.line--;
	}
	line_start = end;
	while (line_start > 0 && text.p[line_start - 1] != '\n')
		line_start--;
	mark.column = 1;
	for (size_t i = line_start; i < end; i++)
		mark.column += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	return mark;
}
