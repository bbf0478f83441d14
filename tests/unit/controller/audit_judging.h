/* For the tests of what an audit judges: live objects, and rows of them. */
#ifndef TESTS_UNIT_CONTROLLER_AUDIT_JUDGING_H
#define TESTS_UNIT_CONTROLLER_AUDIT_JUDGING_H

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
static inline void put_own(struct scene *s, const struct world *world,
			   enum own own)
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

static inline bool judge_row(const struct row *row)
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

static inline void judge_rows(const struct row *rows, size_t n)
{
	size_t wrong = 0;

	for (size_t i = 0; i < n; i++)
		wrong += !judge_row(&rows[i]);
	assert_int_equal(wrong, 0);
}

#endif
