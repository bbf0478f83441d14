/* Decoding tiers, policies and exceptions, and resolving the names in them. */
#include "policies/snapshot_load.h"

#include <stdlib.h>

#include "lib/selector.h"
#include "policies/policy_fields.h"

static bool is_kind(const struct json *doc, const char *kind)
{
	return json_str_is(json_get(doc, STR("kind")), str_of(kind));
}

static size_t count_kind(const struct snapshot_load *l, const char *kind)
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

static int add_tier(struct snapshot_load *l,
		    const struct snapshot_source *source)
{
	struct snapshot *s = l->s;
	struct decode d = DECODE_INIT(&s->arena);
	struct tier *tier = arena_new(&s->arena, struct tier, 1);
	struct error problem = ERROR_INIT;

	tier_decode(&d, source->doc, tier, &s->patterns);
	tier->source = source->name;
	if (decode_finish(&d, ERR_CONFIG, &problem) < 0)
		return snapshot_fail(l, source, &problem);
	if (!selector_label_value_valid(tier->name))
		return snapshot_refuse(
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

static const struct snapshot_source *source_of(const struct snapshot_load *l,
					       const struct tier *tier)
{
	for (size_t i = 0; i < l->n_sources; i++)
		if (is_kind(l->sources[i].doc, "IsolationTier") &&
		    json_str_is(json_at(l->sources[i].doc, "metadata", "name"),
				tier->name))
			return &l->sources[i];
	BUG("tier of no source");
}

static int check_strengths(struct snapshot_load *l)
{
	struct snapshot *s = l->s;

	for (size_t i = 1; i < s->n_tiers; i++) {
		const struct tier *tier = s->tiers[i];
		const struct snapshot_source *source;

		if (tier->strength != s->tiers[i - 1]->strength)
			continue;
		source = source_of(l, tier);
		return snapshot_refuse(
			l, source, json_at(source->doc, "spec", "strength"),
			"spec.strength: tiers \"%.*s\" and \"%.*s\" both have "
			"%lld, wanted a strength of its own for each",
			STR_ARG(s->tiers[i - 1]->name), STR_ARG(tier->name),
			(long long)tier->strength);
	}
	return 0;
}

int snapshot_add_tiers(struct snapshot_load *l)
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
static int check_tier(struct snapshot_load *l,
		      const struct snapshot_source *source,
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
	near = snapshot_did_you_mean(l, name, names);
	return snapshot_refuse(
		l, source, path_get(source->doc, path),
		"%.*s: names tier \"%.*s\", which is not in the set%.*s; "
		"known: %.*s",
		STR_ARG(path_field(&s->arena, path)), STR_ARG(name),
		STR_ARG(near), STR_ARG(snapshot_tier_names(&s->arena, s)));
}

static int resolve_rule(struct snapshot_load *l,
			const struct snapshot_source *source,
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

static int resolve_policy(struct snapshot_load *l,
			  const struct snapshot_source *source,
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

static int add_policy(struct snapshot_load *l,
		      const struct snapshot_source *source)
{
	struct snapshot *s = l->s;
	struct decode d = DECODE_INIT(&s->arena);
	struct policy *p = &s->policies[s->n_policies++];
	struct error problem = ERROR_INIT;

	policy_decode(&d, source->doc, p);
	p->source = source->name;
	if (decode_finish(&d, ERR_CONFIG, &problem) < 0)
		return snapshot_fail(l, source, &problem);
	p->who = arena_printf(&s->arena, "defaultTier of IsolationPolicy %.*s",
			      STR_ARG(p->name));
	return resolve_policy(l, source, p);
}

static int add_exception(struct snapshot_load *l,
			 const struct snapshot_source *source)
{
	struct snapshot *s = l->s;
	struct decode d = DECODE_INIT(&s->arena);
	struct exception *e = &s->exceptions[s->n_exceptions++];
	struct error problem = ERROR_INIT;

	exception_decode(&d, source->doc, e);
	e->source = source->name;
	if (decode_finish(&d, ERR_CONFIG, &problem) < 0)
		return snapshot_fail(l, source, &problem);
	return 0;
}

int snapshot_add_policies(struct snapshot_load *l)
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
