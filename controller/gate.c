/* One Pod: whether it may go, and if not, why. */
#include "controller/gate.h"

#include "controller/egress_policy.h"
#include "controller/reconcilers.h"
#include "lib/timestamp.h"
#include "policies/kinds.h"

#define SECOND INT64_C(1000000000)

/* What is on its way needs no telling. */
enum { PATIENCE_SECONDS = 5 };

int gate_index(const struct json *pod)
{
	const struct json *gates = json_at(pod, "spec", "schedulingGates");

	for (size_t i = 0; i < json_array_len(gates); i++)
		if (json_str_is(json_get(json_item(gates, i), STR("name")),
				STR(GATE_EGRESS)))
			return (int)i;
	return -1;
}

static struct json operation(struct arena *a, const char *op, struct str path)
{
	struct json o = json_make_object();

	json_add(a, &o, STR("op"), json_make_string(str_of(op)));
	json_add(a, &o, STR("path"), json_make_string(path));
	return o;
}

/* Seconds since 1970; 0 when it cannot be read. */
static int64_t created(const struct inventory_object *pod)
{
	struct error err = ERROR_INIT;
	int64_t seconds;

	if (timestamp_parse(json_str(json_at(&pod->doc, "metadata",
					     "creationTimestamp")),
			    &seconds, &err) < 0)
		return 0;
	return seconds;
}

/* The test holds the index: others lift their gates at the same time. */
static void lift(struct plan *plan, const struct inventory_object *pod,
		 int index)
{
	struct arena *a = plan->arena;
	struct plan_action *action = plan_action(plan, ACTION_PATCH);
	struct str at = arena_printf(a, "/spec/schedulingGates/%d", index);
	struct json test =
		operation(a, "test", arena_printf(a, "%.*s/name", STR_ARG(at)));

	json_add(a, &test, STR("value"), json_make_string(STR(GATE_EGRESS)));
	action->resource = plan_resource(pod);
	action->ns = arena_str(a, pod->ns);
	action->name = arena_str(a, pod->name);
	action->due_ns = created(pod) * SECOND;
	action->body = json_make_array();
	json_append(a, &action->body, test);
	json_append(a, &action->body, operation(a, "remove", at));
}

/* Looked at again soon: the policy's own change brings it back earlier. */
static void wait(struct plan *plan, const struct world *world,
		 const struct inventory_object *pod, struct str why)
{
	plan_again(plan, PATIENCE_SECONDS * SECOND);
	if (created(pod) &&
	    world_seconds(world) - created(pod) >= PATIENCE_SECONDS)
		plan_event(plan, pod, true, "WaitingForNetworkPolicy",
			   "LiftSchedulingGate", why);
}

static void decide(const struct world *world,
		   const struct inventory_object *pod, int index,
		   struct plan *plan)
{
	struct arena *a = plan->arena;
	struct str name =
		json_str(json_at(&pod->doc, "metadata", "labels", LABEL_TIER));
	const struct inventory_object *policy;
	const struct tier *tier = NULL;

	if (world->snapshot)
		tier = snapshot_tier(world->snapshot, name);
	if (!tier) {
		wait(plan, world, pod,
		     arena_printf(a,
				  "the Pod is stamped with tier \"%.*s\", and "
				  "no such IsolationTier is in use: make the "
				  "tier, mend the set, or delete the Pod",
				  STR_ARG(name)));
		return;
	}
	policy = egress_policy_observed(a, world, pod->ns, name);
	if (policy && egress_policy_in_order(a, world, tier, policy)) {
		lift(plan, pod, index);
	} else {
		plan_key(plan, (struct queue_key){ RECONCILE_NETWORK,
						   arena_str(a, pod->ns),
						   tier->name });
		wait(plan, world, pod,
		     arena_printf(a,
				  "NetworkPolicy bulkhead-%.*s is not in place "
				  "yet; the log of bulkhead-controller says "
				  "what keeps it",
				  STR_ARG(name)));
	}
	if (policy)
		inventory_object_unref(&policy);
}

void gate_plan(const struct world *world, const struct queue_key *key,
	       struct plan *plan)
{
	const struct inventory_object *pod = inventory_get(
		world->inventory, STR(""), STR("Pod"), key->ns, key->name);
	int index;

	if (!pod)
		return;
	index = gate_index(&pod->doc);
	if (index >= 0 &&
	    !json_is_set(json_at(&pod->doc, "metadata", "deletionTimestamp")))
		decide(world, pod, index, plan);
	inventory_object_unref(&pod);
}
