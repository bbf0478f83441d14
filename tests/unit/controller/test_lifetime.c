/* controller/lifetime.c and lifetime_of.c: what ends, when, and what is kept.
 */
#include "tests/unit/controller/lifetimes.h"

static void a_claim_ends_when_its_time_has_come(void **state)
{
	static const struct row rows[] = {
		{ DUE(PAST, DEL), GONE_CLAIM, 0 },
		{ DUE("'2026-11-21T06:00:00Z'", DEL), GONE_CLAIM, 0 },
		{ DUE("'2026-11-21T06:00:01Z'", DEL), SOON, SECOND },
		{ DUE("'2026-11-21T06:00:00.5Z'", DEL), SOON, SECOND },
		{ DUE("'2026-11-21T06:00:00,250Z'", DEL), SOON, SECOND },
		{ DUE("'2026-11-21T06:00:00.000000001Z'", DEL), SOON, SECOND },
		{ DUE("'2026-11-21T06:00:00.000Z'", DEL), GONE_CLAIM, 0 },
		{ DUE("'2026-11-21T07:00:00+01:00'", DEL), GONE_CLAIM, 0 },
		{ DUE("'2026-11-21T07:00:00.9+01:00'", DEL), SOON, SECOND },
		{ DUE("'2026-11-21T05:59:59-01:00'", DEL), "", 2999 * SECOND },
		{ DUE(PAST, ", shutdownPolicy: DeleteForeground"),
		  "delete SandboxClaim c c1@7 foreground; event Expired", 0 },
		/* long ago, and far away */
		{ DUE("'1969-12-31T23:59:59Z'", DEL), GONE_CLAIM, 0 },
		{ DUE("'1970-01-01T00:00:00Z'", DEL), GONE_CLAIM, 0 },
		{ DUE("'0000-01-01T00:00:00Z'", DEL), GONE_CLAIM, 0 },
		{ DUE("'9999-12-31T23:59:59Z'", DEL), "", HOUR },
		{ DUE("'9999-12-31T23:59:59.9Z'", DEL), "", HOUR },
		{ DUE("'2262-04-12T00:00:00Z'", DEL), "", HOUR },
		/* other spellings */
		{ CLAIM(STAMP(PAST), "lifecycle: {shutdownPolicy: Delete}"),
		  GONE_CLAIM, 0 },
		{ STAMPED(PAST), GONE_CLAIM, 0 },
		{ STAMPED("'2026-11-21T06:00:01Z'"), SOON, SECOND },
		/* a stamp counts only where there is no field */
		{ CLAIM(STAMP(PAST),
			"lifecycle: {shutdownTime: '2030-01-01T00:00:00Z'" DEL
			"}"),
		  "", HOUR },
		{ CLAIM(STAMP("'2030-01-01T00:00:00Z'"),
			"lifecycle: {shutdownTime: " PAST DEL "}"),
		  GONE_CLAIM, 0 },
		{ CLAIM(STAMP(PAST), "lifecycle: {shutdownTime: null}"),
		  GONE_CLAIM, 0 },
		{ CLAIM("", "ttl: 6h" DEL), GONE_CLAIM, 0 },
		{ CLAIM("", "ttl: 360m" DEL), GONE_CLAIM, 0 },
		{ CLAIM("", "ttl: 5h59m59.5s" DEL), GONE_CLAIM, 0 },
		{ CLAIM("", "ttl: 6h0m0.1s" DEL), SOON, SECOND },
		{ CLAIM("", "ttl: 2540400h" DEL), "", HOUR },
		{ CLAIM("", "shutdownTime: " PAST DEL), GONE_CLAIM, 0 },
		{ "{apiVersion: extensions.agents.x-k8s.io/v1alpha1, kind: "
		  "SandboxClaim, metadata: {namespace: a, name: c, uid: c1, "
		  "resourceVersion: '7'}, spec: {lifecycle: {shutdownTime: "
		  "" PAST DEL "}}}\n---\n",
		  GONE_CLAIM, 0 },
	};

	(void)state;
	run("", rows, ARRAY_LEN(rows), RECONCILE_CLAIM);
}

static void what_cannot_be_read_is_told_and_no_end(void **state)
{
	static const struct row rows[] = {
		{ DUE("soon", DEL), BAD, 0 },
		{ DUE("''", DEL), BAD, 0 },
		{ DUE("1795240000", DEL), BAD, 0 },
		{ DUE("true", DEL), BAD, 0 },
		{ DUE("[" PAST "]", DEL), BAD, 0 },
		{ DUE("{}", DEL), BAD, 0 },
		{ DUE("'2026-02-29T06:00:00Z'", DEL), BAD, 0 },
		{ DUE("'2026-11-21T24:00:00Z'", DEL), BAD, 0 },
		{ DUE("'2026-11-21T05:00:60Z'", DEL), BAD, 0 },
		{ DUE("'2026-11-21 05:00:00Z'", DEL), BAD, 0 },
		{ DUE("'2026-11-21T05:00:00'", DEL), BAD, 0 },
		{ DUE("'2026-11-21T05:00:00Z '", DEL), BAD, 0 },
		{ DUE("'10000-01-01T00:00:00Z'", DEL), BAD, 0 },
		{ DUE("'-001-01-01T00:00:00Z'", DEL), BAD, 0 },
		{ CLAIM("", "ttl: 0s" DEL), BAD, 0 },
		{ CLAIM("", "ttl: -1h" DEL), BAD, 0 },
		{ CLAIM("", "ttl: 1 hour" DEL), BAD, 0 },
		{ CLAIM("", "ttl: 3600" DEL), BAD, 0 },
		{ CLAIM("", "ttl: 999999999h" DEL), BAD, 0 },
		{ CLAIM_AT("", "", "spec: {ttl: 1h" DEL "}"), BAD, 0 },
		{ CLAIM_AT(", creationTimestamp: yesterday", "",
			   "spec: {ttl: 1h" DEL "}"),
		  BAD, 0 },
		{ STAMPED("never"), BAD, 0 },
		{ STAMPED("{}"), BAD, 0 },
		/* one of two: the other one holds */
		{ CLAIM(STAMP("never"), "ttl: 1h" DEL), BAD "; " GONE_CLAIM,
		  0 },
		/* ... and where it does not count nobody asks */
		{ CLAIM(STAMP("never"),
			"lifecycle: {shutdownTime: " PAST DEL "}"),
		  GONE_CLAIM, 0 },
		/* nothing there is no problem, and no end */
		{ DUE("null", DEL), "", 0 },
		{ CLAIM("", ""), "", 0 },
		{ CLAIM("", "lifecycle: [" PAST "]"), "", 0 },
		{ CLAIM("", "lifecycle: text"), "", 0 },
		{ CLAIM_AT("", "", "spec: null"), "", 0 },
		{ CLAIM_AT("", "", "x: y"), "", 0 },
		{ "", "", 0 },
		/* it goes already */
		{ CLAIM(GOING, "lifecycle: {shutdownTime: " PAST DEL "}"), "",
		  0 },
		{ CLAIM(GOING, "lifecycle: {shutdownTime: soon}"), "", 0 },
	};

	(void)state;
	run("", rows, ARRAY_LEN(rows), RECONCILE_CLAIM);
}

#define RETAINED(more, status)                                                 \
	CLAIM_AT(AT_MIDNIGHT, more,                                            \
		 "spec: {lifecycle: {shutdownTime: " PAST                      \
		 ", shutdownPolicy: Retain}}, status: " status)
#define NAMED "{sandbox: {name: s}}"
#define ADOPTS ", annotations: {agents.x-k8s.io/sandbox-name: s}"

static void a_claim_that_is_retained_loses_its_own_sandbox(void **state)
{
	static const struct row rows[] = {
		{ RETAINED("", NAMED) BOX(BY_CLAIM, ""), GONE_BOX, 0 },
		{ DUE(PAST, "") BOX(BY_CLAIM, ""), "", 0 },
		{ DUE(PAST, ", shutdownPolicy: Keep"), "", 0 },
		{ DUE(PAST, ", shutdownPolicy: [Delete]"), "", 0 },
		{ RETAINED("", NAMED), "", 0 },
		{ RETAINED("", "{}") BOX(BY_CLAIM, ""), "", 0 },
		{ RETAINED("", "{sandbox: s}") BOX(BY_CLAIM, ""), "", 0 },
		{ RETAINED("", NAMED) BOX(BY_CLAIM GOING, ""), "", 0 },
		/* adopted, which its status does not say yet */
		{ RETAINED(ADOPTS, "{}") BOX(BY_CLAIM, ""), GONE_BOX, 0 },
		{ RETAINED(ADOPTS, "{}") BOX("", ""), "", 0 },
		/* somebody else's, under the same name */
		{ RETAINED("", NAMED) BOX("", ""), "", 0 },
		{ RETAINED("", NAMED) BOX(", ownerReferences: text", ""), "",
		  0 },
		{ RETAINED("", NAMED)
			  BOX(OWNED("extensions.agents.x-k8s.io/v1beta1, kind: "
				    "SandboxClaim",
				    "c0", "true"),
			      ""),
		  "", 0 },
		{ RETAINED("", NAMED)
			  BOX(OWNED("extensions.agents.x-k8s.io/v1beta1, kind: "
				    "SandboxClaim",
				    "c1", "false"),
			      ""),
		  "", 0 },
		{ RETAINED("", NAMED)
			  BOX(OWNED("v1, kind: ConfigMap", "c1", "true"), ""),
		  "", 0 },
		{ "{apiVersion: extensions.agents.x-k8s.io/v1beta1, kind: "
		  "SandboxClaim, metadata: {namespace: a, name: c}, spec: "
		  "{lifecycle: {shutdownTime: " PAST "}}, status: " NAMED
		  "}\n---\n" BOX(OWNED("extensions.agents.x-k8s.io/v1beta1, "
				       "kind: SandboxClaim",
				       "''", "true"),
				 ""),
		  "", 0 },
		/* of its own name, whatever the status says */
		{ RETAINED("", NAMED) BOX(
			  "", "") "{apiVersion: agents.x-k8s.io/v1beta1, kind: "
				  "Sandbox, metadata: {namespace: a, name: c, "
				  "uid: s2, "
				  "resourceVersion: '8'" BY_CLAIM "}}\n---\n",
		  "delete Sandbox c s2@8 background; event Expired", 0 },
		/* in another namespace */
		{ RETAINED("", NAMED) "{apiVersion: agents.x-k8s.io/v1beta1, "
				      "kind: Sandbox, "
				      "metadata: {namespace: b, name: s, uid: "
				      "s1" BY_CLAIM "}}\n---\n",
		  "", 0 },
	};

	(void)state;
	run("", rows, ARRAY_LEN(rows), RECONCILE_CLAIM);
}

#define RETAINED_BOX "shutdownTime: " PAST ", shutdownPolicy: Retain"

static void a_sandbox_ends_unless_its_claim_or_pool_decides(void **state)
{
	static const struct row rows[] = {
		{ BOX("", "shutdownTime: " PAST DEL), GONE_BOX, 0 },
		{ BOX("", "shutdownTime: '2026-11-21T08:00:00Z'" DEL), "",
		  HOUR },
		{ BOX("", "ttl: 1h" DEL), GONE_BOX, 0 },
		{ BOX("", "lifecycle: {shutdownTime: " PAST DEL "}"), "", 0 },
		/* not its own */
		{ BOX(BY_CLAIM, "shutdownTime: " PAST DEL), "", 0 },
		{ BOX(BY_CLAIM, "shutdownTime: soon"), "", 0 },
		{ BOX(OWNED("extensions.agents.x-k8s.io/v1alpha1, kind: "
			    "SandboxWarmPool",
			    "w1", "true"),
		      "shutdownTime: " PAST DEL),
		  "", 0 },
		{ BOX(OWNED("agents.x-k8s.io/v1alpha1, kind: SandboxClaim",
			    "c1", "true"),
		      "shutdownTime: " PAST DEL),
		  "", 0 },
		{ BOX(GOING, "shutdownTime: " PAST DEL), "", 0 },
		/* owned, and its own all the same */
		{ BOX(OWNED("apps/v1, kind: Deployment", "d1", "true"),
		      "shutdownTime: " PAST DEL),
		  GONE_BOX, 0 },
		{ BOX(OWNED("extensions.agents.x-k8s.io/v1beta1, kind: "
			    "SandboxClaim",
			    "c1", "false"),
		      "shutdownTime: " PAST DEL),
		  GONE_BOX, 0 },
		/* retained: the Pod goes */
		{ BOX("", RETAINED_BOX) POD_OF("s", BY_BOX), GONE_POD, 0 },
		{ BOX("", "shutdownTime: " PAST) POD_OF("s", BY_BOX), GONE_POD,
		  0 },
		{ BOX("", RETAINED_BOX) POD_OF("pool-x", BY_BOX),
		  "delete Pod pool-x p1@3 background; event Expired", 0 },
		{ BOX("", RETAINED_BOX), "", 0 },
		{ BOX("", RETAINED_BOX) POD_OF("s", BY_BOX GOING), "", 0 },
		{ BOX("", RETAINED_BOX) POD_OF("t", BY_BOX GOING), "", 0 },
		{ BOX("", RETAINED_BOX) POD_OF("m", BY_BOX GOING)
			  POD_OF("other", BY_BOX),
		  "delete Pod other p1@3 background; event Expired", 0 },
		{ BOX("", RETAINED_BOX) POD_OF("s", ""), "", 0 },
		{ BOX("", RETAINED_BOX)
			  POD_OF("s", OWNED("agents.x-k8s.io/v1beta1, kind: "
					    "Sandbox",
					    "s0", "true")),
		  "", 0 },
		{ BOX("", RETAINED_BOX)
			  POD_OF("s", OWNED("apps/v1, kind: ReplicaSet", "s1",
					    "true")),
		  "", 0 },
		{ BOX("", RETAINED_BOX) POD_OF("s", ", ownerReferences: [x]"),
		  "", 0 },
	};

	(void)state;
	run("", rows, ARRAY_LEN(rows), RECONCILE_SANDBOX);
}

static void it_is_warned_and_woken_to_the_nanosecond(void **state)
{
	static const struct {
		int64_t left_ns; /* until 2026-11-21T06:00:00Z */
		const char *want;
		int64_t again_ns;
	} rows[] = {
		{ 3 * HOUR, "", HOUR },
		{ 601 * SECOND, "", SECOND },
		{ 600 * SECOND + 1, "", 1 },
		{ 600 * SECOND, SOON, 540 * SECOND },
		{ 61 * SECOND, SOON, SECOND },
		{ 60 * SECOND + 1, SOON, 1 },
		{ 60 * SECOND, SOON, 60 * SECOND },
		{ SECOND / 4, SOON, SECOND / 4 },
		{ 1, SOON, 1 },
		{ 0, GONE_CLAIM, 0 },
		{ -1, GONE_CLAIM, 0 },
		{ -24 * HOUR * 365, GONE_CLAIM, 0 },
		/* the clock was set back, beyond anything */
		{ 24 * HOUR, "", HOUR },
		{ NOW * SECOND + SECOND, "", HOUR },
		{ INT64_MAX, "", HOUR },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct given g;

		given_open(&g, DUE("'2026-11-21T06:00:00Z'", DEL) NOTHING,
			   NOW * SECOND - rows[i].left_ns);
		plan(&g, RECONCILE_CLAIM);
		if (strcmp(given_told(&g), rows[i].want) ||
		    g.plan->again_ns != rows[i].again_ns)
			fail_msg("row %zu: \"%s\", again %lld", i,
				 given_told(&g), (long long)g.plan->again_ns);
		given_close(&g);
	}
}

#define SHORT(created)                                                         \
	CLAIM_AT(", creationTimestamp: '" created "'", "",                     \
		 "spec: {lifecycle: {shutdownTime: "                           \
		 "'2026-11-21T06:05:00Z'}}")

static void who_was_made_to_live_shortly_is_not_warned(void **state)
{
	static const struct row rows[] = {
		{ SHORT("2026-11-21T05:59:00Z"), "", 240 * SECOND },
		{ SHORT("2026-11-21T05:55:01Z"), "", 240 * SECOND },
		{ SHORT("2026-11-21T05:55:00Z"), SOON, 240 * SECOND },
		{ SHORT("2026-11-21T06:30:00Z"), "", 240 * SECOND },
		{ SHORT("garbage"), SOON, 240 * SECOND },
	};

	(void)state;
	run("", rows, ARRAY_LEN(rows), RECONCILE_CLAIM);
}

/* Kubernetes folds Events of the same text. */
static void a_warning_says_the_same_until_the_next_threshold(void **state)
{
	static const int64_t lefts[] = { 600, 599, 300, 61, 60, 2 };
	struct str notes[ARRAY_LEN(lefts)];
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lefts); i++) {
		struct given g;

		given_open(&g, DUE("'2026-11-21T06:00:00Z'", DEL) NOTHING,
			   (NOW - lefts[i]) * SECOND);
		plan(&g, RECONCILE_CLAIM);
		notes[i] = arena_str(&a, g.plan->actions[0].event.note);
		given_close(&g);
	}
	assert_true(str_eq(notes[0], notes[1]) && str_eq(notes[0], notes[3]));
	assert_true(str_eq(notes[4], notes[5]) && !str_eq(notes[0], notes[4]));
	assert_string_equal(
		notes[0].p,
		"its lifetime ends at 2026-11-21T06:00:00Z "
		"(spec.lifecycle.shutdownTime), in less than 10 minutes: then "
		"it is deleted");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_claim_ends_when_its_time_has_come),
		cmocka_unit_test(what_cannot_be_read_is_told_and_no_end),
		cmocka_unit_test(
			a_claim_that_is_retained_loses_its_own_sandbox),
		cmocka_unit_test(
			a_sandbox_ends_unless_its_claim_or_pool_decides),
		cmocka_unit_test(it_is_warned_and_woken_to_the_nanosecond),
		cmocka_unit_test(who_was_made_to_live_shortly_is_not_warned),
		cmocka_unit_test(
			a_warning_says_the_same_until_the_next_threshold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
