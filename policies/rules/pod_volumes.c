/* pod.volumes: only the tier's types of volumes. */
#include "policies/place.h"
#include "policies/rules/all.h"
#include "policies/says.h"

static bool listed(const struct tier *tier, struct str type)
{
	for (size_t i = 0; i < tier->pod.volumes.n; i++)
		if (str_eq(tier->pod.volumes.v[i], type))
			return true;
	return false;
}

static struct str tell_wanted(const struct target *t)
{
	struct str list = says_one_of(t->arena, &t->tier->pod.volumes);

	return list.n ? list : STR("no volume");
}

/*
 * The volume that Kubernetes mounts into Pods on its own. Whether it may be
 * there is pod.serviceAccountToken's to say; a hand-made one may not hide
 * other things behind the name.
 */
static bool is_token_volume(const struct target *t, const struct json *volume)
{
	const struct json *sources = json_at(volume, "projected", "sources");

	if (t->kind != SUBJECT_POD || !json_is(sources, JSON_ARRAY) ||
	    !str_starts(json_str(json_get(volume, STR("name"))),
			STR("kube-api-access-")))
		return false;
	json_each_item(source, sources) {
		json_each_member(m, source) {
			if (!str_is(m->key, "serviceAccountToken") &&
			    !str_is(m->key, "configMap") &&
			    !str_is(m->key, "downwardAPI"))
				return false;
		}
	}
	return true;
}

static void report(const struct check *c, const struct path *at,
		   struct str found, struct str fix)
{
	check_pod(c, at, (struct says){ found, tell_wanted(c->target), fix });
}

/* The API server makes a volume without a type an emptyDir. */
static void check_none(const struct check *c, const struct path *at,
		       const struct json *volume)
{
	if (!json_is(volume, JSON_OBJECT))
		report(c, at, says_is(c->target->arena, volume),
		       STR("write it as an object with a name and a type"));
	else if (!listed(c->target->tier, STR("emptyDir")))
		report(c, at, STR("has no type, which makes it an emptyDir"),
		       STR("give it a type, or remove the volume"));
}

static void check_volume(const struct check *c, const struct path *at,
			 const struct json *volume)
{
	const struct target *t = c->target;
	size_t types = 0;

	json_each_member(m, volume) {
		struct path path = path_key(at, m->key);

		if (str_is(m->key, "name") || !json_is_set(&m->value))
			continue;
		types++;
		if (listed(t->tier, m->key) ||
		    (str_is(m->key, "projected") && is_token_volume(t, volume)))
			continue;
		report(c, &path,
		       STR("is a type of volume that the tier does not list"),
		       STR("use another type, or remove the volume"));
	}
	if (!types)
		check_none(c, at, volume);
}

static void check_volumes(const struct check *c)
{
	struct place pod = place_pod(c);
	struct place list = place_get(&pod, STR("volumes"), JSON_ARRAY);
	size_t i = 0;

	json_each_item(volume, list.json) {
		struct path item = path_index(&list.path, i++);

		check_volume(c, &item, volume);
	}
}

static void report_claims(const struct check *c, const struct path *path,
			  struct str found)
{
	check_object(c, path,
		     (struct says){ found, tell_wanted(c->target),
				    STR("remove the volumeClaimTemplates, or "
					"use a tier that lists "
					"persistentVolumeClaim") });
}

/* Each becomes a volume of type persistentVolumeClaim. */
static void check_claims(const struct check *c)
{
	const struct target *t = c->target;
	struct path spec = PATH_KEY(NULL, "spec");
	struct path path = PATH_KEY(&spec, "volumeClaimTemplates");
	const struct json *own = json_get(t->spec, path.key);
	const struct json *theirs =
		json_at(t->template, "spec", "volumeClaimTemplates");

	if (json_is(own, JSON_ARRAY) ? own->n : json_is_set(own))
		report_claims(c, &path,
			      json_is(own, JSON_ARRAY)
				      ? STR("claims persistent volumes")
				      : says_is(t->arena, own));
	if (t->pod_origin.n && (json_len(theirs) || json_str(theirs).n))
		report_claims(c, t->pod_ref,
			      arena_printf(t->arena,
					   "refers to %.*s, which claims "
					   "persistent volumes",
					   STR_ARG(t->pod_origin)));
}

static void check(const struct check *c)
{
	const struct tier *tier = c->target->tier;

	if (tier->pod.any_volume)
		return;
	check_volumes(c);
	if (!listed(tier, STR("persistentVolumeClaim")))
		check_claims(c);
}

const struct rule rule_pod_volumes = {
	.id = "pod.volumes",
	.kinds = SUBJECT_ALL,
	.title = "Only the tier's types of volumes",
	.doc = "Every volume must be of a type in the tier's `pod.volumes`, "
	       "named as in the Pod API: `emptyDir`, `configMap`, `ephemeral`, "
	       "`image` and so on. `volumeClaimTemplates` of Sandboxes, "
	       "SandboxTemplates, SandboxClaims and StatefulSets count as "
	       "`persistentVolumeClaim`, inline claims as `ephemeral`. A "
	       "volume without a type is refused: Kubernetes would make it an "
	       "`emptyDir` without saying so. The volume `kube-api-access-*` "
	       "that Kubernetes adds to Pods is left to "
	       "`pod.serviceAccountToken`.\n\n"
	       "Volumes are how a sandbox reaches the node, the secrets of "
	       "others and what is left of earlier runs. Leave the list out of "
	       "the tier to allow every type.",
	.fields = "spec.volumes\nspec.volumeClaimTemplates",
	.check = check,
};
