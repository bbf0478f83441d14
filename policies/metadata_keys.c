/* The walk over labels and annotations, with paths for reporting. */
#include "policies/metadata_keys.h"

#include "lib/map.h"
#include "policies/says.h"

typedef void key_fn(const struct check *c, const struct metadata_key *key);

/* Below this many keys, looking at each is the cheapest. */
enum { LINEAR_MAX = 16 };

/* A map of labels or annotations to look keys up in, however many it has. */
struct metadata_lookup {
	const struct json *map;
	struct map members; /* const struct json_member, when there are many */
};

struct walk {
	const struct check *check;
	struct arena *scratch;
	key_fn *fn;
	unsigned maps;
	enum metadata_place place;
	const struct json *holder; /* what has labels and annotations */
	const struct path *path;   /* its path */
};

void metadata_report(const struct check *c, const struct metadata_key *key,
		     struct says says)
{
	if (key->place == METADATA_POD)
		check_template(c, key->path, says);
	else
		check_object(c, key->path, says);
}

static void report_type(const struct walk *w, const struct path *path,
			const struct json *v)
{
	struct metadata_key at = { .place = w->place, .path = path };

	metadata_report(w->check, &at,
			(struct says){ says_is(w->check->target->arena, v),
				       STR("a map"),
				       STR("write it as key: value pairs") });
}

static const struct json *lookup(struct metadata_lookup *l, struct str key)
{
	const struct json_member *m;

	if (json_object_len(l->map) <= LINEAR_MAX)
		return json_get(l->map, key);
	for (size_t i = l->members.n; i < l->map->n; i++)
		map_set(&l->members, l->map->u.members[i].key,
			&l->map->u.members[i]);
	m = map_get(&l->members, key);
	return m ? &m->value : &json_missing;
}

/* A claim's additions are merged into its Pod: told once, as additions. */
static const struct json *told_already(const struct walk *w, const char *map)
{
	const struct target *t = w->check->target;

	if (w->place != METADATA_POD || t->kind != SUBJECT_CLAIM)
		return &json_missing;
	return json_at(t->spec, "additionalPodMetadata", map);
}

/* What holds the Pod in the old object; missing when it is elsewhere. */
static const struct json *old_holder(const struct target *t)
{
	const struct json *old = t->subject->old_object;

	if (t->pod_origin.n)
		return &json_missing;
	return t->pod_path ? path_get(old, t->pod_path) : old;
}

/* The map at path before an update. */
static const struct json *old_map(const struct walk *w, const struct path *path)
{
	const struct target *t = w->check->target;

	if (t->subject->operation != OPERATION_UPDATE)
		return &json_missing;
	return path_get(w->place == METADATA_POD ? old_holder(t)
						 : t->subject->old_object,
			path);
}

static void walk_map(const struct walk *w, const char *name,
		     enum metadata_map which)
{
	const struct json *map = json_get(w->holder, str_of(name));
	struct path path = path_key(w->path, str_of(name));
	struct metadata_lookup told = { told_already(w, name),
					MAP_INIT(w->scratch) };
	struct metadata_lookup old = { old_map(w, &path),
				       MAP_INIT(w->scratch) };

	if (!(w->maps & which) || !json_is_set(map))
		return;
	if (!json_is(map, JSON_OBJECT)) {
		report_type(w, &path, map);
		return;
	}
	json_each_member(m, map) {
		struct path at = path_key(&path, m->key);
		struct metadata_key key = { w->place,  which, m->key,
					    &m->value, &at,   &old };

		if (!json_exists(lookup(&told, m->key)))
			w->fn(w->check, &key);
	}
}

static void walk_maps(const struct walk *w)
{
	if (json_is_set(w->holder) && !json_is(w->holder, JSON_OBJECT)) {
		report_type(w, w->path, w->holder);
		return;
	}
	walk_map(w, "labels", METADATA_LABELS);
	walk_map(w, "annotations", METADATA_ANNOTATIONS);
}

void metadata_each(const struct check *c, unsigned places, unsigned maps,
		   key_fn *fn)
{
	const struct target *t = c->target;
	struct path metadata = PATH_KEY(NULL, "metadata");
	struct path spec = PATH_KEY(NULL, "spec");
	struct path additional = PATH_KEY(&spec, "additionalPodMetadata");
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT;
	struct walk w = {
		.check = c, .scratch = &scratch, .fn = fn, .maps = maps
	};

	if (places & METADATA_OBJECT) {
		w.place = METADATA_OBJECT;
		w.holder = json_get(t->object, STR("metadata"));
		w.path = &metadata;
		walk_maps(&w);
	}
	if (places & METADATA_POD &&
	    (t->pod_path || !(places & METADATA_OBJECT))) {
		w.place = METADATA_POD;
		w.holder = t->pod_metadata;
		w.path = &metadata;
		walk_maps(&w);
	}
	if (places & METADATA_ADDITIONAL && t->kind == SUBJECT_CLAIM) {
		w.place = METADATA_ADDITIONAL;
		w.holder = json_get(t->spec, STR("additionalPodMetadata"));
		w.path = &additional;
		walk_maps(&w);
	}
}

bool metadata_unchanged(const struct metadata_key *key)
{
	const struct json *old = lookup(key->old, key->key);

	return json_exists(old) && json_equal(old, key->value);
}
