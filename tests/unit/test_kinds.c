/* policies/kinds.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/load.h"

static void groups_are_matched_whole(void **state)
{
	static const struct {
		const char *group, *kind;
		enum subject_kind want;
	} rows[] = {
		{ "", "Pod", SUBJECT_POD },
		{ GROUP_AGENTS, "Sandbox", SUBJECT_SANDBOX },
		{ GROUP_EXTENSIONS, "SandboxTemplate", SUBJECT_TEMPLATE },
		{ GROUP_EXTENSIONS, "SandboxClaim", SUBJECT_CLAIM },
		{ GROUP_EXTENSIONS, "SandboxWarmPool", SUBJECT_POOL },
		{ "batch", "CronJob", SUBJECT_WORKLOAD },
		{ "", "PodTemplate", SUBJECT_WORKLOAD },
		{ "custom.agents.x-k8s.io", "Sandbox", SUBJECT_OTHER },
		{ "agents.x-k8s.io.", "Sandbox", SUBJECT_OTHER },
		{ "Agents.x-k8s.io", "Sandbox", SUBJECT_OTHER },
		{ GROUP_EXTENSIONS, "Sandbox", SUBJECT_OTHER },
		{ GROUP_AGENTS, "SandboxTemplate", SUBJECT_OTHER },
		{ GROUP_AGENTS, "sandbox", SUBJECT_OTHER },
		{ "apps", "Pod", SUBJECT_OTHER },
		{ "", "Deployment", SUBJECT_OTHER },
		{ "", "", SUBJECT_OTHER },
		{ "agents.x-k8s.io\0", "Sandbox", SUBJECT_SANDBOX },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct kind *kind =
			kind_find(str_of(rows[i].group), str_of(rows[i].kind));

		if ((kind ? kind->subject : SUBJECT_OTHER) != rows[i].want)
			fail_msg("%s %s", rows[i].group, rows[i].kind);
	}
	assert_null(kind_find(STR("agents.x-k8s.io\0"), STR("Sandbox")));
	assert_null(kind_find(STR_NONE, STR_NONE));
}

static void an_api_version_is_split_at_its_first_slash(void **state)
{
	static const struct {
		const char *text, *group, *version;
	} rows[] = {
		{ "apps/v1", "apps", "v1" },
		{ "v1", "", "v1" },
		{ "", "", "" },
		{ "/v1", "", "v1" },
		{ "apps/", "apps", "" },
		{ "a/b/c", "a", "b/c" },
	};
	struct str group, version;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		kind_split_api_version(str_of(rows[i].text), &group, &version);
		if (!str_is(group, rows[i].group) ||
		    !str_is(version, rows[i].version))
			fail_msg("%s", rows[i].text);
	}
	kind_split_api_version(STR_NONE, &group, &version);
	assert_int_equal(group.n + version.n, 0);
}

static void every_row_leads_to_a_pod_or_to_none(void **state)
{
	const struct kind *table;
	size_t n;

	(void)state;
	table = kind_table(&n);
	assert_true(n > 0);
	for (size_t i = 0; i < n; i++) {
		assert_ptr_equal(kind_find(str_of(table[i].group),
					   str_of(table[i].kind)),
				 &table[i]);
		assert_null(table[i].pod[KIND_POD_STEPS]);
		if (!table[i].has_pod)
			assert_null(table[i].pod[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_matched_whole),
		cmocka_unit_test(an_api_version_is_split_at_its_first_slash),
		cmocka_unit_test(every_row_leads_to_a_pod_or_to_none),
	};

	return cmocka_run_group_tests_name("policies/kinds.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
