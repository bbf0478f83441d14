/* Walks the old and the new object side by side. */
#include "policies/changes.h"

struct pair {
	const struct json *now, *old;
};

static void step(struct pair *p, const struct path *path)
{
	if (path->key.p) {
		p->now = json_get(p->now, path->key);
		p->old = json_get(p->old, path->key);
	} else {
		p->now = json_item(p->now, path->index);
		p->old = json_item(p->old, path->index);
	}
}

/* False where the walk ends early: what p holds is then to be compared. */
static bool descend(struct pair *p, const struct path *path)
{
	if (!path)
		return true;
	if (!descend(p, path->parent) ||
	    (path->key.p && json_is(p->now, JSON_ARRAY)))
		return false;
	step(p, path);
	return path->key.p || json_exists(p->now) == json_exists(p->old);
}

static bool leads_through(const struct path *path, struct str key)
{
	for (; path; path = path->parent)
		if (path->key.p && str_eq(path->key, key))
			return true;
	return false;
}

bool changes_touch(const struct subject *s, const struct path *path)
{
	struct pair p = { s->object, s->old_object };
	struct path spec = PATH_KEY(NULL, "spec");

	/* The sum of all resources is told at only one of them. */
	if (str_is(s->subresource, "resize") &&
	    leads_through(path, STR("resources")))
		path = &spec;
	descend(&p, path);
	return !json_equal(p.now, p.old);
}
