/*
 * For the tests of watches: objects, the change of one of them, and the keys
 * that it leads to, written down: "network a/t +60; audit a/ +30".
 */
#ifndef TESTS_UNIT_CONTROLLER_CHANGES_H
#define TESTS_UNIT_CONTROLLER_CHANGES_H

#include "tests/unit/controller/given.h"

#include "controller/reconcilers.h"
#include "controller/watches.h"

enum { AUDIT_DELAY = 30 };

#define AUDIT "audit a/ +30"
#define AUDIT_B "audit b/ +30"

#define MADE(api, kind, place, metadata, more)                                 \
	"{apiVersion: " api ", kind: " kind ", metadata: {" place metadata     \
	"}" more "}\n---\n"
#define IN(ns, name) "namespace: " ns ", name: " name
#define OWN(kind, name, more)                                                  \
	MADE("bulkhead.dev/v1alpha1", kind, "name: " name, "", more)
#define TEMPLATE(name, metadata, more)                                         \
	MADE(GROUP_EXTENSIONS "/v1beta1", "SandboxTemplate", IN("a", name),    \
	     metadata, more)
#define POOL(name, metadata, more)                                             \
	MADE(GROUP_EXTENSIONS "/v1beta1", "SandboxWarmPool", IN("a", name),    \
	     metadata, more)
#define CLAIM_IN(ns, name, metadata, more)                                     \
	MADE(GROUP_EXTENSIONS "/v1beta1", "SandboxClaim", IN(ns, name),        \
	     metadata, more)
#define CLAIM(metadata, more) CLAIM_IN("a", "x", metadata, more)
#define BOX_IN(ns, name, metadata, more)                                       \
	MADE(GROUP_AGENTS "/v1beta1", "Sandbox", IN(ns, name), metadata, more)
#define BOX(metadata, more) BOX_IN("a", "x", metadata, more)
#define POD_IN(ns, name, metadata, more)                                       \
	MADE("v1", "Pod", IN(ns, name), metadata, more)
#define PLAIN(metadata, more) POD_IN("a", "x", metadata, more)
#define NET_IN(ns, name, metadata, more)                                       \
	MADE("networking.k8s.io/v1", "NetworkPolicy", IN(ns, name), metadata,  \
	     more)
#define NET(name, metadata, more) NET_IN("a", name, metadata, more)
#define CLASS(more) MADE("node.k8s.io/v1", "RuntimeClass", "name: x", "", more)
#define NODE(metadata) MADE("v1", "Node", "name: x", metadata, "")
#define DAEMON(metadata)                                                       \
	MADE("apps/v1", "DaemonSet", IN("a", "x"), metadata, "")

#define STAMP(tier) ", labels: {" LABEL_TIER ": " tier "}"
#define USES(name) ", spec: {sandboxTemplateRef: {name: " name "}}"
#define GATES(list) ", spec: {schedulingGates: [" list "]}"
#define GATED GATES("{name: " GATE_EGRESS "}")

#define TIERS TIER("t", "200", "") TIER("u", "300", "")
#define ENFORCE(tier) NAMESPACE("a", LABEL_ENFORCE ": " tier)
#define FLOOR TIERS ENFORCE("t")
#define DEFAULT POLICY("defaultTier: t")
#define LAST "{apiVersion: v1, kind: ConfigMap, metadata: {name: z}}\n"

/* Two wait, one runs; and one waits elsewhere. */
#define WAITING                                                                \
	POD_IN("a", "p1", STAMP("t"), GATED)                                   \
	POD_IN("a", "p2", STAMP("u"), GATED)                                   \
	POD_IN("a", "p3", STAMP("t"), "") POD_IN("b", "p4", STAMP("t"), GATED)
/* In two namespaces, with a policy of others in one. */
#define INSIDE                                                                 \
	NET("bulkhead-t", "", "")                                              \
	NET("other", "", "")                                                   \
	NET_IN("b", "bulkhead-t", "", "")                                      \
	CLAIM_IN("a", "c", "", "")                                             \
	CLAIM_IN("b", "c", "", "")                                             \
	BOX_IN("a", "s", "", "") BOX_IN("b", "s", "", "")

/* The keys, in the order of their coming. */
struct told {
	struct watch_sink sink;
	struct arena *arena;
	struct str text;
};

static void tell(void *context, const struct queue_key *key, int64_t after_ns)
{
	struct told *told = context;
	struct str after = STR("");

	if (after_ns)
		after = arena_printf(told->arena, " +%lld",
				     (long long)after_ns / 1000000000);
	told->text = arena_printf(told->arena, "%.*s%s%s %.*s/%.*s%.*s",
				  STR_ARG(told->text), told->text.n ? "; " : "",
				  reconcilers[key->kind].name, STR_ARG(key->ns),
				  STR_ARG(key->name), STR_ARG(after));
}

static void told_open(struct told *told, struct given *g, const char *world,
		      const struct settings *settings)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	given_open(g, arena_printf(&a, "%s" LAST, world).p,
		   NOW * INT64_C(1000000000));
	g->world.settings = settings;
	*told = (struct told){ .sink = { &g->world, tell, told },
			       .arena = &g->arena,
			       .text = STR("") };
}

#endif
