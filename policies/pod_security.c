/*
 * What several controls of the Pod Security Standards have in common:
 * relaxations, profiles, annotations.
 */
#include "policies/pod_security.h"

#include "policies/says.h"

bool pod_security_is_windows(const struct target *t)
{
	return t->windows && pod_security_since(t, 25);
}

bool pod_security_has_user_namespace(const struct target *t)
{
	return pod_security_since(t, 35) &&
	       json_is_false(json_get(t->pod_spec, STR("hostUsers")));
}

bool pod_security_listed(struct str s, const char *const *list)
{
	for (; *list; list++) {
		if (str_is(s, *list))
			return true;
	}
	return false;
}

void pod_security_check_profile(const struct place *profile)
{
	static const char *const good[] = { "RuntimeDefault", "Localhost",
					    NULL };
	struct place type = place_get(profile, STR("type"), JSON_STRING);

	if (type.wrong || pod_security_listed(json_str(type.json), good))
		return;
	place_report_value(&type, STR("RuntimeDefault or Localhost"),
			   STR("set it to RuntimeDefault"));
}

/* The field is unset, and all on the way to it is of the right type. */
static bool leaves_unset(const struct json *root, struct str key)
{
	const struct json *context;

	if (!json_is(root, JSON_OBJECT))
		return !json_is_set(root);
	context = json_get(root, STR("securityContext"));
	if (!json_is(context, JSON_OBJECT))
		return !json_is_set(context);
	return !json_is_set(json_get(context, key));
}

bool pod_security_next(struct pod_security_walk *w, enum json_type type)
{
	const struct target *t = w->check->target;
	size_t last = w->holders & OF_CONTAINERS ? t->n_containers : 0;

	while (w->at <= last) {
		const struct container *k =
			w->at ? &t->containers[w->at - 1] : NULL;

		w->at++;
		if (leaves_unset(k ? k->json : t->pod_spec, w->key))
			continue;
		w->root =
			k ? place_container(w->check, k) : place_pod(w->check);
		w->context = place_get(&w->root, STR("securityContext"),
				       JSON_OBJECT);
		w->value = place_get(&w->context, w->key, type);
		if (json_exists(w->value.json))
			return true;
	}
	return false;
}

const struct json *pod_security_annotations(const struct check *c)
{
	const struct target *t = c->target;
	struct path metadata = PATH_KEY(NULL, "metadata");
	struct path path = PATH_KEY(&metadata, "annotations");
	const struct json *v = t->pod_metadata;

	if (json_is_set(v) && !json_is(v, JSON_OBJECT)) {
		check_template(c, &metadata,
			       place_wrong_type(t->arena, v, JSON_OBJECT));
		return &json_missing;
	}
	v = json_get(v, STR("annotations"));
	if (json_is(v, JSON_OBJECT))
		return v;
	if (json_is_set(v))
		check_template(c, &path,
			       place_wrong_type(t->arena, v, JSON_OBJECT));
	return &json_missing;
}

void pod_security_report_annotation(const struct check *c,
				    const struct json_member *m,
				    struct str wanted)
{
	struct path metadata = PATH_KEY(NULL, "metadata");
	struct path annotations = PATH_KEY(&metadata, "annotations");
	struct path path = path_key(&annotations, m->key);

	check_template(c, &path,
		       (struct says){
			       says_is(c->target->arena, &m->value),
			       wanted,
			       STR("remove the annotation"),
		       });
}

bool pod_security_all_set(const struct target *t, struct str key)
{
	target_each_container(k, t)
	{
		const struct json *context =
			json_get(k->json, STR("securityContext"));

		if (k->type != CONTAINER_EPHEMERAL &&
		    !json_is_set(json_get(context, key)))
			return false;
	}
	return true;
}
