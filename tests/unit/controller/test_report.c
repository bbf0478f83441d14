/* controller/report.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "controller/report.h"
#include "lib/json_write.h"
#include "tests/unit/load.h"

static struct audit_finding found(enum audit_result result, const char *kind,
				  const char *name, const char *rule,
				  const char *message)
{
	return (struct audit_finding){
		.result = result,
		.object = { .api_version = STR("v1"),
			    .kind = str_of(kind),
			    .ns = STR("a"),
			    .name = str_of(name),
			    .uid = STR("u") },
		.rule = str_of(rule),
		.tier = STR("t"),
		.message = str_of(message),
	};
}

static void add(struct report *r, struct audit_finding f)
{
	struct audit_verdict v = { .findings = &f, .n = 1 };

	v.counts[f.result] = 1;
	report_add(r, &v);
}

static const struct json *at(const struct json *report, size_t i,
			     const char *key)
{
	return json_get(json_item(json_get(report, STR("results")), i),
			str_of(key));
}

static void any_order_of_findings_makes_the_same_report(void **state)
{
	const struct audit_finding sorted[] = {
		found(AUDIT_FAIL, "Pod", "a", "r", "1"),
		found(AUDIT_FAIL, "Pod", "a", "r", "2"),
		found(AUDIT_FAIL, "Pod", "a", "s", "1"),
		found(AUDIT_FAIL, "Pod", "b", "a", "1"),
		found(AUDIT_FAIL, "Sandbox", "a", "r", "1"),
		found(AUDIT_WARN, "Pod", "a", "r", "1"),
		found(AUDIT_SKIP, "Pod", "a", "r", "1"),
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json first = json_missing;

	(void)state;
	for (size_t step = 1; step < ARRAY_LEN(sorted); step++) {
		struct report r;
		struct json object;

		report_init(&a, &r);
		for (size_t i = 0; i < ARRAY_LEN(sorted); i++)
			add(&r, sorted[i * step % ARRAY_LEN(sorted)]);
		object = report_object(&a, &r, &report_apis[0], STR("a"));
		if (step == 1)
			first = object;
		assert_true(report_is_same(&object, &first));
		assert_true(json_equal(&object, &first));
	}
	for (size_t i = 0; i < ARRAY_LEN(sorted); i++)
		assert_true(json_str_is(at(&first, i, "message"),
					sorted[i].message));
}

static void the_object_is_as_both_apis_want_it(void **state)
{
	static const struct {
		const char *api_version, *kind;
	} want[REPORT_APIS] = {
		{ "openreports.io/v1alpha1", "Report" },
		{ "wgpolicyk8s.io/v1alpha2", "PolicyReport" },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct report r;

	(void)state;
	report_init(&a, &r);
	add(&r, found(AUDIT_SKIP, "Pod", "x", "r", "m"));
	for (size_t i = 0; i < REPORT_APIS; i++) {
		struct json o =
			report_object(&a, &r, &report_apis[i], STR("a"));

		assert_string_equal(
			json_to_str(&a, &o).p,
			arena_printf(
				&a,
				"{\"apiVersion\":\"%s\",\"kind\":\"%s\","
				"\"metadata\":{\"name\":\"bulkhead\","
				"\"namespace\":\"a\",\"labels\":{"
				"\"app.kubernetes.io/managed-by\":"
				"\"bulkhead\"}},\"scope\":{\"apiVersion\":"
				"\"v1\",\"kind\":\"Namespace\",\"name\":\"a\"},"
				"\"summary\":{\"fail\":0,\"warn\":0,\"skip\":1}"
				",\"results\":[{\"source\":\"bulkhead\","
				"\"policy\":\"t\",\"rule\":\"r\",\"category\":"
				"\"Isolation\",\"result\":\"skip\","
				"\"message\":\"m\",\"resources\":[{"
				"\"apiVersion\":\"v1\",\"kind\":\"Pod\","
				"\"namespace\":\"a\",\"name\":\"x\",\"uid\":"
				"\"u\"}]}]}",
				want[i].api_version, want[i].kind)
				.p);
	}
}

/* Added from the end, so that each pushes another one out. */
static void the_first_five_hundred_are_told_and_the_rest_counted(void **state)
{
	static const struct {
		size_t fails, warns, results;
		const char *last, *result;
	} rows[] = {
		{ 1, 0, 1, "m", "fail" },
		{ 500, 0, 500, "m", "fail" },
		{ 501, 0, 500, "and 2 more, which are not told one by one",
		  "fail" },
		{ 0, 501, 500, "and 2 more, which are not told one by one",
		  "warn" },
		{ 499, 1, 500, "m", "warn" },
		{ 499, 9000, 500,
		  "and 9000 more, which are not told one by one", "warn" },
		{ 600, 9000, 500,
		  "and 9101 more, which are not told one by one", "fail" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		size_t n = rows[i].fails + rows[i].warns, count;
		struct report r;
		struct json o;

		report_init(&a, &r);
		for (size_t k = n; k-- > 0;) {
			char name[32];

			(void)snprintf(name, sizeof(name), "%05zu", k);
			add(&r,
			    found(k < rows[i].fails ? AUDIT_FAIL : AUDIT_WARN,
				  "Pod", name, "r", "m"));
		}
		o = report_object(&a, &r, &report_apis[0], STR("a"));
		count = json_array_len(json_get(&o, STR("results")));
		assert_int_equal(count, rows[i].results);
		assert_string_equal(json_str(at(&o, count - 1, "message")).p,
				    rows[i].last);
		assert_string_equal(json_str(at(&o, count - 1, "result")).p,
				    rows[i].result);
		assert_string_equal(json_text(json_at(&o, "summary", "fail")).p,
				    arena_printf(&a, "%zu", rows[i].fails).p);
		assert_string_equal(json_text(json_at(&o, "summary", "warn")).p,
				    arena_printf(&a, "%zu", rows[i].warns).p);
	}
}

/* What one object was not told adds up as well. */
static void what_is_counted_and_not_told_is_in_the_rest(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct audit_finding f = found(AUDIT_WARN, "Pod", "x", "r", "m");
	struct audit_verdict v = { .findings = &f, .n = 1 };
	struct report r;
	struct json o;

	(void)state;
	v.counts[AUDIT_FAIL] = 3;
	v.counts[AUDIT_WARN] = 1;
	report_init(&a, &r);
	report_add(&r, &v);
	o = report_object(&a, &r, &report_apis[0], STR("a"));
	assert_int_equal(json_array_len(json_get(&o, STR("results"))), 2);
	assert_string_equal(json_str(at(&o, 1, "message")).p,
			    "and 3 more, which are not told one by one");
	assert_string_equal(json_str(at(&o, 1, "result")).p, "fail");
	assert_string_equal(json_str(at(&o, 1, "policy")).p, "bulkhead");
}

static void long_messages_are_cut_between_characters(void **state)
{
	static const char *const characters[] = { "x", "\xc3\xa9",
						  "\xe2\x82\xac",
						  "\xf0\x9f\x98\x80" };

	(void)state;
	for (size_t c = 0; c < ARRAY_LEN(characters); c++) {
		for (size_t n = 100; n < 1100; n += 7) {
			CLEANUP(arena_release) struct arena a = ARENA_INIT;
			struct buf text = BUF_INIT(8192);
			struct report r;
			struct str m;
			size_t width = strlen(characters[c]);

			for (size_t i = 0; i < n; i++)
				buf_puts(&text, characters[c]);
			report_init(&a, &r);
			add(&r, found(AUDIT_FAIL, "Pod", "x", "r",
				      buf_str(&text).p));
			m = r.findings[0].message;
			assert_true(m.n <= REPORT_MESSAGE_MAX);
			if (n * width <= REPORT_MESSAGE_MAX) {
				assert_int_equal(m.n, n * width);
			} else {
				assert_true(str_ends(m, STR("...")));
				assert_int_equal((m.n - 3) % width, 0);
				assert_true(m.n + width > REPORT_MESSAGE_MAX);
			}
			buf_release(&text);
		}
	}
}

/* Names come in order: of what is added behind a full report nothing stays. */
static void memory_stays_flat_however_much_is_added(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct report r;
	size_t used;
	char name[32];

	(void)state;
	report_init(&a, &r);
	for (size_t i = 0; i < 600; i++) {
		(void)snprintf(name, sizeof(name), "%06zu", i);
		add(&r, found(AUDIT_FAIL, "Pod", name, "r", "m"));
	}
	used = a.used;
	for (size_t i = 600; i < 100000; i++) {
		(void)snprintf(name, sizeof(name), "%06zu", i);
		add(&r, found(AUDIT_FAIL, "Pod", name, "r", "m"));
		add(&r, found(AUDIT_WARN, "Pod", name, "r", "m"));
	}
	assert_int_equal(a.used, used);
	assert_int_equal(r.n, REPORT_RESULTS_MAX);
}

#define SAID "scope: {apiVersion: v1, kind: Namespace, name: a}, "
#define SUMMARY "summary: {fail: 1, warn: 0, skip: 0}, "
#define RESULTS                                                                \
	"results: [{source: bulkhead, policy: t, rule: r, category: "          \
	"Isolation, result: fail, message: m, resources: [{apiVersion: v1, "   \
	"kind: Pod, namespace: a, name: x, uid: u}]}]"
#define OURS_TOO                                                               \
	"metadata: {uid: q, generation: 7, labels: "                           \
	"{app.kubernetes.io/managed-by: bulkhead, x: y}}, "

static void only_what_differs_is_written(void **state)
{
	static const struct {
		const char *there;
		bool same, ours;
	} rows[] = {
		{ "{" OURS_TOO SAID SUMMARY RESULTS "}", true, true },
		{ "{metadata: {labels: {}}, " SAID SUMMARY RESULTS "}", false,
		  false },
		{ "{metadata: {labels: {app.kubernetes.io/managed-by: "
		  "me}}, " SAID SUMMARY RESULTS "}",
		  false, false },
		{ "{" OURS_TOO SAID SUMMARY "results: []}", false, true },
		{ "{" OURS_TOO SAID SUMMARY "results: 7}", false, true },
		{ "{" OURS_TOO SUMMARY RESULTS "}", false, true },
		{ "{" OURS_TOO SAID "summary: {fail: 1, warn: 0, skip: 0, "
		  "pass: 9}, " RESULTS "}",
		  false, true },
		{ "7", false, false },
		{ "[]", false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct json *there = load_json(&a, rows[i].there);
		struct report r;
		struct json o;

		report_init(&a, &r);
		assert_true(report_is_empty(&r));
		add(&r, found(AUDIT_FAIL, "Pod", "x", "r", "m"));
		assert_false(report_is_empty(&r));
		o = report_object(&a, &r, &report_apis[0], STR("a"));
		assert_int_equal(report_is_same(&o, there), rows[i].same);
		assert_int_equal(report_is_ours(there), rows[i].ours);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_of_findings_makes_the_same_report),
		cmocka_unit_test(the_object_is_as_both_apis_want_it),
		cmocka_unit_test(
			the_first_five_hundred_are_told_and_the_rest_counted),
		cmocka_unit_test(what_is_counted_and_not_told_is_in_the_rest),
		cmocka_unit_test(long_messages_are_cut_between_characters),
		cmocka_unit_test(memory_stays_flat_however_much_is_added),
		cmocka_unit_test(only_what_differs_is_written),
	};

	return cmocka_run_group_tests_name("controller/report", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
