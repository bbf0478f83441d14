/*
 * Pod Security Standards, Baseline: no hostPath volumes. At level Restricted
 * pss.volumeTypes says it with all other types.
 */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

static void look(const struct place *volumes, size_t i)
{
	struct place volume = place_item(volumes, i, JSON_OBJECT);
	struct place v = place_get(&volume, STR("hostPath"), JSON_OBJECT);

	if (!json_exists(v.json))
		return;
	place_report(&v, (struct says){
				 STR("mounts a path of the node"),
				 STR("a volume that the Pod owns"),
				 STR("use emptyDir or a PersistentVolumeClaim"),
			 });
}

static void check(const struct check *c)
{
	struct place pod, volumes;

	if (!pod_security_baseline(c->target) ||
	    pod_security_restricted(c->target, 0))
		return;
	pod = place_pod(c);
	volumes = place_get(&pod, STR("volumes"), JSON_ARRAY);
	for (size_t i = 0; i < json_len(volumes.json); i++)
		look(&volumes, i);
}

const struct rule rule_pss_host_path_volumes = {
	.id = "pss.hostPathVolumes",
	.kinds = SUBJECT_ALL,
	.title = "No hostPath volumes",
	.doc = "A hostPath volume shows the container a piece of the node's "
	       "file system: the kubelet's credentials, the runtime's socket, "
	       "other Pods' data. Whatever runtime isolates the Pod, the file "
	       "is the node's own.\n"
	       "\n"
	       "Use `emptyDir` for scratch space and a PersistentVolumeClaim "
	       "for what must stay. At level Restricted `pss.volumeTypes` "
	       "replaces this rule.",
	.fields = "spec.volumes[*].hostPath",
	.check = check,
};
