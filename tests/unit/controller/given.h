/*
 * For tests of plans: YAML text to a world. Documents of bulkhead.dev make the
 * snapshot, and all stand in the inventory as they are written.
 */
#ifndef TESTS_UNIT_CONTROLLER_GIVEN_H
#define TESTS_UNIT_CONTROLLER_GIVEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "controller/plan.h"
#include "lib/json_write.h"
#include "policies/kinds.h"
#include "tests/unit/load.h"

#define NOW INT64_C(1795240800) /* 2026-11-21T06:00:00Z */

struct given {
	struct arena arena;
	struct docs docs;
	struct snapshot *snapshot;
	struct inventory *inventory;
	struct world world;
	struct plan *plan;
};

static void given_put(struct inventory *inventory, const struct json *doc)
{
	struct arena *a;
	struct inventory_object *o = inventory_object_new(&a);
	struct str group, version;

	kind_split_api_version(json_str(json_get(doc, STR("apiVersion"))),
			       &group, &version);
	o->group = arena_str(a, group);
	o->kind = arena_str(a, json_str(json_get(doc, STR("kind"))));
	o->ns = arena_str(a, json_str(json_at(doc, "metadata", "namespace")));
	o->name = arena_str(a, json_str(json_at(doc, "metadata", "name")));
	o->doc = json_copy(a, doc);
	inventory_put(inventory, o);
}

/* Without a document of ours there is no snapshot. */
static void given_open(struct given *g, const char *text, int64_t now_ns)
{
	struct error err = ERROR_INIT;

	*g = (struct given){ .inventory = inventory_new() };
	if (load_docs(&g->arena, str_of(text), &g->docs, &err) < 0 ||
	    load_policy(&g->docs, STR(""), &g->snapshot, &err) < 0)
		fail_msg("%s\n%s", err.msg, text);
	for (size_t i = 0; i < g->docs.n; i++)
		given_put(g->inventory, &g->docs.v[i]);
	g->world = (struct world){
		.snapshot = g->snapshot,
		.inventory = g->inventory,
		.refused = STR(""),
		.now_ns = now_ns,
	};
	g->plan = arena_new(&g->arena, struct plan, 1);
	g->plan->arena = &g->arena;
}

static void given_close(struct given *g)
{
	snapshot_unref(&g->snapshot);
	inventory_free(&g->inventory);
	arena_release(&g->arena);
}

static struct str given_text(struct arena *a, const struct json *v)
{
	struct buf text = BUF_INIT(1 << 16);
	struct str copy;

	json_write(&text, v);
	copy = arena_str(a, buf_str(&text));
	buf_release(&text);
	return copy;
}

static struct str given_action(struct arena *a,
			       const struct plan_action *action)
{
	static const char *const ways[] = { "", " background", " foreground",
					    " orphan" };

	switch (action->type) {
	case ACTION_DELETE:
		return arena_printf(a, "delete %s %.*s %.*s@%.*s%s",
				    action->resource.kind,
				    STR_ARG(action->name), STR_ARG(action->uid),
				    STR_ARG(action->resource_version),
				    ways[action->propagation]);
	case ACTION_EVENT:
		return arena_printf(a, "event %s", action->event.reason);
	case ACTION_STATUS:
		return arena_printf(a, "status %.*s", STR_ARG(action->name));
	case ACTION_PATCH:
		return arena_printf(a, "patch %s %.*s %.*s",
				    action->resource.kind,
				    STR_ARG(action->name),
				    STR_ARG(given_text(a, &action->body)));
	case ACTION_APPLY:
		break;
	}
	return STR("something else");
}

/* "delete Sandbox s s1@9 background; event Expired" */
static inline const char *given_told(struct given *g)
{
	struct str text = STR("");

	for (size_t i = 0; i < g->plan->n; i++) {
		struct str one = given_action(&g->arena, &g->plan->actions[i]);

		text = arena_printf(&g->arena, "%.*s%s%.*s", STR_ARG(text),
				    i ? "; " : "", STR_ARG(one));
	}
	return text.n ? text.p : "";
}

#endif
