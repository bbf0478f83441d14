/* Looks through policies, namespaces and what carries a tier's label. */
#include "policies/tier_uses.h"

static bool listed(const struct strs *names, struct str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq(names->v[i], name))
			return true;
	return false;
}

static struct str find_in_policy(const struct policy *p, struct str tier)
{
	if (str_eq(p->default_tier_name, tier))
		return p->who;
	for (size_t i = 0; i < p->n_rules; i++)
		if (str_eq(p->rules[i].floor_name, tier) ||
		    listed(&p->rules[i].allowed, tier))
			return p->rules[i].who;
	return STR_NONE;
}

static const char *const modes[] = { LABEL_ENFORCE, LABEL_WARN, LABEL_AUDIT,
				     NULL };
static const char *const stamp[] = { LABEL_TIER, NULL };

/* A tier's network policy goes with it: not while a Pod relies on it. */
static const struct carrier {
	const char *group, *kind;
	const char *const *keys;
} carriers[] = {
	{ "", "Namespace", modes },
	{ "", "Pod", stamp },
	{ GROUP_AGENTS, "Sandbox", stamp },
	{ GROUP_EXTENSIONS, "SandboxTemplate", stamp },
	{ GROUP_EXTENSIONS, "SandboxWarmPool", stamp },
	{ GROUP_EXTENSIONS, "SandboxClaim", stamp },
};

struct search {
	struct arena *arena;
	const struct carrier *carrier;
	struct str tier, found;
};

static struct str name_of(struct arena *a, const struct inventory_object *o)
{
	if (!o->ns.n)
		return o->name;
	return arena_printf(a, "%.*s/%.*s", STR_ARG(o->ns), STR_ARG(o->name));
}

static bool look_at(const struct inventory_object *o, void *context)
{
	struct search *s = context;
	const struct json *labels = json_at(&o->doc, "metadata", "labels");

	for (size_t i = 0; s->carrier->keys[i]; i++) {
		const char *key = s->carrier->keys[i];
		struct str name;

		if (!json_str_is(json_get(labels, str_of(key)), s->tier))
			continue;
		name = name_of(s->arena, o);
		s->found = arena_printf(s->arena, "label %s of %s %.*s", key,
					s->carrier->kind, STR_ARG(name));
		return false;
	}
	return true;
}

static struct str find_on_objects(const struct target *t, struct str tier)
{
	struct search s = { t->arena, NULL, tier, STR_NONE };

	for (size_t i = 0;
	     t->inventory && !s.found.p && i < ARRAY_LEN(carriers); i++) {
		s.carrier = &carriers[i];
		inventory_each(t->inventory, str_of(carriers[i].group),
			       str_of(carriers[i].kind), STR_NONE, look_at, &s);
	}
	return s.found;
}

struct str tier_uses_find(const struct target *t, struct str tier)
{
	if (!tier.n)
		return STR_NONE;
	for (size_t i = 0; i < t->snapshot->n_policies; i++) {
		struct str who =
			find_in_policy(&t->snapshot->policies[i], tier);

		if (who.p)
			return who;
	}
	return find_on_objects(t, tier);
}
