/* policies/exception_names.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/load.h"

#define SET(target, rules)                                                     \
	TIER("t", "100",                                                       \
	     ", rules: [{id: team-label, path: metadata.name, in: [x], "       \
	     "message: m}]")                                                   \
	EXCEPTION("e", "namespace: a" target, rules, "2099-01-01T00:00:00Z")

static void a_name_that_stands_for_nothing_is_told(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: nothing to tell */
	} rows[] = {
		{ SET("", "pss.privileged"), NULL },
		{ SET("", "pss.privileged, 'pss.*', 'pod.*'"), NULL },
		{ SET("", "team-label"), NULL },
		{ SET("", "team.rules"), NULL },
		{ SET(", kinds: [Sandbox, Pod, CronJob]", "pod.volumes"),
		  NULL },
		{ SET("", "pss.priviledged"),
		  "rule \"pss.priviledged\", which there is not: it covers "
		  "nothing, did you mean \"pss.privileged\"?" },
		{ SET("", "pod.volumes, team-lable"),
		  "did you mean \"team-label\"?" },
		{ SET("", "'*'"), "rule \"*\", which there is not: it covers "
				  "nothing" },
		{ SET("", "'psp.*'"), "rule \"psp.*\"" },
		{ SET("", "'pss*'"), "rule \"pss*\"" },
		{ SET("", "'.*'"), "rule \".*\"" },
		{ SET("", "PSS.privileged"), "rule \"PSS.privileged\"" },
		{ SET("", "an-entirely-different-thing"), "it covers nothing" },
		{ SET(", kinds: [sandbox]", "pod.volumes"),
		  "kind \"sandbox\", which there is not: it covers nothing, "
		  "did you mean \"Sandbox\"?" },
		{ SET(", kinds: [Sandboxes]", "pod.volumes"),
		  "did you mean \"Sandbox\"?" },
		{ SET(", kinds: ['*']", "pod.volumes"), "kind \"*\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena a = ARENA_INIT;
		struct scene s;
		struct str msg;

		scene_open(&s, arena_printf(&a, "%stext\n", rows[i].text).p);
		if (s.snapshot->n_warnings != (rows[i].want ? 1 : 0))
			fail_msg("%s: %zu warnings", rows[i].text,
				 s.snapshot->n_warnings);
		msg = rows[i].want ? s.snapshot->warnings[0].msg : STR("");
		if (rows[i].want &&
		    (str_find_str(msg, str_of(rows[i].want)) == msg.n ||
		     !str_starts(msg, STR("IsolationException \"e\" names "))))
			fail_msg("%s: %s", rows[i].text, msg.p);
		if (rows[i].want && !s.snapshot->warnings[0].at.line)
			fail_msg("%s: nowhere", rows[i].text);
		scene_close(&s);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_that_stands_for_nothing_is_told),
	};

	return cmocka_run_group_tests_name("policies/exception_names.c", tests,
					   NULL, NULL)
		       ? 1
		       : 0;
}
