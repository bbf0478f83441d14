/*
 * Merging a claim's additions into its template's Pod. There is no limit on
 * how many of them there may be, so names are looked up in maps.
 */
#include "policies/claim_pod.h"

#include "lib/json_edit.h"
#include "lib/map.h"

struct merge {
	struct arena *arena;
	struct json_edit edit;
	struct map containers; /* struct env, by name */
	struct env *first;     /* of the first container, or NULL */
};

/* The variables of one container. */
struct env {
	const char *list;
	size_t index; /* of the container in its list */
	bool usable;  /* the container is an object, its env a list or unset */
	bool read;    /* n and places are filled in */
	size_t n;
	struct map places; /* size_t, by name */
};

/* ---- labels and annotations ---- */

/* What the claim has and the template does not, behind what it has. */
static struct json union_of(struct arena *a, const struct json *now,
			    const struct json *more)
{
	struct map known = MAP_INIT(a);
	struct json all = json_make_object();

	all.u.members = arena_raw(a, json_object_len(now) + json_len(more),
				  sizeof(struct json_member));
	json_each_member(m, now) {
		all.u.members[all.n++] = *m;
		map_set(&known, m->key, all.u.members);
	}
	json_each_member(m, more) {
		if (!map_get(&known, m->key))
			all.u.members[all.n++] = *m;
	}
	return all;
}

static void merge_metadata(struct merge *m, const struct json *extra,
			   const char *name)
{
	struct path metadata = PATH_KEY(NULL, "metadata");
	struct path path = path_key(&metadata, str_of(name));
	const struct json *more = json_get(extra, str_of(name));
	const struct json *now = path_get(&m->edit.root, &path);

	if (!json_object_len(more) ||
	    !json_edit_reaches(&m->edit.root, &path) ||
	    (json_is_set(now) && !json_is(now, JSON_OBJECT)))
		return;
	json_edit_set(&m->edit, &path, union_of(m->arena, now, more));
}

/* ---- environment ---- */

static struct path env_path(const struct env *env, struct path steps[4])
{
	steps[0] = PATH_KEY(NULL, "spec");
	steps[1] = path_key(&steps[0], str_of(env->list));
	steps[2] = path_index(&steps[1], env->index);
	return PATH_KEY(&steps[2], "env");
}

static void find_containers(struct merge *m, const char *list)
{
	const struct json *all = json_at(&m->edit.root, "spec", list);
	size_t i = 0;

	json_each_item(container, all) {
		struct str name = json_str(json_get(container, STR("name")));
		const struct json *vars = json_get(container, STR("env"));
		struct env *env = arena_new(m->arena, struct env, 1);

		*env = (struct env){
			.list = list,
			.index = i++,
			.usable = json_is(container, JSON_OBJECT) &&
				  (!json_is_set(vars) ||
				   json_is(vars, JSON_ARRAY)),
			.places = MAP_INIT(m->arena),
		};
		if (!m->first)
			m->first = env;
		if (name.n && !map_get(&m->containers, name))
			map_set(&m->containers, name, env);
	}
}

static void remember(struct merge *m, struct env *env, const struct json *var)
{
	struct str name = json_str(json_get(var, STR("name")));
	size_t *place = arena_new(m->arena, size_t, 1);

	*place = env->n++;
	if (name.n && !map_get(&env->places, name))
		map_set(&env->places, name, place);
}

static void read_env(struct merge *m, struct env *env)
{
	struct path steps[4], vars = env_path(env, steps);
	const struct json *now = path_get(&m->edit.root, &vars);

	env->read = true;
	json_each_item(var, now)
		remember(m, env, var);
	if (!json_is_set(now))
		json_edit_set(&m->edit, &vars, json_make_array());
}

/* Replaces the variable of that name, or appends it. */
static void merge_variable(struct merge *m, const struct json *var)
{
	const struct json *of = json_get(var, STR("containerName"));
	struct str name = json_str(json_get(var, STR("name")));
	struct env *env = m->first;
	struct path steps[4], vars, item;
	const size_t *place;

	if (json_str(of).n)
		env = map_get(&m->containers, json_str(of));
	else if (json_is_set(of) && !json_is(of, JSON_STRING))
		return;
	if (!env || !env->usable || !name.n)
		return;
	if (!env->read)
		read_env(m, env);
	place = map_get(&env->places, name);
	vars = env_path(env, steps);
	item = path_index(&vars, place ? *place : env->n);
	if (!place)
		remember(m, env, var);
	json_edit_set(&m->edit, &item, *var);
}

const struct json *claim_pod(struct arena *a, const struct json *pod,
			     const struct json *claim)
{
	const struct json *spec = json_get(claim, STR("spec"));
	const struct json *extra = json_get(spec, STR("additionalPodMetadata"));
	const struct json *env = json_get(spec, STR("env"));
	struct merge m = { .arena = a, .containers = MAP_INIT(a) };
	struct json *merged;

	if (!json_is(pod, JSON_OBJECT) ||
	    (!json_is_set(extra) && !json_array_len(env)))
		return pod;
	m.edit = json_edit_start(a, pod);
	merge_metadata(&m, extra, "labels");
	merge_metadata(&m, extra, "annotations");
	if (json_array_len(env)) {
		find_containers(&m, "containers");
		find_containers(&m, "initContainers");
	}
	json_each_item(var, env)
		merge_variable(&m, var);
	merged = arena_new(a, struct json, 1);
	*merged = m.edit.root;
	return merged;
}
