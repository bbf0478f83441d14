/* How every verb speaks to its caller. */
#include "cli/verb.h"

#include <stdarg.h>
#include <stdio.h>

int verb_fail(enum exit_code code, const struct error *err)
{
	fprintf(stderr, "bulkhead: %s\n", err->msg);
	return (int)code;
}

int verb_usage(const struct verb *verb, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "bulkhead %s: ", verb->name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\nTry 'bulkhead %s --help'.\n", verb->name);
	return EXIT_USAGE;
}

int verb_print(const struct buf *out)
{
	struct error err = ERROR_INIT;

	if (!buf_failed(out) &&
	    fwrite(out->p ? out->p : "", 1, out->n, stdout) == out->n)
		return EXIT_CLEAN;
	if (buf_failed(out))
		error_set(&err, ERR_LIMIT, "the result is larger than %d bytes",
			  VERB_OUTPUT_MAX);
	else
		error_set(&err, ERR_IO, "standard output: %m");
	return verb_fail(EXIT_INTERNAL, &err);
}
