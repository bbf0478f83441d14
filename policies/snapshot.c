/* A loaded set: its references, its warnings, look-ups. */
#include "policies/snapshot.h"

#include <stdlib.h>

void snapshot_warn(struct snapshot *s, struct str source, struct json_mark at,
		   struct str msg)
{
	s->warnings = arena_grow(&s->arena, s->warnings, s->n_warnings,
				 &s->warnings_cap, sizeof(*s->warnings));
	s->warnings[s->n_warnings++] = (struct snapshot_warning){
		.source = source, .at = at, .msg = msg
	};
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

struct str snapshot_tier_fix(struct arena *a, const struct snapshot *s,
			     struct str name)
{
	const char **names = arena_new(a, const char *, s->n_tiers + 1);
	const char *near;

	for (size_t i = 0; i < s->n_tiers; i++)
		names[i] = arena_str(a, s->tiers[i]->name).p;
	near = decode_nearest(name, names);
	return near ? arena_printf(a, "set it to %s, or remove the label", near)
		    : STR("name an existing tier, or remove the label");
}
