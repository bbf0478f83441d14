/* controller/audit_judge.c and what it calls: one live object in a cluster. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "controller/audit_judge.h"
#include "controller/egress_policy.h"
#include "policies/kinds.h"
#include "tests/unit/load.h"

#define CLOSED(name, strength, more)                                           \
	OURS("IsolationTier", name,                                            \
	     "strength: " strength ", pod: {level: Privileged, "               \
	     "serviceAccountToken: Allow}, network: {egress: {mode: None}, "   \
	     "ingress: {mode: None}}, lifecycle: {ttl: {max: 2h}, "            \
	     "shutdownPolicy: Retain}" more)
#define TIERED                                                                 \
	CLOSED("t", "200", "")                                                 \
	NAMESPACE("a", "bulkhead.dev/enforce: t")
#define STAMP "bulkhead.dev/tier: t"
/* 05:00 is an hour ago. */
#define LIVE_POD(labels, metadata, spec, status)                               \
	"{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: a, uid: "  \
	"p1, creationTimestamp: '2026-11-21T05:00:00Z', labels: {" labels      \
	"}" metadata "}, spec: {containers: [{name: c, image: i}]" spec        \
	"}, status: {" status "}}\n"
#define STARTED "phase: Running, startTime: '2026-11-21T05:00:10Z'"
#define RUNS LIVE_POD(STAMP, "", "", STARTED)
#define NET(name, metadata, spec)                                              \
	"{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: "   \
	"{namespace: a, name: " name metadata "}, spec: {" spec "}}\n---\n"
#define OPEN "podSelector: {}, policyTypes: [Egress], egress: [{}]"
#define OWNED_BY(api, kind, name, uid)                                         \
	", ownerReferences: [{apiVersion: " api ", kind: " kind                \
	", name: " name ", uid: " uid ", controller: true}]"
#define BY_SANDBOX OWNED_BY("agents.x-k8s.io/v1beta1", "Sandbox", "s", "s1")
#define BY_CLAIM                                                               \
	OWNED_BY("extensions.agents.x-k8s.io/v1beta1", "SandboxClaim", "c",    \
		 "c1")
#define LIVE_SANDBOX(metadata, spec)                                           \
	"{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, metadata: "      \
	"{namespace: a, name: s, uid: s1, creationTimestamp: "                 \
	"'2026-11-21T05:00:00Z'" metadata "}, spec: {podTemplate: {spec: "     \
	"{containers: [{name: c, image: i}]}}" spec "}}\n"
#define CLASS                                                                  \
	"{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: "   \
	"kata}, handler: kata, scheduling: {nodeSelector: {kata: 'true'}}}\n"  \
	"---\n"
#define NODE(labels)                                                           \
	"{apiVersion: v1, kind: Node, metadata: {name: n1, labels: {" labels   \
	"}}}\n---\n"
#define ON_NODE(class)                                                         \
	LIVE_POD(STAMP, "", ", nodeName: n1, runtimeClassName: " class, STARTED)
#define KATA_TIER                                                              \
	TIER("t", "200", ", runtime: {classNames: [kata]}")                    \
	NAMESPACE("a", "bulkhead.dev/enforce: t")

enum own { NONE, BEFORE, SAME_SECOND, AFTER, CHANGED, MARKED };

/* As Bulkhead applies it for the weakest tier, then made at some time. */
static void put_own(struct scene *s, const struct world *world, enum own own)
{
	static const char *const created[] = {
		[BEFORE] = "2026-11-21T04:59:59Z",
		[SAME_SECOND] = "2026-11-21T05:00:10Z",
		[AFTER] = "2026-11-21T05:00:11Z",
		[CHANGED] = "2026-11-21T04:59:59Z",
		[MARKED] = "2026-11-21T04:59:59Z",
	};
	struct arena *a;
	struct inventory_object *o;
	struct json desired, *part;

	if (own == NONE)
		return;
	o = inventory_object_new(&a);
	desired =
		egress_policy_desired(a, world, STR("a"), s->snapshot->tiers[0],
				      own == MARKED ? 1795240000 : 0);
	o->doc = json_copy(a, &desired);
	part = (struct json *)(uintptr_t)json_get(&o->doc, STR("metadata"));
	json_add(a, part, STR("creationTimestamp"),
		 json_make_string(str_of(created[own])));
	if (own == CHANGED) {
		part = (struct json *)(uintptr_t)json_get(&o->doc, STR("spec"));
		json_add(a, part, STR("other"), json_make_bool(true));
	}
	o->group = STR("networking.k8s.io");
	o->kind = STR("NetworkPolicy");
	o->ns = STR("a");
	o->name = arena_str(a, json_str(json_at(&o->doc, "metadata", "name")));
	inventory_put(s->inventory, o);
}

/* "fail rule, warn rule", with "passed over" for what is not judged. */
static const char *told(struct arena *a, const struct audit_verdict *v)
{
	static const char *const names[] = { "fail", "warn", "skip" };
	struct str text = v->passed_over ? STR("passed over") : STR("");

	for (size_t i = 0; i < v->n; i++)
		text = arena_printf(a, "%.*s%s%s %.*s", STR_ARG(text),
				    i ? ", " : "", names[v->findings[i].result],
				    STR_ARG(v->findings[i].rule));
	return text.n ? text.p : "";
}

struct row {
	const char *text; /* the last document is the one that lives */
	enum own own;
	const char *want;
	const char *says; /* in the first message; NULL: anything */
};

static bool judge_row(const struct row *row)
{
	struct scene s;
	struct world world;
	struct audit_judge judge;
	struct audit_verdict v;
	const char *got;
	bool good;

	scene_open(&s, row->text);
	world = (struct world){ .snapshot = s.snapshot,
				.inventory = s.inventory,
				.now_ns = load_now * 1000000000 };
	put_own(&s, &world, row->own);
	audit_judge_init(&s.arena, &world, STR("a"), &judge);
	audit_judge(&s.arena, &judge,
		    json_str(json_at(s.subject.object, "apiVersion")),
		    s.subject.kind, s.subject.object, &v);
	got = told(&s.arena, &v);
	good = strcmp(got, row->want) == 0 &&
	       (!row->says ||
		(v.n && strstr(v.findings[0].message.p, row->says)));
	if (!good)
		print_error("got \"%s\", wanted \"%s\" that says %s; %s\n%s\n",
			    got, row->want, row->says ? row->says : "anything",
			    v.n ? v.findings[0].message.p : "", row->text);
	audit_judge_release(&judge);
	scene_close(&s);
	return good;
}

static void judge_rows(const struct row *rows, size_t n)
{
	size_t wrong = 0;

	for (size_t i = 0; i < n; i++)
		wrong += !judge_row(&rows[i]);
	assert_int_equal(wrong, 0);
}

static void a_pod_is_held_against_its_stamp_and_its_policy(void **state)
{
	static const struct row rows[] = {
		{ TIERED RUNS, BEFORE, "", NULL },
		/* times are whole seconds: that is no proof */
		{ TIERED RUNS, SAME_SECOND, "", NULL },
		{ TIERED RUNS, AFTER, "fail network.gate",
		  "is 2026-11-21T05:00:10Z, and the NetworkPolicy bulkhead-t "
		  "that is there was made later, at 2026-11-21T05:00:11Z" },
		{ TIERED RUNS, NONE, "fail network.gate",
		  "bulkhead-t is not there" },
		{ TIERED RUNS, CHANGED, "fail network.gate",
		  "bulkhead-t is not as the tier says" },
		{ TIERED RUNS, MARKED, "fail network.gate", NULL },
		/* it has not started: the gate, or the scheduler, holds it */
		{ TIERED LIVE_POD(STAMP, "", "", "phase: Pending"), NONE, "",
		  NULL },
		{ TIERED LIVE_POD(STAMP, "", "", "startTime: 7"), AFTER, "",
		  NULL },
		{ TIERED LIVE_POD(STAMP, "", "", "startTime: soon"), AFTER, "",
		  NULL },
		{ TIERED LIVE_POD("", "", "", STARTED), BEFORE,
		  "fail label.reserved", "is not set" },
		{ TIERED LIVE_POD(LABEL_TIER ": u", "", "", STARTED), NONE,
		  "fail label.reserved, fail tier.wish", "\"u\"" },
		{ TIERED LIVE_POD(LABEL_TIER ": 7", "", "", STARTED), NONE,
		  "fail label.reserved, fail tier.wish", NULL },
		/* its time is over, or there is nothing to hold it against */
		{ TIERED LIVE_POD("", "", "", "phase: Succeeded"), NONE,
		  "passed over", NULL },
		{ TIERED LIVE_POD("", "", "", "phase: Failed"), NONE,
		  "passed over", NULL },
		{ TIERED LIVE_POD("",
				  ", deletionTimestamp: "
				  "'2026-11-21T05:59:59Z'",
				  "", STARTED),
		  NONE, "passed over", NULL },
		{ CLOSED("t", "200", "") NAMESPACE("a", "x: y")
			  LIVE_POD("", "", "", STARTED),
		  NONE, "passed over", NULL },
		{ CLOSED("t", "200", "") LIVE_POD("", "", "", STARTED), NONE,
		  "passed over", NULL },
	};

	(void)state;
	judge_rows(rows, ARRAY_LEN(rows));
}

static void enforcement_and_exceptions_say_how_much_it_is(void **state)
{
	static const struct row rows[] = {
		{ CLOSED("t", "200", ", enforcement: Warn")
			  NAMESPACE("a", "bulkhead.dev/enforce: t") RUNS,
		  NONE, "warn network.gate", NULL },
		{ CLOSED("t", "200", ", enforcement: Audit")
			  NAMESPACE("a", "bulkhead.dev/enforce: t") RUNS,
		  NONE, "warn network.gate", NULL },
		{ EXCEPTION("e", "namespace: a, kinds: [Pod]", "network.gate",
			    "2030-01-01T00:00:00Z") TIERED RUNS,
		  NONE, "skip network.gate",
		  "excepted by IsolationException e: [network.gate]" },
		{ EXCEPTION("e", "namespace: a, kinds: [Pod]", "network.gate",
			    "2026-11-21T05:00:00Z") TIERED RUNS,
		  NONE, "fail network.gate", NULL },
		{ EXCEPTION("e", "namespace: b, kinds: [Pod]", "network.gate",
			    "2030-01-01T00:00:00Z") TIERED RUNS,
		  NONE, "fail network.gate", NULL },
		/* a tier that only runs beside */
		{ OURS("IsolationTier", "t",
		       "strength: 200, pod: {level: Baseline, "
		       "serviceAccountToken: Allow}")
			  NAMESPACE("a", "bulkhead.dev/warn: t") LIVE_POD(
				  "", "", ", hostNetwork: true", STARTED),
		  NONE, "warn pss.hostNamespaces", NULL },
	};

	(void)state;
	judge_rows(rows, ARRAY_LEN(rows));
}

static void what_other_policies_open_for_a_pod_is_told_at_the_pod(void **state)
{
	static const struct row rows[] = {
		{ TIERED NET("n1", "", OPEN) RUNS, BEFORE,
		  "fail network.policy",
		  "NetworkPolicy a/n1: spec.egress[0]: opens every destination "
		  "on every port for this Pod" },
		/* agent-sandbox's own, of which the rule says nothing */
		{ TIERED NET("n1",
			     OWNED_BY("extensions.agents.x-k8s.io/v1beta1",
				      "SandboxTemplate", "t", "t1"),
			     OPEN) RUNS,
		  BEFORE, "fail network.policy", NULL },
		{ TIERED NET("n1", "",
			     "podSelector: {}, policyTypes: [Ingress], "
			     "ingress: [{}]") RUNS,
		  BEFORE, "fail network.policy", "spec.ingress[0]" },
		{ TIERED NET("n1", "", OPEN) NET("o", "", OPEN) RUNS, BEFORE,
		  "fail network.policy, fail network.policy",
		  "NetworkPolicy a/n1" },
		/* rules of a type that does not count */
		{ TIERED NET("n1", "",
			     "podSelector: {}, policyTypes: [Ingress], "
			     "egress: [{}]") RUNS,
		  BEFORE, "", NULL },
		{ TIERED NET("n1", "",
			     "podSelector: {matchLabels: {a: b}}, "
			     "policyTypes: [Egress], egress: [{}]") RUNS,
		  BEFORE, "", NULL },
		{ TIERED NET("n1", "",
			     "podSelector: {matchExpressions: [{key: "
			     "bulkhead.dev/tier, operator: DoesNotExist}]}, "
			     "policyTypes: [Egress], egress: [{}]") RUNS,
		  BEFORE, "", NULL },
		/* what cannot be read opens more, for all that is known */
		{ TIERED NET("n1", "",
			     "podSelector: {}, policyTypes: [Egress], egress: "
			     "[{to: [{ipBlock: {cidr: x}}]}]") RUNS,
		  BEFORE, "fail network.policy", "more than can be compared" },
		{ TIERED NET("n1", "",
			     "podSelector: {}, policyTypes: [Egress], egress: "
			     "7") RUNS,
		  BEFORE, "fail network.policy", NULL },
		{ EXCEPTION("e", "namespace: a, kinds: [NetworkPolicy]",
			    "network.policy", "2030-01-01T00:00:00Z")
			  TIERED NET("n1", "", OPEN) RUNS,
		  BEFORE, "skip network.policy",
		  "excepted by IsolationException e" },
		/* the policy itself */
		{ TIERED NET("n1", "", OPEN), BEFORE, "fail network.policy",
		  "for Pods of tier \"t\"" },
	};

	(void)state;
	judge_rows(rows, ARRAY_LEN(rows));
}

static void a_node_must_be_one_that_the_class_chooses(void **state)
{
	static const struct row rows[] = {
		{ KATA_TIER CLASS NODE("kata: 'true'") ON_NODE("kata"), BEFORE,
		  "", NULL },
		{ KATA_TIER CLASS NODE("kata: 'false'") ON_NODE("kata"), BEFORE,
		  "fail pod.nodeName",
		  "is \"n1\", a node without the label kata=true, by which "
		  "RuntimeClass kata" },
		{ KATA_TIER CLASS NODE("") ON_NODE("kata"), BEFORE,
		  "fail pod.nodeName", NULL },
		{ KATA_TIER CLASS ON_NODE("kata"), BEFORE, "", NULL },
		{ KATA_TIER NODE("") ON_NODE("kata"), BEFORE, "", NULL },
		{ KATA_TIER CLASS NODE("") LIVE_POD(
			  STAMP, "", ", runtimeClassName: kata", STARTED),
		  BEFORE, "", NULL },
		{ KATA_TIER CLASS NODE("") ON_NODE("7"), BEFORE,
		  "fail runtime.class", NULL },
		{ KATA_TIER CLASS NODE("") ON_NODE("''"), BEFORE,
		  "fail runtime.class", NULL },
	};

	(void)state;
	judge_rows(rows, ARRAY_LEN(rows));
}

#define ENDS(time, more)                                                       \
	LIVE_SANDBOX("", ", shutdownTime: '2026-11-21T" time "Z'" more)
#define DELETES ", shutdownPolicy: Delete"
#define END_TIER(more)                                                         \
	TIER("t", "200", more) NAMESPACE("a", "bulkhead.dev/enforce: t")

static void what_outlives_its_end_is_told(void **state)
{
	static const struct row rows[] = {
		{ END_TIER("") ENDS("07:00:00", DELETES), NONE, "", NULL },
		{ END_TIER("") ENDS("05:56:00", DELETES), NONE, "", NULL },
		{ END_TIER("") ENDS("05:54:00", DELETES), NONE,
		  "fail lifecycle.ttl",
		  "spec.shutdownTime: ended it at 2026-11-21T05:54:00Z, and "
		  "it is still there" },
		/* kept on purpose */
		{ END_TIER("") ENDS("05:54:00", ", shutdownPolicy: Retain"),
		  NONE, "", NULL },
		{ END_TIER("") ENDS("05:54:00", ""), NONE, "", NULL },
		{ END_TIER("")
			  LIVE_SANDBOX(", annotations: {"
				       "argocd.argoproj.io/tracking-id: x}",
				       ", shutdownTime: "
				       "'2026-11-21T05:54:00Z'" DELETES),
		  NONE, "fail lifecycle.ttl",
		  "it is kept because Argo CD tracks it" },
		{ END_TIER("") LIVE_SANDBOX("", ""), NONE, "", NULL },
		/* older than the tier's longest time */
		{ CLOSED("t", "200", "") NAMESPACE(
			  "a",
			  "bulkhead.dev/enforce: t") "{apiVersion: "
						     "agents.x-k8s.io/v1beta1, "
						     "kind: "
						     "Sandbox, metadata: "
						     "{namespace: a, name: s, "
						     "creationTimestamp: "
						     "'2026-11-21T03:00:00Z'}, "
						     "spec: {}}\n",
		  NONE, "fail lifecycle.ttl, fail lifecycle.ttl",
		  "lifecycle.ttl.max of the tier passed at "
		  "2026-11-21T05:00:00Z" },
		/* a claim decides */
		{ CLOSED("t", "200", "")
			  NAMESPACE("a", "bulkhead.dev/enforce: t")
				  LIVE_SANDBOX(BY_CLAIM, ""),
		  NONE, "", NULL },
		{ END_TIER("") LIVE_SANDBOX(", deletionTimestamp: "
					    "'2026-11-21T05:59:00Z'",
					    ", shutdownTime: "
					    "'2026-11-21T05:54:00Z'" DELETES),
		  NONE, "passed over", NULL },
		/* without a tier nobody asked for an end */
		{ CLOSED("t", "200", "") NAMESPACE("a", "x: y")
			  ENDS("05:54:00", DELETES),
		  NONE, "passed over", NULL },
	};

	(void)state;
	judge_rows(rows, ARRAY_LEN(rows));
}

static void
what_is_no_object_as_it_should_be_is_judged_all_the_same(void **state)
{
	static const struct row rows[] = {
		{ TIERED "{apiVersion: v1, kind: Pod, metadata: {namespace: a, "
			 "name: x, labels: 7}, spec: 5, status: []}\n",
		  BEFORE,
		  "fail label.reserved, fail label.reserved, "
		  "fail access.ephemeralContainers",
		  NULL },
		{ TIERED "{apiVersion: v1, kind: Pod, metadata: {namespace: a, "
			 "name: x, ownerReferences: {a: b}, labels: {" STAMP
			 "}}, spec: null, status: {startTime: null}}\n",
		  BEFORE, "", NULL },
		{ TIERED "{apiVersion: v1, kind: ConfigMap, metadata: "
			 "{namespace: a, name: x}}\n",
		  NONE, "passed over", NULL },
		{ TIERED "{apiVersion: x.agents.x-k8s.io/v1, kind: Sandbox, "
			 "metadata: {namespace: a, name: x}}\n",
		  NONE, "passed over", NULL },
	};

	(void)state;
	judge_rows(rows, ARRAY_LEN(rows));
}

/* ---- whom it is told ---- */

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
		cmocka_unit_test(
			a_pod_is_held_against_its_stamp_and_its_policy),
		cmocka_unit_test(enforcement_and_exceptions_say_how_much_it_is),
		cmocka_unit_test(
			what_other_policies_open_for_a_pod_is_told_at_the_pod),
		cmocka_unit_test(a_node_must_be_one_that_the_class_chooses),
		cmocka_unit_test(what_outlives_its_end_is_told),
		cmocka_unit_test(
			what_is_no_object_as_it_should_be_is_judged_all_the_same),
		cmocka_unit_test(a_person_is_told_at_the_claim_or_the_sandbox),
		cmocka_unit_test(
			of_one_object_twenty_are_told_and_all_are_counted),
	};

	return cmocka_run_group_tests_name("controller/audit_judge", tests,
					   NULL, NULL)
		       ? 1
		       : 0;
}
