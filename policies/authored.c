/* Traces that kubectl and server-side apply leave of what was written. */
#include "policies/authored.h"

#include "lib/json_read.h"

/* FieldsV1 writes the key "x" as "f:x". */
static const struct json *owned_field(const struct json *fields,
				      const struct path *path)
{
	char key[256];
	const struct json *up =
		path->parent ? owned_field(fields, path->parent) : fields;

	if (path->key.n + 2 > sizeof(key))
		return &json_missing;
	key[0] = 'f';
	key[1] = ':';
	memcpy(key + 2, path->key.p, path->key.n);
	return json_get(up, (struct str){ key, path->key.n + 2 });
}

static bool applied(const struct json *object, const struct path *path)
{
	const struct json *entries =
		json_at(object, "metadata", "managedFields");

	json_each_item(entry, entries) {
		if (json_str_is(json_get(entry, STR("operation")),
				STR("Apply")) &&
		    json_exists(owned_field(json_get(entry, STR("fieldsV1")),
					    path)))
			return true;
	}
	return false;
}

static bool last_applied(const struct json *object, const struct path *path)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str text = json_str(
		json_at(object, "metadata", "annotations",
			"kubectl.kubernetes.io/last-applied-configuration"));
	struct error err = ERROR_INIT;
	struct json doc;

	if (!text.n || json_read(&a, text, 0, NULL, &doc, &err) < 0)
		return false;
	return json_is_set(path_get(&doc, path));
}

bool authored(const struct subject *subject, const struct path *path)
{
	return subject->from_file || applied(subject->object, path) ||
	       last_applied(subject->object, path);
}
