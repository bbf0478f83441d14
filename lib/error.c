/* Errors as values: format, cut to size, always return -1. */
#include "lib/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bug_abort(const char *file, int line, const char *what)
{
	fprintf(stderr, "bug: %s:%d: %s\n", file, line, what);
	abort();
}

/* Bytes of the well-formed UTF-8 character at s (RFC 3629); 0: none. */
static size_t character(const unsigned char *s)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if ((s[0] >= 0x80 && s[0] < 0xc2) || s[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/*
 * A message is one line of valid UTF-8 whatever the input it quotes: it goes
 * to terminals and into JSON answers. U+0080..U+009F are controls too.
 */
static void flatten(char *text)
{
	unsigned char *s = (unsigned char *)text;

	while (*s) {
		size_t n = character(s);

		if (n == 0)
			*s = '?';
		else if (*s < ' ' || *s == 0x7f)
			*s = ' ';
		else if (*s == 0xc2 && s[1] < 0xa0)
			s[0] = s[1] = ' ';
		s += n ? n : 1;
	}
}

/* Puts "..." at the end of a text that filled all of size, between characters.
 */
static void cut(char *msg, size_t size)
{
	size_t at = size - 4;

	while (at > size - 8 && ((unsigned char)msg[at] & 0xc0) == 0x80)
		at--;
	memcpy(msg + at, "...", 4);
}

/* Into a copy first: the arguments may quote the old message. */
static void format(struct error *err, const char *fmt, va_list args)
{
	char msg[sizeof(err->msg)];
	int n = vsnprintf(msg, sizeof(msg), fmt, args);

	if (n < 0)
		BUG("error format");
	if ((size_t)n >= sizeof(msg))
		cut(msg, sizeof(msg));
	flatten(msg);
	memcpy(err->msg, msg, strlen(msg) + 1);
}

int error_vset(struct error *err, enum error_code code, const char *fmt,
	       va_list args)
{
	err->code = code;
	err->line = 0;
	err->column = 0;
	format(err, fmt, args);
	return -1;
}

int error_set(struct error *err, enum error_code code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	error_vset(err, code, fmt, args);
	va_end(args);
	return -1;
}

int error_at(struct error *err, enum error_code code, uint32_t line,
	     uint32_t column, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	error_vset(err, code, fmt, args);
	va_end(args);
	err->line = line;
	err->column = column;
	return -1;
}

int error_wrap(struct error *err, const char *fmt, ...)
{
	struct error context;
	char whole[2 * sizeof(err->msg) + 2];
	va_list args;

	if (err->code == ERR_NONE)
		BUG("error_wrap without an error");
	va_start(args, fmt);
	error_vset(&context, err->code, fmt, args);
	va_end(args);
	snprintf(whole, sizeof(whole), "%s: %s", context.msg, err->msg);
	if (strlen(whole) >= sizeof(err->msg))
		cut(whole, sizeof(err->msg));
	memcpy(err->msg, whole, strlen(whole) + 1);
	return -1;
}
