/*
 * The decoders of single values and lists, for the tables of decode.h. What
 * does not fit is reported and leaves the field as it was.
 */
#include "lib/decode.h"

#include <inttypes.h>

#include "lib/duration.h"
#include "lib/map.h"
#include "lib/quantity.h"
#include "lib/timestamp.h"

/* True when v has the type; else reports what was found and wanted. */
static bool want(struct decode *d, const struct json *v,
		 const struct path *path, enum json_type type,
		 const char *wanted)
{
	if (json_is(v, type))
		return true;
	decode_wanted(d, v, path, "%s", wanted);
	return false;
}

/* YAML reads unquoted 123, true and the like as something else than text. */
static bool want_string(struct decode *d, const struct json *v,
			const struct path *path)
{
	if (json_is(v, JSON_NUMBER) || json_is(v, JSON_BOOL)) {
		decode_wanted(d, v, path, "a string: put it in quotes");
		return false;
	}
	return want(d, v, path, JSON_STRING, "a string");
}

void decode_str(struct decode *d, const struct json *v, const struct path *path,
		const struct field *f, void *out)
{
	(void)f;
	if (want_string(d, v, path))
		*(struct str *)out = json_str(v);
}

void decode_bool(struct decode *d, const struct json *v,
		 const struct path *path, const struct field *f, void *out)
{
	(void)f;
	if (want(d, v, path, JSON_BOOL, "true or false"))
		*(bool *)out = json_is_true(v);
}

void decode_int(struct decode *d, const struct json *v, const struct path *path,
		const struct field *f, void *out)
{
	const struct decode_range *range = f->param;
	int64_t n = 0;

	if (!want(d, v, path, JSON_NUMBER, "a whole number"))
		return;
	if (!json_int(v, &n)) {
		decode_wanted(d, v, path, "a whole number");
		return;
	}
	if (range && (n < range->min || n > range->max)) {
		decode_wanted(d, v, path, "%" PRId64 " to %" PRId64, range->min,
			      range->max);
		return;
	}
	*(int64_t *)out = n;
}

void decode_json(struct decode *d, const struct json *v,
		 const struct path *path, const struct field *f, void *out)
{
	(void)d;
	(void)path;
	(void)f;
	*(const struct json **)out = v;
}

void decode_struct(struct decode *d, const struct json *v,
		   const struct path *path, const struct field *f, void *out)
{
	decode_object(d, v, path, f->param, out);
}

void decode_enum(struct decode *d, const struct json *v,
		 const struct path *path, const struct field *f, void *out)
{
	const char *const *names = f->param;
	const struct str text = json_str(v);
	const char *meant;
	struct str known;

	for (int i = 0; names[i]; i++) {
		if (json_str_is(v, str_of(names[i]))) {
			*(int *)out = i;
			return;
		}
	}
	known = decode_names(d->arena, names);
	meant = text.n ? decode_nearest(text, names) : NULL;
	if (meant)
		decode_wanted(d, v, path, "%.*s; did you mean \"%s\"?",
			      STR_ARG(known), meant);
	else
		decode_wanted(d, v, path, "%.*s", STR_ARG(known));
}

void decode_strs(struct decode *d, const struct json *v,
		 const struct path *path, const struct field *f, void *out)
{
	struct strs *list = out;

	if (!want(d, v, path, JSON_ARRAY, "a list of strings"))
		return;
	list->v = arena_new(d->arena, struct str, v->n);
	list->n = v->n;
	for (size_t i = 0; i < v->n; i++) {
		const struct path here = path_index(path, i);

		decode_str(d, json_item(v, i), &here, f, &list->v[i]);
	}
}

void decode_quantity(struct decode *d, const struct json *v,
		     const struct path *path, const struct field *f, void *out)
{
	struct error err = ERROR_INIT;
	struct quantity q;

	(void)f;
	if (!json_is(v, JSON_NUMBER) &&
	    !want(d, v, path, JSON_STRING, "a quantity such as \"500m\""))
		return;
	if (quantity_parse(json_text(v), &q, &err) < 0)
		decode_problem(d, v, path, "%s", err.msg);
	else if (q.nano < 0)
		decode_wanted(d, v, path, "none below zero");
	else
		*(struct quantity *)out = q;
}

void decode_duration(struct decode *d, const struct json *v,
		     const struct path *path, const struct field *f, void *out)
{
	struct error err = ERROR_INIT;
	int64_t ns;

	(void)f;
	if (!want(d, v, path, JSON_STRING, "a duration such as \"90m\""))
		return;
	if (duration_parse(json_str(v), &ns, &err) < 0)
		decode_problem(d, v, path, "%s", err.msg);
	else if (ns < 0)
		decode_wanted(d, v, path, "none below zero");
	else
		*(int64_t *)out = ns;
}

void decode_time(struct decode *d, const struct json *v,
		 const struct path *path, const struct field *f, void *out)
{
	struct error err = ERROR_INIT;
	int64_t seconds;

	(void)f;
	if (!want(d, v, path, JSON_STRING,
		  "a time such as \"2026-11-21T06:00:00Z\""))
		return;
	if (timestamp_parse(json_str(v), &seconds, &err) < 0)
		decode_problem(d, v, path, "%s", err.msg);
	else
		*(int64_t *)out = seconds;
}

/* The key of an item must differ from those of the items before it. */
static void check_key(struct decode *d, const struct decode_list *list,
		      struct map *seen, const struct json *item,
		      const struct path *path)
{
	const struct str name = str_of(list->key);
	const struct path here = path_key(path, name);
	const struct json *key = json_get(item, name);
	const struct json *first;

	if (!json_is(key, JSON_STRING))
		return;
	first = map_get(seen, json_str(key));
	if (!first)
		map_set(seen, json_str(key), (void *)(uintptr_t)key);
	else if (first->start.line)
		decode_wanted(d, key, &here, "another %s than in line %u",
			      list->key, first->start.line);
	else
		decode_wanted(d, key, &here, "another %s than the items before",
			      list->key);
}

void decode_list(struct decode *d, const struct json *v,
		 const struct path *path, const struct field *f, void *out)
{
	const struct decode_list *list = f->param;
	struct decoded_list *into = out;
	struct map seen = MAP_INIT(d->arena);

	if (!want(d, v, path, JSON_ARRAY, "a list of objects"))
		return;
	into->v = arena_alloc(d->arena, v->n, list->size);
	into->n = v->n;
	for (size_t i = 0; i < v->n; i++) {
		const struct path here = path_index(path, i);
		const struct json *item = json_item(v, i);

		if (!want(d, item, &here, JSON_OBJECT, "an object"))
			continue;
		decode_object(d, item, &here, list->fields,
			      (char *)into->v + i * list->size);
		if (list->key)
			check_key(d, list, &seen, item, &here);
	}
}
