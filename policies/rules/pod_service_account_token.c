/* pod.serviceAccountToken: no identity of the cluster inside the sandbox. */
#include "policies/place.h"
#include "policies/rules/all.h"
#include "policies/says.h"

static const struct path automount_path = {
	NULL, STR_INIT("automountServiceAccountToken"), 0
};

static bool denied(const struct target *t)
{
	return t->tier->pod.service_account_token == PERMISSION_DENY;
}

/*
 * On a Pod this comes behind the admission plugin that mounts the token. It
 * still helps where there was none to mount, and in files.
 */
static void fill(const struct fill *f)
{
	if (denied(f->target) && json_is(f->target->pod_spec, JSON_OBJECT))
		fill_pod(f, &automount_path, json_make_bool(false));
}

static void check_automount(const struct check *c)
{
	const struct target *t = c->target;
	const struct json *v = json_get(t->pod_spec, automount_path.key);

	if (json_is_false(v))
		return;
	check_pod(
		c, &automount_path,
		(struct says){ says_is(t->arena, v), STR("false"),
			       json_is_set(v)
				       ? STR("remove it, then false is filled "
					     "in")
				       : STR("set it to false") });
}

static void check_source(const struct check *c, const struct path *at,
			 const struct json *source, bool mounted)
{
	static const struct {
		const char *key, *found;
	} identities[] = {
		{ "serviceAccountToken", "mounts a token of the cluster" },
		{ "clusterTrustBundle", "mounts a trust bundle" },
		{ "podCertificate", "mounts a certificate of the cluster" },
	};

	for (size_t i = 0; i < ARRAY_LEN(identities); i++) {
		struct path path = path_key(at, str_of(identities[i].key));

		if (!json_is_set(json_get(source, path.key)))
			continue;
		check_pod(
			c, &path,
			(struct says){
				str_of(identities[i].found),
				STR("no identity of the cluster"),
				mounted ? STR("set automountServiceAccountToken"
					      " to false where the Pod is "
					      "described")
					: STR("remove it") });
	}
}

/* The admission plugin ServiceAccount names the volume that it adds so. */
static bool is_mounted(const struct json *volume)
{
	return str_starts(json_str(json_get(volume, STR("name"))),
			  STR("kube-api-access-"));
}

static void check_volume(const struct check *c, const struct place *volume)
{
	struct place projected =
		place_get(volume, STR("projected"), JSON_OBJECT);
	struct place sources =
		place_get(&projected, STR("sources"), JSON_ARRAY);
	size_t i = 0;

	json_each_item(source, sources.json) {
		struct path item = path_index(&sources.path, i++);

		check_source(c, &item, source, is_mounted(volume->json));
	}
}

static void check(const struct check *c)
{
	struct place pod, volumes;

	if (!json_exists(c->target->pod_spec) || !denied(c->target))
		return;
	check_automount(c);
	pod = place_pod(c);
	volumes = place_get(&pod, STR("volumes"), JSON_ARRAY);
	for (size_t i = 0; i < json_len(volumes.json); i++) {
		struct place volume = place_item(&volumes, i, JSON_OBJECT);

		check_volume(c, &volume);
	}
}

const struct rule rule_pod_service_account_token = {
	.id = "pod.serviceAccountToken",
	.kinds = SUBJECT_ALL,
	.title = "No identity of the cluster inside the sandbox",
	.doc = "With `pod.serviceAccountToken: Deny` in the tier, "
	       "`automountServiceAccountToken` must be `false` (it is filled "
	       "in where unset) and no projected volume may have a source "
	       "`serviceAccountToken`, `clusterTrustBundle` or "
	       "`podCertificate`. On a Pod this includes the volume "
	       "`kube-api-access-*`: Kubernetes adds it before Bulkhead sees "
	       "the Pod, so the token must be switched off where the Pod is "
	       "described: in the Sandbox, the SandboxTemplate or the "
	       "ServiceAccount. Sandboxes made from a SandboxTemplate get "
	       "`false` from the agent-sandbox controller, bare Sandboxes do "
	       "not.\n\n"
	       "A token is the first thing that hostile code looks for: it "
	       "turns the code into a user of the cluster. An exception makes "
	       "sense for an agent whose task is to talk to the API server, "
	       "under a ServiceAccount of its own.",
	.fields = "spec.automountServiceAccountToken\n"
		  "spec.volumes[*].projected.sources[*]",
	.fill = fill,
	.check = check,
};
