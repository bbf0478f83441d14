/* pod.readOnlyRootFilesystem: containers cannot change their image's files. */
#include "policies/place.h"
#include "policies/rules/all.h"
#include "policies/says.h"

static const struct path context_path = { NULL, STR_INIT("securityContext"),
					  0 };
static const struct path flag_path = { &context_path,
				       STR_INIT("readOnlyRootFilesystem"), 0 };

/* Windows has no such thing; ephemeral containers are there to poke about. */
static bool wanted(const struct target *t)
{
	return t->tier->pod.read_only_root_filesystem && !t->windows;
}

static void fill(const struct fill *f)
{
	if (!wanted(f->target))
		return;
	target_each_container(it, f->target)
	{
		if (it->type != CONTAINER_EPHEMERAL)
			fill_container(f, it, &flag_path, json_make_bool(true));
	}
}

static void check_one(const struct check *c, const struct container *it)
{
	const struct target *t = c->target;
	const struct json *v = path_get(it->json, &flag_path);

	if (it->type == CONTAINER_EPHEMERAL || json_is_true(v))
		return;
	/* Filled in on the Pods that it makes. */
	if (t->kind == SUBJECT_WORKLOAD && !json_is_set(v))
		return;
	check_container(
		c, it, &flag_path,
		(struct says){ says_is(t->arena, v), STR("true"),
			       json_is_set(v)
				       ? STR("remove it, then true is filled "
					     "in, and mount an emptyDir where "
					     "files are written")
				       : STR("set it to true") });
}

static void check(const struct check *c)
{
	struct place pod;

	if (!wanted(c->target))
		return;
	pod = place_pod(c);
	place_get(&pod, STR("containers"), JSON_ARRAY);
	place_get(&pod, STR("initContainers"), JSON_ARRAY);
	target_each_container(it, c->target)
	{
		check_one(c, it);
	}
}

const struct rule rule_pod_read_only_root_filesystem = {
	.id = "pod.readOnlyRootFilesystem",
	.kinds = SUBJECT_ALL,
	.title = "Containers cannot change their image's files",
	.doc = "With `pod.readOnlyRootFilesystem: true` in the tier, every "
	       "container, init container and sidecar runs with "
	       "`securityContext.readOnlyRootFilesystem: true`; it is filled "
	       "in where unset. Ephemeral containers are left out, and so are "
	       "Pods with `os.name: windows`, where it cannot be had.\n\n"
	       "Code that cannot replace the programs of its image cannot "
	       "hide in them from the next step of the same sandbox. Mount an "
	       "`emptyDir` at the places that must be written, such as "
	       "`/tmp` and the home directory.",
	.fields = "spec.containers[*].securityContext.readOnlyRootFilesystem\n"
		  "spec.initContainers[*].securityContext."
		  "readOnlyRootFilesystem",
	.fill = fill,
	.check = check,
};
