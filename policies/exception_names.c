/* Rules of the table and of the teams, and kinds, by name. */
#include "policies/exception_names.h"

#include "policies/kinds.h"
#include "policies/rules.h"

/* Names that there are; v is ended by NULL. */
struct names {
	const char **v;
	size_t n, cap;
	struct map known;
};

static void add_name(struct arena *a, struct names *names, const char *name)
{
	if (name && map_get(&names->known, str_of(name)))
		return;
	names->v = arena_grow(a, names->v, names->n, &names->cap,
			      sizeof(*names->v));
	names->v[names->n] = name;
	if (!name)
		return;
	map_set(&names->known, str_of(name), names);
	names->n++;
}

static void name_rules(struct arena *a, const struct snapshot *s,
		       struct names *names)
{
	for (size_t i = 0; rules[i]; i++)
		add_name(a, names, rules[i]->id);
	for (size_t t = 0; t < s->n_tiers; t++)
		for (size_t i = 0; i < s->tiers[t]->n_rules; i++)
			add_name(a, names,
				 arena_str(a, s->tiers[t]->rules[i].id).p);
	add_name(a, names, NULL);
}

static void name_kinds(struct arena *a, struct names *names)
{
	size_t n;
	const struct kind *table = kind_table(&n);

	for (size_t i = 0; i < n; i++)
		add_name(a, names, table[i].kind);
	add_name(a, names, NULL);
}

/* The name itself, or for "pss.*" one that starts with "pss.". */
static bool is_known(const struct names *names, struct str name)
{
	if (map_get(&names->known, name))
		return true;
	if (!str_ends(name, STR(".*")))
		return false;
	for (size_t i = 0; i < names->n; i++)
		if (str_starts(str_of(names->v[i]),
			       str_sub(name, 0, name.n - 1)))
			return true;
	return false;
}

/* at is the list of them, as written. */
static void check_names(struct snapshot *s, const struct exception *e,
			const char *what, const struct json *at,
			const struct strs *given, const struct names *names)
{
	for (size_t i = 0; i < given->n; i++) {
		struct str name = given->v[i];
		const char *near;

		if (is_known(names, name))
			continue;
		near = decode_nearest(name, names->v);
		snapshot_warn(
			s, e->source, json_item(at, i)->start,
			arena_printf(&s->arena,
				     "IsolationException \"%.*s\" names "
				     "%s \"%.*s\", which there is not: "
				     "it covers nothing%s%s%s",
				     STR_ARG(e->name), what, STR_ARG(name),
				     near ? ", did you mean \"" : "",
				     near ? near : "", near ? "\"?" : ""));
	}
}

void exception_name_warnings(struct snapshot *s)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct names ids = { .known = MAP_INIT(&a) };
	struct names kinds = { .known = MAP_INIT(&a) };

	if (!s->n_exceptions)
		return;
	name_rules(&a, s, &ids);
	name_kinds(&a, &kinds);
	for (size_t i = 0; i < s->n_exceptions; i++) {
		const struct exception *e = &s->exceptions[i];

		check_names(s, e, "rule", json_get(e->spec, STR("rules")),
			    &e->rules, &ids);
		check_names(s, e, "kind", json_at(e->spec, "target", "kinds"),
			    &e->kinds, &kinds);
	}
}
