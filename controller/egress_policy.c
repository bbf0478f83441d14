/* Built from what the tier compiled when it was loaded. */
#include "controller/egress_policy.h"

#include "lib/timestamp.h"
#include "policies/kinds.h"

const struct kube_resource egress_policy_resource = {
	.group = "networking.k8s.io",
	.version = "v1",
	.plural = "networkpolicies",
	.kind = "NetworkPolicy",
	.namespaced = true,
};

#define NAME_PREFIX "bulkhead-"

struct str egress_policy_name(struct arena *a, struct str tier)
{
	return arena_printf(a, NAME_PREFIX "%.*s", STR_ARG(tier));
}

struct str egress_policy_tier(struct str name)
{
	if (!str_starts(name, STR(NAME_PREFIX)))
		return STR("");
	return str_sub(name, strlen(NAME_PREFIX), name.n);
}

/* ---- desired ---- */

static struct json labels_of(struct arena *a, const struct tier *tier)
{
	struct json labels = json_make_object();

	json_add(a, &labels, STR(LABEL_MANAGED_BY),
		 json_make_string(STR(MANAGED_BY_US)));
	json_add(a, &labels, STR(LABEL_TIER), json_make_string(tier->name));
	return labels;
}

/*
 * Not blocking the owner's deletion: whoever deletes the tier was asked by
 * admission already, and the right to block is one more to grant.
 */
static struct json owner_of(struct arena *a, const struct tier *tier,
			    struct str uid)
{
	struct json owner = json_make_object();

	json_add(a, &owner, STR("apiVersion"),
		 json_make_string(STR(GROUP_BULKHEAD "/v1alpha1")));
	json_add(a, &owner, STR("kind"),
		 json_make_string(STR("IsolationTier")));
	json_add(a, &owner, STR("name"), json_make_string(tier->name));
	json_add(a, &owner, STR("uid"), json_make_string(uid));
	json_add(a, &owner, STR("controller"), json_make_bool(true));
	json_add(a, &owner, STR("blockOwnerDeletion"), json_make_bool(false));
	return owner;
}

static struct json owners_of(struct arena *a, const struct world *world,
			     const struct tier *tier)
{
	const struct inventory_object *object =
		inventory_get(world->inventory, STR(GROUP_BULKHEAD),
			      STR("IsolationTier"), STR(""), tier->name);
	struct json owners = json_make_array();
	struct str uid;

	if (!object)
		return owners;
	uid = arena_str(a, json_str(json_at(&object->doc, "metadata", "uid")));
	json_append(a, &owners, owner_of(a, tier, uid));
	inventory_object_unref(&object);
	return owners;
}

static struct json annotations_of(struct arena *a, int64_t since)
{
	struct json annotations = json_make_object();

	json_add(a, &annotations, STR(ANNOTATION_UNNEEDED),
		 json_make_string(timestamp_str(a, since)));
	return annotations;
}

static struct json selector_of(struct arena *a, const struct tier *tier)
{
	struct json labels = json_make_object();
	struct json selector = json_make_object();

	json_add(a, &labels, STR(LABEL_TIER), json_make_string(tier->name));
	json_add(a, &selector, STR("matchLabels"), labels);
	return selector;
}

static struct json spec_of(struct arena *a, const struct tier *tier)
{
	struct json spec = json_make_object();

	json_add(a, &spec, STR("podSelector"), selector_of(a, tier));
	json_each_member(m, tier->network_policy)
		json_add(a, &spec, m->key, m->value);
	return spec;
}

struct json egress_policy_desired(struct arena *a, const struct world *world,
				  struct str ns, const struct tier *tier,
				  int64_t unneeded_since)
{
	struct json metadata = json_make_object(), policy = json_make_object();

	json_add(a, &metadata, STR("name"),
		 json_make_string(egress_policy_name(a, tier->name)));
	json_add(a, &metadata, STR("namespace"), json_make_string(ns));
	json_add(a, &metadata, STR("labels"), labels_of(a, tier));
	if (unneeded_since)
		json_add(a, &metadata, STR("annotations"),
			 annotations_of(a, unneeded_since));
	json_add(a, &metadata, STR("ownerReferences"),
		 owners_of(a, world, tier));
	json_add(a, &policy, STR("apiVersion"),
		 json_make_string(STR("networking.k8s.io/v1")));
	json_add(a, &policy, STR("kind"),
		 json_make_string(STR("NetworkPolicy")));
	json_add(a, &policy, STR("metadata"), metadata);
	json_add(a, &policy, STR("spec"), spec_of(a, tier));
	return policy;
}

/* ---- observed ---- */

const struct inventory_object *egress_policy_observed(struct arena *a,
						      const struct world *world,
						      struct str ns,
						      struct str tier)
{
	const struct inventory_object *policy = inventory_get(
		world->inventory, STR("networking.k8s.io"),
		STR("NetworkPolicy"), ns, egress_policy_name(a, tier));

	if (!policy || json_str_is(json_at(&policy->doc, "metadata", "labels",
					   LABEL_MANAGED_BY),
				   STR(MANAGED_BY_US)))
		return policy;
	inventory_object_unref(&policy);
	return NULL;
}

int64_t egress_policy_unneeded_since(const struct inventory_object *policy)
{
	const struct json *mark = json_at(&policy->doc, "metadata",
					  "annotations", ANNOTATION_UNNEEDED);
	struct error err = ERROR_INIT;
	int64_t since;

	if (!json_exists(mark))
		return 0;
	if (timestamp_parse(json_str(mark), &since, &err) < 0 || since <= 0)
		return 1;
	return since;
}

/* What else stands in its labels is nobody's harm. */
static bool holds(const struct json *object, const struct json *wanted)
{
	json_each_member(m, wanted) {
		if (!json_equal(json_get(object, m->key), &m->value))
			return false;
	}
	return true;
}

/*
 * The API server stores no empty lists. What is applied has them all the same:
 * else an apply would leave what somebody else wrote there.
 */
static bool same_spec(const struct json *want, const struct json *have)
{
	json_each_member(m, want) {
		const struct json *there = json_get(have, m->key);
		bool none =
			json_is(&m->value, JSON_ARRAY) && !json_len(&m->value);

		if (none ? json_exists(there) && !json_equal(there, &m->value)
			 : !json_equal(there, &m->value))
			return false;
	}
	json_each_member(m, have) {
		if (!json_exists(json_get(want, m->key)))
			return false;
	}
	return json_is(have, JSON_OBJECT);
}

bool egress_policy_in_order(struct arena *a, const struct world *world,
			    const struct tier *tier,
			    const struct inventory_object *policy)
{
	struct json desired =
		egress_policy_desired(a, world, policy->ns, tier, 0);
	const struct json *want = json_get(&desired, STR("metadata"));
	const struct json *have = json_get(&policy->doc, STR("metadata"));

	return !egress_policy_unneeded_since(policy) &&
	       !json_is_set(json_get(have, STR("deletionTimestamp"))) &&
	       same_spec(json_get(&desired, STR("spec")),
			 json_get(&policy->doc, STR("spec"))) &&
	       json_equal(json_get(want, STR("ownerReferences")),
			  json_get(have, STR("ownerReferences"))) &&
	       holds(json_get(have, STR("labels")),
		     json_get(want, STR("labels")));
}
