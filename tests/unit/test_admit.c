/* webhook/admit.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/json_read.h"
#include "webhook/admit.h"

#define NOW INT64_C(1795240800) /* 2026-11-21T06:00:00Z */

#define REVIEW(operation, object)                                              \
	"{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":"                    \
	"\"AdmissionReview\",\"request\":{\"uid\":\"u-1\",\"kind\":{"          \
	"\"group\":\"agents.x-k8s.io\",\"version\":\"v1beta1\",\"kind\":"      \
	"\"Sandbox\"},\"resource\":{\"resource\":\"sandboxes\"},"              \
	"\"namespace\":\"a\",\"name\":\"s\",\"operation\":\"" operation        \
	"\",\"userInfo\":{\"username\":\"jane\"},\"object\":" object "}}"
#define SANDBOX(pod)                                                           \
	"{\"apiVersion\":\"agents.x-k8s.io/v1beta1\",\"kind\":\"Sandbox\","    \
	"\"metadata\":{\"name\":\"s\",\"namespace\":\"a\"},\"spec\":{"         \
	"\"podTemplate\":{\"spec\":{" pod "}}}}"
#define CONTAINERS "\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]"

static struct snapshot *snapshot;
static struct inventory *inventory;
static struct metrics *metrics;
static int64_t ticks;

static int64_t tick(void)
{
	return ticks += 1000;
}

static int set_up(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	ticks = 0;
	inventory = inventory_new();
	metrics = metrics_new(measures, MEASURES);
	return snapshot_load_shipped(&snapshot, &err);
}

static int tear_down(void **state)
{
	(void)state;
	snapshot_unref(&snapshot);
	inventory_free(&inventory);
	metrics_free(&metrics);
	return 0;
}

static struct admit usual(void)
{
	return (struct admit){ .snapshot = snapshot,
			       .inventory = inventory,
			       .now = NOW,
			       .clock_ns = tick,
			       .metrics = metrics };
}

static void counted(const char *line)
{
	struct buf out = BUF_INIT(1 << 20);

	metrics_write(metrics, &out);
	if (!strstr(out.p, line))
		fail_msg("no \"%s\" in:\n%s", line, out.p);
	buf_release(&out);
}

static void mutate_patches_and_validate_denies(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct admit admit = usual();
	struct str body = STR(
		REVIEW("CREATE", SANDBOX("\"hostNetwork\":true," CONTAINERS)));
	struct error err = ERROR_INIT;
	struct admit_answer out;
	struct json answer;
	const struct json *response;

	(void)state;
	admit_review(&a, &admit, STR("/mutate"), body, &out);
	assert_int_equal(out.status, 200);
	assert_int_equal(out.verdict, VERDICT_PATCHED);
	admit_review(&a, &admit, STR("/validate"), body, &out);
	assert_int_equal(out.status, 200);
	assert_int_equal(out.verdict, VERDICT_DENIED);
	assert_true(str_is(out.tier, "gvisor"));
	assert_true(str_find_str(out.rules, STR("pss.hostNamespaces:deny")) <
		    out.rules.n);
	assert_int_equal(json_read(&a, out.body, 0, NULL, &answer, &err), 0);
	response = json_get(&answer, STR("response"));
	assert_true(str_is(json_str(json_get(response, STR("uid"))), "u-1"));
	assert_true(json_is_false(json_get(response, STR("allowed"))));
	assert_false(json_exists(json_get(response, STR("patch"))));
	counted("bulkhead_reviews_total{path=\"mutate\",kind=\"Sandbox\","
		"operation=\"CREATE\",verdict=\"patched\"} 1\n");
	counted("bulkhead_reviews_total{path=\"validate\",kind=\"Sandbox\","
		"operation=\"CREATE\",verdict=\"denied\"} 1\n");
	counted("bulkhead_review_seconds_count{phase=\"judge\"} 2\n");
	counted("bulkhead_patch_bytes_count 1\n");
}

static void what_cannot_be_judged_is_never_allowed(void **state)
{
	static const struct {
		const char *body;
		unsigned status;
	} rows[] = {
		{ "", 400 },
		{ "{", 400 },
		{ "[]", 400 },
		{ "{}", 400 },
		{ "\xff", 400 },
		{ "{\"kind\":\"AdmissionReview\",\"apiVersion\":"
		  "\"admission.k8s.io/v1beta1\"}",
		  400 },
		{ REVIEW("PATCH", "{}"), 400 },
		{ REVIEW("CREATE", "null"), 400 },
		{ REVIEW("CREATE", "3"), 400 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct admit admit = usual();
		struct admit_answer out;

		admit_review(&a, &admit, STR("/validate"), str_of(rows[i].body),
			     &out);
		if (out.status != rows[i].status || out.body.n < 2 ||
		    out.body.p[out.body.n - 1] != '\n')
			fail_msg("row %zu: %u", i, out.status);
	}
	counted("bulkhead_review_errors_total{reason=\"undecodable\"} 9\n");
}

static void a_cap_that_is_hit_is_413(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct admit admit = usual();
	struct admit_answer out;
	char deep[400];

	(void)state;
	memset(deep, '[', sizeof(deep));
	admit_review(&a, &admit, STR("/validate"),
		     (struct str){ deep, sizeof(deep) }, &out);
	assert_int_equal(out.status, 413);
	counted("bulkhead_review_errors_total{reason=\"too_large\"} 1\n");
}

static void without_a_policy_or_objects_it_is_503(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str body = STR(REVIEW("CREATE", SANDBOX(CONTAINERS)));
	struct admit no_policy = usual(), no_objects = usual();
	struct admit_answer out;

	(void)state;
	no_policy.snapshot = NULL;
	admit_review(&a, &no_policy, STR("/mutate"), body, &out);
	assert_int_equal(out.status, 503);
	assert_int_equal(out.retry_after, 1);
	no_objects.inventory = NULL;
	admit_review(&a, &no_objects, STR("/validate"), body, &out);
	assert_int_equal(out.status, 503);
	counted("bulkhead_review_errors_total{reason=\"not_ready\"} 2\n");
}

/* What a request's answer waits for: "Kind ns/name" of each question. */
struct asked {
	struct arena *arena;
	struct str text;
	/* the answer for a Namespace, and for all else */
	enum lookup_advice namespace, other;
};

static enum lookup_advice ask(void *context, struct str group, struct str kind,
			      struct str ns, struct str name)
{
	struct asked *asked = context;

	(void)group;
	asked->text = arena_printf(asked->arena, "%.*s%.*s %.*s/%.*s;",
				   STR_ARG(asked->text), STR_ARG(kind),
				   STR_ARG(ns), STR_ARG(name));
	return str_is(kind, "Namespace") ? asked->namespace : asked->other;
}

#define REQUEST(kind, resource, sub, operation, object)                        \
	"{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":"                    \
	"\"AdmissionReview\",\"request\":{\"uid\":\"u-1\",\"kind\":" kind      \
	",\"resource\":{\"resource\":\"" resource "\"},\"subResource\":\"" sub \
	"\",\"namespace\":\"a\",\"name\":\"x\",\"operation\":\"" operation     \
	"\",\"userInfo\":{\"username\":\"jane\"},\"object\":" object "}}"
#define CORE(kind) "{\"group\":\"\",\"version\":\"v1\",\"kind\":\"" kind "\"}"
#define OWNED                                                                  \
	"{\"metadata\":{\"ownerReferences\":[{\"apiVersion\":"                 \
	"\"agents.x-k8s.io/v1beta1\",\"kind\":\"Sandbox\",\"name\":\"s\","     \
	"\"controller\":true}]},\"spec\":{" CONTAINERS "}}"

static void what_decides_and_is_not_known_is_waited_for(void **state)
{
	static const struct {
		const char *review, *asked;
	} rows[] = {
		{ REVIEW("CREATE", SANDBOX(CONTAINERS)), "Namespace /a;" },
		{ REQUEST(CORE("Pod"), "pods", "", "CREATE",
			  "{\"spec\":{" CONTAINERS "}}"),
		  "Namespace /a;" },
		{ REQUEST(CORE("Pod"), "pods", "", "CREATE", OWNED),
		  "Namespace /a;Sandbox a/s;" },
		{ REQUEST(CORE("PodExecOptions"), "pods", "exec", "CONNECT",
			  "{\"kind\":\"PodExecOptions\"}"),
		  "Namespace /a;Pod a/x;" },
		/* a Namespace is not in a namespace */
		{ REQUEST(CORE("Namespace"), "namespaces", "", "UPDATE",
			  "{\"metadata\":{\"name\":\"a\"}}"),
		  "" },
	};

	enum { EACH = 9 };

	(void)state;
	for (size_t i = 0; i < EACH * ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const char *want = rows[i / EACH].asked;
		struct asked asked = { &a, STR(""), i % EACH / 3, i % 3 };
		enum lookup_advice worst = asked.namespace;
		struct admit admit = usual();
		struct admit_answer out;

		admit.ask = ask;
		admit.ask_context = &asked;
		if (!*want)
			worst = LOOKUP_GO_ON;
		else if (strchr(want, ';')[1] && asked.other > worst)
			worst = asked.other;
		admit_review(&a, &admit, STR("/validate"),
			     str_of(rows[i / EACH].review), &out);
		if (!str_is(asked.text, want) ||
		    out.waits != (worst == LOOKUP_WAIT) ||
		    out.status != (worst == LOOKUP_COME_AGAIN ? 503 : 200) ||
		    out.retry_after != (worst == LOOKUP_COME_AGAIN) ||
		    (out.body.n == 0) != out.waits)
			fail_msg("row %zu: %u, \"%.*s\" %.*s", i, out.status,
				 STR_ARG(asked.text), STR_ARG(out.body));
	}
	counted("bulkhead_review_waits_total 16\n");
}

#define TIER_REQUEST(operation, spec)                                          \
	"{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":"                    \
	"\"AdmissionReview\",\"request\":{\"uid\":\"u-1\",\"kind\":{"          \
	"\"group\":\"bulkhead.dev\",\"version\":\"v1alpha1\",\"kind\":"        \
	"\"IsolationTier\"},\"resource\":{\"resource\":\"isolationtiers\"},"   \
	"\"name\":\"t\",\"operation\":\"" operation                            \
	"\",\"userInfo\":{\"username\":\"jane\"},\"object\":{\"apiVersion\":"  \
	"\"bulkhead.dev/v1alpha1\",\"kind\":\"IsolationTier\",\"metadata\":{"  \
	"\"name\":\"t\"},\"spec\":" spec "}}}"

static void without_a_set_only_what_mends_it_passes(void **state)
{
	static const struct {
		const char *review;
		bool allowed;
	} rows[] = {
		{ TIER_REQUEST("CREATE", "{\"strength\":1}"), true },
		{ TIER_REQUEST("CREATE", "{\"strenth\":1}"), false },
		{ REVIEW("CREATE", SANDBOX(CONTAINERS)), false },
		{ REQUEST(CORE("Pod"), "pods", "", "CREATE",
			  "{\"spec\":{" CONTAINERS "}}"),
		  false },
		{ REQUEST(CORE("PodExecOptions"), "pods", "exec", "CONNECT",
			  "{\"kind\":\"PodExecOptions\"}"),
		  false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct admit admit = usual();
		struct admit_answer out;

		admit.snapshot = NULL;
		admit.no_policy = STR("no IsolationTier");
		admit_review(&a, &admit, STR("/validate"),
			     str_of(rows[i].review), &out);
		if (out.status != 200 ||
		    (out.verdict != VERDICT_DENIED) != rows[i].allowed)
			fail_msg("row %zu: %u %.*s", i, out.status,
				 STR_ARG(out.body));
		admit_review(&a, &admit, STR("/mutate"), str_of(rows[i].review),
			     &out);
		assert_int_equal(out.status, 200);
		assert_int_equal(out.verdict, VERDICT_ALLOWED);
	}
}

static void after_its_deadline_it_is_504(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str body = STR(REVIEW("CREATE", SANDBOX(CONTAINERS)));
	struct admit admit = usual();
	struct admit_answer out;

	(void)state;
	admit.deadline_ns = 100000;
	admit_review(&a, &admit, STR("/mutate"), body, &out);
	assert_int_equal(out.status, 200);
	ticks = 100000;
	admit_review(&a, &admit, STR("/mutate"), body, &out);
	assert_int_equal(out.status, 504);
}

static void kinds_that_are_not_ours_are_counted_as_other(void **state)
{
	struct subject s = { .kind = STR("Made\"Up") };

	(void)state;
	assert_string_equal(
		measures[MEASURE_REVIEWS].labels[1].values[measure_kind(&s)],
		"other");
	s.kind = STR("Pod");
	assert_string_equal(
		measures[MEASURE_REVIEWS].labels[1].values[measure_kind(&s)],
		"Pod");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(mutate_patches_and_validate_denies),
		TEST(what_cannot_be_judged_is_never_allowed),
		TEST(a_cap_that_is_hit_is_413),
		TEST(without_a_policy_or_objects_it_is_503),
		TEST(what_decides_and_is_not_known_is_waited_for),
		TEST(without_a_set_only_what_mends_it_passes),
		TEST(after_its_deadline_it_is_504),
		TEST(kinds_that_are_not_ours_are_counted_as_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
