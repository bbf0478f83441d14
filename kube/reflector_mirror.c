/*
 * An object is the same as the known one when its version of the API and its
 * resourceVersion are. The API version counts because an object has the same
 * resourceVersion in each. Else what is kept of both is compared: of a change
 * in what nobody keeps nobody needs to hear.
 */
#include "kube/reflector_mirror.h"

#include "kube/watch_event.h"

/* Lists leave apiVersion and kind out; metadata has a kind of its own. */
static struct json typed(const struct mirror *mirror, struct arena *scratch,
			 const struct json *object)
{
	struct json doc = json_make_object();

	json_add(scratch, &doc, STR("apiVersion"),
		 json_make_string(mirror->api_version));
	json_add(scratch, &doc, STR("kind"),
		 json_make_string(str_of(mirror->options->kind)));
	json_each_member(m, object) {
		if (!str_is(m->key, "apiVersion") && !str_is(m->key, "kind"))
			json_add(scratch, &doc, m->key, m->value);
	}
	return doc;
}

static struct json without(struct arena *a, const struct json *object,
			   struct str key)
{
	struct json copy = json_make_object();

	json_each_member(m, object) {
		if (!str_eq(m->key, key))
			json_add(a, &copy, arena_str(a, m->key),
				 json_copy(a, &m->value));
	}
	return copy;
}

/* Who wrote which field is half of an object, and nothing reads it. */
static void keep_all(struct arena *a, const struct json *doc, struct json *out)
{
	*out = without(a, doc, STR("metadata"));
	json_add(a, out, STR("metadata"),
		 without(a, json_at(doc, "metadata"), STR("managedFields")));
}

static int identify(const struct mirror *mirror, const struct json *object,
		    struct watch_identity *out, struct error *err)
{
	const struct str wanted = mirror->options->ns;

	if (watch_identity_read(object, out, err) < 0)
		return -1;
	if (!mirror->namespaced) {
		out->ns = STR("");
		return 0;
	}
	if (!out->ns.n || (wanted.n && !str_eq(out->ns, wanted)))
		return error_set(err, ERR_INPUT,
				 "object \"%.*s\" is in namespace \"%.*s\"; "
				 "wanted: %s%.*s",
				 STR_ARG(out->name), STR_ARG(out->ns),
				 wanted.n ? "namespace " : "a namespace",
				 STR_ARG(wanted));
	return 0;
}

static struct inventory_object *build(const struct mirror *mirror,
				      struct arena *scratch,
				      const struct json *object,
				      const struct watch_identity *identity)
{
	const struct kube_reflector_options *options = mirror->options;
	const struct json doc = typed(mirror, scratch, object);
	struct arena *a;
	struct inventory_object *fresh = inventory_object_new(&a);

	fresh->group = arena_str(a, str_of(options->group));
	fresh->kind = arena_str(a, str_of(options->kind));
	fresh->ns = arena_str(a, identity->ns);
	fresh->name = arena_str(a, identity->name);
	(options->keep ? options->keep : keep_all)(a, &doc, &fresh->doc);
	return fresh;
}

static const struct inventory_object *
known(const struct mirror *mirror, const struct watch_identity *identity)
{
	return inventory_get(
		mirror->options->inventory, str_of(mirror->options->group),
		str_of(mirror->options->kind), identity->ns, identity->name);
}

static bool same_version(const struct mirror *mirror,
			 const struct inventory_object *object,
			 const struct watch_identity *identity)
{
	return json_str_is(json_at(&object->doc, "apiVersion"),
			   mirror->api_version) &&
	       json_str_is(json_at(&object->doc, "metadata", "resourceVersion"),
			   identity->resource_version);
}

static void tell(const struct mirror *mirror,
		 const struct inventory_object *object, bool removed)
{
	if (mirror->options->changed)
		mirror->options->changed(mirror->options->context, object,
					 removed);
}

/* A name of either holds no slash: it is one segment of a path. */
static struct str key_of(struct mirror_seen *seen, struct str ns,
			 struct str name)
{
	buf_clear(&seen->key);
	buf_add(&seen->key, ns);
	buf_putc(&seen->key, '/');
	buf_add(&seen->key, name);
	return buf_str(&seen->key);
}

static int note(struct mirror_seen *seen, const struct watch_identity *identity,
		struct error *err)
{
	const struct str key = key_of(seen, identity->ns, identity->name);

	if (buf_failed(&seen->key))
		return error_set(err, ERR_LIMIT,
				 "an object's name of %zu bytes",
				 identity->name.n);
	map_set(&seen->names, key, seen);
	return 0;
}

static void put(const struct mirror *mirror, struct arena *scratch,
		const struct json *object,
		const struct watch_identity *identity)
{
	CLEANUP(inventory_object_unref)
	const struct inventory_object *old = known(mirror, identity);
	CLEANUP(inventory_object_unref)
	const struct inventory_object *told = NULL;
	struct inventory_object *fresh;

	if (old && same_version(mirror, old, identity))
		return;
	fresh = build(mirror, scratch, object, identity);
	told = fresh;
	if (old && json_equal(&old->doc, &fresh->doc))
		return;
	/* While the only reference is ours. */
	inventory_object_compact(fresh);
	inventory_object_ref(fresh);
	inventory_put(mirror->options->inventory, fresh);
	tell(mirror, told, false);
}

int mirror_put(const struct mirror *mirror, struct arena *scratch,
	       const struct json *object, struct mirror_seen *seen,
	       struct error *err)
{
	struct watch_identity identity;

	if (identify(mirror, object, &identity, err) < 0)
		return -1;
	if (seen && note(seen, &identity, err) < 0)
		return -1;
	put(mirror, scratch, object, &identity);
	return 0;
}

static bool drop(const struct mirror *mirror,
		 const struct inventory_object *object)
{
	return inventory_remove(mirror->options->inventory, object->group,
				object->kind, object->ns, object->name);
}

int mirror_delete(const struct mirror *mirror, struct arena *scratch,
		  const struct json *object, struct error *err)
{
	CLEANUP(inventory_object_unref)
	const struct inventory_object *last = NULL;
	struct watch_identity identity;

	if (identify(mirror, object, &identity, err) < 0)
		return -1;
	last = build(mirror, scratch, object, &identity);
	if (drop(mirror, last))
		tell(mirror, last, true);
	return 0;
}

struct gone {
	struct mirror_seen *seen;
	struct arena arena;
	const struct inventory_object **objects;
	size_t n, cap;
};

/* Under the inventory's lock: only notes down. */
static bool collect(const struct inventory_object *object, void *context)
{
	struct gone *gone = context;

	if (gone->seen && map_get(&gone->seen->names,
				  key_of(gone->seen, object->ns, object->name)))
		return true;
	gone->objects = arena_grow(&gone->arena, gone->objects, gone->n,
				   &gone->cap, sizeof(*gone->objects));
	gone->objects[gone->n++] = inventory_object_ref(object);
	return true;
}

void mirror_sweep(const struct mirror *mirror, struct mirror_seen *seen)
{
	const struct kube_reflector_options *options = mirror->options;
	const bool all = !mirror->namespaced || !options->ns.n;
	struct gone gone = { .seen = seen };

	inventory_each(options->inventory, str_of(options->group),
		       str_of(options->kind), all ? STR_NONE : options->ns,
		       collect, &gone);
	for (size_t i = 0; i < gone.n; i++) {
		if (drop(mirror, gone.objects[i]))
			tell(mirror, gone.objects[i], true);
		inventory_object_unref(&gone.objects[i]);
	}
	arena_release(&gone.arena);
}
