/* Matching exceptions: target, rule, time. */
#include "policies/exception.h"

#include "lib/selector.h"

static bool names_rule(const struct exception *e, struct str id)
{
	for (size_t i = 0; i < e->rules.n; i++) {
		struct str r = e->rules.v[i];

		if (str_eq(r, id))
			return true;
		if (str_ends(r, STR(".*")) &&
		    str_starts(id, str_sub(r, 0, r.n - 1)))
			return true;
	}
	return false;
}

static bool names_kind(const struct exception *e, struct str kind)
{
	for (size_t i = 0; i < e->kinds.n; i++)
		if (str_eq(e->kinds.v[i], kind))
			return true;
	return e->kinds.n == 0;
}

static bool targets(const struct exception *e, const struct subject *s)
{
	return names_kind(e, s->kind) &&
	       (!json_is_set(e->selector) ||
		selector_matches(e->selector,
				 json_at(s->object, "metadata", "labels")));
}

struct exceptions exceptions_for(struct arena *a, const struct snapshot *s,
				 const struct subject *subject, int64_t now)
{
	const struct exception *e = map_get(&s->exceptions_by_ns, subject->ns);
	struct exceptions out = { .n = 0 };

	for (; e; e = e->next) {
		if (e->expires_at <= now || !targets(e, subject))
			continue;
		out.v = arena_grow(a, out.v, out.n, &out.cap, sizeof(*out.v));
		out.v[out.n++] = e;
	}
	return out;
}

const struct exception *exceptions_find(const struct exceptions *list,
					struct str rule_id, struct str own_id)
{
	for (size_t i = 0; i < list->n; i++)
		if (names_rule(list->v[i], rule_id) ||
		    names_rule(list->v[i], own_id))
			return list->v[i];
	return NULL;
}
