/* Where a format that knows only strings must do for a list. */
#include "cli/decode_texts.h"

static void add(struct decode *d, struct texts *list, struct str text)
{
	list->v = arena_grow(d->arena, list->v, list->n, &list->cap,
			     sizeof(*list->v));
	list->v[list->n++] = text;
}

void decode_texts(struct decode *d, const struct json *v,
		  const struct path *path, const struct field *f, void *out)
{
	struct strs list = { .n = 0 };
	struct str one = STR("");

	if (!json_is(v, JSON_ARRAY)) {
		decode_str(d, v, path, f, &one);
		if (one.n)
			add(d, out, one);
		return;
	}
	decode_strs(d, v, path, f, &list);
	for (size_t i = 0; i < list.n; i++)
		add(d, out, list.v[i]);
}
