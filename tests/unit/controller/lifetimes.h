/* For the tests of lifetimes: claims, Sandboxes, and rows of them. */
#ifndef TESTS_UNIT_CONTROLLER_LIFETIMES_H
#define TESTS_UNIT_CONTROLLER_LIFETIMES_H

#include "tests/unit/controller/given.h"

#include "controller/lifetime.h"
#include "controller/reconcilers.h"

#define SECOND INT64_C(1000000000)
#define HOUR (3600 * SECOND)
#define ANY INT64_C(-1)

#define AT_MIDNIGHT ", creationTimestamp: '2026-11-21T00:00:00Z'"
#define CLAIM_AT(when, more, rest)                                             \
	"{apiVersion: extensions.agents.x-k8s.io/v1beta1, kind: "              \
	"SandboxClaim, metadata: {namespace: a, name: c, uid: c1, "            \
	"resourceVersion: '7'" when more "}, " rest "}\n---\n"
#define CLAIM(more, spec) CLAIM_AT(AT_MIDNIGHT, more, "spec: {" spec "}")
#define DUE(time, policy)                                                      \
	CLAIM("", "lifecycle: {shutdownTime: " time policy "}")
#define STAMP(time) ", annotations: {bulkhead.dev/expires-at: " time "}"
#define STAMPED(time) CLAIM(STAMP(time), "")
#define BOX_AT(when, more, spec)                                               \
	"{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, metadata: "      \
	"{namespace: a, name: s, uid: s1, resourceVersion: '9'" when more      \
	"}, spec: {" spec "}}\n---\n"
#define BOX(more, spec) BOX_AT(AT_MIDNIGHT, more, spec)
#define OWNED(kind, uid, controller)                                           \
	", ownerReferences: [{apiVersion: " kind ", name: x, uid: " uid        \
	", controller: " controller "}]"
#define BY_CLAIM                                                               \
	OWNED("extensions.agents.x-k8s.io/v1beta1, kind: SandboxClaim", "c1",  \
	      "true")
#define POD_OF(name, more)                                                     \
	"{apiVersion: v1, kind: Pod, metadata: {namespace: a, name: " name     \
	", uid: p1, resourceVersion: '3'" more "}}\n---\n"
#define BY_BOX OWNED("agents.x-k8s.io/v1beta1, kind: Sandbox", "s1", "true")
#define GOING ", deletionTimestamp: '2026-11-21T05:59:59Z'"
#define DEL ", shutdownPolicy: Delete"
#define PAST "'2026-11-21T05:59:50Z'"
#define NOTHING "{apiVersion: v1, kind: ConfigMap, metadata: {name: z}}\n"

#define GONE_CLAIM "delete SandboxClaim c c1@7 background; event Expired"
#define GONE_BOX "delete Sandbox s s1@9 background; event Expired"
#define GONE_POD "delete Pod s p1@3 background; event Expired"
#define SOON "event ExpiresSoon"
#define BAD "event UnreadableLifetime"
#define KEPT "event KeptThoughExpired"

struct row {
	const char *given;
	const char *want;
	int64_t again_ns; /* 0: none; ANY */
};

static void plan(struct given *g, enum reconciler_kind kind)
{
	const struct queue_key key = { kind, STR("a"),
				       kind == RECONCILE_CLAIM ? STR("c")
							       : STR("s") };

	lifetime_plan(&g->world, &key, g->plan);
}

static void run(const char *world, const struct row *rows, size_t n,
		enum reconciler_kind kind)
{
	size_t wrong = 0;

	for (size_t i = 0; i < n; i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct given g;

		given_open(
			&g,
			arena_printf(&a, "%s%s" NOTHING, world, rows[i].given)
				.p,
			NOW * SECOND);
		plan(&g, kind);
		if (strcmp(given_told(&g), rows[i].want) ||
		    (rows[i].again_ns != ANY &&
		     rows[i].again_ns != g.plan->again_ns)) {
			wrong++;
			print_error("row %zu: \"%s\", again %lld\n%s", i,
				    given_told(&g), (long long)g.plan->again_ns,
				    rows[i].given);
		}
		given_close(&g);
	}
	assert_int_equal(wrong, 0);
}

#endif
