/* What volumes ask of gVisor and Kata: sharing files and devices of the node.
 */
#include "policies/runtime_lint.h"

#include "policies/volume_claims.h"

static void check_propagation(const struct lint *lint, const struct path *item,
			      const struct json *mount)
{
	struct path path = PATH_KEY(item, "mountPropagation");
	const struct json *v = json_get(mount, path.key);

	if (!json_is_set(v) || json_str_is(v, STR("None")) ||
	    json_str_is(v, STR("HostToContainer")))
		return;
	lint_report(lint, ACTION_DENY, &path,
		    (struct says){ lint_because(lint, v, "cannot do"),
				   STR("None or HostToContainer"),
				   STR("remove it") });
}

static void check_sub_path(const struct lint *lint, const struct path *item,
			   const struct json *mount, const char *key)
{
	struct path path = path_key(item, str_of(key));
	const struct json *v = json_get(mount, path.key);

	if (!(lint->family & LINT_ANY_KATA) || !json_is_set(v) ||
	    json_str_is(v, STR("")))
		return;
	lint_report(lint, ACTION_WARN, &path,
		    (struct says){ lint_because(lint, v,
						"does not support for every "
						"type of volume"),
				   STR("unset"),
				   STR("mount the whole volume") });
}

void lint_mounts(const struct lint *lint)
{
	struct place mounts =
		place_get(&lint->root, STR("volumeMounts"), JSON_ARRAY);
	struct path devices = PATH_KEY(NULL, "volumeDevices");
	size_t i = 0;

	if (lint->family == LINT_GVISOR)
		lint_content(lint, ACTION_DENY,
			     json_get(lint->root.json, devices.key), &devices,
			     "uses raw block devices, which %s does not "
			     "support");
	json_each_item(mount, mounts.json) {
		struct path item = path_index(&mounts.path, i++);

		check_propagation(lint, &item, mount);
		check_sub_path(lint, &item, mount, "subPath");
		check_sub_path(lint, &item, mount, "subPathExpr");
	}
}

/* What is wrong with a claim's spec for this runtime; p NULL: nothing. */
static struct str claim_problem(const struct lint *lint,
				const struct json *spec)
{
	const struct json *mode = json_get(spec, STR("volumeMode"));
	const struct json *access = json_get(spec, STR("accessModes"));

	if (lint->family == LINT_GVISOR && json_is_set(mode) &&
	    !json_str_is(mode, STR("Filesystem")))
		return STR("claims a raw block device, which gVisor does not "
			   "support");
	if (lint->family != LINT_KATA_FC)
		return STR_NONE;
	json_each_item(it, access) {
		if (json_str_is(it, STR("ReadWriteMany")) ||
		    json_str_is(it, STR("ReadOnlyMany")))
			return STR("claims a shared file system, which Kata "
				   "with Firecracker cannot mount");
	}
	return STR_NONE;
}

static struct says tell_claim(struct str found)
{
	return (struct says){ found, STR("a file system of its own"),
			      STR("use volumeMode: Filesystem and accessModes: "
				  "[ReadWriteOnce]") };
}

static void check_hostpath(const struct lint *lint, const struct path *item,
			   const struct json *volume)
{
	struct path path = PATH_KEY(item, "hostPath");

	if (lint->privileged && json_is_set(json_get(volume, path.key)))
		lint_report(
			lint, ACTION_DENY, &path,
			(struct says){ STR("shares files of the node, which "
					   "defeats the sandbox"),
				       STR("no hostPath"),
				       STR("use an emptyDir or a claim") });
}

/* Firecracker has no shared file system: the files are copied at the start. */
static void check_live_files(const struct lint *lint, const struct path *item,
			     const struct json *volume)
{
	static const char *const types[] = { "configMap", "secret" };

	if (lint->family != LINT_KATA_FC)
		return;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		struct path path = path_key(item, str_of(types[i]));

		if (!json_is_set(json_get(volume, path.key)))
			continue;
		lint_report(lint, ACTION_WARN, &path,
			    (struct says){
				    STR("is copied into the guest when the "
					"Pod starts"),
				    STR("files that do not change meanwhile"),
				    STR("make it again when they change") });
	}
}

void lint_volumes(const struct lint *lint)
{
	struct place list = place_get(&lint->root, STR("volumes"), JSON_ARRAY);
	size_t i = 0;

	json_each_item(volume, list.json) {
		struct path item = path_index(&list.path, i++);

		check_hostpath(lint, &item, volume);
		check_live_files(lint, &item, volume);
	}
}

static bool check_claim(const struct volume_claim *claim, void *context)
{
	const struct lint *lint = context;
	struct path spec = PATH_KEY(NULL, "spec");
	struct path volumes = PATH_KEY(NULL, "volumes");
	struct path claims = PATH_KEY(&spec, "volumeClaimTemplates");
	struct path item = path_index(
		claim->source == VOLUME_CLAIM_POD ? &volumes : &claims,
		claim->index);
	struct str found =
		claim_problem(lint, json_get(claim->json, STR("spec")));

	if (!found.n)
		return true;
	switch (claim->source) {
	case VOLUME_CLAIM_OBJECT:
		check_object_as(lint->check, ACTION_DENY, STR_NONE, &item,
				tell_claim(found));
		break;
	case VOLUME_CLAIM_TEMPLATE:
		check_object_as(lint->check, ACTION_DENY, STR_NONE,
				lint->check->target->pod_ref,
				tell_claim(found));
		break;
	case VOLUME_CLAIM_POD:
		lint_report(lint, ACTION_DENY, &item, tell_claim(found));
		break;
	}
	return true;
}

void lint_claims(struct lint *lint)
{
	volume_claims_each(lint->check->target, check_claim, lint);
}
