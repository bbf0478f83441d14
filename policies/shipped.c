/* The catalogue of policies/tiers/, compiled in as text. */
#include "lib/yamldoc.h"
#include "policies/snapshot.h"

static const struct {
	const char *name, *text;
} files[] = {
#include "shipped_tiers.h"
};

enum { SHIPPED_MAX = 64 };

int snapshot_load_shipped(struct snapshot **out, struct error *err)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct snapshot_source sources[SHIPPED_MAX];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct yamldoc *y =
			yamldoc_open(&a, str_of(files[i].text), NULL);
		struct json *doc = arena_new(&a, struct json, 1);
		int got = yamldoc_next(y, &a, doc, err);

		yamldoc_close(&y);
		if (got < 0)
			return error_wrap(err, "shipped %s", files[i].name);
		if (got == 0 || n == SHIPPED_MAX)
			BUG("shipped tiers");
		sources[n].doc = doc;
		sources[n++].name = str_of(files[i].name);
	}
	return snapshot_load(sources, n, out, err);
}
