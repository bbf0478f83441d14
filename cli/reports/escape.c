/* Text of others for terminals, XML, GitHub and URIs. */
#include "cli/reports/escape.h"

#include "lib/json_build.h"

#define REPLACEMENT STR("\xef\xbf\xbd")

enum { BAD = 0x110000 }; /* no code point: a byte that is no UTF-8 */

/*
 * Cuts the first character off *rest. A byte that begins no character is cut
 * alone, with *code BAD.
 */
static struct str next(struct str *rest, uint32_t *code)
{
	unsigned char c = (unsigned char)rest->p[0];
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	struct str out = str_sub(*rest, 0, n);

	*code = c;
	if (n > 1 && (out.n < n || !json_utf8_valid(out, NULL))) {
		out.n = 1;
		*code = BAD;
	} else if (n > 1) {
		*code = c & (0x7fU >> n);
		for (size_t i = 1; i < n; i++)
			*code = *code << 6 | ((unsigned char)out.p[i] & 0x3f);
	}
	*rest = str_sub(*rest, out.n, rest->n);
	return out;
}

struct str escape_utf8(struct arena *a, struct str s)
{
	struct str mark = REPLACEMENT, c;
	size_t n = 0;
	uint32_t code;
	char *copy;

	if (!s.p)
		return STR("");
	if (json_utf8_valid(s, NULL))
		return s;
	copy = arena_raw(a, s.n * mark.n, 1);
	while (s.n) {
		c = next(&s, &code);
		c = code == BAD ? mark : c;
		memcpy(copy + n, c.p, c.n);
		n += c.n;
	}
	return (struct str){ copy, n };
}

static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 ||
	       code == 0x2029;
}

static bool turns_direction(uint32_t code)
{
	return code == 0x200e || code == 0x200f || code == 0x061c ||
	       (code >= 0x202a && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

void escape_line(struct buf *out, struct str s)
{
	struct str c;
	uint32_t code;

	while (s.n) {
		c = next(&s, &code);
		if (code == BAD)
			buf_add(out, REPLACEMENT);
		else if (is_control(code) || turns_direction(code))
			buf_putc(out, '?');
		else
			buf_add(out, c);
	}
}

/* NULL when the character stands for itself. */
static const char *xml_reference(uint32_t code)
{
	switch (code) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\t':
		return "&#9;";
	case '\n':
		return "&#10;";
	case '\r':
		return "&#13;";
	default:
		return NULL;
	}
}

void escape_xml(struct buf *out, struct str s)
{
	const char *reference;
	struct str c;
	uint32_t code;

	while (s.n) {
		c = next(&s, &code);
		reference = xml_reference(code);
		if (reference)
			buf_puts(out, reference);
		else if (code < 0x20 || code == 0xfffe || code == 0xffff ||
			 code == BAD)
			buf_add(out, REPLACEMENT);
		else
			buf_add(out, c);
	}
}

/* Every byte among these becomes %XX. */
static void percent(struct buf *out, struct str s, const char *which)
{
	struct str c;
	uint32_t code;

	while (s.n) {
		c = next(&s, &code);
		if (code == BAD)
			buf_add(out, REPLACEMENT);
		else if (code && code < 0x80 && strchr(which, (int)code))
			buf_printf(out, "%%%02X", (unsigned)code);
		else
			buf_add(out, c);
	}
}

void escape_github_message(struct buf *out, struct str s)
{
	percent(out, s, "%\r\n");
}

void escape_github_property(struct buf *out, struct str s)
{
	percent(out, s, "%\r\n:,");
}

/* RFC 3986: unreserved characters, and the slash between segments. */
static bool is_path_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("-._~/", c));
}

void escape_uri(struct buf *out, struct str path)
{
	if (str_starts(path, STR("/")))
		buf_puts(out, "file://");
	while (str_starts(path, STR("./")))
		path = str_sub(path, 2, path.n);
	for (size_t i = 0; i < path.n; i++) {
		if (is_path_character(path.p[i]))
			buf_putc(out, path.p[i]);
		else
			buf_printf(out, "%%%02X", (unsigned char)path.p[i]);
	}
}
