/* access.ephemeralContainers: no debug containers where the tier wants none. */
#include "policies/place.h"
#include "policies/rules/all.h"
#include "policies/says.h"

static bool was_there(const struct target *t, const struct json *container)
{
	const struct json *old =
		json_at(t->subject->old_object, "spec", "ephemeralContainers");

	if (t->kind != SUBJECT_POD || t->subject->operation != OPERATION_UPDATE)
		return false;
	json_each_item(it, old) {
		if (json_equal(it, container))
			return true;
	}
	return false;
}

static void report(const struct check *c, const struct path *item,
		   const struct json *container)
{
	struct arena *a = c->target->arena;
	struct str name = json_str(json_get(container, STR("name")));

	check_pod(
		c, item,
		(struct says){
			.found = arena_printf(a, "adds ephemeral container %s",
					      says_quoted(a, name).p),
			.wanted = STR("no ephemeral containers"),
			.fix = STR("remove it, or use a tier with "
				   "access.ephemeralContainers: Allow"),
		});
}

static void check(const struct check *c)
{
	const struct target *t = c->target;
	struct place pod, list;
	size_t i = 0;

	if (t->tier->access.ephemeral_containers != PERMISSION_DENY)
		return;
	pod = place_pod(c);
	list = place_get(&pod, STR("ephemeralContainers"), JSON_ARRAY);
	json_each_item(container, list.json) {
		struct path item = path_index(&list.path, i++);

		if (!was_there(t, container))
			report(c, &item, container);
	}
}

const struct rule rule_access_ephemeral_containers = {
	.id = "access.ephemeralContainers",
	.kinds = SUBJECT_ALL,
	.title = "Debug containers are added only where the tier lets them",
	.doc = "With `access.ephemeralContainers: Deny` in the tier, no "
	       "ephemeral container may be added to a Pod (`kubectl debug`, "
	       "`pods/ephemeralcontainers`). Those that are there already are "
	       "left alone. With `Allow` a new one is held to the tier like "
	       "any other container: its image, its security context.\n\n"
	       "An ephemeral container joins a running sandbox with an image "
	       "of the caller's choice and may share the processes of the "
	       "agent. An exception for the kind `Pod` makes sense while "
	       "someone looks into an incident.",
	.fields = "spec.ephemeralContainers",
	.check = check,
};
