/* Errors as values: format, cut to size, always return -1. */
#include "lib/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bug_abort(const char *file, int line, const char *what)
{
	fprintf(stderr, "bug: %s:%d: %s\n", file, line, what);
	abort();
}

/* A message is one line whatever the input it quotes. */
static void flatten(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = ' ';
}

static void format(char *msg, size_t size, const char *fmt, va_list args)
{
	int n = vsnprintf(msg, size, fmt, args);

	if (n < 0)
		BUG("error format");
	if ((size_t)n >= size)
		memcpy(msg + size - 4, "...", 4);
	flatten(msg);
}

int error_set(struct error *err, enum error_code code, const char *fmt, ...)
{
	va_list args;

	err->code = code;
	err->line = 0;
	err->column = 0;
	va_start(args, fmt);
	format(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	return -1;
}

int error_at(struct error *err, enum error_code code, uint32_t line,
	     uint32_t column, const char *fmt, ...)
{
	va_list args;

	err->code = code;
	err->line = line;
	err->column = column;
	va_start(args, fmt);
	format(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	return -1;
}

int error_wrap(struct error *err, const char *fmt, ...)
{
	char context[sizeof(err->msg)];
	char whole[2 * sizeof(err->msg) + 2];
	va_list args;

	if (err->code == ERR_NONE)
		BUG("error_wrap without an error");
	va_start(args, fmt);
	format(context, sizeof(context), fmt, args);
	va_end(args);
	snprintf(whole, sizeof(whole), "%s: %s", context, err->msg);
	if (strlen(whole) >= sizeof(err->msg))
		memcpy(whole + sizeof(err->msg) - 4, "...", 4);
	memcpy(err->msg, whole, sizeof(err->msg) - 1);
	err->msg[sizeof(err->msg) - 1] = '\0';
	return -1;
}
