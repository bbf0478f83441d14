/*
 * Loading the whole set at once: decode every document, resolve names between
 * them, refuse what contradicts, keep warnings for what only surprises.
 */
#include "policies/snapshot.h"

#include <stdlib.h>

#include "lib/json_write.h"
#include "lib/selector.h"
#include "policies/kinds.h"
#include "policies/policy_fields.h"
#include "policies/tier_order.h"

struct load {
	struct snapshot *s;
	struct error *err;
	const struct snapshot_source *sources;
	size_t n_sources;
};

static const char *const own_kinds[] = { "IsolationTier", "IsolationPolicy",
					 "IsolationException", NULL };

/*
 * "tiers.yaml:3:5: spec.x: message", as editors read it; what comes from no
 * file is told by kind and name.
 */
static int refuse(struct load *l, const struct snapshot_source *source,
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

static int fail(struct load *l, const struct snapshot_source *source,
		const struct error *problem)
{
	struct json_mark at = source->doc->start;

	if (problem->line)
		at = (struct json_mark){ problem->line, problem->column };
	return refuse(l, source, at, problem->msg);
}

/* Points at a value, or at the document when the value is not there. */
PRINTF_LIKE(4, 5)
static int refuse_value(struct load *l, const struct snapshot_source *source,
			const struct json *v, const char *fmt, ...)
{
	struct error text = ERROR_INIT;
	va_list args;

	va_start(args, fmt);
	error_vset(&text, ERR_CONFIG, fmt, args);
	va_end(args);
	return refuse(l, source, json_exists(v) ? v->start : source->doc->start,
		      text.msg);
}

static bool is_kind(const struct json *doc, const char *kind)
{
	return json_str_is(json_get(doc, STR("kind")), str_of(kind));
}

/* "", or ", did you mean \"x\"?" */
static struct str did_you_mean(struct load *l, struct str given,
			       const char *const *names)
{
	const char *near = decode_nearest(given, names);

	return near ? arena_printf(&l->s->arena, ", did you mean \"%s\"?", near)
		    : STR("");
}

static int check_head(struct load *l, const struct snapshot_source *source)
{
	const struct json *kind = json_get(source->doc, STR("kind"));
	const struct json *version = json_get(source->doc, STR("apiVersion"));
	const struct json *name = json_at(source->doc, "metadata", "name");
	struct str near = did_you_mean(l, json_str(kind), own_kinds);
	size_t k = 0;

	while (own_kinds[k] && !json_str_is(kind, str_of(own_kinds[k])))
		k++;
	if (!own_kinds[k])
		return refuse_value(l, source, kind,
				    "kind \"%.*s\" is not one of ours%.*s",
				    STR_ARG(json_str(kind)), STR_ARG(near));
	if (!json_str_is(version, STR(GROUP_BULKHEAD "/v1alpha1")))
		return refuse_value(
			l, source, version,
			"apiVersion is \"%.*s\", wanted " GROUP_BULKHEAD
			"/v1alpha1",
			STR_ARG(json_text(version)));
	if (!json_str(name).n)
		return refuse_value(l, source, name,
				    "metadata.name is missing: give it a name");
	return 0;
}

static int check_heads(struct load *l)
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
			return refuse_value(l, source, name,
					    "%.*s stands twice: remove one, or "
					    "give it another name",
					    STR_ARG(title));
		map_set(&seen, title, a);
	}
	return 0;
}

static size_t count_kind(const struct load *l, const char *kind)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n_sources; i++)
		n += is_kind(l->sources[i].doc, kind);
	return n;
}

/* ---- tiers ---- */

static int by_strength(const void *a, const void *b)
{
	const struct tier *x = *(struct tier *const *)a;
	const struct tier *y = *(struct tier *const *)b;

	return (x->strength > y->strength) - (x->strength < y->strength);
}

static int add_tier(struct load *l, const struct snapshot_source *source)
{
	struct snapshot *s = l->s;
	struct decode d = DECODE_INIT(&s->arena);
	struct tier *tier = arena_new(&s->arena, struct tier, 1);
	struct error problem = ERROR_INIT;

	tier_decode(&d, source->doc, tier, &s->patterns);
	tier->source = source->name;
	if (decode_finish(&d, ERR_CONFIG, &problem) < 0)
		return fail(l, source, &problem);
	if (!selector_label_value_valid(tier->name))
		return refuse_value(
			l, source, json_at(source->doc, "metadata", "name"),
			"metadata.name \"%.*s\" is no label value, and labels "
			"name tiers: use at most 63 letters, digits, \"-\", "
			"\"_\" and \".\"",
			STR_ARG(tier->name));
	map_set(&s->by_name, tier->name, tier);
	s->tiers[s->n_tiers++] = tier;
	return 0;
}

static void index_classes(struct snapshot *s)
{
	for (size_t i = s->n_tiers; i-- > 0;)
		for (size_t c = 0; c < s->tiers[i]->runtime.class_names.n; c++)
			map_set(&s->by_class,
				s->tiers[i]->runtime.class_names.v[c],
				s->tiers[i]);
}

static const struct snapshot_source *source_of(const struct load *l,
					       const struct tier *tier)
{
	for (size_t i = 0; i < l->n_sources; i++)
		if (is_kind(l->sources[i].doc, "IsolationTier") &&
		    json_str_is(json_at(l->sources[i].doc, "metadata", "name"),
				tier->name))
			return &l->sources[i];
	BUG("tier of no source");
}

static int check_strengths(struct load *l)
{
	struct snapshot *s = l->s;

	for (size_t i = 1; i < s->n_tiers; i++) {
		const struct tier *tier = s->tiers[i];
		const struct snapshot_source *source;

		if (tier->strength != s->tiers[i - 1]->strength)
			continue;
		source = source_of(l, tier);
		return refuse_value(
			l, source, json_at(source->doc, "spec", "strength"),
			"spec.strength: tiers \"%.*s\" and \"%.*s\" both have "
			"%lld, wanted a strength of its own for each",
			STR_ARG(s->tiers[i - 1]->name), STR_ARG(tier->name),
			(long long)tier->strength);
	}
	return 0;
}

static int load_tiers(struct load *l)
{
	struct snapshot *s = l->s;

	s->tiers = arena_new(&s->arena, struct tier *,
			     count_kind(l, "IsolationTier"));
	for (size_t i = 0; i < l->n_sources; i++)
		if (is_kind(l->sources[i].doc, "IsolationTier") &&
		    add_tier(l, &l->sources[i]) < 0)
			return -1;
	if (!s->n_tiers)
		return error_set(l->err, ERR_CONFIG,
				 "no IsolationTier in the set, wanted at least "
				 "one");
	qsort(s->tiers, s->n_tiers, sizeof(struct tier *), by_strength);
	if (check_strengths(l) < 0)
		return -1;
	index_classes(s);
	return 0;
}

/* ---- policies and exceptions ---- */

/* Is the name at v, when one is given, that of a tier? */
static int check_tier(struct load *l, const struct snapshot_source *source,
		      const struct path *path, struct str name)
{
	struct snapshot *s = l->s;
	const char **names;
	struct str near;

	if (!name.p || map_get(&s->by_name, name))
		return 0;
	names = arena_new(&s->arena, const char *, s->n_tiers + 1);
	for (size_t i = 0; i < s->n_tiers; i++)
		names[i] = arena_str(&s->arena, s->tiers[i]->name).p;
	near = did_you_mean(l, name, names);
	return refuse_value(
		l, source, path_get(source->doc, path),
		"%.*s: names tier \"%.*s\", which is not in the set%.*s; "
		"known: %.*s",
		STR_ARG(path_field(&s->arena, path)), STR_ARG(name),
		STR_ARG(near), STR_ARG(snapshot_tier_names(&s->arena, s)));
}

static int resolve_rule(struct load *l, const struct snapshot_source *source,
			const struct path *path, struct policy_rule *r)
{
	struct path floor = PATH_KEY(path, "floor");
	struct path allowed = PATH_KEY(path, "allowed");

	if (check_tier(l, source, &floor, r->floor_name) < 0)
		return -1;
	for (size_t i = 0; i < r->allowed.n; i++) {
		struct path item = path_index(&allowed, i);

		if (check_tier(l, source, &item, r->allowed.v[i]) < 0)
			return -1;
	}
	r->floor = snapshot_tier(l->s, r->floor_name);
	return 0;
}

static int resolve_policy(struct load *l, const struct snapshot_source *source,
			  struct policy *p)
{
	struct path spec = PATH_KEY(NULL, "spec");
	struct path fallback = PATH_KEY(&spec, "defaultTier");
	struct path rules = PATH_KEY(&spec, "rules");

	if (check_tier(l, source, &fallback, p->default_tier_name) < 0)
		return -1;
	p->default_tier = snapshot_tier(l->s, p->default_tier_name);
	for (size_t i = 0; i < p->n_rules; i++) {
		struct path rule = path_index(&rules, i);

		if (resolve_rule(l, source, &rule, &p->rules[i]) < 0)
			return -1;
		p->rules[i].who = arena_printf(
			&l->s->arena, "rule \"%.*s\" of IsolationPolicy %.*s",
			STR_ARG(p->rules[i].name), STR_ARG(p->name));
	}
	return 0;
}

static int add_policy(struct load *l, const struct snapshot_source *source)
{
	struct snapshot *s = l->s;
	struct decode d = DECODE_INIT(&s->arena);
	struct policy *p = &s->policies[s->n_policies++];
	struct error problem = ERROR_INIT;

	policy_decode(&d, source->doc, p);
	p->source = source->name;
	if (decode_finish(&d, ERR_CONFIG, &problem) < 0)
		return fail(l, source, &problem);
	p->who = arena_printf(&s->arena, "defaultTier of IsolationPolicy %.*s",
			      STR_ARG(p->name));
	return resolve_policy(l, source, p);
}

static int add_exception(struct load *l, const struct snapshot_source *source)
{
	struct snapshot *s = l->s;
	struct decode d = DECODE_INIT(&s->arena);
	struct exception *e = &s->exceptions[s->n_exceptions++];
	struct error problem = ERROR_INIT;

	exception_decode(&d, source->doc, e);
	e->source = source->name;
	if (decode_finish(&d, ERR_CONFIG, &problem) < 0)
		return fail(l, source, &problem);
	return 0;
}

static int load_rest(struct load *l)
{
	struct snapshot *s = l->s;

	s->policies = arena_new(&s->arena, struct policy,
				count_kind(l, "IsolationPolicy"));
	s->exceptions = arena_new(&s->arena, struct exception,
				  count_kind(l, "IsolationException"));
	for (size_t i = 0; i < l->n_sources; i++) {
		const struct snapshot_source *source = &l->sources[i];

		if (is_kind(source->doc, "IsolationPolicy") &&
		    add_policy(l, source) < 0)
			return -1;
		if (is_kind(source->doc, "IsolationException") &&
		    add_exception(l, source) < 0)
			return -1;
	}
	for (size_t i = s->n_exceptions; i-- > 0;) {
		struct exception *e = &s->exceptions[i];

		e->next = map_get(&s->exceptions_by_ns, e->ns);
		map_set(&s->exceptions_by_ns, e->ns, e);
	}
	return 0;
}

/* ---- the whole ---- */

static void copy_sources(struct load *l, const struct snapshot_source *sources)
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
static struct str digest_of(struct load *l)
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
	struct load l = { .s = s, .err = err, .n_sources = n };

	if (!s)
		BUG("out of memory");
	s->refs = 1;
	s->by_name = (struct map)MAP_INIT(&s->arena);
	s->by_class = (struct map)MAP_INIT(&s->arena);
	s->exceptions_by_ns = (struct map)MAP_INIT(&s->arena);
	copy_sources(&l, sources);
	if (check_heads(&l) < 0 || load_tiers(&l) < 0 || load_rest(&l) < 0) {
		snapshot_unref(&s);
		return -1;
	}
	tier_order_warnings(s);
	s->digest = digest_of(&l);
	*out = s;
	return 0;
}

struct snapshot *snapshot_ref(struct snapshot *s)
{
	__atomic_add_fetch(&s->refs, 1, __ATOMIC_RELAXED);
	return s;
}

void snapshot_unref(struct snapshot **s)
{
	struct snapshot *gone = *s;

	*s = NULL;
	if (!gone || __atomic_sub_fetch(&gone->refs, 1, __ATOMIC_ACQ_REL))
		return;
	for (size_t i = 0; i < gone->patterns.n; i++)
		pattern_free(&gone->patterns.v[i]);
	arena_release(&gone->arena);
	free(gone);
}

const struct tier *snapshot_tier(const struct snapshot *s, struct str name)
{
	return name.n ? map_get(&s->by_name, name) : NULL;
}

struct str snapshot_tier_names(struct arena *a, const struct snapshot *s)
{
	struct str names = STR("");

	for (size_t i = 0; i < s->n_tiers && i < 20; i++)
		names = arena_printf(a, "%.*s%s%.*s", STR_ARG(names),
				     i ? ", " : "", STR_ARG(s->tiers[i]->name));
	if (s->n_tiers > 20)
		names = arena_printf(a, "%.*s and %zu more", STR_ARG(names),
				     s->n_tiers - 20);
	return names;
}
