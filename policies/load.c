/* Gathering the documents of a policy set. */
#include "policies/load.h"

#include "lib/file.h"
#include "lib/yamldoc.h"
#include "policies/kinds.h"

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

/* ---- from the inventory ---- */

static const char *const own_kinds[] = { "IsolationTier", "IsolationPolicy",
					 "IsolationException" };

/* Objects with a reference each: the inventory may move on meanwhile. */
struct known {
	struct arena arena;
	const struct inventory_object **objects;
	size_t n, cap;
};

static bool hold(const struct inventory_object *object, void *context)
{
	struct known *k = context;

	k->objects = arena_grow(&k->arena, k->objects, k->n, &k->cap,
				sizeof(struct inventory_object *));
	k->objects[k->n++] = inventory_object_ref(object);
	return true;
}

static void let_go(struct known *k)
{
	for (size_t i = 0; i < k->n; i++)
		inventory_object_unref(&k->objects[i]);
	arena_release(&k->arena);
}

int load_policies_known(const struct inventory *inventory,
			struct snapshot **out, struct error *err)
{
	struct known known = { .n = 0 };
	struct set set = { .n = 0 };
	int result;

	for (size_t i = 0; i < ARRAY_LEN(own_kinds); i++)
		inventory_each(inventory, STR(GROUP_BULKHEAD),
			       str_of(own_kinds[i]), STR_NONE, hold, &known);
	for (size_t i = 0; i < known.n; i++)
		add(&set, known.objects[i]->doc, STR(""));
	result = snapshot_load(set.sources, set.n, out, err);
	arena_release(&set.arena);
	let_go(&known);
	return result;
}
