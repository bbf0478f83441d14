/* From actions to calls, and which refusals are none. */
#include "controller/apply.h"

static enum kube_verb verb_of(const struct plan_action *action)
{
	switch (action->type) {
	case ACTION_APPLY:
	case ACTION_STATUS:
		return KUBE_APPLY;
	case ACTION_PATCH:
		return json_is(&action->body, JSON_ARRAY) ? KUBE_JSON_PATCH
							  : KUBE_MERGE_PATCH;
	case ACTION_DELETE:
		return KUBE_DELETE;
	case ACTION_EVENT:
		break;
	}
	BUG("an action that is no call");
}

static struct kube_call call_of(const struct plan_action *action)
{
	return (struct kube_call){
		.verb = verb_of(action),
		.resource = &action->resource,
		.ns = action->ns,
		.name = action->name,
		.subresource =
			action->type == ACTION_STATUS ? STR("status") : STR(""),
		.body = action->type == ACTION_DELETE ? NULL : &action->body,
		.force = true,
		.lenient = action->lenient,
		.uid = action->uid,
		.resource_version = action->resource_version,
		.propagation = action->propagation,
	};
}

/* Nothing is left to do, or the next event brings what is. */
static bool is_settled(const struct plan_action *action,
		       const struct kube_call *call)
{
	return call->status == 404 && action->type != ACTION_APPLY;
}

/* 422 for a "test" that failed is no fault of the patch. */
static bool is_outdated(const struct kube_call *call)
{
	return call->status == 409 ||
	       (call->status == 422 && call->verb == KUBE_JSON_PATCH);
}

static int do_action(struct kube_client *client,
		     const struct plan_action *action, struct error *err)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct kube_call call = call_of(action);

	if (kube_do(client, &a, &call, err) == 0 || is_settled(action, &call))
		return 0;
	if (is_outdated(&call))
		err->code = ERR_CONFLICT;
	return -1;
}

int apply_plan(struct kube_client *client, struct kube_events *events,
	       const struct plan *plan, int64_t mono_ns,
	       struct apply_stats *stats, struct error *err)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct plan_action *action = &plan->actions[i];

		if (action->type == ACTION_EVENT) {
			kube_events_add(events, &action->event, mono_ns);
		} else {
			stats->calls++;
			if (do_action(client, action, err) < 0)
				return -1;
		}
		stats->done[action->type]++;
	}
	return 0;
}
