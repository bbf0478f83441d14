/* For the tests of statuses: objects, and what a plan says of one. */
#ifndef TESTS_UNIT_CONTROLLER_STATUSES_H
#define TESTS_UNIT_CONTROLLER_STATUSES_H

#include "tests/unit/controller/given.h"

#include "controller/reconcilers.h"
#include "controller/statuses.h"

#define SECOND INT64_C(1000000000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)

#define OWN(kind, name, more, spec)                                            \
	"{apiVersion: bulkhead.dev/v1alpha1, kind: " kind                      \
	", metadata: {name: " name ", generation: 3" more "}, spec: {" spec    \
	"}}\n---\n"
#define TIER_OF(classes)                                                       \
	OWN("IsolationTier", "t", "",                                          \
	    "strength: 200, runtime: {classNames: [" classes "]}")
#define CLASS(name, selector)                                                  \
	"{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: "   \
	"" name "}, handler: h, scheduling: " selector "}\n---\n"
#define NODE(name, labels)                                                     \
	"{apiVersion: v1, kind: Node, metadata: {name: " name                  \
	", labels: " labels "}}\n---\n"
#define DAEMON(ns, name)                                                       \
	"{apiVersion: apps/v1, kind: DaemonSet, metadata: {namespace: " ns     \
	", name: " name "}}\n---\n"
#define SPACE(name, labels)                                                    \
	"{apiVersion: v1, kind: Namespace, metadata: {name: " name             \
	", labels: {" labels "}}}\n---\n"
#define LAST "{apiVersion: v1, kind: ConfigMap, metadata: {name: z}}\n"

static void begin(struct given *g, const char *text, int64_t now_ns)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	given_open(g, arena_printf(&a, "%s" LAST, text).p, now_ns);
}

static void plan(struct given *g, enum reconciler_kind kind, const char *name)
{
	const struct queue_key key = { kind, STR(""), str_of(name) };

	g->plan->n = 0;
	g->plan->again_ns = 0;
	if (kind == RECONCILE_TIER)
		statuses_plan_tier(&g->world, &key, g->plan);
	else if (kind == RECONCILE_POLICY)
		statuses_plan_policy(&g->world, &key, g->plan);
	else
		statuses_plan_exception(&g->world, &key, g->plan);
}

static const struct json *written(const struct given *g)
{
	for (size_t i = 0; i < g->plan->n; i++)
		if (g->plan->actions[i].type == ACTION_STATUS)
			return json_get(&g->plan->actions[i].body,
					STR("status"));
	return &json_missing;
}

/* "True/InUse"; "" when there is no such condition. */
static const char *said(struct given *g, const char *type)
{
	const struct json *list = json_get(written(g), STR("conditions"));

	json_each_item(c, list) {
		if (json_str_is(json_get(c, STR("type")), str_of(type)))
			return arena_printf(&g->arena, "%.*s/%.*s",
					    STR_ARG(json_str(json_get(
						    c, STR("status")))),
					    STR_ARG(json_str(json_get(
						    c, STR("reason")))))
				.p;
	}
	return "";
}

#endif
