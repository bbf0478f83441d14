/* Reading a policy set from files. */
#include "policies/load.h"

#include "lib/file.h"
#include "lib/yamldoc.h"

enum { FILE_BYTES_MAX = 8 << 20 };

static const char *const suffixes[] = { ".yaml", ".yml", ".json", NULL };

struct set {
	struct arena arena;
	struct snapshot_source *sources;
	size_t n, cap;
};

static void add(struct set *set, struct json doc, struct str path)
{
	struct json *kept = arena_new(&set->arena, struct json, 1);

	*kept = doc;
	set->sources = arena_grow(&set->arena, set->sources, set->n, &set->cap,
				  sizeof(*set->sources));
	set->sources[set->n++] = (struct snapshot_source){ kept, path };
}

static int read_file(struct set *set, struct str path, struct error *err)
{
	struct json doc;
	struct str text;
	struct yamldoc *y;
	int got;

	if (file_read(&set->arena, path.p, FILE_BYTES_MAX, &text, err) < 0)
		return -1;
	y = yamldoc_open(&set->arena, text, NULL);
	while ((got = yamldoc_next(y, &set->arena, &doc, err)) > 0)
		add(set, doc, path);
	yamldoc_close(&y);
	if (got == 0)
		return 0;
	err->code = ERR_CONFIG;
	return error_wrap(err, "%s:%u:%u", path.p, err->line, err->column);
}

int load_policies(struct str path, struct snapshot **out, struct error *err)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct file_list list = { .n = 0 };
	struct set set = { .n = 0 };
	int result = 0;

	if (!path.n)
		return snapshot_load_shipped(out, err);
	if (file_list(&a, arena_str(&a, path).p, suffixes, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.n && result == 0; i++)
		result = read_file(&set, list.paths[i], err);
	if (result == 0)
		result = snapshot_load(set.sources, set.n, out, err);
	arena_release(&set.arena);
	return result;
}
