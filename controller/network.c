/* Who needs the policy, and what is to be done about it. */
#include "controller/network.h"

#include "controller/egress_policy.h"
#include "policies/kinds.h"
#include "policies/selection.h"

#define SECOND INT64_C(1000000000)

enum { BATCH = 128, MARK_SECONDS = 5 };

static const struct {
	const char *group, *kind;
} agent_kinds[] = {
	{ GROUP_AGENTS, "Sandbox" },
	{ GROUP_EXTENSIONS, "SandboxTemplate" },
	{ GROUP_EXTENSIONS, "SandboxWarmPool" },
	{ GROUP_EXTENSIONS, "SandboxClaim" },
};

/* ---- is it needed ---- */

static struct str tier_of(struct arena *a, const struct world *world,
			  struct subject *subject)
{
	struct selection selection;

	selection_make(a, world->snapshot, world->inventory, subject,
		       &selection);
	return selection.effective ? selection.effective->name : STR("");
}

/* The tier that any Pod gets there: the namespace's own. */
static bool is_of_namespace(struct arena *a, const struct world *world,
			    const struct queue_key *key)
{
	struct subject pod = {
		.kind = STR("Pod"),
		.version = STR("v1"),
		.ns = key->ns,
		.object = &json_missing,
		.old_object = &json_missing,
	};

	return str_eq(tier_of(a, world, &pod), key->name);
}

struct search {
	struct str tier;
	bool found;
};

static bool is_stamped(const struct inventory_object *pod, void *context)
{
	struct search *s = context;

	s->found = json_str_is(
		json_at(&pod->doc, "metadata", "labels", LABEL_TIER), s->tier);
	return !s->found;
}

static bool is_on_a_pod(const struct world *world, const struct queue_key *key)
{
	struct search s = { .tier = key->name };

	inventory_each(world->inventory, STR(""), STR("Pod"), key->ns,
		       is_stamped, &s);
	return s.found;
}

/* Some objects with a reference each: judging looks into the inventory. */
struct batch {
	const struct inventory_object *v[BATCH];
	size_t n, skip;
};

static bool hold(const struct inventory_object *object, void *context)
{
	struct batch *b = context;

	if (b->skip) {
		b->skip--;
		return true;
	}
	b->v[b->n++] = inventory_object_ref(object);
	return b->n < BATCH;
}

static bool is_of_tier(struct arena *a, const struct world *world,
		       const struct inventory_object *object, struct str tier)
{
	struct subject s = {
		.group = object->group,
		.kind = object->kind,
		.ns = object->ns,
		.name = object->name,
		.object = &object->doc,
		.old_object = &json_missing,
	};

	return str_eq(tier_of(a, world, &s), tier);
}

static bool is_of_kind(const struct world *world, const struct queue_key *key,
		       const char *group, const char *kind)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct batch b = { .n = 0 };
	size_t seen = 0;
	bool found = false;

	do {
		b = (struct batch){ .skip = seen };
		inventory_each(world->inventory, str_of(group), str_of(kind),
			       key->ns, hold, &b);
		for (size_t i = 0; i < b.n; i++) {
			found = found ||
				is_of_tier(&a, world, b.v[i], key->name);
			inventory_object_unref(&b.v[i]);
			arena_reset(&a);
		}
		seen += b.n;
	} while (!found && b.n == BATCH);
	return found;
}

static bool is_needed(struct arena *a, const struct world *world,
		      const struct queue_key *key)
{
	if (is_of_namespace(a, world, key) || is_on_a_pod(world, key))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(agent_kinds); i++)
		if (is_of_kind(world, key, agent_kinds[i].group,
			       agent_kinds[i].kind))
			return true;
	return false;
}

/* Nothing is made in a namespace that goes, and nothing need be deleted. */
static bool namespace_lives(const struct world *world, struct str ns)
{
	const struct inventory_object *object = inventory_get(
		world->inventory, STR(""), STR("Namespace"), STR(""), ns);
	bool lives;

	if (!object)
		return false;
	lives = !json_is_set(
		json_at(&object->doc, "metadata", "deletionTimestamp"));
	inventory_object_unref(&object);
	return lives;
}

/* ---- what is to be done ---- */

static void apply(struct plan *plan, const struct world *world,
		  const struct queue_key *key, const struct tier *tier,
		  int64_t unneeded_since)
{
	struct plan_action *action = plan_action(plan, ACTION_APPLY);

	action->resource = egress_policy_resource;
	action->ns = key->ns;
	action->name = egress_policy_name(plan->arena, tier->name);
	action->body = egress_policy_desired(plan->arena, world, key->ns, tier,
					     unneeded_since);
}

/* Also one that somebody else put there, which an apply would leave alone. */
static void unmark(struct plan *plan, const struct inventory_object *policy)
{
	struct arena *a = plan->arena;
	struct plan_action *action = plan_action(plan, ACTION_PATCH);
	struct json remove = json_make_object();

	json_add(a, &remove, STR("op"), json_make_string(STR("remove")));
	json_add(a, &remove, STR("path"),
		 json_make_string(STR("/metadata/annotations/"
				      "bulkhead.dev~1unneeded")));
	action->resource = egress_policy_resource;
	action->ns = arena_str(a, policy->ns);
	action->name = arena_str(a, policy->name);
	action->body = json_make_array();
	json_append(a, &action->body, remove);
}

static void delete (struct plan *plan, const struct inventory_object *policy)
{
	const struct json *metadata = json_get(&policy->doc, STR("metadata"));
	struct plan_action *action = plan_action(plan, ACTION_DELETE);

	action->resource = egress_policy_resource;
	action->ns = arena_str(plan->arena, policy->ns);
	action->name = arena_str(plan->arena, policy->name);
	action->uid = arena_str(plan->arena,
				json_str(json_get(metadata, STR("uid"))));
	action->resource_version =
		arena_str(plan->arena,
			  json_str(json_get(metadata, STR("resourceVersion"))));
}

static void retire(struct plan *plan, const struct world *world,
		   const struct queue_key *key, const struct tier *tier,
		   const struct inventory_object *policy)
{
	int64_t now = world_seconds(world);
	int64_t since = egress_policy_unneeded_since(policy);

	if (tier && !since)
		apply(plan, world, key, tier, now);
	/* A mark from the future: a clock was set. It counts from now on. */
	if (tier && (!since || since > now || now - since < MARK_SECONDS))
		plan_again(plan, MARK_SECONDS * SECOND);
	else
		delete (plan, policy);
}

void network_plan(const struct world *world, const struct queue_key *key,
		  struct plan *plan)
{
	const struct inventory_object *policy;
	const struct tier *tier;

	/* Without a set nobody knows what is needed: what is there stays. */
	if (!world->snapshot || !namespace_lives(world, key->ns))
		return;
	tier = snapshot_tier(world->snapshot, key->name);
	policy = egress_policy_observed(plan->arena, world, key->ns, key->name);
	if (is_needed(plan->arena, world, key)) {
		if (tier && policy && egress_policy_unneeded_since(policy))
			unmark(plan, policy);
		if (tier &&
		    (!policy ||
		     !egress_policy_in_order(plan->arena, world, tier, policy)))
			apply(plan, world, key, tier, 0);
	} else if (policy) {
		retire(plan, world, key, tier, policy);
	}
	if (policy)
		inventory_object_unref(&policy);
}
