/* controller/lifetime.c and lifetime_of.c: what tiers and Git have to say. */
#include "tests/unit/controller/lifetimes.h"

#define NAMED "{sandbox: {name: s}}"
#define TIERED(enforcement, max, more)                                         \
	"{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationTier, metadata: "  \
	"{name: t}, spec: {strength: 200, enforcement: " enforcement           \
	", lifecycle: {ttl: {max: " max "}" more "}}}\n---\n"                  \
	"{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: "       \
	"{bulkhead.dev/enforce: t}}}\n---\n"
#define ENDING(max, more) TIERED("Enforce", max, ", overdue: End" more)
#define EXCEPT(rule, until)                                                    \
	"{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationException, "       \
	"metadata: {name: e}, spec: {target: {namespace: a}, rules: [" rule    \
	"], reason: r, expiresAt: '" until "'}}\n---\n"
#define PLAIN CLAIM("", "")
#define OVERDUE "event Overdue"
#define RETAIN "lifecycle: {shutdownPolicy: Retain}"

#define ARGO ", annotations: {argocd.argoproj.io/tracking-id: x}"
#define OLDER_CLAIM(more, spec)                                                \
	"{apiVersion: extensions.agents.x-k8s.io/v1alpha1, kind: "             \
	"SandboxClaim, metadata: {namespace: a, name: c, uid: c1, "            \
	"resourceVersion: '7'" AT_MIDNIGHT more "}, spec: " spec "}\n---\n"
#define WRITTEN_CLAIM                                                          \
	"patch SandboxClaim c {\"metadata\":{\"resourceVersion\":\"7\"},"      \
	"\"spec\":{\"lifecycle\":{\"shutdownTime\":"                           \
	"\"2026-11-21T05:00:00Z\"}}}; event EndWritten"

static void the_tiers_maximum_is_told_or_carried_out(void **state)
{
	static const struct row rows[] = {
		{ TIERED("Enforce", "5h", "") PLAIN, OVERDUE, 0 },
		{ TIERED("Enforce", "6h", "") PLAIN, OVERDUE, 0 },
		{ TIERED("Enforce", "6h0m1s", "") PLAIN, "", SECOND },
		{ TIERED("Enforce", "6h30m", "") PLAIN, "", HOUR / 2 },
		{ TIERED("Enforce", "100h", "") PLAIN, "", HOUR },
		/* its own end is later, beyond what clocks may differ */
		{ TIERED("Enforce", "5h", "")
			  DUE("'2026-11-21T07:00:00Z'", DEL),
		  OVERDUE, 50 * 60 * SECOND },
		{ TIERED("Enforce", "6h", "")
			  DUE("'2026-11-21T06:01:00Z'", DEL),
		  SOON, 60 * SECOND },
		{ ENDING("6h", "") DUE("'2026-11-21T06:01:00Z'", DEL), SOON,
		  60 * SECOND },
		{ ENDING("6h", "") DUE("'2026-11-21T06:01:01Z'", DEL),
		  GONE_CLAIM, 0 },
		{ TIERED("Enforce", "5h", "") DUE(PAST, DEL), GONE_CLAIM, 0 },
		{ TIERED("Enforce", "5h", "") DUE("soon", DEL),
		  BAD "; " OVERDUE, 0 },
		/* End */
		{ ENDING("5h", "") PLAIN, GONE_CLAIM, 0 },
		{ ENDING("6h0m1s", "") PLAIN, SOON, SECOND },
		{ ENDING("5h", "") CLAIM("", RETAIN), GONE_CLAIM, 0 },
		/* what is retained is told its end, for upstream to see */
		{ ENDING("5h", ", shutdownPolicies: [Retain]")
			  CLAIM("", RETAIN),
		  WRITTEN_CLAIM, 0 },
		{ ENDING("5h", ", shutdownPolicy: Retain") PLAIN, WRITTEN_CLAIM,
		  0 },
		{ ENDING("5h", ", shutdownPolicy: Retain")
			  DUE("'2026-11-21T07:00:00Z'", ""),
		  WRITTEN_CLAIM, 0 },
		{ ENDING("5h", ", shutdownPolicy: Retain")
			  DUE("'2026-11-21T05:00:00Z'", ""),
		  "", 0 },
		{ ENDING("5h", ", shutdownPolicy: Retain") CLAIM(ARGO, ""),
		  KEPT, 0 },
		{ ENDING("5h", ", shutdownPolicy: Retain, tracked: End")
			  CLAIM(ARGO, ""),
		  WRITTEN_CLAIM, 0 },
		{ ENDING("5h", ", shutdownPolicy: Retain")
			  OLDER_CLAIM("", "{}"),
		  "patch SandboxClaim c {\"metadata\":{\"resourceVersion\":"
		  "\"7\",\"annotations\":{\"bulkhead.dev/expires-at\":"
		  "\"2026-11-21T05:00:00Z\"}},\"spec\":{\"lifecycle\":{"
		  "\"shutdownTime\":\"2026-11-21T05:00:00Z\"}}}; "
		  "event EndWritten",
		  0 },
		/* ... and where that is dropped the stamp ends it */
		{ ENDING("5h", ", shutdownPolicy: Retain")
			  OLDER_CLAIM(STAMP("'2026-11-21T05:00:00Z'"), "{}"),
		  GONE_CLAIM, 0 },
		{ ENDING("5h", ", shutdownPolicy: DeleteForeground")
			  OLDER_CLAIM(STAMP("'2026-11-21T05:00:00Z'"), "{}"),
		  "delete SandboxClaim c c1@7 foreground; event Expired", 0 },
		/* stricter than the tier asks for is what it says */
		{ ENDING("5h", ", shutdownPolicy: Retain")
			  CLAIM("", "lifecycle: {shutdownPolicy: Delete}"),
		  GONE_CLAIM, 0 },
		{ ENDING("5h", ", shutdownPolicy: DeleteForeground") PLAIN,
		  "delete SandboxClaim c c1@7 foreground; event Expired", 0 },
		{ TIERED("Warn", "5h", ", overdue: End") PLAIN, OVERDUE, 0 },
		{ TIERED("Audit", "5h", ", overdue: End") PLAIN, OVERDUE, 0 },
		/* no maximum, nobody's, excepted */
		{ TIERED("Enforce", "5h", "") CLAIM_AT("", "", "spec: {}"), "",
		  0 },
		{ ENDING("5h", "")
			  CLAIM_AT(", creationTimestamp: x", "", "spec: {}"),
		  "", 0 },
		{ EXCEPT("lifecycle.ttl", "2026-12-01T00:00:00Z")
			  ENDING("5h", "") PLAIN,
		  "", 0 },
		{ EXCEPT("lifecycle.*", "2026-12-01T00:00:00Z") ENDING("5h", "")
			  PLAIN,
		  "", 0 },
		{ EXCEPT("lifecycle.ttl", "2026-11-21T06:00:00Z")
			  ENDING("5h", "") PLAIN,
		  GONE_CLAIM, 0 },
		{ EXCEPT("pod.volumes", "2026-12-01T00:00:00Z") ENDING("5h", "")
			  PLAIN,
		  GONE_CLAIM, 0 },
		{ ENDING("5h", "") CLAIM_AT(", creationTimestamp: "
					    "'2027-01-01T00:00:00Z'",
					    "", "spec: {}"),
		  "", HOUR },
		{ ENDING("5h", "") CLAIM_AT(", creationTimestamp: "
					    "'9999-12-31T23:59:59Z'",
					    "", "spec: {}"),
		  "", HOUR },
		{ ENDING("5h", "") CLAIM_AT(", creationTimestamp: "
					    "'0000-01-01T00:00:00Z'",
					    "", "spec: {}"),
		  GONE_CLAIM, 0 },
	};

	(void)state;
	run("", rows, ARRAY_LEN(rows), RECONCILE_CLAIM);
}

#define TRACKED(how) CLAIM(how, "lifecycle: {shutdownTime: " PAST DEL "}")

static void what_git_would_make_again_is_kept(void **state)
{
	static const struct row rows[] = {
		{ TRACKED(ARGO), KEPT, 0 },
		{ TRACKED(", labels: {kustomize.toolkit.fluxcd.io/name: x}"),
		  KEPT, 0 },
		{ TRACKED(", labels: {helm.toolkit.fluxcd.io/name: x}"), KEPT,
		  0 },
		{ TRACKED(", labels: {app.kubernetes.io/managed-by: Helm}"),
		  KEPT, 0 },
		{ TRACKED(", labels: {app.kubernetes.io/managed-by: helm}"),
		  GONE_CLAIM, 0 },
		{ TRACKED(", labels: {app.kubernetes.io/instance: x}"),
		  GONE_CLAIM, 0 },
		{ TRACKED(", labels: {helm.toolkit.fluxcd.io/name: ''}"),
		  GONE_CLAIM, 0 },
		{ TRACKED(", labels: [helm.toolkit.fluxcd.io/name]"),
		  GONE_CLAIM, 0 },
		/* what stays anyway may end */
		{ CLAIM_AT(AT_MIDNIGHT, ARGO,
			   "spec: {lifecycle: {shutdownTime: " PAST
			   "}}, status: " NAMED) BOX(BY_CLAIM, ""),
		  GONE_BOX, 0 },
		/* its tier says so, in earnest */
		{ TIERED("Enforce", "9h", ", tracked: End") TRACKED(ARGO),
		  GONE_CLAIM, 0 },
		{ TIERED("Audit", "9h", ", tracked: End") TRACKED(ARGO), KEPT,
		  0 },
		{ TIERED("Enforce", "9h", ", tracked: Keep") TRACKED(ARGO),
		  KEPT, 0 },
		{ ENDING("5h", "") CLAIM(ARGO, ""), KEPT, 0 },
		{ ENDING("5h", ", tracked: End") CLAIM(ARGO, ""), GONE_CLAIM,
		  0 },
		/* nobody is warned of what will not be */
		{ CLAIM(ARGO, "lifecycle: {shutdownTime: "
			      "'2026-11-21T06:00:30Z'" DEL "}"),
		  "", 30 * SECOND },
	};

	(void)state;
	run("", rows, ARRAY_LEN(rows), RECONCILE_CLAIM);
}

static void a_sandbox_that_is_retained_is_told_its_end(void **state)
{
	static const struct row rows[] = {
		{ ENDING("5h", ", shutdownPolicy: Retain") BOX("", ""),
		  "patch Sandbox s {\"metadata\":{\"resourceVersion\":\"9\"},"
		  "\"spec\":{\"shutdownTime\":\"2026-11-21T05:00:00Z\"}}; "
		  "event EndWritten",
		  0 },
		/* then both see it */
		{ ENDING("5h", ", shutdownPolicy: Retain")
			  BOX("", "shutdownTime: '2026-11-21T05:00:00Z'")
				  POD_OF("s", BY_BOX),
		  GONE_POD, 0 },
		{ ENDING("5h", ", shutdownPolicy: Retain") BOX(BY_CLAIM, "")
			  POD_OF("s", BY_BOX),
		  "", 0 },
		/* no foreground for a Sandbox */
		{ ENDING("5h", ", shutdownPolicy: DeleteForeground")
			  BOX("", ""),
		  "delete Sandbox s s1@9 background; event Expired", 0 },
	};

	(void)state;
	run("", rows, ARRAY_LEN(rows), RECONCILE_SANDBOX);
}

static void a_deletion_says_since_when_it_was_due(void **state)
{
	static const struct {
		const char *given;
		int64_t due_ns;
	} rows[] = {
		{ DUE(PAST, DEL), (NOW - 10) * SECOND },
		{ DUE("'2026-11-21T05:59:49.5Z'", DEL), (NOW - 10) * SECOND },
		/* over when it was made */
		{ DUE("'2020-01-01T00:00:00Z'", DEL), (NOW - 21600) * SECOND },
		{ DUE("'0000-01-01T00:00:00Z'", DEL), (NOW - 21600) * SECOND },
		{ ENDING("5h", "") PLAIN, (NOW - 3600) * SECOND },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct given g;

		given_open(&g, arena_printf(&a, "%s" NOTHING, rows[i].given).p,
			   NOW * SECOND);
		plan(&g, RECONCILE_CLAIM);
		assert_int_equal(g.plan->actions[0].due_ns, rows[i].due_ns);
		given_close(&g);
	}
}

static void the_lifetime_of_an_object_names_what_counts(void **state)
{
	static const struct {
		const char *given;
		enum lifetime_end end;
		int64_t due;
		const char *tracked_by;
		bool problem, tier;
	} rows[] = {
		{ DUE(PAST, DEL), LIFETIME_BY_FIELD, NOW - 10, "", false,
		  false },
		{ PLAIN, LIFETIME_NONE, 0, "", false, false },
		{ DUE("soon", DEL), LIFETIME_NONE, 0, "", true, false },
		{ TRACKED(ARGO), LIFETIME_BY_FIELD, NOW - 10, "Argo CD", false,
		  false },
		{ ENDING("5h", "") PLAIN, LIFETIME_OVERDUE, NOW - 3600, "",
		  false, true },
		{ ENDING("7h", "") PLAIN, LIFETIME_NONE, 0, "", false, true },
		{ ENDING("5h", "") DUE("'2026-11-21T07:00:00Z'", DEL),
		  LIFETIME_OVERDUE, NOW - 3600, "", false, true },
		{ ENDING("7h", "") DUE("'2026-11-21T09:00:00Z'", DEL),
		  LIFETIME_BY_FIELD, NOW + 10800, "", false, true },
		{ ENDING("5h", "") DUE(PAST, DEL), LIFETIME_BY_FIELD, NOW - 10,
		  "", false, true },
		{ CLAIM(GOING, "lifecycle: {shutdownTime: " PAST "}"),
		  LIFETIME_NONE, 0, "", false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct inventory_object *object;
		struct lifetime l;
		struct given g;

		given_open(&g, arena_printf(&a, "%s" NOTHING, rows[i].given).p,
			   NOW * SECOND);
		object = inventory_get(g.inventory, STR(GROUP_EXTENSIONS),
				       STR("SandboxClaim"), STR("a"), STR("c"));
		lifetime_of(&a, &g.world, object, &l);
		if (l.end != rows[i].end || l.due != rows[i].due ||
		    !str_is(l.tracked_by, rows[i].tracked_by) ||
		    l.problem != rows[i].problem ||
		    (l.tier != NULL) != rows[i].tier)
			fail_msg("row %zu: end %d, due %lld", i, (int)l.end,
				 (long long)l.due);
		inventory_object_unref(&object);
		given_close(&g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tiers_maximum_is_told_or_carried_out),
		cmocka_unit_test(a_sandbox_that_is_retained_is_told_its_end),
		cmocka_unit_test(what_git_would_make_again_is_kept),
		cmocka_unit_test(a_deletion_says_since_when_it_was_due),
		cmocka_unit_test(the_lifetime_of_an_object_names_what_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
