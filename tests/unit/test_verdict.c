/* policies/verdict.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policies/tier.h"
#include "policies/verdict.h"

static struct finding make(enum action action, const char *origin,
			   const char *field, const char *id, const char *found)
{
	return (struct finding){ .action = action,
				 .rule = id,
				 .id = str_of(id),
				 .origin = str_of(origin),
				 .field = str_of(field),
				 .found = str_of(found) };
}

/* Every order of the same findings comes out as this one. */
static void denials_come_first_then_origin_field_and_rule(void **state)
{
	const struct finding want[] = {
		make(ACTION_DENY, "", "a", "r", "is 1"),
		make(ACTION_DENY, "", "a", "r", "is 2"),
		make(ACTION_DENY, "", "b", "q", "is 1"),
		make(ACTION_DENY, "", "b", "r", "is 1"),
		make(ACTION_DENY, "SandboxTemplate a/t", "a", "r", "is 1"),
		make(ACTION_WARN, "", "a", "r", "is 1"),
		make(ACTION_AUDIT, "", "a", "r", "is 1"),
		make(ACTION_EXCEPTED, "", "a", "r", "is 1"),
	};
	struct finding mixed[ARRAY_LEN(want)];

	(void)state;
	for (size_t step = 1; step < ARRAY_LEN(want); step += 2) {
		struct verdict v = { .findings = mixed,
				     .n_findings = ARRAY_LEN(want) };

		for (size_t i = 0; i < ARRAY_LEN(want); i++)
			mixed[i] = want[i * step % ARRAY_LEN(want)];
		verdict_sort(&v);
		for (size_t i = 0; i < ARRAY_LEN(want); i++)
			assert_memory_equal(&mixed[i], &want[i],
					    sizeof(want[i]));
	}
}

static void findings_without_a_tier_have_a_place_among_the_others(void **state)
{
	struct tier x = { .name = STR("x") }, y = { .name = STR("y") };
	struct finding f[] = { make(ACTION_DENY, "", "a", "r", ""),
			       make(ACTION_DENY, "", "a", "r", ""),
			       make(ACTION_DENY, "", "a", "r", "") };
	struct verdict v = { .findings = f, .n_findings = ARRAY_LEN(f) };

	(void)state;
	f[0].tier = &y;
	f[2].tier = &x;
	verdict_sort(&v);
	assert_null(f[0].tier);
	assert_ptr_equal(f[1].tier, &x);
	assert_ptr_equal(f[2].tier, &y);
}

static void the_worst_action_counts(void **state)
{
	struct finding f[] = { make(ACTION_AUDIT, "", "", "r", ""),
			       make(ACTION_WARN, "", "", "r", ""),
			       make(ACTION_DENY, "", "", "r", "") };
	struct verdict v = { .findings = f };

	(void)state;
	assert_int_equal(verdict_action(&v), ACTION_EXCEPTED);
	verdict_sort(&v);
	for (v.n_findings = 1; v.n_findings <= ARRAY_LEN(f); v.n_findings++)
		assert_int_equal(verdict_action(&v),
				 f[v.n_findings - 1].action);
	assert_string_equal(action_name(ACTION_EXCEPTED), "excepted");
	assert_string_equal(action_name(ACTION_DENY), "deny");
}

static void a_message_has_the_parts_there_are(void **state)
{
	struct arena a = ARENA_INIT;
	struct finding f = make(ACTION_DENY, "", "", "r", "is bad");

	(void)state;
	assert_string_equal(finding_message(&a, &f).p, "[r] is bad");
	f.field = STR("spec.x");
	f.origin = STR("SandboxTemplate a/t");
	f.wanted = STR("good");
	f.who = STR("tier \"t\" by p");
	f.fix = STR("make it good");
	assert_string_equal(finding_message(&a, &f).p,
			    "[r] SandboxTemplate a/t: spec.x: is bad, wanted "
			    "good (tier \"t\" by p); fix: make it good");
	arena_release(&a);
}

static void a_long_message_is_cut_and_not_overrun(void **state)
{
	static char big[1 << 20];
	struct arena a = ARENA_INIT;
	struct finding f = make(ACTION_DENY, "", "f", "r", "is");

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	f.found = (struct str){ big, sizeof(big) };
	f.wanted = f.fix = f.field = f.found;
	assert_true(finding_message(&a, &f).n < 16384);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(denials_come_first_then_origin_field_and_rule),
		cmocka_unit_test(
			findings_without_a_tier_have_a_place_among_the_others),
		cmocka_unit_test(the_worst_action_counts),
		cmocka_unit_test(a_message_has_the_parts_there_are),
		cmocka_unit_test(a_long_message_is_cut_and_not_overrun),
	};

	return cmocka_run_group_tests_name("policies/verdict.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
