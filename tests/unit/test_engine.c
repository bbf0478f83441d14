/* policies/engine.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/load.h"

/* A tier that every Pod of a node name breaks, in each mode. */
#define T(name, strength, mode) TIER(name, strength, ", enforcement: " mode)
#define POLICIED T("t", "100", "Enforce") POLICY("defaultTier: t")
#define BAD "{nodeName: n, containers: [{name: c, image: i}]}"
#define GOOD "{containers: [{name: c, image: i}]}"
#define BAD_SANDBOX SANDBOX("", BAD)
#define LATER "2027-01-01T00:00:00Z"
#define RULE "pod.nodeName"

static struct decision judge(struct scene *s)
{
	struct decision d;

	engine_validate(&s->arena, &s->engine, &s->subject, &d);
	return d;
}

/* The old object is the first document of text, the new one the second. */
static void make_update(struct scene *s, const char *old_text)
{
	s->subject.operation = OPERATION_UPDATE;
	s->subject.from_file = false;
	s->subject.old_object = load_json(&s->arena, old_text);
}

static void a_finding_does_what_the_tier_may_do(void **state)
{
	static const struct {
		const char *text;
		enum action want;
	} rows[] = {
		{ POLICIED BAD_SANDBOX, ACTION_DENY },
		{ T("t", "1", "Warn") POLICY("defaultTier: t") BAD_SANDBOX,
		  ACTION_WARN },
		{ T("t", "1", "Audit") POLICY("defaultTier: t") BAD_SANDBOX,
		  ACTION_AUDIT },
		{ POLICIED NAMESPACE("a", "bulkhead.dev/enforce: t")
			  DOC("apps/v1", "Deployment", IN_A(""),
			      "{template: {spec: " BAD "}}"),
		  ACTION_WARN },
		{ T("t", "1", "Audit") NAMESPACE("a", "bulkhead.dev/enforce: t")
			  DOC("apps/v1", "Deployment", IN_A(""),
			      "{template: {spec: " BAD "}}"),
		  ACTION_AUDIT },
		{ T("t", "1", "Enforce") NAMESPACE("a", "bulkhead.dev/warn: t")
			  BAD_SANDBOX,
		  ACTION_WARN },
		{ T("t", "1", "Audit") NAMESPACE("a", "bulkhead.dev/warn: t")
			  BAD_SANDBOX,
		  ACTION_AUDIT },
		{ T("t", "1", "Enforce") NAMESPACE("a", "bulkhead.dev/audit: t")
			  BAD_SANDBOX,
		  ACTION_AUDIT },
		{ T("t", "1", "Enforce") NAMESPACE("a", "bulkhead.dev/warn: t, "
							"bulkhead.dev/audit: t")
			  BAD_SANDBOX,
		  ACTION_WARN },
		{ T("t", "1", "Enforce")
			  NAMESPACE("a", "bulkhead.dev/enforce: t, "
					 "bulkhead.dev/warn: t") BAD_SANDBOX,
		  ACTION_DENY },
		{ POLICIED EXCEPTION("e", "namespace: a", RULE, LATER)
			  BAD_SANDBOX,
		  ACTION_EXCEPTED },
		{ POLICIED EXCEPTION("e", "namespace: a", RULE,
				     "2026-01-01T00:00:00Z") BAD_SANDBOX,
		  ACTION_DENY },
		{ POLICIED EXCEPTION("e", "namespace: b", RULE, LATER)
			  BAD_SANDBOX,
		  ACTION_DENY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct decision d;
		struct scene s;

		scene_open(&s, rows[i].text);
		d = judge(&s);
		for (int x = ACTION_EXCEPTED; x <= ACTION_DENY; x++)
			if (count_findings(&d.verdict, RULE, (enum action)x) !=
			    ((enum action)x == rows[i].want))
				fail_msg("row %zu: %s", i, rows[i].text);
		scene_close(&s);
	}
}

static void several_tiers_report_beside_each_other(void **state)
{
	struct decision d;
	struct scene s;

	(void)state;
	scene_open(&s,
		   T("t", "1", "Enforce") T("u", "2", "Enforce") T("v", "3",
								   "Enforce")
			   NAMESPACE("a", "bulkhead.dev/enforce: t, "
					  "bulkhead.dev/warn: u, "
					  "bulkhead.dev/audit: v") BAD_SANDBOX);
	d = judge(&s);
	assert_int_equal(count_findings(&d.verdict, RULE, ACTION_DENY), 1);
	assert_int_equal(count_findings(&d.verdict, RULE, ACTION_WARN), 1);
	assert_int_equal(count_findings(&d.verdict, RULE, ACTION_AUDIT), 1);
	assert_true(str_is(d.verdict.findings[0].who,
			   "tier \"t\" by label bulkhead.dev/enforce of "
			   "Namespace a"));
	assert_true(str_is(d.verdict.findings[1].who,
			   "tier \"u\" by label bulkhead.dev/warn of "
			   "Namespace a"));
	scene_close(&s);
}

#define SB(metadata, spec)                                                     \
	"{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, metadata: "      \
	"{name: x, namespace: a" metadata "}, spec: " spec "}"
#define BAD_SPEC "{podTemplate: {spec: " BAD "}}"
#define GOOD_SPEC "{podTemplate: {spec: " GOOD "}}"

static void an_update_is_refused_for_what_it_changes(void **state)
{
	static const struct {
		const char *old_object, *object, *rule;
		enum action want;
	} rows[] = {
		{ SB("", BAD_SPEC), SB("", BAD_SPEC), RULE, ACTION_WARN },
		{ SB("", BAD_SPEC), SB(", finalizers: [f]", BAD_SPEC), RULE,
		  ACTION_WARN },
		{ SB("", BAD_SPEC), SB(", labels: {a: b}", BAD_SPEC), RULE,
		  ACTION_WARN },
		{ SB(", labels: {bulkhead.dev/tier: no}", BAD_SPEC),
		  SB(", labels: {bulkhead.dev/tier: no}", BAD_SPEC),
		  "tier.wish", ACTION_WARN },
		{ SB(", deletionTimestamp: d, finalizers: [f]", BAD_SPEC),
		  SB(", deletionTimestamp: d", BAD_SPEC), RULE, ACTION_WARN },
		{ SB("", GOOD_SPEC), SB("", BAD_SPEC), RULE, ACTION_DENY },
		{ SB(", deletionTimestamp: d", GOOD_SPEC),
		  SB(", deletionTimestamp: d", BAD_SPEC), RULE, ACTION_DENY },
		{ SB("", BAD_SPEC),
		  SB(", labels: {bulkhead.dev/tier: t}", BAD_SPEC), RULE,
		  ACTION_DENY },
		{ SB("", BAD_SPEC),
		  SB(", annotations: {bulkhead.dev/ttl: 1h}", BAD_SPEC), RULE,
		  ACTION_DENY },
		{ SB("", GOOD_SPEC),
		  SB(", labels: {bulkhead.dev/tier: no}", GOOD_SPEC),
		  "tier.wish", ACTION_DENY },
		{ SB("", GOOD_SPEC),
		  SB(", labels: {bulkhead.dev/x: '1'}", GOOD_SPEC),
		  "label.reserved", ACTION_DENY },
		{ NULL, SB("", BAD_SPEC), RULE, ACTION_DENY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena a = ARENA_INIT;
		struct decision d;
		struct scene s;

		scene_open(
			&s,
			arena_printf(&a, "%s%s", POLICIED, rows[i].object).p);
		make_update(&s, rows[i].old_object);
		s.subject.user.name = STR("jane@example.com");
		d = judge(&s);
		if (count_findings(&d.verdict, rows[i].rule, rows[i].want) != 1)
			fail_msg("row %zu: %s", i, rows[i].object);
		scene_close(&s);
		arena_release(&a);
	}
}

#define CHILD(owner)                                                           \
	"{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: a, "       \
	"ownerReferences: [{apiVersion: agents.x-k8s.io/v1beta1, kind: "       \
	"Sandbox, name: " owner ", controller: true}]}, spec: " BAD "}"
#define PARENT                                                                 \
	DOC("agents.x-k8s.io/v1beta1", "Sandbox",                              \
	    "name: s, namespace: a, labels: {bulkhead.dev/tier: u}", "{}")

static void a_pod_is_governed_through_its_sandbox_or_namespace(void **state)
{
	static const struct {
		const char *text, *tier; /* NULL: not governed */
	} rows[] = {
		{ POLICIED T("u", "200", "Enforce") PARENT CHILD("s"), "u" },
		/* No plain Pod, though its Sandbox is not known. */
		{ POLICIED T("u", "200", "Enforce") PARENT CHILD("other"),
		  "t" },
		{ POLICIED POD("", BAD), NULL },
		{ POLICIED NAMESPACE("a", "bulkhead.dev/enforce: t")
			  POD("", BAD),
		  "t" },
		{ POLICIED NAMESPACE("b", "bulkhead.dev/enforce: t")
			  POD("", BAD),
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct decision d;
		struct scene s;

		scene_open(&s, rows[i].text);
		d = judge(&s);
		if (d.governed != (rows[i].tier != NULL) ||
		    count_findings(&d.verdict, RULE, ACTION_DENY) !=
			    d.governed ||
		    (d.governed &&
		     !str_is(d.selection.effective->name, rows[i].tier)))
			fail_msg("row %zu", i);
		scene_close(&s);
	}
}

static void the_order_of_findings_is_stable(void **state)
{
	struct decision first, second;
	struct scene s;

	(void)state;
	scene_open(&s, SANDBOX("", "{nodeName: n, hostNetwork: true, "
				   "containers: [{name: a}, {name: b}]}"));
	first = judge(&s);
	second = judge(&s);
	assert_true(first.verdict.n_findings > 10);
	assert_int_equal(first.verdict.n_findings, second.verdict.n_findings);
	for (size_t i = 0; i < first.verdict.n_findings; i++)
		assert_true(str_eq(
			finding_message(&s.arena, &first.verdict.findings[i]),
			finding_message(&s.arena,
					&second.verdict.findings[i])));
	scene_close(&s);
}

static void a_weak_wish_goes_as_far_as_its_floor(void **state)
{
	static const struct {
		const char *text;
		enum action want;
	} rows[] = {
		{ TIER("w", "1", "") T("t", "100", "Enforce")
			  POLICY("defaultTier: t")
				  SANDBOX("bulkhead.dev/tier: w", BAD),
		  ACTION_DENY },
		{ TIER("w", "1", "") T("t", "100", "Warn")
			  POLICY("defaultTier: t")
				  SANDBOX("bulkhead.dev/tier: w", BAD),
		  ACTION_WARN },
		{ TIER("w", "1", "") T("t", "100", "Audit")
			  POLICY("defaultTier: t")
				  SANDBOX("bulkhead.dev/tier: w", BAD),
		  ACTION_AUDIT },
		{ T("t", "100", "Warn") POLICY("defaultTier: t")
			  SANDBOX("bulkhead.dev/tier: no-tier", BAD),
		  ACTION_DENY },
		{ T("t", "100", "Enforce")
			  SANDBOX("bulkhead.dev/tier: no-tier", GOOD),
		  ACTION_DENY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct decision d;
		struct scene s;

		scene_open(&s, rows[i].text);
		d = judge(&s);
		if (count_findings(&d.verdict, "tier.wish", rows[i].want) != 1)
			fail_msg("row %zu", i);
		if (d.governed)
			assert_true(str_is(d.selection.effective->name, "t"));
		scene_close(&s);
	}
}

static void what_is_no_object_of_ours_is_not_judged(void **state)
{
	static const char *const texts[] = {
		DOC("v1", "ConfigMap", IN_A("bulkhead.dev/tier: no"), "{}"),
		DOC("foo.dev/v1", "Sandbox", IN_A(""), "{}"),
		"text",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct decision d;
		struct scene s;

		scene_open(&s, texts[i]);
		engine_mutate(&s.arena, &s.engine, &s.subject, &d);
		assert_int_equal(d.verdict.n_fills, 0);
		d = judge(&s);
		assert_int_equal(d.verdict.n_findings, 0);
		assert_int_equal(d.verdict.checked, 0);
		scene_close(&s);
	}
}

static void a_deletion_is_never_refused(void **state)
{
	struct decision d;
	struct scene s;

	(void)state;
	scene_open(&s, POLICIED BAD_SANDBOX);
	s.subject.old_object = s.subject.object;
	s.subject.object = &json_missing;
	s.subject.operation = OPERATION_DELETE;
	d = judge(&s);
	assert_int_equal(d.verdict.n_findings, 0);
	engine_mutate(&s.arena, &s.engine, &s.subject, &d);
	assert_int_equal(d.verdict.n_fills, 0);
	scene_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_does_what_the_tier_may_do),
		cmocka_unit_test(several_tiers_report_beside_each_other),
		cmocka_unit_test(an_update_is_refused_for_what_it_changes),
		cmocka_unit_test(
			a_pod_is_governed_through_its_sandbox_or_namespace),
		cmocka_unit_test(the_order_of_findings_is_stable),
		cmocka_unit_test(a_weak_wish_goes_as_far_as_its_floor),
		cmocka_unit_test(what_is_no_object_of_ours_is_not_judged),
		cmocka_unit_test(a_deletion_is_never_refused),
	};

	return cmocka_run_group_tests_name("policies/engine.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
