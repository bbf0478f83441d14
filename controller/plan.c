/* Appending to a plan. */
#include "controller/plan.h"

#include "controller/watches.h"
#include "policies/kinds.h"

struct plan_action *plan_action(struct plan *plan, enum action_type type)
{
	if (plan->n == PLAN_ACTIONS_MAX)
		BUG("a plan this long");
	plan->actions[plan->n] = (struct plan_action){ .type = type };
	return &plan->actions[plan->n++];
}

void plan_key(struct plan *plan, struct queue_key key)
{
	plan->keys = arena_grow(plan->arena, plan->keys, plan->n_keys,
				&plan->keys_cap, sizeof(*plan->keys));
	plan->keys[plan->n_keys++] = key;
}

void plan_again(struct plan *plan, int64_t ns)
{
	if (!plan->again_ns || ns < plan->again_ns)
		plan->again_ns = ns > 0 ? ns : 1;
}

void plan_event(struct plan *plan, const struct inventory_object *object,
		bool warning, const char *reason, const char *what,
		struct str note)
{
	const struct json *doc = &object->doc;
	struct arena *a = plan->arena;

	plan_action(plan, ACTION_EVENT)->event = (struct kube_event_note){
		.api_version = arena_str(
			a, json_str(json_get(doc, STR("apiVersion")))),
		.kind = arena_str(a, object->kind),
		.ns = arena_str(a, object->ns),
		.name = arena_str(a, object->name),
		.uid = arena_str(a, json_str(json_at(doc, "metadata", "uid"))),
		.warning = warning,
		.reason = reason,
		.action = what,
		.note = note,
	};
}

/* The versions are those of the table, so that the text is there for good. */
static const char *version_of(const struct watch *w, struct str version)
{
	for (size_t i = 0; w->reflect.versions[i]; i++)
		if (str_is(version, w->reflect.versions[i]))
			return w->reflect.versions[i];
	return w->reflect.versions[0];
}

struct kube_resource plan_resource(const struct inventory_object *object)
{
	const struct watch *w = watch_find(object->group, object->kind);
	struct str group, version;

	if (!w)
		BUG("an object of a kind that is not watched");
	kind_split_api_version(
		json_str(json_get(&object->doc, STR("apiVersion"))), &group,
		&version);
	return (struct kube_resource){
		.group = w->reflect.group,
		.version = version_of(w, version),
		.plural = w->plural,
		.kind = w->reflect.kind,
		.namespaced = object->ns.n > 0,
	};
}
