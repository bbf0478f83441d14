/* policies/engine.c: filling */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/load.h"

#define GOOD "{containers: [{name: c, image: i}]}"
#define LATER "2027-01-01T00:00:00Z"

#define SB(metadata, spec)                                                     \
	"{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, metadata: "      \
	"{name: x, namespace: a" metadata "}, spec: " spec "}"
#define GOOD_SPEC "{podTemplate: {spec: " GOOD "}}"

#define FILLING                                                                \
	TIER("t", "100",                                                       \
	     ", runtime: {classNames: [gvisor]}, resources: {defaults: "       \
	     "{limits: {cpu: 1}}}")                                            \
	POLICY("defaultTier: t")

static void mutation_leaves_alone_what_it_must(void **state)
{
	static const struct {
		const char *text;
		enum operation operation;
		const char *subresource;
		bool fills;
	} rows[] = {
		{ FILLING SANDBOX("", GOOD), OPERATION_CREATE, "", true },
		{ FILLING SANDBOX("", GOOD), OPERATION_UPDATE, "", true },
		/* A name that is no tier is refused: the floor fills in. */
		{ FILLING SANDBOX("bulkhead.dev/tier: no", GOOD),
		  OPERATION_CREATE, "", true },
		{ FILLING NAMESPACE("a", "bulkhead.dev/enforce: no")
			  SANDBOX("bulkhead.dev/tier: t", GOOD),
		  OPERATION_CREATE, "", true },
		{ FILLING NAMESPACE("a", "bulkhead.dev/enforce: t")
			  POD("", GOOD),
		  OPERATION_CREATE, "", true },
		{ FILLING NAMESPACE("a", "bulkhead.dev/enforce: t")
			  POD("", GOOD),
		  OPERATION_UPDATE, "", false },
		{ FILLING SANDBOX("", GOOD), OPERATION_UPDATE, "scale", false },
		{ FILLING SANDBOX("", GOOD), OPERATION_DELETE, "", false },
		{ FILLING SANDBOX("", GOOD), OPERATION_CONNECT, "", false },
		{ FILLING POD("", GOOD), OPERATION_CREATE, "", false },
		{ FILLING NAMESPACE("a", "bulkhead.dev/enforce: t")
			  DOC("apps/v1", "Deployment", IN_A(""),
			      "{template: {spec: " GOOD "}}"),
		  OPERATION_CREATE, "", false },
		{ FILLING SB(", deletionTimestamp: d", GOOD_SPEC),
		  OPERATION_UPDATE, "", false },
		{ FILLING EXCEPTION("e", "namespace: a",
				    "'runtime.*', "
				    "resources.defaults, "
				    "'pod.*', 'pss.*', "
				    "'network.*'",
				    LATER) SANDBOX("", GOOD),
		  OPERATION_CREATE, "", false },
		{ FILLING SB("", "text"), OPERATION_CREATE, "", false },
		{ FILLING SB("", "[podTemplate]"), OPERATION_CREATE, "",
		  false },
		{ FILLING SB("", "{podTemplate: text}"), OPERATION_CREATE, "",
		  false },
		{ FILLING SB("", "{podTemplate: {spec: [c]}}"),
		  OPERATION_CREATE, "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct decision d;
		struct scene s;

		scene_open(&s, rows[i].text);
		s.subject.operation = rows[i].operation;
		s.subject.subresource = str_of(rows[i].subresource);
		engine_mutate(&s.arena, &s.engine, &s.subject, &d);
		if ((d.verdict.n_fills > 0) != rows[i].fills)
			fail_msg("row %zu: %s", i, rows[i].text);
		if (!rows[i].fills)
			assert_true(json_equal(&d.filled, s.subject.object));
		scene_close(&s);
	}
}

/* Whatever is where: no abort, no value overridden, nothing left to fill. */
static void wrong_types_are_never_filled_into(void **state)
{
	static const char *const pods[] = {
		"text",
		"[]",
		"5",
		"null",
		"{containers: {c: {}}}",
		"{containers: text}",
		"{containers: [null, text, [], 5]}",
		"{containers: [{resources: text}]}",
		"{containers: [{resources: {limits: [cpu]}}]}",
		"{containers: [{securityContext: 7}], securityContext: [x]}",
		"{initContainers: {i: {}}, runtimeClassName: [gvisor]}",
		"{containers: [{name: c}], volumes: text}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pods); i++) {
		struct arena a = ARENA_INIT;
		struct decision first, second;
		struct scene s;

		scene_open(&s,
			   arena_printf(&a,
					"{apiVersion: agents.x-k8s.io/v1beta1, "
					"kind: Sandbox, metadata: {name: x, "
					"annotations: text, labels: [l]}, "
					"spec: {podTemplate: {metadata: text, "
					"spec: %s}}}",
					pods[i])
				   .p);
		engine_mutate(&s.arena, &s.engine, &s.subject, &first);
		for (size_t k = 0; k < first.verdict.n_fills; k++)
			assert_false(str_starts(first.verdict.fills[k].field,
						STR("metadata.")));
		s.subject.object = &first.filled;
		engine_mutate(&s.arena, &s.engine, &s.subject, &second);
		assert_int_equal(second.verdict.n_fills, 0);
		engine_validate(&s.arena, &s.engine, &s.subject, &second);
		assert_int_equal(verdict_action(&second.verdict), ACTION_DENY);
		scene_close(&s);
		arena_release(&a);
	}
}

static void a_default_of_the_crd_counts_as_unset(void **state)
{
	static const struct {
		const char *metadata;
		bool filled;
	} rows[] = {
		{ "", true },
		{ ", managedFields: [{operation: Update, fieldsV1: {'f:spec': "
		  "{'f:shutdownPolicy': {}}}}]",
		  true },
		{ ", annotations: "
		  "{kubectl.kubernetes.io/last-applied-configuration: '{}'}",
		  true },
		{ ", managedFields: [{operation: Apply, fieldsV1: {'f:spec': "
		  "{'f:shutdownPolicy': {}}}}]",
		  false },
		{ ", annotations: "
		  "{kubectl.kubernetes.io/last-applied-configuration: "
		  "'{\"spec\": {\"shutdownPolicy\": \"Retain\"}}'}",
		  false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena a = ARENA_INIT;
		struct decision d;
		struct scene s;
		struct str policy;

		scene_open(&s,
			   arena_printf(&a,
					"{apiVersion: agents.x-k8s.io/v1beta1, "
					"kind: Sandbox, metadata: {name: x%s}, "
					"spec: {shutdownPolicy: Retain}}",
					rows[i].metadata)
				   .p);
		s.subject.from_file = false;
		engine_mutate(&s.arena, &s.engine, &s.subject, &d);
		policy = json_str(json_at(&d.filled, "spec", "shutdownPolicy"));
		if (!str_is(policy, rows[i].filled ? "Delete" : "Retain"))
			fail_msg("%s", rows[i].metadata);
		scene_close(&s);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutation_leaves_alone_what_it_must),
		cmocka_unit_test(wrong_types_are_never_filled_into),
		cmocka_unit_test(a_default_of_the_crd_counts_as_unset),
	};

	return cmocka_run_group_tests_name("policies/engine.c: filling", tests,
					   NULL, NULL)
		       ? 1
		       : 0;
}
