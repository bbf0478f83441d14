/*
 * policies/pod_resources.c, against what Kubernetes' own helpers count for the
 * Pods in tests/cases/podresources/pods.jsonl (made by
 * tests/oracle/podresources).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/file.h"
#include "lib/json_read.h"
#include "policies/pod_resources.h"

static const char pods[] = "tests/cases/podresources/pods.jsonl";

static const struct str names[] = {
	STR_INIT("cpu"),
	STR_INIT("memory"),
	STR_INIT("ephemeral-storage"),
	STR_INIT("hugepages-2Mi"),
	STR_INIT("nvidia.com/gpu"),
};

static struct json read_json(struct arena *a, struct str text)
{
	struct error err = ERROR_INIT;
	struct json doc = json_missing;

	if (json_read(a, text, 0, NULL, &doc, &err) < 0)
		fail_msg("%s", err.msg);
	return doc;
}

/* One resource of one Pod; false when Kubernetes counts another amount. */
static bool same(const struct json *pod, enum pod_side side, struct str name)
{
	const struct json *want =
		json_get(json_get(pod, str_of(pod_side_name(side))), name);
	struct error err = ERROR_INIT;
	struct pod_amount amount;
	struct pod_place bad;
	struct quantity q;

	if (pod_resources_count(json_get(pod, STR("spec")), side, name, &amount,
				&bad, &err) < 0)
		return false;
	if (!json_exists(want))
		return !amount.total.set;
	return quantity_parse(json_str(want), &q, &err) == 0 &&
	       amount.total.set && quantity_cmp(q, amount.total) == 0;
}

static void counts_as_kubernetes_does(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct str rest, line;
	size_t n = 0, wrong = 0;

	(void)state;
	if (file_read(&a, pods, 8 << 20, &rest, &err) < 0)
		fail_msg("%s", err.msg);
	while (str_split(&rest, '\n', &line)) {
		struct json pod;

		if (!line.n)
			continue;
		n++;
		pod = read_json(&a, line);
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			for (int s = POD_REQUESTS; s <= POD_LIMITS; s++)
				if (!same(&pod, (enum pod_side)s, names[i]) &&
				    wrong++ < 5)
					print_error(
						"Pod %zu: %s of %.*s\n", n,
						pod_side_name((enum pod_side)s),
						STR_ARG(names[i]));
	}
	assert_true(n >= 400);
	assert_int_equal(wrong, 0);
}

static void tells_whose_the_total_is(void **state)
{
	static const struct {
		const char *spec;
		const char *total; /* "" when nobody names it */
		bool of_pod;
		const char *peak;
		size_t peak_index, unset;
		const char *first_unset;
		size_t first_unset_index;
	} rows[] = {
		{ "{}", "", false, NULL, 0, 0, NULL, 0 },
		{ "{\"containers\":[{\"name\":\"a\"}]}", "", false, NULL, 0, 1,
		  "containers", 0 },
		{ "{\"containers\":[{\"resources\":{\"limits\":{\"cpu\":2}}},"
		  "{\"resources\":{\"limits\":{\"cpu\":null}}}]}",
		  "2", false, NULL, 0, 1, "containers", 1 },
		{ "{\"containers\":[{\"resources\":{\"limits\":{\"cpu\":2}}}],"
		  "\"initContainers\":[{\"restartPolicy\":\"Always\"},"
		  "{\"resources\":{\"limits\":{\"cpu\":3}}}]}",
		  "3", false, "initContainers", 1, 1, "initContainers", 0 },
		{ "{\"containers\":[{\"resources\":{\"limits\":{\"cpu\":3}}}],"
		  "\"initContainers\":[{\"resources\":{\"limits\":{\"cpu\":3}}"
		  "}]}",
		  "3", false, NULL, 0, 0, NULL, 0 },
		{ "{\"resources\":{\"limits\":{\"cpu\":\"500m\"}},"
		  "\"containers\":[{\"resources\":{\"limits\":{\"cpu\":3}}}]}",
		  "500m", true, NULL, 0, 0, NULL, 0 },
		/* lower case is no sidecar */
		{ "{\"containers\":[{\"resources\":{\"limits\":{\"cpu\":1}}}],"
		  "\"initContainers\":[{\"restartPolicy\":\"always\","
		  "\"resources\":{\"limits\":{\"cpu\":1}}}]}",
		  "1", false, NULL, 0, 0, NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct json spec = read_json(&a, str_of(rows[i].spec));
		struct error err = ERROR_INIT;
		struct pod_amount amount;
		struct pod_place bad;

		assert_int_equal(pod_resources_count(&spec, POD_LIMITS,
						     STR("cpu"), &amount, &bad,
						     &err),
				 0);
		assert_int_equal(amount.total.set, rows[i].total[0] != '\0');
		if (amount.total.set)
			assert_string_equal(quantity_str(&a, amount.total).p,
					    rows[i].total);
		assert_int_equal(amount.of_pod, rows[i].of_pod);
		assert_int_equal(!amount.peak.list, !rows[i].peak);
		assert_int_equal(amount.peak.index, rows[i].peak_index);
		assert_int_equal(amount.unset, rows[i].unset);
		assert_int_equal(!amount.first_unset.list,
				 !rows[i].first_unset);
		assert_int_equal(amount.first_unset.index,
				 rows[i].first_unset_index);
	}
}

static void refuses_what_cannot_be_counted(void **state)
{
	static const struct {
		const char *spec;
		const char *list; /* of the place; NULL: the Pod spec */
		size_t index;
		const char *says;
	} rows[] = {
		{ "{\"containers\":{}}", NULL, 0, "containers" },
		{ "{\"containers\":[],\"initContainers\":\"x\"}", NULL, 0,
		  "initContainers" },
		{ "{\"containers\":[\"x\"]}", "containers", 0, "string" },
		{ "{\"containers\":[{},{\"resources\":[]}]}", "containers", 1,
		  "resources" },
		{ "{\"containers\":[{\"resources\":{\"limits\":\"2\"}}]}",
		  "containers", 0, "limits" },
		{ "{\"containers\":[{\"resources\":{\"limits\":{\"cpu\":true}}}"
		  "]}",
		  "containers", 0, "boolean" },
		{ "{\"containers\":[{\"resources\":{\"limits\":{\"cpu\":"
		  "\"-1\"}}}]}",
		  "containers", 0, "negative" },
		{ "{\"containers\":[{\"resources\":{\"limits\":{\"cpu\":"
		  "\"1 \"}}}]}",
		  "containers", 0, "" },
		{ "{\"initContainers\":[{},{},{\"resources\":{\"limits\":"
		  "{\"cpu\":\"x\"}}}]}",
		  "initContainers", 2, "" },
		{ "{\"resources\":{\"limits\":{\"cpu\":\"1GiB\"}}}", NULL, 0,
		  "" },
		{ "{\"resources\":7}", NULL, 0, "resources" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct json spec = read_json(&a, str_of(rows[i].spec));
		struct error err = ERROR_INIT;
		struct pod_amount amount;
		struct pod_place bad;

		if (pod_resources_count(&spec, POD_LIMITS, STR("cpu"), &amount,
					&bad, &err) == 0)
			fail_msg("counted: %s", rows[i].spec);
		assert_int_equal(!bad.list, !rows[i].list);
		if (bad.list)
			assert_string_equal(bad.list, rows[i].list);
		assert_int_equal(bad.index, rows[i].index);
		assert_non_null(strstr(err.msg, rows[i].says));
	}
}

static void knows_which_resources_may_not_be_overcommitted(void **state)
{
	static const struct {
		struct str name;
		bool exact, at_pod_level;
	} rows[] = {
		{ STR_INIT("cpu"), false, true },
		{ STR_INIT("memory"), false, true },
		{ STR_INIT("ephemeral-storage"), false, false },
		{ STR_INIT("hugepages-1Gi"), true, true },
		{ STR_INIT("nvidia.com/gpu"), true, false },
		{ STR_INIT("kubernetes.io/batch-cpu"), false, false },
		{ STR_INIT("example.kubernetes.io/x"), false, false },
		{ STR_INIT("CPU"), false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(pod_resources_exact(rows[i].name),
				 rows[i].exact);
		assert_int_equal(pod_resources_at_pod_level(rows[i].name),
				 rows[i].at_pod_level);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_as_kubernetes_does),
		cmocka_unit_test(tells_whose_the_total_is),
		cmocka_unit_test(refuses_what_cannot_be_counted),
		cmocka_unit_test(
			knows_which_resources_may_not_be_overcommitted),
	};

	return cmocka_run_group_tests_name("policies/pod_resources.c", tests,
					   NULL, NULL)
		       ? 1
		       : 0;
}
