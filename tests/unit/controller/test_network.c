/* controller/network.c, egress_policy.c and gate.c: who waits for what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "controller/egress_policy.h"
#include "controller/gate.h"
#include "controller/network.h"
#include "controller/reconcilers.h"
#include "lib/json_write.h"
#include "policies/kinds.h"
#include "tests/unit/load.h"

#define NOW INT64_C(1795240800) /* 2026-11-21T06:00:00Z */

#define TIERS                                                                  \
	"apiVersion: bulkhead.dev/v1alpha1\n"                                  \
	"kind: IsolationTier\n"                                                \
	"metadata: {name: t}\n"                                                \
	"spec: {strength: 200, network: {egress: {mode: AllowList, dns: "      \
	"Cluster}}}\n"                                                         \
	"---\n"                                                                \
	"apiVersion: bulkhead.dev/v1alpha1\n"                                  \
	"kind: IsolationTier\n"                                                \
	"metadata: {name: u}\n"                                                \
	"spec: {strength: 300, network: {egress: {mode: None}}}\n"             \
	"---\n"                                                                \
	"apiVersion: bulkhead.dev/v1alpha1\n"                                  \
	"kind: IsolationPolicy\n"                                              \
	"metadata: {name: p}\n"                                                \
	"spec: {defaultTier: t}\n"                                             \
	"---\n"
#define NS(more)                                                               \
	"{apiVersion: v1, kind: Namespace, metadata: {name: a" more "}}\n---"  \
	"\n"
#define ENFORCED NS(", labels: {bulkhead.dev/enforce: t}")
#define GATE_POD(more, gates)                                                  \
	"{apiVersion: v1, kind: Pod, metadata: {namespace: a, name: p, uid: "  \
	"p1, creationTimestamp: '2026-11-21T05:59:59Z'" more                   \
	"}, spec: {schedulingGates: [" gates "]}}\n---\n"
#define STAMP ", labels: {bulkhead.dev/tier: t}"
#define GATED GATE_POD(STAMP, "{name: x}, {name: bulkhead.dev/egress}")
#define PLAIN_SANDBOX(more)                                                    \
	"{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, metadata: "      \
	"{namespace: a, name: s" more "}, spec: {}}\n---\n"
#define LAST "{apiVersion: v1, kind: ConfigMap, metadata: {name: z}}\n"

/* Everything a plan is made from. */
struct given {
	struct scene scene;
	struct world world;
	struct plan *plan;
};

static void open(struct given *g, const char *text, int64_t now)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	*g = (struct given){ .plan = NULL };
	scene_open(&g->scene, arena_printf(&a, "%s%s%s", TIERS, text, LAST).p);
	g->world = (struct world){
		.snapshot = g->scene.snapshot,
		.inventory = g->scene.inventory,
		.refused = STR(""),
		.now_ns = now * 1000000000,
	};
	g->plan = arena_new(&g->scene.arena, struct plan, 1);
	g->plan->arena = &g->scene.arena;
}

static void close(struct given *g)
{
	scene_close(&g->scene);
}

/* The policy as it would be after an apply, put into the inventory. */
static void put_policy(struct given *g, struct str tier, int64_t unneeded)
{
	struct arena *a;
	struct inventory_object *o = inventory_object_new(&a);
	struct json desired = egress_policy_desired(
		a, &g->world, STR("a"), snapshot_tier(g->world.snapshot, tier),
		unneeded);
	struct json *metadata;

	o->doc = json_copy(a, &desired);
	metadata = (struct json *)(uintptr_t)json_get(&o->doc, STR("metadata"));
	json_add(a, metadata, STR("uid"), json_make_string(STR("n1")));
	json_add(a, metadata, STR("resourceVersion"),
		 json_make_string(STR("42")));
	o->group = STR("networking.k8s.io");
	o->kind = STR("NetworkPolicy");
	o->ns = STR("a");
	o->name = arena_str(a, json_str(json_get(metadata, STR("name"))));
	inventory_put(g->scene.inventory, o);
}

/* "apply", "delete a/bulkhead-t uid rv", "event Reason": what a plan says. */
static const char *told(struct given *g)
{
	static const char *const names[] = { "apply", "status", "patch",
					     "delete", "event" };
	struct arena *a = &g->scene.arena;
	struct str text = STR("");

	for (size_t i = 0; i < g->plan->n; i++) {
		const struct plan_action *action = &g->plan->actions[i];

		text = arena_printf(a, "%.*s%s%s %.*s%s%.*s", STR_ARG(text),
				    i ? "; " : "", names[action->type],
				    STR_ARG(action->name),
				    action->uid.n ? "@" : "",
				    STR_ARG(action->resource_version));
		if (action->type == ACTION_EVENT)
			text = arena_printf(a, "%.*s%s", STR_ARG(text),
					    action->event.reason);
		if (action->type == ACTION_APPLY &&
		    json_exists(
			    json_at(&action->body, "metadata", "annotations")))
			text = arena_printf(a, "%.*s marked", STR_ARG(text));
	}
	return text.n ? text.p : "";
}

enum there { ABSENT, FINE, MARKED_NOW, MARKED_LONG_AGO, MARKED_IN_FUTURE };

static void put_there(struct given *g, enum there there)
{
	static const int64_t marks[] = {
		[FINE] = 0,
		[MARKED_NOW] = NOW,
		[MARKED_LONG_AGO] = NOW - 5,
		[MARKED_IN_FUTURE] = NOW + 3600,
	};

	if (there != ABSENT)
		put_policy(g, STR("t"), marks[there]);
}

static void the_policy_is_there_while_something_needs_it(void **state)
{
	static const struct {
		const char *cluster;
		enum there there;
		const char *want;
		bool again;
	} rows[] = {
		/* needed */
		{ ENFORCED, ABSENT, "apply bulkhead-t", false },
		{ NS("") PLAIN_SANDBOX(""), ABSENT, "apply bulkhead-t", false },
		{ NS("") GATED, ABSENT, "apply bulkhead-t", false },
		{ NS("") GATE_POD(STAMP, ""), ABSENT, "apply bulkhead-t",
		  false },
		{ ENFORCED, FINE, "", false },
		{ ENFORCED, MARKED_NOW, "patch bulkhead-t; apply bulkhead-t",
		  false },
		{ NS("") GATED, MARKED_LONG_AGO,
		  "patch bulkhead-t; apply bulkhead-t", false },
		/* not needed */
		{ NS(""), ABSENT, "", false },
		{ NS("") PLAIN_SANDBOX(", labels: {bulkhead.dev/tier: u}"),
		  ABSENT, "", false },
		{ NS("") GATE_POD(", labels: {bulkhead.dev/tier: u}", ""),
		  ABSENT, "", false },
		{ NS(""), FINE, "apply bulkhead-t marked", true },
		{ NS(""), MARKED_NOW, "", true },
		{ NS(""), MARKED_LONG_AGO, "delete bulkhead-t@42", false },
		{ NS(""), MARKED_IN_FUTURE, "", true },
		/* a namespace that goes, or is not there */
		{ NS(", deletionTimestamp: '2026-11-21T05:00:00Z', labels: "
		     "{bulkhead.dev/enforce: t}"),
		  ABSENT, "", false },
		{ "", ABSENT, "", false },
		{ "", FINE, "", false },
		/* an unknown tier keeps nothing from being looked at */
		{ NS(", labels: {bulkhead.dev/enforce: none}"), ABSENT, "",
		  false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct given g;

		open(&g, rows[i].cluster, NOW);
		put_there(&g, rows[i].there);
		network_plan(&g.world,
			     &(struct queue_key){ RECONCILE_NETWORK, STR("a"),
						  STR("t") },
			     g.plan);
		if (strcmp(told(&g), rows[i].want) ||
		    (g.plan->again_ns > 0) != rows[i].again)
			fail_msg("row %zu: \"%s\", again %lld", i, told(&g),
				 (long long)g.plan->again_ns);
		close(&g);
	}
}

static void drift_of_any_part_is_repaired(void **state)
{
	static const char *const rows[] = {
		"{podSelector: {matchLabels: {bulkhead.dev/tier: t}}, "
		"policyTypes: [Ingress, Egress], egress: [{}], ingress: []}",
		"{podSelector: {}, policyTypes: [Ingress, Egress]}",
		"{podSelector: {matchLabels: {bulkhead.dev/tier: t}}, "
		"policyTypes: [Ingress]}",
		"{}",
		"text",
		"[]",
		"null",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct given g;

		open(&g,
		     arena_printf(&a,
				  ENFORCED
				  "{apiVersion: networking.k8s.io/v1, kind: "
				  "NetworkPolicy, metadata: {namespace: a, "
				  "name: bulkhead-t, labels: "
				  "{app.kubernetes.io/managed-by: bulkhead, "
				  "bulkhead.dev/tier: t}, ownerReferences: "
				  "[]}, spec: %s}\n---\n",
				  rows[i])
			     .p,
		     NOW);
		network_plan(&g.world,
			     &(struct queue_key){ RECONCILE_NETWORK, STR("a"),
						  STR("t") },
			     g.plan);
		if (strcmp(told(&g), "apply bulkhead-t"))
			fail_msg("%s: \"%s\"", rows[i], told(&g));
		close(&g);
	}
}

/* As the API server stores it: without the lists that are empty. */
static void what_opens_nothing_is_in_order_without_its_lists(void **state)
{
	static const struct {
		const char *spec;
		const char *want;
	} rows[] = {
		{ "{podSelector: {matchLabels: {bulkhead.dev/tier: u}}, "
		  "policyTypes: [Ingress, Egress], ingress: INGRESS}",
		  "" },
		{ "{podSelector: {matchLabels: {bulkhead.dev/tier: u}}, "
		  "policyTypes: [Ingress, Egress], egress: [], ingress: "
		  "INGRESS}",
		  "" },
		{ "{podSelector: {matchLabels: {bulkhead.dev/tier: u}}, "
		  "policyTypes: [Ingress, Egress], egress: [{}], ingress: "
		  "INGRESS}",
		  "apply bulkhead-u" },
		{ "{podSelector: {matchLabels: {bulkhead.dev/tier: u}}, "
		  "policyTypes: [Ingress, Egress], egress: text, ingress: "
		  "INGRESS}",
		  "apply bulkhead-u" },
		{ "{podSelector: {matchLabels: {bulkhead.dev/tier: u}}, "
		  "policyTypes: [Ingress, Egress], ingress: INGRESS, more: 1}",
		  "apply bulkhead-u" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct str spec = str_of(rows[i].spec), ingress;
		size_t at = str_find_str(spec, STR("INGRESS"));
		struct given g;

		open(&g, "", NOW);
		ingress = json_to_str(
			&a, json_at(snapshot_tier(g.world.snapshot, STR("u"))
					    ->network_policy,
				    "ingress"));
		close(&g);
		spec = arena_printf(
			&a, "%.*s%.*s%.*s", STR_ARG(str_sub(spec, 0, at)),
			STR_ARG(ingress),
			STR_ARG(str_sub(spec, at + strlen("INGRESS"), spec.n)));
		open(&g,
		     arena_printf(&a,
				  NS(", labels: {bulkhead.dev/enforce: "
				     "u}") "{apiVersion: "
					   "networking.k8s.io/v1, "
					   "kind: "
					   "NetworkPolicy, metadata: "
					   "{namespace: a, "
					   "name: bulkhead-u, labels: "
					   "{app.kubernetes.io/"
					   "managed-by: bulkhead, "
					   "bulkhead.dev/tier: u}, "
					   "ownerReferences: "
					   "[]}, spec: %.*s}\n---\n",
				  STR_ARG(spec))
			     .p,
		     NOW);
		network_plan(&g.world,
			     &(struct queue_key){ RECONCILE_NETWORK, STR("a"),
						  STR("u") },
			     g.plan);
		if (strcmp(told(&g), rows[i].want))
			fail_msg("row %zu: \"%s\"", i, told(&g));
		close(&g);
	}
}

static void a_pod_goes_only_on_a_policy_in_order(void **state)
{
	static const struct {
		const char *pod;
		enum there there;
		int64_t now;
		const char *want;
		size_t keys;
	} rows[] = {
		{ GATED, FINE, NOW, "patch p", 0 },
		{ GATED, ABSENT, NOW, "", 1 },
		{ GATED, ABSENT, NOW + 5, "event WaitingForNetworkPolicy", 1 },
		{ GATED, MARKED_NOW, NOW, "", 1 },
		{ GATED, MARKED_LONG_AGO, NOW, "", 1 },
		/* no gate of ours, no Pod, a Pod that goes */
		{ GATE_POD(STAMP, "{name: x}"), FINE, NOW, "", 0 },
		{ GATE_POD(STAMP, ""), FINE, NOW, "", 0 },
		{ "", FINE, NOW, "", 0 },
		{ GATE_POD(STAMP ", deletionTimestamp: '2026-11-21T06:00:00Z'",
			   "{name: bulkhead.dev/egress}"),
		  FINE, NOW, "", 0 },
		/* a stamp that is no tier, or none */
		{ GATE_POD(", labels: {bulkhead.dev/tier: none}",
			   "{name: bulkhead.dev/egress}"),
		  FINE, NOW + 5, "event WaitingForNetworkPolicy", 0 },
		{ GATE_POD("", "{name: bulkhead.dev/egress}"), FINE, NOW + 5,
		  "event WaitingForNetworkPolicy", 0 },
		{ GATE_POD(", labels: []", "{name: bulkhead.dev/egress}"), FINE,
		  NOW + 5, "event WaitingForNetworkPolicy", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct given g;

		open(&g, arena_printf(&a, "%s%s", NS(""), rows[i].pod).p,
		     rows[i].now);
		put_there(&g, rows[i].there);
		gate_plan(&g.world,
			  &(struct queue_key){ RECONCILE_GATE, STR("a"),
					       STR("p") },
			  g.plan);
		if (strncmp(told(&g), rows[i].want, strlen(rows[i].want)) ||
		    (!rows[i].want[0] && told(&g)[0]) ||
		    g.plan->n_keys != rows[i].keys)
			fail_msg("row %zu: \"%s\", %zu keys", i, told(&g),
				 g.plan->n_keys);
		close(&g);
	}
}

static void the_patch_lifts_our_gate_alone(void **state)
{
	struct given g;

	(void)state;
	open(&g, NS("") GATED, NOW);
	put_policy(&g, STR("t"), 0);
	gate_plan(&g.world,
		  &(struct queue_key){ RECONCILE_GATE, STR("a"), STR("p") },
		  g.plan);
	assert_int_equal(g.plan->n, 1);
	assert_string_equal(
		json_to_str(&g.scene.arena, &g.plan->actions[0].body).p,
		"[{\"op\":\"test\",\"path\":\"/spec/schedulingGates/1/name\","
		"\"value\":\"bulkhead.dev/egress\"},{\"op\":\"remove\","
		"\"path\":\"/spec/schedulingGates/1\"}]");
	close(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_policy_is_there_while_something_needs_it),
		cmocka_unit_test(drift_of_any_part_is_repaired),
		cmocka_unit_test(
			what_opens_nothing_is_in_order_without_its_lists),
		cmocka_unit_test(a_pod_goes_only_on_a_policy_in_order),
		cmocka_unit_test(the_patch_lifts_our_gate_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
