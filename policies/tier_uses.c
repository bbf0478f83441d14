/* Looks through policies and namespaces for the name of a tier. */
#include "policies/tier_uses.h"

struct search {
	struct arena *arena;
	struct str tier, found;
};

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

static bool look_at(const struct inventory_object *ns, void *context)
{
	static const char *const keys[] = { LABEL_ENFORCE, LABEL_WARN,
					    LABEL_AUDIT };
	struct search *s = context;
	const struct json *labels = json_at(&ns->doc, "metadata", "labels");

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (json_str_is(json_get(labels, str_of(keys[i])), s->tier)) {
			s->found = arena_printf(s->arena,
						"label %s of Namespace %.*s",
						keys[i], STR_ARG(ns->name));
			return false;
		}
	return true;
}

struct str tier_uses_find(const struct target *t, struct str tier)
{
	struct search s = { t->arena, tier, STR_NONE };

	if (!tier.n)
		return STR_NONE;
	for (size_t i = 0; i < t->snapshot->n_policies; i++) {
		struct str who =
			find_in_policy(&t->snapshot->policies[i], tier);

		if (who.p)
			return who;
	}
	if (t->inventory)
		inventory_each(t->inventory, STR(""), STR("Namespace"),
			       STR_NONE, look_at, &s);
	return s.found;
}
