/* controller/watches.c: which keys each change leads to. */
#include "tests/unit/controller/changes.h"

struct row {
	const char *world, *changed;
	bool removed;
	const char *want;
};

/* As it was last known; in the inventory, unless it was removed. */
static const struct inventory_object *put(struct given *g,
					  const struct row *row)
{
	const struct inventory_object *object;
	struct str group, version, kind, ns, name;
	struct error err = ERROR_INIT;
	struct docs docs;
	struct json *doc = &docs.v[0];

	if (load_docs(&g->arena, str_of(row->changed), &docs, &err) < 0)
		fail_msg("%s", err.msg);
	given_put(g->inventory, doc);
	kind_split_api_version(json_str(json_get(doc, STR("apiVersion"))),
			       &group, &version);
	kind = json_str(json_get(doc, STR("kind")));
	ns = json_str(json_at(doc, "metadata", "namespace"));
	name = json_str(json_at(doc, "metadata", "name"));
	object = inventory_get(g->inventory, group, kind, ns, name);
	if (row->removed)
		inventory_remove(g->inventory, group, kind, ns, name);
	return object;
}

static bool change_row(const struct row *row)
{
	static const struct settings settings = { .audit_delay = AUDIT_DELAY };
	const struct inventory_object *object;
	struct told told;
	struct given g;
	bool good;

	told_open(&told, &g, row->world, &settings);
	object = put(&g, row);
	watch_find(object->group, object->kind)
		->map(&told.sink, object, row->removed);
	good = str_is(told.text, row->want);
	if (!good)
		print_error("got \"%.*s\", wanted \"%s\"; %s of\n%s\nin\n%s\n",
			    STR_ARG(told.text), row->want,
			    row->removed ? "removal" : "change", row->changed,
			    row->world);
	inventory_object_unref(&object);
	given_close(&g);
	return good;
}

static void change_rows(const struct row *rows, size_t n)
{
	size_t wrong = 0;

	for (size_t i = 0; i < n; i++)
		wrong += !change_row(&rows[i]);
	assert_int_equal(wrong, 0);
}

static void what_is_ours_leads_to_its_status(void **state)
{
	static const struct row rows[] = {
		{ "", OWN("IsolationTier", "t", ", spec: {}"), false,
		  "tier /t" },
		{ TIERS, OWN("IsolationTier", "t", ", spec: {strength: 7}"),
		  false, "tier /t" },
		{ "", OWN("IsolationPolicy", "p", ", spec: {}"), false,
		  "policy /p" },
		{ "", OWN("IsolationException", "e", ", spec: {}"), false,
		  "exception /e" },
		{ "", OWN("IsolationTier", "t", ", spec: 7"), false,
		  "tier /t" },
		{ "", OWN("IsolationPolicy", "p", ", spec: []"), false,
		  "policy /p" },
		{ "", OWN("IsolationException", "e", ", spec: null"), false,
		  "exception /e" },
		{ "", OWN("IsolationTier", "t", ", spec: {}"), true, "" },
		{ TIERS, OWN("IsolationTier", "t", ", spec: {}"), true, "" },
		{ "", OWN("IsolationPolicy", "p", ", spec: {}"), true, "" },
		{ "", OWN("IsolationException", "e", ", spec: {}"), true, "" },
	};

	(void)state;
	change_rows(rows, ARRAY_LEN(rows));
}

static void agents_lead_to_the_policy_of_their_tier_and_an_audit(void **state)
{
	static const struct row rows[] = {
		{ FLOOR, TEMPLATE("x", "", ""), false, "network a/t; " AUDIT },
		{ FLOOR, POOL("x", "", ""), false, "network a/t; " AUDIT },
		/* the tier that it asks for is the stronger one */
		{ FLOOR, TEMPLATE("x", STAMP("u"), ""), false,
		  "network a/u; " AUDIT },
		{ TIERS, POOL("x", STAMP("t"), ""), false,
		  "network a/t; " AUDIT },
		{ TIERS TEMPLATE("d", STAMP("u"), ""), POOL("x", "", USES("d")),
		  false, "network a/u; " AUDIT },
		{ TIERS DEFAULT, TEMPLATE("x", "", ""), false,
		  "network a/t; " AUDIT },
		{ FLOOR, TEMPLATE("x", "", ""), true,
		  "network a/t +60; " AUDIT },
		{ FLOOR, POOL("x", STAMP("u"), ""), true,
		  "network a/u +60; " AUDIT },
		/* no tier, or none that there is: what runs is looked at */
		{ TIERS, TEMPLATE("x", "", ""), false, AUDIT },
		{ TIERS, POOL("x", STAMP("z"), ""), false, AUDIT },
		{ TIERS, POOL("x", STAMP("z"), ""), true, AUDIT },
		{ TIERS, TEMPLATE("x", STAMP("7"), ""), false, AUDIT },
		{ TIERS, TEMPLATE("x", STAMP("''"), ""), false, AUDIT },
		{ TIERS, TEMPLATE("x", ", labels: [bulkhead.dev/tier]", ""),
		  false, AUDIT },
		{ FLOOR, POOL("x", ", labels: 7", ", spec: []"), false,
		  "network a/t; " AUDIT },
		{ TIERS, POOL("x", "", USES("gone")), false, AUDIT },
		{ TIERS, POOL("x", "", ", spec: {sandboxTemplateRef: [d]}"),
		  false, AUDIT },
		/* no policy yet */
		{ "", TEMPLATE("x", STAMP("t"), ""), false, AUDIT },
		{ NAMESPACE("a", "bulkhead.dev/enforce: t"), POOL("x", "", ""),
		  true, AUDIT },
	};

	(void)state;
	change_rows(rows, ARRAY_LEN(rows));
}

static void claims_and_sandboxes_lead_to_their_ends_as_well(void **state)
{
	static const struct row rows[] = {
		{ FLOOR, CLAIM("", ""), false,
		  "claim a/x; network a/t; " AUDIT },
		{ FLOOR, BOX("", ""), false,
		  "sandbox a/x; network a/t; " AUDIT },
		{ FLOOR, CLAIM(STAMP("u"), ""), false,
		  "claim a/x; network a/u; " AUDIT },
		/* by its pool, and the pool's template */
		{ TIERS TEMPLATE("d", STAMP("u"), "") POOL("w", "", USES("d")),
		  CLAIM("", ", spec: {warmPoolRef: {name: w}}"), false,
		  "claim a/x; network a/u; " AUDIT },
		{ TIERS TEMPLATE("d", STAMP("u"), ""), CLAIM("", USES("d")),
		  false, "claim a/x; network a/u; " AUDIT },
		{ TIERS TEMPLATE("d", STAMP("u"), ""),
		  BOX(", annotations: {agents.x-k8s.io/"
		      "sandbox-template-ref: d}",
		      ""),
		  false, "sandbox a/x; network a/u; " AUDIT },
		{ TIERS DEFAULT, BOX("", ""), false,
		  "sandbox a/x; network a/t; " AUDIT },
		/* nothing is left to be ended */
		{ FLOOR, CLAIM("", ""), true, "network a/t +60; " AUDIT },
		{ FLOOR, BOX(STAMP("u"), ""), true, "network a/u +60; " AUDIT },
		{ TIERS, BOX("", ""), true, AUDIT },
		{ TIERS, CLAIM("", ""), false, "claim a/x; " AUDIT },
		{ TIERS, CLAIM("", ", spec: {warmPoolRef: w}"), false,
		  "claim a/x; " AUDIT },
		{ TIERS,
		  CLAIM(STAMP("[t]"), ", spec: {warmPoolRef: {name: 7}}"),
		  false, "claim a/x; " AUDIT },
		{ TIERS, BOX(", annotations: 7", ", spec: 7"), false,
		  "sandbox a/x; " AUDIT },
		{ TIERS, BOX(STAMP("T"), ""), false, "sandbox a/x; " AUDIT },
		{ "", CLAIM(STAMP("t"), ""), false, "claim a/x; " AUDIT },
		{ "", BOX(STAMP("t"), ""), false, "sandbox a/x; " AUDIT },
		{ "", BOX(STAMP("t"), ""), true, AUDIT },
	};

	(void)state;
	change_rows(rows, ARRAY_LEN(rows));
}

static void a_pod_leads_to_its_gate_or_to_its_policy(void **state)
{
	static const struct row rows[] = {
		{ "", PLAIN(STAMP("t"), GATED), false, "gate a/x; " AUDIT },
		{ "",
		  PLAIN(STAMP("t"),
			GATES("{name: b/c}, {name: " GATE_EGRESS "}")),
		  false, "gate a/x; " AUDIT },
		{ "", PLAIN(STAMP("t"), ""), false, "network a/t; " AUDIT },
		/* without a label of ours: the gate says enough */
		{ "", PLAIN("", GATED), false, "gate a/x; " AUDIT },
		/* what it was let go for: its stamp, whatever is in force */
		{ FLOOR, PLAIN(STAMP("u"), ""), false, "network a/u; " AUDIT },
		{ "", PLAIN(STAMP("t"), ""), true, "network a/t +60; " AUDIT },
		{ "", PLAIN(STAMP("t"), GATED), true,
		  "network a/t +60; " AUDIT },
		{ "", PLAIN("", GATED), true, AUDIT },
		{ "", PLAIN("", ""), true, AUDIT },
		{ FLOOR, PLAIN("", ""), false, AUDIT },
		{ "", PLAIN(STAMP("''"), ""), false, AUDIT },
		{ "", PLAIN(STAMP("7"), ""), false, AUDIT },
		{ "", PLAIN(STAMP("{t: t}"), ""), true, AUDIT },
		{ "", PLAIN(", labels: []", ", spec: 7"), false, AUDIT },
		{ "", PLAIN(STAMP("t"), GATES("{name: b/c}")), false,
		  "network a/t; " AUDIT },
		{ "", PLAIN(STAMP("t"), GATES(GATE_EGRESS)), false,
		  "network a/t; " AUDIT },
		{ "", PLAIN(STAMP("t"), GATES("{name: [" GATE_EGRESS "]}")),
		  false, "network a/t; " AUDIT },
		{ "",
		  PLAIN(STAMP("t"),
			", spec: {schedulingGates: {name: " GATE_EGRESS "}}"),
		  false, "network a/t; " AUDIT },
	};

	(void)state;
	change_rows(rows, ARRAY_LEN(rows));
}

static void a_policy_of_ours_leads_to_all_who_wait_for_it(void **state)
{
	static const struct row rows[] = {
		{ "", NET("bulkhead-t", "", ""), false, AUDIT "; network a/t" },
		{ WAITING, NET("bulkhead-t", "", ""), false,
		  AUDIT "; network a/t; gate a/p1; gate a/p2" },
		{ WAITING, NET("bulkhead-t", "", ", spec: {podSelector: 7}"),
		  false, AUDIT "; network a/t; gate a/p1; gate a/p2" },
		/* by its name, whatever it is labelled */
		{ WAITING, NET("bulkhead-t", STAMP("u"), ""), false,
		  AUDIT "; network a/t; gate a/p1; gate a/p2" },
		{ "", NET("bulkhead-a-b.c", "", ""), false,
		  AUDIT "; network a/a-b.c" },
		/* taken away it is put back at once */
		{ WAITING, NET("bulkhead-t", "", ""), true,
		  AUDIT "; network a/t; gate a/p1; gate a/p2" },
		{ "", NET("bulkhead-t", "", ""), true, AUDIT "; network a/t" },
		/* of others: who runs there is looked at, and no more */
		{ WAITING, NET("other", "", ""), false, AUDIT },
		{ WAITING, NET("other", "", ""), true, AUDIT },
		{ WAITING, NET("other", STAMP("t"), ""), false, AUDIT },
		{ WAITING, NET("bulkhead-", "", ""), false, AUDIT },
		{ WAITING, NET("bulkhead", "", ""), false, AUDIT },
		{ WAITING, NET("Bulkhead-t", "", ""), false, AUDIT },
		{ WAITING, NET("xbulkhead-t", ", labels: 7", ""), false,
		  AUDIT },
	};

	(void)state;
	change_rows(rows, ARRAY_LEN(rows));
}

static void a_namespace_leads_to_all_that_its_labels_decide(void **state)
{
	static const struct row rows[] = {
		{ TIERS, ENFORCE("t"), false, "network a/t; " AUDIT },
		{ TIERS POLICY("rules: [{name: r, namespaceSelector: "
			       "{matchLabels: {c: d}}, floor: u}]"),
		  NAMESPACE("a", "c: d"), false, "network a/u; " AUDIT },
		/* its tier of before, too */
		{ TIERS INSIDE, ENFORCE("u"), false,
		  "network a/u; network a/t; claim a/c; sandbox a/s; " AUDIT },
		{ TIERS INSIDE, NAMESPACE("a", "c: d"), false,
		  "network a/t; claim a/c; sandbox a/s; " AUDIT },
		{ INSIDE, ENFORCE("t"), false,
		  "network a/t; claim a/c; sandbox a/s; " AUDIT },
		{ TIERS INSIDE, ENFORCE("t"), true, "" },
		{ "", NAMESPACE("a", "c: d"), true, "" },
		{ "", NAMESPACE("a", "c: d"), false, AUDIT },
		/* a default is for agents, which lead to it by themselves */
		{ TIERS DEFAULT, NAMESPACE("a", "c: d"), false, AUDIT },
		{ TIERS, NAMESPACE("a", "bulkhead.dev/warn: t"), false, AUDIT },
		{ TIERS, ENFORCE("z"), false, AUDIT },
		{ TIERS, ENFORCE("7"), false, AUDIT },
		{ TIERS, ENFORCE("''"), false, AUDIT },
		{ TIERS,
		  "{apiVersion: v1, kind: Namespace, metadata: {name: a, "
		  "labels: [bulkhead.dev/enforce]}}\n",
		  false, AUDIT },
	};

	(void)state;
	change_rows(rows, ARRAY_LEN(rows));
}

static void what_tiers_run_on_leads_to_all_of_them(void **state)
{
	static const struct row rows[] = {
		{ TIERS, CLASS(", handler: h"), false, "tier /t; tier /u" },
		{ TIERS, CLASS(", handler: h"), true, "tier /t; tier /u" },
		{ TIERS, NODE(", labels: {c: d}"), false, "tier /t; tier /u" },
		{ TIERS, NODE(", labels: {c: d}"), true, "tier /t; tier /u" },
		{ TIERS, DAEMON(""), false, "tier /t; tier /u" },
		{ TIERS, DAEMON(""), true, "tier /t; tier /u" },
		{ "", CLASS(", handler: h"), false, "" },
		{ "", NODE(""), false, "" },
		{ "", DAEMON(""), true, "" },
		{ TIERS, CLASS(", handler: 7, scheduling: []"), false,
		  "tier /t; tier /u" },
		{ TIERS, NODE(", labels: 7"), false, "tier /t; tier /u" },
		{ TIERS, DAEMON(", labels: null"), true, "tier /t; tier /u" },
	};

	(void)state;
	change_rows(rows, ARRAY_LEN(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_ours_leads_to_its_status),
		cmocka_unit_test(
			agents_lead_to_the_policy_of_their_tier_and_an_audit),
		cmocka_unit_test(
			claims_and_sandboxes_lead_to_their_ends_as_well),
		cmocka_unit_test(a_pod_leads_to_its_gate_or_to_its_policy),
		cmocka_unit_test(a_policy_of_ours_leads_to_all_who_wait_for_it),
		cmocka_unit_test(
			a_namespace_leads_to_all_that_its_labels_decide),
		cmocka_unit_test(what_tiers_run_on_leads_to_all_of_them),
	};

	return cmocka_run_group_tests_name("controller/watches", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
