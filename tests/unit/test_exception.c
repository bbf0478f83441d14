/* policies/exception.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policies/exception.h"
#include "tests/unit/load.h"

#define LATER "2027-01-01T00:00:00Z"
#define PODLESS SANDBOX("team: red", "{}")
#define ONE(target, rules, expires)                                            \
	TIER("t", "100", "") EXCEPTION("e", target, rules, expires) PODLESS

static void an_exception_covers_what_it_names_until_it_expires(void **state)
{
	static const struct {
		const char *text, *rule, *own;
		bool want;
	} rows[] = {
		{ ONE("namespace: a", "pod.images", LATER), "pod.images",
		  "pod.images", true },
		{ ONE("namespace: a", "pod.*", LATER), "pod.images",
		  "pod.images", true },
		{ ONE("namespace: a", "x, my-id", LATER), "team.rules", "my-id",
		  true },
		{ ONE("namespace: a, kinds: [Pod, Sandbox]", "r", LATER), "r",
		  "r", true },
		{ ONE("namespace: a, selector: {matchLabels: {team: red}}", "r",
		      LATER),
		  "r", "r", true },
		{ ONE("namespace: a, selector: {}", "r", LATER), "r", "r",
		  true },
		{ ONE("namespace: a", "r", "2026-11-21T06:00:01Z"), "r", "r",
		  true },
		{ ONE("namespace: a", "r", "2026-11-21T06:00:00Z"), "r", "r",
		  false },
		{ ONE("namespace: a", "r", "2020-01-01T00:00:00Z"), "r", "r",
		  false },
		{ ONE("namespace: b", "r", LATER), "r", "r", false },
		{ ONE("namespace: a, kinds: [sandbox]", "r", LATER), "r", "r",
		  false },
		{ ONE("namespace: a, selector: {matchLabels: {team: blue}}",
		      "r", LATER),
		  "r", "r", false },
		{ ONE("namespace: a", "'*'", LATER), "r", "r", false },
		{ ONE("namespace: a", "pod.*", LATER), "pod", "pod", false },
		{ ONE("namespace: a", "pod.*", LATER), "podx.y", "podx.y",
		  false },
		{ ONE("namespace: a", "pod.image", LATER), "pod.images",
		  "pod.images", false },
		{ ONE("namespace: a", "pod*", LATER), "pod.images",
		  "pod.images", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct exceptions list;
		struct scene s;

		scene_open(&s, rows[i].text);
		list = exceptions_for(&s.arena, s.snapshot, &s.subject,
				      load_now);
		if (!exceptions_find(&list, str_of(rows[i].rule),
				     str_of(rows[i].own)) == rows[i].want)
			fail_msg("row %zu: %s", i, rows[i].text);
		scene_close(&s);
	}
}

static void the_first_of_the_set_is_told(void **state)
{
	struct exceptions list;
	struct scene s;

	(void)state;
	scene_open(&s,
		   TIER("t", "100", "") EXCEPTION(
			   "one", "namespace: b", "r",
			   LATER) EXCEPTION("two", "namespace: a", "q", LATER)
			   EXCEPTION("three", "namespace: a", "r", LATER)
				   EXCEPTION("four", "namespace: a", "r", LATER)
					   PODLESS);
	list = exceptions_for(&s.arena, s.snapshot, &s.subject, load_now);
	assert_int_equal(list.n, 3);
	assert_true(str_is(exceptions_find(&list, STR("r"), STR("r"))->name,
			   "three"));
	scene_close(&s);
}

static void labels_of_the_wrong_type_match_no_selector(void **state)
{
	static const char *const objects[] = {
		SANDBOX("team: 5", "{}"),
		"{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, "
		"metadata: {namespace: a, labels: [team]}}",
		"{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, "
		"metadata: {namespace: a, labels: red}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
		struct arena a = ARENA_INIT;
		struct exceptions list;
		struct scene s;

		scene_open(&s, arena_printf(&a, "%s%s",
					    TIER("t", "100", "") EXCEPTION(
						    "e",
						    "namespace: a, selector: "
						    "{matchLabels: "
						    "{team: '5'}}",
						    "r", LATER),
					    objects[i])
				       .p);
		list = exceptions_for(&s.arena, s.snapshot, &s.subject,
				      load_now);
		assert_int_equal(list.n, 0);
		scene_close(&s);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_exception_covers_what_it_names_until_it_expires),
		cmocka_unit_test(the_first_of_the_set_is_told),
		cmocka_unit_test(labels_of_the_wrong_type_match_no_selector),
	};

	return cmocka_run_group_tests_name("policies/exception.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
