/* Reading all first, then putting in: an error changes nothing. */
#include "webhook/cluster_files.h"

#include "lib/file.h"
#include "lib/yamldoc.h"
#include "policies/kinds.h"
#include "policies/spelling.h"

enum { FILE_BYTES_MAX = 64 << 20 };

static const char *const suffixes[] = { ".yaml", ".yml", ".json", NULL };

static const struct json_limits limits = {
	.bytes = FILE_BYTES_MAX,
	.depth = 100,
	.nodes = 400000,
};

struct reading {
	struct arena scratch; /* of the text and the trees */
	struct cluster_files *into;
	size_t cap;
	struct str path;
};

static bool is_cluster_scoped(struct str kind)
{
	return str_is(kind, "Namespace") || str_is(kind, "RuntimeClass");
}

static void add_object(struct reading *r, const struct json *doc)
{
	struct cluster_files *f = r->into;
	struct spelling spelling;
	struct arena *a;
	struct inventory_object *o = inventory_object_new(&a);
	struct str version;

	spelling_rewrite(&r->scratch, doc, &spelling);
	o->doc = json_copy(a, &spelling.doc);
	o->kind = json_str(json_get(&o->doc, STR("kind")));
	kind_split_api_version(json_str(json_get(&o->doc, STR("apiVersion"))),
			       &o->group, &version);
	o->name = json_str(json_at(&o->doc, "metadata", "name"));
	o->ns = json_str(json_at(&o->doc, "metadata", "namespace"));
	if (is_cluster_scoped(o->kind))
		o->ns = STR("");
	else if (!o->ns.n)
		o->ns = STR("default");
	o->source = arena_str(a, r->path);
	f->objects = arena_grow(&f->arena, f->objects, f->n, &r->cap,
				sizeof(struct inventory_object *));
	f->objects[f->n++] = o;
}

static int add_document(struct reading *r, const struct json *doc,
			struct error *err)
{
	if (!json_is(doc, JSON_OBJECT))
		return error_at(err, ERR_CONFIG, doc->start.line,
				doc->start.column,
				"a %s, wanted a Kubernetes object",
				json_type_name(json_type(doc)));
	if (!json_str_is(json_get(doc, STR("kind")), STR("List"))) {
		add_object(r, doc);
		return 0;
	}
	json_each_item(item, json_get(doc, STR("items")))
		if (json_is(item, JSON_OBJECT))
			add_object(r, item);
	return 0;
}

static int read_file(struct reading *r, struct error *err)
{
	struct json doc;
	struct str text;
	struct yamldoc *y;
	int got;

	if (file_read(&r->scratch, r->path.p, FILE_BYTES_MAX, &text, err) < 0)
		return -1;
	y = yamldoc_open(&r->scratch, text, &limits);
	while ((got = yamldoc_next(y, &r->scratch, &doc, err)) > 0) {
		got = add_document(r, &doc, err);
		if (got < 0)
			break;
	}
	yamldoc_close(&y);
	if (got < 0)
		return error_wrap(err, "%s:%u:%u", r->path.p, err->line,
				  err->column);
	return 0;
}

static int read_folder(struct reading *r, struct str folder, struct error *err)
{
	struct file_list list = { .n = 0 };

	if (file_list(&r->scratch, arena_str(&r->scratch, folder).p, suffixes,
		      &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++) {
		r->path = list.paths[i];
		if (read_file(r, err) < 0)
			return -1;
	}
	return 0;
}

/* Puts the new ones in, takes out those that nobody replaced. */
static void replace(const struct cluster_files *old,
		    const struct cluster_files *new,
		    struct inventory *inventory)
{
	for (size_t i = 0; i < new->n; i++) {
		const void *o = inventory_object_ref(new->objects[i]);

		inventory_put(inventory, (void *)(uintptr_t)o);
	}
	for (size_t i = 0; i < old->n; i++) {
		const struct inventory_object *o = old->objects[i], *now;

		now = inventory_get(inventory, o->group, o->kind, o->ns,
				    o->name);
		if (now == o)
			inventory_remove(inventory, o->group, o->kind, o->ns,
					 o->name);
		inventory_object_unref(&now);
	}
	inventory_set_known(inventory, STR("node.k8s.io"), STR("RuntimeClass"),
			    true);
	inventory_set_known(inventory, STR(""), STR("Namespace"), true);
}

int cluster_files_load(struct cluster_files *files, struct str folder,
		       struct inventory *inventory, struct error *err)
{
	struct cluster_files fresh = { .n = 0 };
	struct reading r = { .into = &fresh };
	int result = read_folder(&r, folder, err);

	arena_release(&r.scratch);
	if (result < 0) {
		cluster_files_release(&fresh);
		return -1;
	}
	replace(files, &fresh, inventory);
	cluster_files_release(files);
	*files = fresh;
	return 0;
}

void cluster_files_release(struct cluster_files *files)
{
	for (size_t i = 0; i < files->n; i++)
		inventory_object_unref(&files->objects[i]);
	arena_release(&files->arena);
	*files = (struct cluster_files){ .n = 0 };
}
