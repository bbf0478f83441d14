/* Reading a policy set from files. */
#include "cli/policy.h"

#include "lib/file.h"
#include "lib/yamldoc.h"

enum { POLICY_BYTES_MAX = 8 << 20 };

static const char *const suffixes[] = { ".yaml", ".yml", ".json", NULL };

struct set {
	struct arena arena;
	struct snapshot_source *sources;
	size_t n, cap;
};

static int read_file(struct set *set, struct str path, struct error *err)
{
	struct json doc;
	struct str text;
	struct yamldoc *y;
	int got;

	if (file_read(&set->arena, path.p, POLICY_BYTES_MAX, &text, err) < 0)
		return -1;
	y = yamldoc_open(&set->arena, text, NULL);
	while ((got = yamldoc_next(y, &set->arena, &doc, err)) > 0) {
		struct json *kept = arena_new(&set->arena, struct json, 1);

		*kept = doc;
		set->sources = arena_grow(&set->arena, set->sources, set->n,
					  &set->cap, sizeof(*set->sources));
		set->sources[set->n++] = (struct snapshot_source){ kept, path };
	}
	yamldoc_close(&y);
	if (got < 0)
		return error_at(err, ERR_CONFIG, err->line, err->column,
				"%.*s:%u:%u: %s", STR_ARG(path), err->line,
				err->column,
				arena_str(&set->arena, str_of(err->msg)).p);
	return 0;
}

int policy_load(struct str path, struct snapshot **out, struct error *err)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct file_list list = { .n = 0 };
	struct set set = { .n = 0 };
	int result = 0;

	if (!path.n)
		return snapshot_load_shipped(out, err);
	if (file_list(&a, path.p, suffixes, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.n && result == 0; i++)
		result = read_file(&set, list.paths[i], err);
	if (result == 0)
		result = snapshot_load(set.sources, set.n, out, err);
	arena_release(&set.arena);
	return result;
}
