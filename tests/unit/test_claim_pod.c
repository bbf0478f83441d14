/* policies/claim_pod.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/json_write.h"
#include "policies/claim_pod.h"
#include "tests/unit/load.h"

static void additions_are_merged_and_wrong_types_are_not(void **state)
{
	static const struct {
		const char *pod, *claim, *want;
	} rows[] = {
		{ "{metadata: {labels: {a: x}}}",
		  "{additionalPodMetadata: {labels: {b: y}}}",
		  "{metadata: {labels: {a: x, b: y}}}" },
		{ "{metadata: {labels: {a: x}}}",
		  "{additionalPodMetadata: {labels: {a: y}}}",
		  "{metadata: {labels: {a: x}}}" },
		{ "{}", "{additionalPodMetadata: {annotations: {b: y}}}",
		  "{metadata: {annotations: {b: y}}}" },
		{ "{metadata: null}",
		  "{additionalPodMetadata: {labels: {b: y}}}",
		  "{metadata: {labels: {b: y}}}" },
		{ "{spec: {containers: [{name: c}]}}", "{env: [{name: A}]}",
		  "{spec: {containers: [{name: c, env: [{name: A}]}]}}" },
		{ "{spec: {containers: [{name: c, env: [{name: A, value: x}, "
		  "{name: B}]}]}}",
		  "{env: [{name: C}, {name: A, value: y}, {name: C, value: "
		  "z}]}",
		  "{spec: {containers: [{name: c, env: [{name: A, value: y}, "
		  "{name: B}, {name: C, value: z}]}]}}" },
		{ "{spec: {containers: [{name: c}], initContainers: "
		  "[{name: i}]}}",
		  "{env: [{name: A, containerName: i}]}",
		  "{spec: {containers: [{name: c}], initContainers: "
		  "[{name: i, env: [{name: A, containerName: i}]}]}}" },
		{ "{spec: {containers: [{name: c}]}}",
		  "{env: [{name: A, containerName: x}]}",
		  "{spec: {containers: [{name: c}]}}" },
		{ "{metadata: text}",
		  "{additionalPodMetadata: {labels: {b: y}}}",
		  "{metadata: text}" },
		{ "{metadata: [x]}",
		  "{additionalPodMetadata: {labels: {b: y}}}",
		  "{metadata: [x]}" },
		{ "{metadata: {labels: 5}}",
		  "{additionalPodMetadata: {labels: {b: y}}}",
		  "{metadata: {labels: 5}}" },
		{ "{metadata: {labels: [a]}}",
		  "{additionalPodMetadata: {labels: {b: y}}}",
		  "{metadata: {labels: [a]}}" },
		{ "{metadata: {labels: {a: x}}}",
		  "{additionalPodMetadata: {labels: [b]}}",
		  "{metadata: {labels: {a: x}}}" },
		{ "{a: x}", "{additionalPodMetadata: text}", "{a: x}" },
		{ "{spec: {containers: [text]}}", "{env: [{name: A}]}",
		  "{spec: {containers: [text]}}" },
		{ "{spec: {containers: [null]}}", "{env: [{name: A}]}",
		  "{spec: {containers: [null]}}" },
		{ "{spec: {containers: [{env: text}]}}", "{env: [{name: A}]}",
		  "{spec: {containers: [{env: text}]}}" },
		{ "{spec: text}", "{env: [{name: A}]}", "{spec: text}" },
		{ "{spec: {containers: [{name: c}]}}",
		  "{env: [text, null, {}, {name: 5}, {name: A, containerName: "
		  "5}]}",
		  "{spec: {containers: [{name: c}]}}" },
		{ "text", "{env: [{name: A}]}", "text" },
		{ "{a: x}", "text", "{a: x}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena a = ARENA_INIT;
		struct json claim = json_make_object();
		const struct json *got;

		json_add(&a, &claim, STR("spec"),
			 *load_json(&a, rows[i].claim));
		got = claim_pod(&a, load_json(&a, rows[i].pod), &claim);
		if (!json_equal(got, load_json(&a, rows[i].want)))
			fail_msg("%s + %s: %s", rows[i].pod, rows[i].claim,
				 json_to_str(&a, got).p);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(additions_are_merged_and_wrong_types_are_not),
	};

	return cmocka_run_group_tests_name("policies/claim_pod.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
