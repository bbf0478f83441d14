/* Looking names up in the tables of the API's fields. */
#include "policies/api_fields.h"

#include <stdlib.h>

#include "lib/decode.h"
#include "lib/path.h"

enum {
	NAMES_SHOWN_MAX = 8, /* that fit into a sentence */
	/* Below spec.podTemplate.spec names recur and mean other things. */
	ELSEWHERE_DEPTH_MAX = 3,
};

const struct api_object *api_object_find(struct str kind, struct str version)
{
	for (const struct api_kind *k = api_kinds; k->kind; k++)
		if (str_is(kind, k->kind) && str_is(version, k->version))
			return k->object;
	return NULL;
}

static int compare(const void *key, const void *member)
{
	const struct str *name = key;
	const struct api_field *field = member;

	return str_cmp(*name, str_of(field->name));
}

const struct api_field *api_field_find(const struct api_object *object,
				       struct str name)
{
	if (!object->n)
		return NULL;
	return bsearch(&name, object->fields, object->n,
		       sizeof(*object->fields), compare);
}

static const char **names_of(struct arena *a, const struct api_object *object)
{
	const char **names = arena_new(a, const char *, object->n + 1);

	for (size_t i = 0; i < object->n; i++)
		names[i] = object->fields[i].name;
	return names;
}

const char *api_field_nearest(struct arena *a, const struct api_object *object,
			      struct str name)
{
	return decode_nearest(name, names_of(a, object));
}

struct str api_field_names(struct arena *a, const struct api_object *object)
{
	if (!object->n || object->n > NAMES_SHOWN_MAX)
		return STR("");
	return decode_names(a, names_of(a, object));
}

struct search {
	struct arena *arena;
	struct str name;
	size_t deepest; /* look no deeper */
	size_t found;	/* so many, all at this depth */
	struct str field;
};

static void search_in(struct search *s, const struct api_object *object,
		      const struct path *up, size_t depth)
{
	if (depth > s->deepest)
		return;
	for (size_t i = 0; i < object->n; i++) {
		const struct api_field *f = &object->fields[i];
		struct path path = path_key(up, str_of(f->name));

		if (str_is(s->name, f->name)) {
			s->found = depth < s->deepest ? 1 : s->found + 1;
			s->deepest = depth;
			s->field = path_field(s->arena, &path);
		} else if (f->below) {
			search_in(s, f->below, &path, depth + 1);
		}
	}
}

struct str api_field_elsewhere(struct arena *a, const struct api_object *root,
			       struct str name)
{
	const struct api_field *spec = api_field_find(root, STR("spec"));
	struct search s = { .arena = a,
			    .name = name,
			    .deepest = ELSEWHERE_DEPTH_MAX };

	if (spec && spec->below)
		search_in(&s, spec->below, &PATH_KEY(NULL, "spec"), 1);
	return s.found == 1 ? s.field : STR("");
}
