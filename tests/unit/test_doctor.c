/* cli/doctor: all checks together, and what leads to each */
#include "tests/unit/doctor_rows.h"

#include "cli/doctor/report.h"

static void old_and_strange_servers_are_told(void **state)
{
	static const struct {
		const char *version;
		enum doctor_status want;
	} rows[] = {
		{ "v1.36.3", DOCTOR_PASS },
		{ "v1.30.0-gke.1", DOCTOR_PASS },
		{ "v1.31+", DOCTOR_PASS },
		{ "v1.29.9", DOCTOR_FAIL },
		{ "v2.0", DOCTOR_WARN },
		{ "v1.x", DOCTOR_WARN },
		{ "v1", DOCTOR_WARN },
		{ "", DOCTOR_WARN },
		{ "v1.99999999999999999999", DOCTOR_WARN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct doctor_result r = { .status = DOCTOR_PASS };
		const struct doctor_facts f = { .version = str_of(
							rows[i].version) };

		doctor_server_version.run(&a, &f, &r);
		if (r.status != rows[i].want)
			fail_msg("%s: %.*s", rows[i].version, STR_ARG(r.found));
	}
}

static void nothing_readable_is_skipped_and_told(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct doctor_report report;
	const struct texts none = { .n = 0 };
	struct doctor_facts f;

	(void)state;
	facts_fill(&a, &f, NULL, 0);
	doctor_facts_release(&f);
	for (size_t i = 0; i < FACTS; i++)
		f.lists[i].outcome = LIVE_FORBIDDEN;
	f.refused = STR("");
	doctor_examine(&a, &f, &none, &report);
	assert_int_equal(report.counts[DOCTOR_FAIL], 0);
	assert_int_equal(report.counts[DOCTOR_WARN], 1);
	assert_int_equal(report.counts[DOCTOR_PASS], 1);
}

static void a_server_that_does_not_answer_is_one_finding(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct doctor_facts f = { .unreachable = STR("no connection") };
	const struct texts none = { .n = 0 };
	struct doctor_report report;

	(void)state;
	doctor_examine(&a, &f, &none, &report);
	assert_int_equal(report.n, 1);
	assert_int_equal(report.counts[DOCTOR_FAIL], 1);
	assert_true(report.unreachable);
}

static void every_symptom_leads_to_a_check(void **state)
{
	(void)state;
	for (const struct doctor_symptom *s = doctor_symptoms; s->symptom; s++)
		assert_non_null(doctor_check_find(str_of(s->check)));
	assert_null(doctor_check_find(STR("no.check")));
	for (size_t i = 0; doctor_checks[i]; i++)
		assert_ptr_equal(
			doctor_check_find(str_of(doctor_checks[i]->id)),
			doctor_checks[i]);
}

/* Documents of others may hold anything. */
static void strange_documents_hurt_no_check(void **state)
{
	static const char *const strange[] = {
		"[null, 1, text, [], {}]",
		"[{metadata: 7, spec: [], status: {conditions: {}}}]",
		"[{metadata: {name: bulkhead, labels: [], namespace: 1}, "
		"webhooks: [{clientConfig: {caBundle: 7, service: 1}, rules: "
		"[1]}], spec: {versions: [1], template: []}, endpoints: [1]}]",
	};
	const struct texts none = { .n = 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(strange); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 20);
		struct doctor_report report;
		struct doctor_facts f;
		struct json tree;

		facts_fill(&a, &f, NULL, 0);
		for (size_t n = 0; n < FACTS; n++)
			f.lists[n].items = read_items(&a, strange[i]);
		doctor_facts_settle(&a, &f);
		doctor_examine(&a, &f, &none, &report);
		doctor_report_text(&out, &report, true, true);
		tree = doctor_report_json(&a, &report);
		assert_true(json_is(&tree, JSON_OBJECT));
		assert_false(buf_failed(&out));
		doctor_facts_release(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_and_strange_servers_are_told),
		cmocka_unit_test(nothing_readable_is_skipped_and_told),
		cmocka_unit_test(a_server_that_does_not_answer_is_one_finding),
		cmocka_unit_test(every_symptom_leads_to_a_check),
		cmocka_unit_test(strange_documents_hurt_no_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
