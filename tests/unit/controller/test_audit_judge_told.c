/* controller/audit_judge.c: whom it is told, and how much of it. */
#include "tests/unit/controller/audit_judging.h"

static void a_person_is_told_at_the_claim_or_the_sandbox(void **state)
{
	static const struct {
		const char *text;
		const char *at;
	} rows[] = {
		{ RUNS, "Pod x p1" },
		{ LIVE_POD(STAMP, BY_SANDBOX, "", STARTED), "Sandbox s s1" },
		{ LIVE_SANDBOX("", "") "---\n" LIVE_POD(STAMP, BY_SANDBOX, "",
							STARTED),
		  "Sandbox s s1" },
		{ LIVE_SANDBOX(BY_CLAIM, "") "---\n" LIVE_POD(STAMP, BY_SANDBOX,
							      "", STARTED),
		  "SandboxClaim c c1" },
		/* another Sandbox of that name */
		{ LIVE_SANDBOX(BY_CLAIM, "") "---\n" LIVE_POD(
			  STAMP,
			  OWNED_BY("agents.x-k8s.io/v1beta1", "Sandbox", "s",
				   "s0"),
			  "", STARTED),
		  "Sandbox s s0" },
		/* of a pool that nobody claimed */
		{ LIVE_SANDBOX(OWNED_BY("extensions.agents.x-k8s.io/v1beta1",
					"SandboxWarmPool", "w", "w1"),
			       "") "---\n" LIVE_POD(STAMP, BY_SANDBOX, "",
						    STARTED),
		  "Sandbox s s1" },
		{ LIVE_POD(STAMP, OWNED_BY("apps/v1", "ReplicaSet", "r", "r1"),
			   "", STARTED),
		  "Pod x p1" },
		{ LIVE_POD(STAMP, OWNED_BY("evil.io/v1", "Sandbox", "s", "s1"),
			   "", STARTED),
		  "Pod x p1" },
		{ LIVE_POD(STAMP,
			   ", ownerReferences: [{apiVersion: "
			   "agents.x-k8s.io/v1beta1, kind: Sandbox, name: s, "
			   "uid: s1}, 7]",
			   "", STARTED),
		  "Pod x p1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct scene s;
		struct world world;
		struct audit_judge judge;
		struct audit_verdict v;
		const struct audit_object *at;

		scene_open(&s,
			   arena_printf(&a, "%s%s", TIERED, rows[i].text).p);
		world = (struct world){ .snapshot = s.snapshot,
					.inventory = s.inventory,
					.now_ns = load_now * 1000000000 };
		audit_judge_init(&a, &world, STR("a"), &judge);
		audit_judge(&a, &judge, STR("v1"), STR("Pod"), s.subject.object,
			    &v);
		assert_true(v.n > 0);
		at = &v.findings[0].told_at;
		assert_string_equal(
			arena_printf(&a, "%.*s %.*s %.*s", STR_ARG(at->kind),
				     STR_ARG(at->name), STR_ARG(at->uid))
				.p,
			rows[i].at);
		assert_string_equal(v.findings[0].object.uid.p, "p1");
		audit_judge_release(&judge);
		scene_close(&s);
	}
}

static void of_one_object_twenty_are_told_and_all_are_counted(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str volumes = STR("");
	struct scene s;
	struct world world;
	struct audit_judge judge;
	struct audit_verdict v;

	(void)state;
	for (int i = 0; i < 300; i++)
		volumes = arena_printf(&a, "%.*s{name: v%d, hostPath: {}},",
				       (int)volumes.n, volumes.p, i);
	volumes = arena_printf(
		&a,
		"%s{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: "
		"a, labels: {" STAMP "}}, spec: {volumes: [%s]}}\n",
		OURS("IsolationTier", "t",
		     "strength: 200, pod: {level: Baseline}")
			NAMESPACE("a", "bulkhead.dev/enforce: t"),
		volumes.p);
	scene_open(&s, volumes.p);
	world = (struct world){ .snapshot = s.snapshot,
				.inventory = s.inventory,
				.now_ns = load_now * 1000000000 };
	audit_judge_init(&a, &world, STR("a"), &judge);
	audit_judge(&a, &judge, STR("v1"), STR("Pod"), s.subject.object, &v);
	assert_int_equal(v.n, AUDIT_FINDINGS_MAX);
	assert_true(v.counts[AUDIT_FAIL] >= 300);
	audit_judge_release(&judge);
	scene_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_person_is_told_at_the_claim_or_the_sandbox),
		cmocka_unit_test(
			of_one_object_twenty_are_told_and_all_are_counted),
	};

	return cmocka_run_group_tests_name("controller/audit_judge, told",
					   tests, NULL, NULL)
		       ? 1
		       : 0;
}
