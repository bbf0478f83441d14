/* owner.forged: nobody passes an object off as made by agent-sandbox. */
#include "policies/metadata_keys.h"
#include "policies/requester.h"
#include "policies/rules/all.h"
#include "policies/says.h"

#define PREFIX "agents.x-k8s.io/"

/* By these the controllers find and adopt what is theirs. */
static const char *const system_labels[] = {
	PREFIX "warm-pool-sandbox",
	PREFIX "sandbox-template-ref-hash",
	PREFIX "sandbox-name-hash",
	PREFIX "adoptable",
	PREFIX "claim-uid",
	PREFIX "sandbox-pod-template-hash",
	PREFIX "sandbox-template-hash",
};

static bool is_system(struct str key)
{
	if (!str_starts(key, STR(PREFIX)))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(system_labels); i++)
		if (str_is(key, system_labels[i]))
			return true;
	return false;
}

static void judge_label(const struct check *c, const struct metadata_key *key)
{
	if (!is_system(key->key) || metadata_unchanged(key))
		return;
	metadata_report(
		c, key,
		(struct says){ STR("is a label that only the agent-sandbox "
				   "controller sets"),
			       STR("no such label"), STR("remove it") });
}

/* Without them a Pod leaves the policies and the owner that select by them. */
static void check_removed(const struct check *c)
{
	const struct target *t = c->target;
	struct path metadata = PATH_KEY(NULL, "metadata");
	struct path labels = PATH_KEY(&metadata, "labels");

	for (size_t i = 0; i < ARRAY_LEN(system_labels); i++) {
		struct path path = path_key(&labels, str_of(system_labels[i]));

		if (!json_is_set(path_get(t->subject->old_object, &path)) ||
		    json_is_set(path_get(t->object, &path)))
			continue;
		check_object(c, &path,
			     (struct says){ STR("is removed"),
					    STR("the label as it was"),
					    STR("leave it to the agent-sandbox "
						"controller") });
	}
}

/* Any kind of the two groups: the controllers compare the group alone. */
static bool is_agent_owner(const struct json *owner)
{
	struct str api_version = json_str(json_get(owner, STR("apiVersion")));
	struct str group, version;

	kind_split_api_version(api_version, &group, &version);
	return str_is(group, GROUP_AGENTS) || str_is(group, GROUP_EXTENSIONS);
}

static bool was_there(const struct target *t, const struct json *owner)
{
	const struct json *old =
		json_at(t->subject->old_object, "metadata", "ownerReferences");

	if (t->subject->operation != OPERATION_UPDATE)
		return false;
	json_each_item(it, old) {
		if (json_equal(it, owner))
			return true;
	}
	return false;
}

static struct str tell_owner(struct arena *a, const struct json *owner)
{
	struct str kind = json_str(json_get(owner, STR("kind")));
	struct str name = json_str(json_get(owner, STR("name")));

	name = arena_printf(a, "%.*s %.*s", STR_ARG(kind), STR_ARG(name));
	return arena_printf(a, "names the owner %s", says_quoted(a, name).p);
}

static void check_owner(const struct check *c, const struct path *path,
			const struct json *owner)
{
	struct arena *a = c->target->arena;
	const struct json *version = json_get(owner, STR("apiVersion"));

	if (json_is(owner, JSON_OBJECT) && json_is(version, JSON_STRING) &&
	    (!is_agent_owner(owner) || was_there(c->target, owner)))
		return;
	check_object(c, path,
		     (struct says){ json_is(owner, JSON_OBJECT)
					    ? tell_owner(a, owner)
					    : says_is(a, owner),
				    STR("no owner of a kind of agent-sandbox"),
				    STR("remove it: the agent-sandbox "
					"controller sets it on what it "
					"makes") });
}

static void check_owners(const struct check *c)
{
	const struct target *t = c->target;
	struct path metadata = PATH_KEY(NULL, "metadata");
	struct path list = PATH_KEY(&metadata, "ownerReferences");
	const struct json *owners = path_get(t->object, &list);
	size_t i = 0;

	if (json_is_set(owners) && !json_is(owners, JSON_ARRAY))
		check_object(c, &list,
			     (struct says){ says_is(t->arena, owners),
					    STR("a list"), STR("remove it") });
	json_each_item(owner, owners) {
		struct path item = path_index(&list, i++);

		check_owner(c, &item, owner);
	}
}

static void check(const struct check *c)
{
	const struct target *t = c->target;
	const struct tier *effective = t->selection->effective;

	/* The same for every tier that runs beside: said once. */
	if (effective && t->tier && t->tier != effective)
		return;
	if (requester_of(t->subject) != REQUESTER_PERSON)
		return;
	metadata_each(c, METADATA_OBJECT | METADATA_POD | METADATA_ADDITIONAL,
		      METADATA_LABELS, judge_label);
	if (t->kind == SUBJECT_POD && t->subject->operation == OPERATION_UPDATE)
		check_removed(c);
	check_owners(c);
}

const struct rule rule_owner_forged = {
	.id = "owner.forged",
	.kinds = SUBJECT_ALL,
	.title = "Nobody passes an object off as made by agent-sandbox",
	.doc = "Owner references to kinds of `agents.x-k8s.io` and "
	       "`extensions.agents.x-k8s.io`, and the labels by which the "
	       "agent-sandbox controller finds what is its own "
	       "(`agents.x-k8s.io/` followed by `warm-pool-sandbox`, "
	       "`sandbox-template-ref-hash`, `sandbox-name-hash`, "
	       "`adoptable`, `claim-uid`, `sandbox-pod-template-hash` or "
	       "`sandbox-template-hash`) may only be written by that "
	       "controller, by Kubernetes' own controllers and by Bulkhead. "
	       "What an update leaves as it was is not refused; on a Pod "
	       "these labels may not be removed either.\n\n"
	       "With them a hand-made Sandbox becomes a member of a warm pool "
	       "and is handed to somebody else's claim, a Pod is grafted into "
	       "a Sandbox, or an object opts into another template's network "
	       "policy. Manifests exported from a cluster carry these fields: "
	       "remove them before applying. Backup tools that restore owner "
	       "references need an exception.",
	.fields = "metadata.ownerReferences\nmetadata.labels\n"
		  "spec.podTemplate.metadata.labels\n"
		  "spec.additionalPodMetadata.labels",
	.always = true,
	.check = check,
};
