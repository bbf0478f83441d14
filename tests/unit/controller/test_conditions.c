/* controller/conditions.c: conditions by the API conventions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "controller/conditions.h"
#include "lib/json_write.h"
#include "tests/unit/load.h"

#define NOW INT64_C(1795240800) /* 2026-11-21T06:00:00Z */
#define FRESH "2026-11-21T06:00:00Z"
#define BEFORE "2026-01-01T00:00:00Z"

static const struct condition ready = {
	"Ready", CONDITION_TRUE, "InUse", { "it is", 5 }
};

static void the_transition_time_moves_only_with_the_status(void **state)
{
	static const struct {
		const char *observed;
		const char *want;
	} rows[] = {
		{ "[{type: Ready, status: 'True', lastTransitionTime: '" BEFORE
		  "'}]",
		  BEFORE },
		{ "[{type: Ready, status: 'True', reason: Other, message: x, "
		  "observedGeneration: 1, lastTransitionTime: '" BEFORE "'}]",
		  BEFORE },
		{ "[{type: Other, status: 'True', lastTransitionTime: '" FRESH
		  "'}, {type: Ready, status: 'True', lastTransitionTime: "
		  "'" BEFORE "'}]",
		  BEFORE },
		{ "[{type: Ready, status: 'True', lastTransitionTime: "
		  "'2030-01-01T00:00:00Z'}]",
		  "2030-01-01T00:00:00Z" },
		{ "[{type: Ready, status: 'False', lastTransitionTime: "
		  "'" BEFORE "'}]",
		  FRESH },
		{ "[{type: Ready, status: Unknown, lastTransitionTime: "
		  "'" BEFORE "'}]",
		  FRESH },
		{ "[{type: Stalled, status: 'True', lastTransitionTime: "
		  "'" BEFORE "'}]",
		  FRESH },
		/* what we never wrote */
		{ "[{type: Ready, status: true, lastTransitionTime: '" BEFORE
		  "'}]",
		  FRESH },
		{ "[{type: Ready, status: 'True', lastTransitionTime: "
		  "yesterday}]",
		  FRESH },
		{ "[{type: Ready, status: 'True', lastTransitionTime: 5}]",
		  FRESH },
		{ "[{type: Ready, status: 'True'}]", FRESH },
		{ "[{status: 'True', lastTransitionTime: '" BEFORE "'}]",
		  FRESH },
		{ "[Ready, null, 5, []]", FRESH },
		{ "{type: Ready, status: 'True', lastTransitionTime: '" BEFORE
		  "'}",
		  FRESH },
		{ "text", FRESH },
		{ "[]", FRESH },
		{ NULL, FRESH },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct json *observed = load_json(&a, rows[i].observed);
		struct json list =
			conditions_make(&a, &ready, 1, observed, 7, NOW);
		struct str got = json_str(json_get(json_item(&list, 0),
						   STR("lastTransitionTime")));

		if (!str_is(got, rows[i].want))
			fail_msg("row %zu: %.*s", i, STR_ARG(got));
	}
}

static void every_field_is_written_in_the_order_given(void **state)
{
	static const struct condition list[] = {
		{ "Ready", CONDITION_FALSE, "NoNode", { "", 0 } },
		{ "Stalled", CONDITION_UNKNOWN, "A", { "b \"c\"", 5 } },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json got = conditions_make(&a, list, 2, &json_missing, 3, NOW);

	(void)state;
	assert_string_equal(
		json_to_str(&a, &got).p,
		"[{\"type\":\"Ready\",\"status\":\"False\","
		"\"observedGeneration\":3,\"lastTransitionTime\":\"" FRESH
		"\",\"reason\":\"NoNode\",\"message\":\"\"},"
		"{\"type\":\"Stalled\",\"status\":\"Unknown\","
		"\"observedGeneration\":3,\"lastTransitionTime\":\"" FRESH
		"\",\"reason\":\"A\",\"message\":\"b \\\"c\\\"\"}]");
	got = conditions_make(&a, list, 0, &json_missing, 3, NOW);
	assert_string_equal(json_to_str(&a, &got).p, "[]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_transition_time_moves_only_with_the_status),
		cmocka_unit_test(every_field_is_written_in_the_order_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
