/*
 * Pod Security Standards, Restricted: only volumes that Kubernetes provides
 * itself. Replaces pss.hostPathVolumes.
 *
 * A volume with two types, one of them allowed, is refused here though the
 * standard's own check lets it through: the API server refuses it, but nobody
 * does for a manifest in a file. One without a type is an emptyDir: the API
 * server makes it one (SetDefaults_Volume).
 */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

static const char *const allowed[] = {
	"configMap", "csi",   "downwardAPI",	       "emptyDir",
	"ephemeral", "image", "persistentVolumeClaim", "projected",
	"secret",    NULL,
};

/* A type is what is set beside the name. */
static void look_at(const struct place *volume)
{
	json_each_member(m, volume->json) {
		struct place v;

		if (str_is(m->key, "name") || !json_is_set(&m->value))
			continue;
		v = place_get(volume, m->key, JSON_OBJECT);
		if (v.wrong || pod_security_listed(m->key, allowed))
			continue;
		place_report(&v,
			     (struct says){
				     STR("is a type of volume that is not "
					 "allowed"),
				     STR("configMap, csi, downwardAPI, "
					 "emptyDir, ephemeral, image, "
					 "persistentVolumeClaim, projected or "
					 "secret"),
				     STR("use emptyDir or a "
					 "PersistentVolumeClaim"),
			     });
	}
}

static void check(const struct check *c)
{
	struct place pod, volumes;

	if (!pod_security_restricted(c->target, 0))
		return;
	pod = place_pod(c);
	volumes = place_get(&pod, STR("volumes"), JSON_ARRAY);
	for (size_t i = 0; i < json_len(volumes.json); i++) {
		struct place volume = place_item(&volumes, i, JSON_OBJECT);

		if (!volume.wrong)
			look_at(&volume);
	}
}

const struct rule rule_pss_volume_types = {
	.id = "pss.volumeTypes",
	.kinds = SUBJECT_ALL,
	.title = "Only volume types that Kubernetes provides itself",
	.doc = "Volumes may be `configMap`, `csi`, `downwardAPI`, `emptyDir`, "
	       "`ephemeral`, `image`, `persistentVolumeClaim`, `projected` or "
	       "`secret`; one without a type is an `emptyDir`. `hostPath` "
	       "gives away the node's files; network "
	       "types such as `nfs` or `iscsi` make the node connect to an "
	       "address that the Pod's author chose.\n"
	       "\n"
	       "Storage of other kinds comes through a PersistentVolumeClaim, "
	       "whose class the platform team controls. A tier may narrow the "
	       "list further: `pod.volumes`.",
	.fields = "spec.volumes[*]",
	.check = check,
};
