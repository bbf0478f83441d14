/* Decoders that all our kinds share. */
#include "policies/document_fields.h"

#include "lib/selector.h"

void decode_nothing(struct decode *d, const struct json *v,
		    const struct path *path, const struct field *f, void *out)
{
	(void)d, (void)v, (void)path, (void)f, (void)out;
}

void decode_selector(struct decode *d, const struct json *v,
		     const struct path *path, const struct field *f, void *out)
{
	struct error err = ERROR_INIT;

	(void)f;
	if (selector_check(v, &err) < 0) {
		decode_problem(d, v, path, "%s", err.msg);
		return;
	}
	*(const struct json **)out = v;
}
