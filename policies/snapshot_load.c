/* The documents of a set: what is refused of them, and how that is told. */
#include "policies/snapshot_load.h"

#include <stdlib.h>

#include "lib/json_write.h"
#include "policies/exception_names.h"
#include "policies/kinds.h"
#include "policies/tier_order.h"

static const char *const own_kinds[] = { "IsolationTier", "IsolationPolicy",
					 "IsolationException", NULL };

/* ---- problems ---- */

/*
 * "tiers.yaml:3:5: spec.x: message", as editors read it; what comes from no
 * file is told by kind and name.
 */
static int refuse(struct snapshot_load *l, const struct snapshot_source *source,
		  struct json_mark at, const char *msg)
{
	struct str kind = json_str(json_get(source->doc, STR("kind")));
	struct str name = json_str(json_at(source->doc, "metadata", "name"));

	if (source->name.n)
		return error_at(l->err, ERR_CONFIG, at.line, at.column,
				"%.*s:%u:%u: %s", STR_ARG(source->name),
				at.line, at.column, msg);
	return error_at(l->err, ERR_CONFIG, at.line, at.column, "%.*s %.*s: %s",
			STR_ARG(kind), STR_ARG(name), msg);
}

int snapshot_fail(struct snapshot_load *l, const struct snapshot_source *source,
		  const struct error *problem)
{
	struct json_mark at = source->doc->start;

	if (problem->line)
		at = (struct json_mark){ problem->line, problem->column };
	return refuse(l, source, at, problem->msg);
}

int snapshot_refuse(struct snapshot_load *l,
		    const struct snapshot_source *source, const struct json *v,
		    const char *fmt, ...)
{
	struct error text = ERROR_INIT;
	va_list args;

	va_start(args, fmt);
	error_vset(&text, ERR_CONFIG, fmt, args);
	va_end(args);
	return refuse(l, source, json_exists(v) ? v->start : source->doc->start,
		      text.msg);
}

struct str snapshot_did_you_mean(struct snapshot_load *l, struct str given,
				 const char *const *names)
{
	const char *near = decode_nearest(given, names);

	return near ? arena_printf(&l->s->arena, ", did you mean \"%s\"?", near)
		    : STR("");
}

/* ---- heads ---- */

static int check_head(struct snapshot_load *l,
		      const struct snapshot_source *source)
{
	const struct json *kind = json_get(source->doc, STR("kind"));
	const struct json *version = json_get(source->doc, STR("apiVersion"));
	const struct json *name = json_at(source->doc, "metadata", "name");
	struct str near = snapshot_did_you_mean(l, json_str(kind), own_kinds);
	size_t k = 0;

	while (own_kinds[k] && !json_str_is(kind, str_of(own_kinds[k])))
		k++;
	if (!own_kinds[k])
		return snapshot_refuse(l, source, kind,
				       "kind \"%.*s\" is not one of ours%.*s",
				       STR_ARG(json_str(kind)), STR_ARG(near));
	if (!json_str_is(version, STR(GROUP_BULKHEAD "/v1alpha1")))
		return snapshot_refuse(
			l, source, version,
			"apiVersion is \"%.*s\", wanted " GROUP_BULKHEAD
			"/v1alpha1",
			STR_ARG(json_text(version)));
	if (!json_str(name).n)
		return snapshot_refuse(
			l, source, name,
			"metadata.name is missing: give it a name");
	return 0;
}

static int check_heads(struct snapshot_load *l)
{
	struct arena *a = &l->s->arena;
	struct map seen = MAP_INIT(a);

	for (size_t i = 0; i < l->n_sources; i++) {
		const struct snapshot_source *source = &l->sources[i];
		const struct json *name;
		struct str title;

		if (check_head(l, source) < 0)
			return -1;
		name = json_at(source->doc, "metadata", "name");
		title = arena_printf(
			a, "%.*s \"%.*s\"",
			STR_ARG(json_str(json_get(source->doc, STR("kind")))),
			STR_ARG(json_str(name)));
		if (map_get(&seen, title))
			return snapshot_refuse(
				l, source, name,
				"%.*s stands twice: remove one, or "
				"give it another name",
				STR_ARG(title));
		map_set(&seen, title, a);
	}
	return 0;
}

/* ---- the whole ---- */

static void copy_sources(struct snapshot_load *l,
			 const struct snapshot_source *sources)
{
	struct arena *a = &l->s->arena;
	struct snapshot_source *copy =
		arena_new(a, struct snapshot_source, l->n_sources);

	for (size_t i = 0; i < l->n_sources; i++) {
		struct json *doc = arena_new(a, struct json, 1);

		*doc = json_copy(a, sources[i].doc);
		copy[i].doc = doc;
		copy[i].name = arena_str(a, sources[i].name);
	}
	l->sources = copy;
}

static uint64_t hash_more(uint64_t h, struct str text)
{
	/* FNV-1a: names a version of the set, no more. */
	for (size_t i = 0; i < text.n; i++)
		h = (h ^ (unsigned char)text.p[i]) * 0x100000001b3u;
	return h;
}

/* Only what decides: an object's status and its traces change all the time. */
static struct str digest_of(struct snapshot_load *l)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT;
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < l->n_sources; i++) {
		const struct json *doc = l->sources[i].doc;

		h = hash_more(h, json_str(json_get(doc, STR("kind"))));
		h = hash_more(h, json_str(json_at(doc, "metadata", "name")));
		h = hash_more(
			h, json_to_str(&scratch, json_get(doc, STR("spec"))));
	}
	return arena_printf(&l->s->arena, "%016llx", (unsigned long long)h);
}

int snapshot_load(const struct snapshot_source *sources, size_t n,
		  struct snapshot **out, struct error *err)
{
	struct snapshot *s = calloc(1, sizeof(*s));
	struct snapshot_load l = { .s = s, .err = err, .n_sources = n };

	if (!s)
		BUG("out of memory");
	s->refs = 1;
	s->by_name = (struct map)MAP_INIT(&s->arena);
	s->by_class = (struct map)MAP_INIT(&s->arena);
	s->exceptions_by_ns = (struct map)MAP_INIT(&s->arena);
	copy_sources(&l, sources);
	if (check_heads(&l) < 0 || snapshot_add_tiers(&l) < 0 ||
	    snapshot_add_policies(&l) < 0) {
		snapshot_unref(&s);
		return -1;
	}
	tier_order_warnings(s);
	exception_name_warnings(s);
	s->digest = digest_of(&l);
	*out = s;
	return 0;
}
