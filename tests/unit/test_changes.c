/* Which fields of an object an update touches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policies/changes.h"
#include "tests/unit/load.h"

enum { STEPS_MAX = 8 };

/* "spec.c.0.image": a number is an index. */
static const struct path *make_path(struct str text, struct path *steps)
{
	struct str step;
	size_t n = 0;

	while (str_split(&text, '.', &step)) {
		const struct path *up = n ? &steps[n - 1] : NULL;
		bool index = step.n == 1 && *step.p >= '0' && *step.p <= '9';

		assert_true(n < STEPS_MAX);
		steps[n++] = index ? path_index(up, (size_t)(*step.p - '0'))
				   : path_key(up, step);
	}
	return n ? &steps[n - 1] : NULL;
}

static const struct {
	const char *old, *now, *path, *subresource;
	bool touched;
} rows[] = {
	{ "{spec: {a: 1}}", "{spec: {a: 1}}", "spec.a", "", false },
	{ "{spec: {a: 1}}", "{spec: {a: 2}}", "spec.a", "", true },
	{ "{spec: {a: 1}}", "{spec: {}}", "spec.a", "", true },
	{ "{spec: {}}", "{spec: {a: 1}}", "spec.a", "", true },
	{ "{spec: {}}", "{spec: {a: null}}", "spec.a", "", true },
	{ "{spec: {a: 1}}", "{spec: {a: '1'}}", "spec.a", "", true },
	{ "{spec: {b: 1}}", "{spec: {b: 2}}", "spec.a", "", false },
	{ "{spec: {b: 1}}", "{spec: {b: 2}}", "spec", "", true },
	{ "{}", "{spec: {b: 1}}", "spec.a", "", false },
	{ "{spec: {a: {b: 1}}}", "{spec: {a: {}}}", "spec.a.c", "", false },
	/* A field that a new item lacks is new, too. */
	{ "{c: [{}]}", "{c: [{}, {}]}", "c.1.image", "", true },
	{ "{c: [{}]}", "{c: [{}, {}]}", "c.0.image", "", false },
	{ "{}", "{c: [{}]}", "c.0.image", "", true },
	{ "{c: [{}]}", "{c: []}", "c.0.image", "", true },
	{ "{c: [{x: 1}]}", "{c: [{x: 2}]}", "c.0.image", "", false },
	{ "{c: [{x: 1}]}", "{c: x}", "c.0.image", "", true },
	/* All items by one key. */
	{ "{c: [{x: 1}]}", "{c: [{x: 2}]}", "c.*.image", "", true },
	{ "{c: [{x: 1}]}", "{c: [{x: 1}]}", "c.*.image", "", false },
	{ "{c: []}", "{c: [{}]}", "c.*.a.b", "", true },
	/* Resources are told where others are changed. */
	{ "{spec: {a: 1}}", "{spec: {a: 2}}", "spec.resources.b", "", false },
	{ "{spec: {a: 1}}", "{spec: {a: 2}}", "spec.resources.b", "resize",
	  true },
	{ "{spec: {a: 1}}", "{spec: {a: 2}}", "spec.b", "resize", false },
	{ "{spec: {a: 1}, b: 1}", "{spec: {a: 1}, b: 2}", "spec.resources.b",
	  "resize", false },
};

static void a_field_is_touched_when_it_differs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct path steps[STEPS_MAX];
		struct subject s = {
			.operation = OPERATION_UPDATE,
			.subresource = str_of(rows[i].subresource),
			.object = load_json(&a, rows[i].now),
			.old_object = load_json(&a, rows[i].old),
		};

		if (changes_touch(&s, make_path(str_of(rows[i].path), steps)) !=
		    rows[i].touched)
			fail_msg("%s of %s to %s", rows[i].path, rows[i].old,
				 rows[i].now);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_field_is_touched_when_it_differs),
	};

	return cmocka_run_group_tests_name("policies/changes.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
