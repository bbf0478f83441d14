/* policies/selection.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/load.h"

#define TIERS                                                                  \
	TIER("weak", "100", "")                                                \
	TIER("middle", "200", "")                                              \
	TIER("strong", "300", "")
#define DEFAULT TIERS POLICY("defaultTier: middle")
#define WISH(tier) SANDBOX("bulkhead.dev/tier: " tier, "{}")
#define PLAIN SANDBOX("", "{}")
#define TEMPLATE(labels)                                                       \
	DOC("extensions.agents.x-k8s.io/v1beta1", "SandboxTemplate",           \
	    "name: t, namespace: a, labels: {" labels "}", "{}")
#define MADE_OF_T(labels)                                                      \
	DOC("agents.x-k8s.io/v1beta1", "Sandbox",                              \
	    IN_A(labels) ", annotations: "                                     \
			 "{agents.x-k8s.io/sandbox-template-ref: t}",          \
	    "{}")
#define PARENT(labels)                                                         \
	DOC("agents.x-k8s.io/v1beta1", "Sandbox",                              \
	    "name: s, namespace: a, labels: {" labels "}", "{}")
#define CHILD(labels)                                                          \
	DOC("v1", "Pod",                                                       \
	    IN_A(labels) ", ownerReferences: [{apiVersion: "                   \
			 "agents.x-k8s.io/v1beta1, kind: Sandbox, name: s, "   \
			 "controller: true}]",                                 \
	    "{}")

struct row {
	const char *text;
	const char *floor, *wish, *effective; /* NULL: none */
	enum selection_problem problem;
};

static const struct row rows[] = {
	/* the floor */
	{ TIERS PLAIN, NULL, NULL, NULL, SELECTION_OK },
	{ DEFAULT PLAIN, "middle", NULL, "middle", SELECTION_OK },
	{ DEFAULT NAMESPACE("a", "bulkhead.dev/enforce: strong") PLAIN,
	  "strong", NULL, "strong", SELECTION_OK },
	{ DEFAULT NAMESPACE("a", "bulkhead.dev/enforce: weak") PLAIN, "middle",
	  NULL, "middle", SELECTION_OK },
	{ DEFAULT NAMESPACE("b", "bulkhead.dev/enforce: strong") PLAIN,
	  "middle", NULL, "middle", SELECTION_OK },
	{ TIERS POLICY("rules: [{name: r, floor: strong, namespaceSelector: "
		       "{matchLabels: {team: red}}}]")
		  NAMESPACE("a", "team: red") PLAIN,
	  "strong", NULL, "strong", SELECTION_OK },
	{ TIERS POLICY("rules: [{name: r, floor: strong, namespaceSelector: "
		       "{matchLabels: {team: red}}}]")
		  NAMESPACE("a", "team: blue") PLAIN,
	  NULL, NULL, NULL, SELECTION_OK },
	{ TIERS POLICY("rules: [{name: r, floor: strong, namespaceSelector: "
		       "{matchLabels: {kubernetes.io/metadata.name: a}}}]")
		  PLAIN,
	  "strong", NULL, "strong", SELECTION_OK },
	{ TIERS POLICY("rules: [{name: r, floor: strong, namespaceSelector: "
		       "{matchLabels: {kubernetes.io/metadata.name: a}}}]")
		  NAMESPACE("a", "kubernetes.io/metadata.name: b") PLAIN,
	  "strong", NULL, "strong", SELECTION_OK },
	{ TIERS POLICY("rules: [{name: r, floor: strong, namespaceSelector: "
		       "{}}]") PLAIN,
	  "strong", NULL, "strong", SELECTION_OK },
	/* plain Pods and workloads are governed only by their namespace */
	{ DEFAULT POD("", "{}"), NULL, NULL, NULL, SELECTION_OK },
	{ DEFAULT NAMESPACE("a", "bulkhead.dev/enforce: weak") POD("", "{}"),
	  "weak", NULL, "weak", SELECTION_OK },
	{ DEFAULT DOC("apps/v1", "Deployment", IN_A(""), "{}"), NULL, NULL,
	  NULL, SELECTION_OK },
	{ DEFAULT NAMESPACE("a", "bulkhead.dev/enforce: weak")
		  DOC("v1", "ConfigMap", IN_A(""), "{}"),
	  NULL, NULL, NULL, SELECTION_OK },
	/* wishes */
	{ DEFAULT WISH("strong"), "middle", "strong", "strong", SELECTION_OK },
	{ DEFAULT WISH("middle"), "middle", "middle", "middle", SELECTION_OK },
	{ TIERS WISH("weak"), NULL, "weak", "weak", SELECTION_OK },
	{ DEFAULT WISH("weak"), "middle", "weak", "middle",
	  SELECTION_TOO_WEAK },
	{ DEFAULT WISH("nine"), "middle", NULL, "middle",
	  SELECTION_UNKNOWN_TIER },
	{ TIERS WISH("''"), NULL, NULL, NULL, SELECTION_UNKNOWN_TIER },
	{ TIERS WISH("null"), NULL, NULL, NULL, SELECTION_UNKNOWN_TIER },
	{ TIERS WISH("300"), NULL, NULL, NULL, SELECTION_UNKNOWN_TIER },
	{ TIERS WISH("[strong]"), NULL, NULL, NULL, SELECTION_UNKNOWN_TIER },
	{ TIERS WISH("Strong"), NULL, NULL, NULL, SELECTION_UNKNOWN_TIER },
	{ DEFAULT NAMESPACE("a", "bulkhead.dev/enforce: no-tier")
		  WISH("strong"),
	  "middle", "strong", "strong", SELECTION_UNKNOWN_TIER },
	{ DEFAULT NAMESPACE("a", "bulkhead.dev/enforce: no-tier") WISH("weak"),
	  "middle", "weak", "middle", SELECTION_UNKNOWN_TIER },
	/* its template's, its Sandbox's */
	{ DEFAULT TEMPLATE("bulkhead.dev/tier: strong") MADE_OF_T(""), "middle",
	  "strong", "strong", SELECTION_OK },
	{ DEFAULT TEMPLATE("bulkhead.dev/tier: strong")
		  MADE_OF_T("bulkhead.dev/tier: weak"),
	  "middle", "strong", "strong", SELECTION_TOO_WEAK },
	{ DEFAULT TEMPLATE("bulkhead.dev/tier: weak")
		  MADE_OF_T("bulkhead.dev/tier: strong"),
	  "middle", "strong", "strong", SELECTION_OK },
	{ DEFAULT TEMPLATE("bulkhead.dev/tier: weak") MADE_OF_T(""), "middle",
	  "weak", "middle", SELECTION_TOO_WEAK },
	{ DEFAULT TEMPLATE("bulkhead.dev/tier: nine") MADE_OF_T(""), "middle",
	  NULL, "middle", SELECTION_UNKNOWN_TIER },
	{ DEFAULT PARENT("") CHILD(""), NULL, "middle", "middle",
	  SELECTION_OK },
	{ DEFAULT PARENT("bulkhead.dev/tier: strong") CHILD(""), NULL, "strong",
	  "strong", SELECTION_OK },
	{ DEFAULT PARENT("bulkhead.dev/tier: strong")
		  CHILD("bulkhead.dev/tier: weak"),
	  NULL, "strong", "strong", SELECTION_OK },
	{ DEFAULT PARENT("bulkhead.dev/tier: nine") CHILD(""), NULL, "middle",
	  "middle", SELECTION_UNKNOWN_TIER },
	{ TIERS PARENT("") CHILD(""), NULL, NULL, NULL, SELECTION_OK },
	/* what may be asked for */
	{ TIERS POLICY(
		  "defaultTier: weak, rules: [{name: r, namespaceSelector: "
		  "{}, allowed: [middle]}]") WISH("middle"),
	  "weak", "middle", "middle", SELECTION_OK },
	{ TIERS POLICY(
		  "defaultTier: weak, rules: [{name: r, namespaceSelector: "
		  "{}, allowed: [middle]}]") WISH("strong"),
	  "weak", "strong", "strong", SELECTION_NOT_ALLOWED },
	{ TIERS POLICY(
		  "defaultTier: weak, rules: [{name: r, namespaceSelector: "
		  "{matchLabels: {team: red}}, allowed: [middle]}]")
		  WISH("strong"),
	  "weak", "strong", "strong", SELECTION_OK },
	{ TIERS POLICY(
		  "defaultTier: weak, rules: [{name: r, namespaceSelector: "
		  "{}, allowed: [middle]}]") PLAIN,
	  "weak", NULL, "weak", SELECTION_OK },
	{ TIERS POLICY(
		  "defaultTier: weak, rules: [{name: r, namespaceSelector: "
		  "{}, allowed: [middle]}]") PARENT("") CHILD(""),
	  NULL, "weak", "weak", SELECTION_OK },
	/* wrong types */
	{ DEFAULT "{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, "
		  "metadata: [labels]}",
	  "middle", NULL, "middle", SELECTION_OK },
	{ DEFAULT "{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, "
		  "metadata: {labels: 'bulkhead.dev/tier'}, spec: text}",
	  "middle", NULL, "middle", SELECTION_OK },
	{ DEFAULT "{apiVersion: v1, kind: Namespace, metadata: {name: a, "
		  "labels: [x]}}\n---\n" PLAIN,
	  "middle", NULL, "middle", SELECTION_OK },
};

static bool is_tier(const struct tier *tier, const char *name)
{
	return str_eq(tier ? tier->name : STR_NONE, str_of(name));
}

static void the_strongest_of_floor_and_wish_governs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct selection got;
		struct scene s;

		scene_open(&s, rows[i].text);
		selection_make(&s.arena, s.snapshot, s.inventory, &s.subject,
			       &got);
		if (!is_tier(got.floor, rows[i].floor) ||
		    !is_tier(got.wish, rows[i].wish) ||
		    !is_tier(got.effective, rows[i].effective) ||
		    got.problem != rows[i].problem)
			fail_msg("row %zu: problem %d\n%s", i, got.problem,
				 rows[i].text);
		assert_true(!got.problem || got.problem_who.n);
		assert_true(!got.effective || got.effective_who.n);
		scene_close(&s);
	}
}

/* Its text may not point into objects that the inventory gives up. */
static void a_selection_outlives_the_inventory(void **state)
{
	struct selection got;
	struct scene s;

	(void)state;
	scene_open(&s, DEFAULT NAMESPACE("a", "bulkhead.dev/enforce: no-tier, "
					      "bulkhead.dev/warn: no-warn")
			       TEMPLATE("bulkhead.dev/tier: no-wish")
				       PARENT("bulkhead.dev/tier: gone")
					       MADE_OF_T(""));
	selection_make(&s.arena, s.snapshot, s.inventory, &s.subject, &got);
	inventory_free(&s.inventory);
	assert_true(str_is(got.problem_tier, "no-tier"));
	assert_true(str_is(got.problem_who,
			   "label bulkhead.dev/enforce of Namespace a"));
	assert_int_equal(got.n_steps, 4);
	assert_string_equal(got.steps[0].what, "floor");
	assert_true(str_is(got.steps[2].tier, "no-wish"));
	assert_true(str_is(got.steps[2].who,
			   "label bulkhead.dev/tier of SandboxTemplate t"));
	assert_true(str_is(got.steps[3].tier, "no-warn"));
	scene_close(&s);
}

static void a_pods_selection_outlives_its_sandbox(void **state)
{
	struct selection got;
	struct scene s;

	(void)state;
	scene_open(&s, DEFAULT PARENT("bulkhead.dev/tier: gone") CHILD(""));
	selection_make(&s.arena, s.snapshot, s.inventory, &s.subject, &got);
	inventory_free(&s.inventory);
	assert_true(str_is(got.problem_tier, "gone"));
	assert_true(str_is(got.problem_who,
			   "its Sandbox s: its label bulkhead.dev/tier"));
	assert_true(str_is(got.effective_who, "its Sandbox s"));
	scene_close(&s);
}

static void tiers_run_beside_what_governs(void **state)
{
	struct selection got;
	struct scene s;

	(void)state;
	scene_open(&s,
		   DEFAULT NAMESPACE("a", "bulkhead.dev/warn: strong, "
					  "bulkhead.dev/audit: [weak]") PLAIN);
	selection_make(&s.arena, s.snapshot, s.inventory, &s.subject, &got);
	assert_true(is_tier(got.effective, "middle"));
	assert_true(is_tier(got.warn, "strong"));
	assert_null(got.audit);
	assert_int_equal(got.problem, SELECTION_OK);
	scene_close(&s);
}

static void more_steps_than_there_is_room_for_are_left_out(void **state)
{
	struct arena a = ARENA_INIT;
	struct selection got;
	struct str text = STR("");
	struct scene s;

	(void)state;
	for (int i = 0; i < 40; i++)
		text = arena_printf(&a,
				    "%s{name: r%d, floor: weak, "
				    "namespaceSelector: {}}, ",
				    text.p, i);
	scene_open(&s, arena_printf(&a,
				    TIERS "{apiVersion: bulkhead.dev/v1alpha1, "
					  "kind: IsolationPolicy, metadata: "
					  "{name: p}, spec: {rules: [%s]}}\n"
					  "---\n" PLAIN,
				    text.p)
			       .p);
	selection_make(&s.arena, s.snapshot, s.inventory, &s.subject, &got);
	assert_int_equal(got.n_steps, SELECTION_STEPS_MAX);
	assert_true(is_tier(got.effective, "weak"));
	scene_close(&s);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_strongest_of_floor_and_wish_governs),
		cmocka_unit_test(a_selection_outlives_the_inventory),
		cmocka_unit_test(a_pods_selection_outlives_its_sandbox),
		cmocka_unit_test(tiers_run_beside_what_governs),
		cmocka_unit_test(
			more_steps_than_there_is_room_for_are_left_out),
	};

	return cmocka_run_group_tests_name("policies/selection.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
