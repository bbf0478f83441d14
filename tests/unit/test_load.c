#include "policies/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "policies/kinds.h"
#include "tests/unit/load.h"

#define LIVE_TIER(name, spec)                                                  \
	"{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationTier, metadata: "  \
	"{name: " name ", uid: u, resourceVersion: '7', generation: 2, "       \
	"managedFields: []}, spec: " spec ", status: {observedGeneration: 2}}"
#define LIVE_POLICY(name, spec)                                                \
	"{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationPolicy, "          \
	"metadata: {name: " name "}, spec: " spec "}"

static void put(struct inventory *inventory, const char *text)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT;
	const struct json *doc = load_json(&scratch, text);
	struct arena *a;
	struct inventory_object *o = inventory_object_new(&a);

	o->doc = json_copy(a, doc);
	o->group = STR(GROUP_BULKHEAD);
	o->kind = json_str(json_get(&o->doc, STR("kind")));
	o->name = json_str(json_at(&o->doc, "metadata", "name"));
	o->ns = STR("");
	inventory_put(inventory, o);
}

static void loads_what_the_inventory_holds_whole_or_not_at_all(void **state)
{
	static const struct {
		const char *objects[3];
		size_t tiers;
		const char *refused; /* NULL: loaded */
	} rows[] = {
		{ { LIVE_TIER("a", "{strength: 1}") }, 1, NULL },
		{ { LIVE_TIER("a", "{strength: 1}"),
		    LIVE_TIER("b", "{strength: 2}"),
		    LIVE_POLICY("p", "{defaultTier: b}") },
		  2,
		  NULL },
		{ { NULL }, 0, "no IsolationTier" },
		{ { LIVE_POLICY("p", "{defaultTier: b}") },
		  0,
		  "no IsolationTier" },
		{ { LIVE_TIER("a", "{strength: 1}"),
		    LIVE_TIER("b", "{strength: x}") },
		  0,
		  "IsolationTier b: " },
		{ { LIVE_TIER("a", "{strength: 1}"),
		    LIVE_TIER("b", "{strength: 1}") },
		  0,
		  "IsolationTier b: " },
		{ { LIVE_TIER("a", "{strength: 1, strenth: 2}") },
		  0,
		  "IsolationTier a: " },
		{ { LIVE_TIER("a", "{strength: 1}"),
		    LIVE_POLICY("p", "{defaultTier: b}") },
		  0,
		  "IsolationPolicy p: " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct inventory *inventory = inventory_new();
		struct snapshot *s = NULL;
		struct error err = ERROR_INIT;
		int got;

		for (size_t k = 0; k < 3 && rows[i].objects[k]; k++)
			put(inventory, rows[i].objects[k]);
		got = load_policies_known(inventory, &s, &err);
		if (rows[i].refused) {
			assert_int_equal(got, -1);
			if (!strstr(err.msg, rows[i].refused))
				fail_msg("row %zu: %s", i, err.msg);
		} else {
			if (got < 0)
				fail_msg("row %zu: %s", i, err.msg);
			assert_int_equal(s->n_tiers, rows[i].tiers);
			snapshot_unref(&s);
		}
		inventory_free(&inventory);
	}
}

static void what_is_loaded_outlives_the_objects(void **state)
{
	struct inventory *inventory = inventory_new();
	struct snapshot *s = NULL;
	struct error err = ERROR_INIT;

	(void)state;
	put(inventory, LIVE_TIER("a", "{strength: 1}"));
	assert_int_equal(load_policies_known(inventory, &s, &err), 0);
	inventory_free(&inventory);
	assert_non_null(snapshot_tier(s, STR("a")));
	snapshot_unref(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			loads_what_the_inventory_holds_whole_or_not_at_all),
		cmocka_unit_test(what_is_loaded_outlives_the_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
