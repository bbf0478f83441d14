/* policies/authored.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policies/authored.h"
#include "tests/unit/load.h"

#define FIELDS(v)                                                              \
	"{metadata: {managedFields: [{operation: Apply, fieldsV1: " v "}]}}"
#define LAST(v)                                                                \
	"{metadata: {annotations: "                                            \
	"{kubectl.kubernetes.io/last-applied-configuration: " v "}}}"

static void two_traces_tell_that_a_person_wrote_it(void **state)
{
	static const struct {
		const char *object;
		bool want;
	} rows[] = {
		{ FIELDS("{'f:spec': {'f:shutdownPolicy': {}}}"), true },
		{ "{metadata: {managedFields: [5, {operation: Update}, "
		  "{operation: Apply, fieldsV1: {'f:spec': "
		  "{'f:shutdownPolicy': {}}}}]}}",
		  true },
		{ LAST("'{\"spec\": {\"shutdownPolicy\": \"Retain\"}}'"),
		  true },
		{ "{metadata: {managedFields: [{operation: Update, fieldsV1: "
		  "{'f:spec': {'f:shutdownPolicy': {}}}}]}}",
		  false },
		{ FIELDS("{'f:spec': {'f:other': {}}}"), false },
		{ FIELDS("{'f:spec': {}}"), false },
		{ FIELDS("{spec: {shutdownPolicy: {}}}"), false },
		{ FIELDS("text"), false },
		{ FIELDS("[f]"), false },
		{ "{metadata: {managedFields: {operation: Apply}}}", false },
		{ "{metadata: {managedFields: text}}", false },
		{ "{metadata: [managedFields]}", false },
		{ LAST("'{\"spec\": {\"shutdownPolicy\": null}}'"), false },
		{ LAST("'{\"spec\": {}}'"), false },
		{ LAST("'{\"spec\": \"shutdownPolicy\"}'"), false },
		{ LAST("'{\"spec\": {'"), false },
		{ LAST("''"), false },
		{ LAST("{spec: {shutdownPolicy: Retain}}"), false },
		{ "{}", false },
		{ "text", false },
	};
	struct path spec = PATH_KEY(NULL, "spec");
	struct path policy = PATH_KEY(&spec, "shutdownPolicy");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena a = ARENA_INIT;
		struct subject s = { .object = load_json(&a, rows[i].object) };

		if (authored(&s, &policy) != rows[i].want)
			fail_msg("%s", rows[i].object);
		s.from_file = true;
		assert_true(authored(&s, &policy));
		arena_release(&a);
	}
}

static void a_key_of_any_length_is_looked_up(void **state)
{
	static char key[1000];
	struct arena a = ARENA_INIT;
	struct path path = path_key(NULL, (struct str){ key, sizeof(key) });
	struct subject s = {
		.object = load_json(&a, FIELDS("{'f:spec': {}}")),
	};

	(void)state;
	memset(key, 'x', sizeof(key));
	assert_false(authored(&s, &path));
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_traces_tell_that_a_person_wrote_it),
		cmocka_unit_test(a_key_of_any_length_is_looked_up),
	};

	return cmocka_run_group_tests_name("policies/authored.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
