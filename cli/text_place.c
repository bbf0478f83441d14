/* Lines and columns to offsets: an index of lines, then a walk along one. */
#include "cli/text_place.h"

static size_t count_lines(struct str text)
{
	size_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

struct text_place text_place_new(struct arena *a, struct str text)
{
	size_t n = count_lines(text), *lines = arena_new(a, size_t, n);
	size_t line = 1;

	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '\n')
			lines[line++] = i + 1;
	/* Readers do not count a byte order mark as a character. */
	if (str_starts(text, STR("\xef\xbb\xbf")))
		lines[0] = 3;
	return (struct text_place){
		.text = text,
		.lines = lines,
		.n_lines = n,
		.mark = { 1, 1 },
		.at = lines[0],
	};
}

static bool is_continuation(const struct text_place *p, size_t i)
{
	return i < p->text.n && ((unsigned char)p->text.p[i] & 0xc0) == 0x80;
}

size_t text_place_offset(struct text_place *p, struct json_mark mark)
{
	if (!mark.line || mark.line > p->n_lines)
		return p->text.n;
	if (mark.line != p->mark.line || mark.column < p->mark.column) {
		p->mark = (struct json_mark){ mark.line, 1 };
		p->at = p->lines[mark.line - 1];
	}
	while (p->mark.column < mark.column && p->at < p->text.n) {
		do {
			p->at++;
		} while (is_continuation(p, p->at));
		p->mark.column++;
	}
	return p->at;
}

size_t text_place_line_end(const struct text_place *p, size_t offset)
{
	struct str rest = str_sub(p->text, offset, p->text.n);
	size_t feed = str_find(rest, '\n');

	return offset + feed + (feed < rest.n);
}

size_t text_place_line_start(const struct text_place *p, size_t offset)
{
	while (offset > p->lines[0] && p->text.p[offset - 1] != '\n')
		offset--;
	return offset;
}

struct str text_place_eol(const struct text_place *p, size_t offset)
{
	struct str text = str_sub(p->text, 0, offset);

	if (!str_ends(text, STR("\n")))
		text = str_sub(p->text, 0, text_place_line_end(p, 0));
	return str_ends(text, STR("\r\n")) ? STR("\r\n") : STR("\n");
}
