/*
 * Trees to YAML that no reader, 1.1 or 1.2, can take for something else. A
 * string is plain only by the narrow rules below; the double-quoted form with
 * its escapes is always right.
 */
#include "lib/yamldoc.h"

#include <strings.h>

enum {
	INDENT = 2,
	/* A simple key ends within 1024 characters; an escape may take ten. */
	KEY_MAX = 1000,
	ESCAPE_MAX = 10,
	/* Readers cap trees far below; a tree made by code cannot run away. */
	DEPTH_MAX = 1000,
};

enum context {
	IN_BLOCK,
	IN_FLOW,
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- plain or not ---- */

/* What some YAML reader takes for null, a boolean or a number. */
static bool is_word(struct str s)
{
	static const char *const words[] = {
		"y",	"yes",	 "n",	 "no",	"on",  "off",
		"true", "false", "null", "nan", "inf", "infinity",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strlen(words[i]) == s.n &&
		    strncasecmp(words[i], s.p, s.n) == 0)
			return true;
	}
	return false;
}

/* "64Mi", "500m", "1.5Gi", "30s": digits with a unit that no number has. */
static bool is_quantity(struct str s)
{
	static const char *const units[] = {
		"m",  "k",  "M",  "G",	"T",  "P",  "Ki", "Mi", "Gi",
		"Ti", "Pi", "Ei", "ns", "us", "ms", "s",  "h",
	};
	size_t i = 0, point;

	while (i < s.n && is_digit(s.p[i]))
		i++;
	if (i > 0 && i + 1 < s.n && s.p[i] == '.') {
		point = i++;
		while (i < s.n && is_digit(s.p[i]))
			i++;
		if (i == point + 1)
			return false;
	}
	if (i == 0 || (s.p[0] == '0' && i > 1))
		return false;
	for (size_t u = 0; u < ARRAY_LEN(units); u++) {
		if (str_is(str_sub(s, i, s.n), units[u]))
			return true;
	}
	return false;
}

/* "--port=80", "-c": dashes before a letter. */
static struct str without_dashes(struct str s)
{
	size_t i = 0;

	while (i < 2 && i < s.n && s.p[i] == '-')
		i++;
	return str_sub(s, i, s.n);
}

static bool is_inner(struct str s, size_t i, enum context context)
{
	char c = s.p[i], next = '\0';

	if (i + 1 < s.n)
		next = s.p[i + 1];
	if (c == ' ' || c == ':')
		return next == '/' || next == '_' || is_digit(next) ||
		       is_letter(next) || (c == ' ' && next == '(');
	if (c == ',')
		return context == IN_BLOCK && next != '\0';
	return is_letter(c) || is_digit(c) || strchr("/_.@+=-()'", c);
}

static bool is_plain(struct str s, enum context context)
{
	struct str word = without_dashes(s);

	if (is_quantity(s))
		return true;
	if (word.n == 0 || s.n > 4096 || is_word(word) ||
	    !(is_letter(word.p[0]) ||
	      (word.n == s.n && (word.p[0] == '/' || word.p[0] == '_'))))
		return false;
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] == '\0' || !is_inner(word, i, context))
			return false;
	}
	return true;
}

/* ---- quoted ---- */

/* The character at s.p[i], and how many bytes it has. The text is UTF-8. */
static uint32_t code_point(struct str s, size_t i, size_t *n)
{
	unsigned char c = (unsigned char)s.p[i];
	uint32_t code;

	*n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (*n == 1)
		return c;
	code = c & (0x7fU >> *n);
	for (size_t k = 1; k < *n && i + k < s.n; k++)
		code = code << 6 | ((unsigned char)s.p[i + k] & 0x3f);
	return code;
}

/*
 * Line ends of YAML 1.1, the byte order mark, and what readers refuse raw. The
 * line feed and the tab are the caller's matter.
 */
static bool is_special(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code <= 0xa0) ||
	       code == 0x2028 || code == 0x2029 || code == 0xfeff ||
	       code == 0xfffe || code == 0xffff;
}

static void write_escape(struct buf *out, uint32_t code)
{
	switch (code) {
	case '\n':
		buf_puts(out, "\\n");
		break;
	case '\t':
		buf_puts(out, "\\t");
		break;
	case '\r':
		buf_puts(out, "\\r");
		break;
	case '"':
		buf_puts(out, "\\\"");
		break;
	case '\\':
		buf_puts(out, "\\\\");
		break;
	default:
		buf_printf(out, code > 0xff ? "\\u%04X" : "\\x%02X", code);
		break;
	}
}

static void write_quoted(struct buf *out, struct str s)
{
	buf_putc(out, '"');
	for (size_t i = 0, n; i < s.n; i += n) {
		uint32_t code = code_point(s, i, &n);

		if (is_special(code) || code == '"' || code == '\\')
			write_escape(out, code);
		else
			buf_add(out, str_sub(s, i, i + n));
	}
	buf_putc(out, '"');
}

static void write_string(struct buf *out, struct str s, enum context context)
{
	if (is_plain(s, context))
		buf_add(out, s);
	else
		write_quoted(out, s);
}

/* ---- literal blocks ---- */

/* Exact only when the first line shows the indentation by itself. */
static bool is_literal(struct str s)
{
	if (str_find(s, '\n') == s.n || s.p[0] == ' ' || s.p[0] == '\n' ||
	    s.p[0] == '\t')
		return false;
	for (size_t i = 0, n; i < s.n; i += n) {
		uint32_t code = code_point(s, i, &n);

		if (is_special(code) && code != '\n' && code != '\t')
			return false;
	}
	return true;
}

static void write_literal(struct buf *out, struct str s, size_t indent)
{
	struct str line;
	const char *chomp = "-";

	if (str_ends(s, STR("\n\n")))
		chomp = "+";
	else if (str_ends(s, STR("\n")))
		chomp = "";
	buf_printf(out, "|%s\n", chomp);
	if (str_ends(s, STR("\n")))
		s.n--;
	while (str_split(&s, '\n', &line)) {
		if (line.n > 0)
			buf_fill(out, ' ', indent);
		buf_add(out, line);
		buf_putc(out, '\n');
	}
}

/* ---- values ---- */

void yamldoc_write_scalar(struct buf *out, const struct json *v)
{
	switch (json_type(v)) {
	case JSON_MISSING:
	case JSON_NULL:
		buf_puts(out, "null");
		break;
	case JSON_BOOL:
		buf_puts(out, json_bool(v, false) ? "true" : "false");
		break;
	case JSON_NUMBER:
		/* "-0" would be read as the whole number 0. */
		buf_add(out, json_text(v));
		if (str_is(json_text(v), "-0"))
			buf_puts(out, ".0");
		break;
	case JSON_STRING:
		write_string(out, json_str(v), IN_FLOW);
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		BUG("yamldoc_write_scalar of a collection");
	}
}

static void write_value(struct buf *out, const struct json *v, size_t indent);

/* Everything that stands on the rest of the line, and literal blocks. */
static void write_inline(struct buf *out, const struct json *v, size_t indent)
{
	struct str s = json_str(v);

	if (json_is(v, JSON_ARRAY)) {
		buf_puts(out, "[]\n");
	} else if (json_is(v, JSON_OBJECT)) {
		buf_puts(out, "{}\n");
	} else if (json_is(v, JSON_STRING) && s.n > 0 && is_literal(s)) {
		write_literal(out, s, indent);
	} else if (json_is(v, JSON_STRING)) {
		write_string(out, s, IN_BLOCK);
		buf_putc(out, '\n');
	} else {
		yamldoc_write_scalar(out, v);
		buf_putc(out, '\n');
	}
}

/* As "key:", or where that is too long for readers "? key", then ":". */
static void write_key(struct buf *out, struct str key, size_t indent)
{
	size_t width = is_plain(key, IN_BLOCK) ? key.n : key.n * ESCAPE_MAX;

	if (width > KEY_MAX)
		buf_puts(out, "? ");
	write_string(out, key, IN_BLOCK);
	if (width > KEY_MAX) {
		buf_putc(out, '\n');
		buf_fill(out, ' ', indent);
	}
	buf_putc(out, ':');
}

static void write_member(struct buf *out, const struct json_member *m,
			 size_t indent)
{
	const struct json *v = &m->value;

	write_key(out, m->key, indent);
	if (json_len(v) == 0) {
		buf_putc(out, ' ');
		write_inline(out, v, indent + INDENT);
		return;
	}
	buf_putc(out, '\n');
	if (json_is(v, JSON_OBJECT))
		indent += INDENT;
	buf_fill(out, ' ', indent);
	write_value(out, v, indent);
}

/* The first line's indentation is written already. */
static void write_value(struct buf *out, const struct json *v, size_t indent)
{
	bool first = true;

	if (indent > (size_t)DEPTH_MAX * INDENT)
		BUG("a tree too deep to write");
	if (json_len(v) == 0) {
		/* A literal block is indented even where nothing else is. */
		write_inline(out, v, indent > 0 ? indent : INDENT);
		return;
	}
	json_each_item(item, v) {
		if (!first)
			buf_fill(out, ' ', indent);
		first = false;
		buf_puts(out, "- ");
		write_value(out, item, indent + INDENT);
	}
	json_each_member(m, v) {
		if (!first)
			buf_fill(out, ' ', indent);
		first = false;
		write_member(out, m, indent);
	}
}

void yamldoc_write(struct buf *out, const struct json *v)
{
	write_value(out, v, 0);
}
