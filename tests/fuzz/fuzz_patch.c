/* Two documents, NUL between: the difference leads from one to the other. */
#include "lib/json_diff.h"
#include "lib/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool next_doc(struct arena *a, struct str *rest, struct json *doc)
{
	static const struct json_limits small = { 4096, 32, 500, false };
	struct error err = ERROR_INIT;
	struct str text;

	return str_split(rest, '\0', &text) &&
	       json_read(a, text, 0, &small, doc, &err) == 0;
}

static void check_difference(struct arena *a, const struct json *before,
			     const struct json *after)
{
	const struct json patch = json_diff(a, before, after);
	struct error err = ERROR_INIT;
	struct json result;

	if ((patch.n == 0) != json_equal(before, after))
		BUG("a patch is empty exactly for equal documents");
	if (json_patch(a, before, &patch, &result, &err) < 0)
		BUG(err.msg);
	if (!json_equal(&result, after))
		BUG("the patch leads elsewhere");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str rest =
		arena_str(&a, (struct str){ (const char *)data, size });
	struct json before, after, patch, result;
	struct error err = ERROR_INIT;

	if (!next_doc(&a, &rest, &before) || !next_doc(&a, &rest, &after))
		return 0;
	check_difference(&a, &before, &after);
	check_difference(&a, &after, &before);
	if (next_doc(&a, &rest, &patch) &&
	    json_patch(&a, &before, &patch, &result, &err) < 0 &&
	    err.code != ERR_INPUT && err.code != ERR_LIMIT)
		BUG("a patch fails as bad input or by a limit");
	return 0;
}
