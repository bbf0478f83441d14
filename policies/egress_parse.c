/* Problems of network policy rules: wording, and caps. */
#include "policies/egress_parse.h"

#include "policies/says.h"

void egress_problem(struct egress_parse *p, const struct json *v,
		    const struct path *path, struct str found,
		    struct str wanted)
{
	p->problems++;
	p->problem(p->context, v, path, found, wanted);
}

bool egress_wants(struct egress_parse *p, const struct json *v,
		  const struct path *path, enum json_type type,
		  struct str wanted)
{
	if (json_is(v, type))
		return true;
	egress_problem(p, v, path, says_is(p->arena, v), wanted);
	return false;
}

bool egress_too_many(struct egress_parse *p, size_t *count, size_t n,
		     size_t max, const struct path *path)
{
	size_t before = *count;

	*count += n;
	if (*count <= max)
		return false;
	if (before <= max)
		egress_problem(p, &json_missing, path,
			       STR("goes beyond the limit"),
			       arena_printf(p->arena,
					    "at most %zu in one policy", max));
	return true;
}

static bool is_one_of(struct str s, const char *const *names)
{
	for (; *names; names++)
		if (str_is(s, *names))
			return true;
	return false;
}

void egress_check_keys(struct egress_parse *p, const struct json *v,
		       const struct path *path, const char *const *names,
		       const char *wanted)
{
	json_each_member(m, v) {
		struct path at = path_key(path, m->key);

		if (!is_one_of(m->key, names))
			egress_problem(p, &m->value, &at, STR("is no field"),
				       str_of(wanted));
	}
}
