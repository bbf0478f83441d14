/* pod.maxContainers: how many containers run side by side in one Pod. */
#include "policies/place.h"
#include "policies/rules/all.h"

static const struct path containers_path = { NULL, STR_INIT("containers"), 0 };

/* Main containers and sidecars: what runs while the agent runs. */
static int64_t count(const struct target *t)
{
	int64_t n = 0;

	target_each_container(it, t)
	{
		if (it->type == CONTAINER_MAIN || it->type == CONTAINER_SIDECAR)
			n++;
	}
	return n;
}

/*
 * A limit of ours: neither tiers nor exceptions move it. Each list is told for
 * itself: an update of a Pod is refused for the one that it changes.
 */
static void refuse(const struct check *c)
{
	static const char *const lists[] = { "containers", "initContainers",
					     "ephemeralContainers" };
	const struct target *t = c->target;
	const struct says says = {
		arena_printf(t->arena,
			     "is one of the lists that hold %zu containers "
			     "together",
			     t->too_many),
		arena_printf(t->arena,
			     "at most %d of all types, whatever the tier",
			     TARGET_CONTAINERS_MAX),
		STR("split the Pod")
	};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		struct path path = path_key(NULL, str_of(lists[i]));

		if (json_array_len(json_get(t->pod_spec, str_of(lists[i]))))
			check_pod(c, &path, says);
	}
}

static void check(const struct check *c)
{
	const struct target *t = c->target;
	int64_t max = t->tier->pod.max_containers;
	struct place pod;
	int64_t n;

	if (t->too_many) {
		refuse(c);
		return;
	}
	if (max <= 0)
		return;
	pod = place_pod(c);
	place_get(&pod, STR("containers"), JSON_ARRAY);
	place_get(&pod, STR("initContainers"), JSON_ARRAY);
	n = count(t);
	if (n <= max)
		return;
	check_pod(
		c, &containers_path,
		(struct says){
			arena_printf(t->arena,
				     "makes %lld containers with the sidecars",
				     (long long)n),
			arena_printf(t->arena, "at most %lld", (long long)max),
			STR("split the Pod, or run the others as init "
			    "containers that end") });
}

const struct rule rule_pod_max_containers = {
	.id = "pod.maxContainers",
	.kinds = SUBJECT_ALL,
	.title = "Not more containers than the tier wants",
	.doc = "The tier's `pod.maxContainers` limits the containers that run "
	       "side by side: `containers` plus sidecars, which are init "
	       "containers with `restartPolicy: Always`. Init containers that "
	       "end and ephemeral containers do not count; 0 means any "
	       "number.\n\n"
	       "Containers of one Pod share its network, its volumes and, "
	       "under gVisor and Kata, its kernel: what is put beside the "
	       "untrusted code is within its reach.\n\n"
	       "More than 256 containers of all types are refused whatever "
	       "the tier says, and no exception covers that.",
	.fields = "spec.containers\nspec.initContainers",
	.check = check,
};
