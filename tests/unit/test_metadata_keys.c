/* policies/metadata_keys.c, and what becomes of findings by the hundred. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "tests/unit/load.h"

enum {
	TOLD = 100,   /* of one rule; one more says how many are not */
	MANY = 20000, /* too many to look through all others for each */
	TEXT_MAX = 8 << 20,
};

#define TIERED                                                                 \
	TIER("t", "100", "")                                                   \
	POLICY("rules: [{name: all, namespaceSelector: {}, floor: t}]")

static const struct json *with_keys(struct arena *a, const char *head,
				    const char *prefix, size_t n,
				    const char *value, const char *tail)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEXT_MAX);

	buf_puts(&text, head);
	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "%s%s%zu: %s", i ? ", " : "", prefix, i,
			   value);
	buf_puts(&text, tail);
	return load_json(a, arena_str(a, buf_str(&text)).p);
}

static const struct json *pod_with(struct arena *a, size_t n, const char *value)
{
	return with_keys(a,
			 "{apiVersion: v1, kind: Pod, metadata: {name: x, "
			 "namespace: a, annotations: {",
			 "io.katacontainers.x", n, value, "}}, spec: {}}");
}

static const struct json *claim_with(struct arena *a, size_t n,
				     const char *value)
{
	return with_keys(a,
			 "{apiVersion: extensions.agents.x-k8s.io/v1beta1, "
			 "kind: SandboxClaim, metadata: {name: x, namespace: "
			 "a}, spec: {warmPoolRef: {name: p}, "
			 "additionalPodMetadata: {annotations: {",
			 "bulkhead.dev/x", n, value, "}}}}");
}

static void judge(struct scene *s, const struct json *old,
		  const struct json *now, struct decision *d)
{
	s->subject.from_file = false;
	s->subject.resource = STR("any");
	s->subject.object = now;
	s->subject.old_object = old ? old : &json_missing;
	s->subject.operation = old ? OPERATION_UPDATE : OPERATION_CREATE;
	engine_validate(&s->arena, &s->engine, &s->subject, d);
}

static void what_is_not_told_goes_as_far_as_its_worst(void **state)
{
	static const struct {
		const char *name;
		size_t old, now;
		const char *value;
		size_t denied, warned;
	} rows[] = {
		{ "as many as are told", 0, TOLD, "v", TOLD, 0 },
		{ "one more", 0, TOLD + 1, "v", TOLD + 1, 0 },
		{ "many more", 0, MANY, "v", TOLD + 1, 0 },
		{ "unchanged", 3 * TOLD, 3 * TOLD, "v", 0, TOLD + 1 },
		{ "only the last is new", 3 * TOLD, 3 * TOLD + 1, "v", 1,
		  TOLD },
		{ "changed", 3 * TOLD, 3 * TOLD, "w", TOLD + 1, 0 },
		{ "too many to compare", MANY, MANY, "v", 1, TOLD },
	};
	static const char rule[] = "runtime.annotations";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct json *old = NULL;
		struct decision d;
		struct scene s;

		scene_open(&s, TIERED POD("", "{}"));
		if (rows[i].old)
			old = pod_with(&s.arena, rows[i].old, "v");
		judge(&s, old, pod_with(&s.arena, rows[i].now, rows[i].value),
		      &d);
		if (count_findings(&d.verdict, rule, ACTION_DENY) !=
			    rows[i].denied ||
		    count_findings(&d.verdict, rule, ACTION_WARN) !=
			    rows[i].warned)
			fail_msg("%s", rows[i].name);
		scene_close(&s);
	}
}

static void what_is_not_told_is_counted_and_comes_last(void **state)
{
	const struct finding *last;
	struct decision d;
	struct scene s;

	(void)state;
	scene_open(&s, TIERED POD("", "{}"));
	judge(&s, NULL, pod_with(&s.arena, TOLD + 23, "v"), &d);
	while (d.verdict.findings[d.verdict.n_findings - 1].action !=
	       ACTION_DENY)
		d.verdict.n_findings--;
	last = &d.verdict.findings[d.verdict.n_findings - 1];
	assert_int_equal(last->rest, 23);
	assert_true(str_starts(last->found, STR("and 23 more of this rule")));
	scene_close(&s);
}

static void an_exception_covers_what_is_not_told_of_its_rule(void **state)
{
	struct decision d;
	struct scene s;

	(void)state;
	scene_open(&s,
		   TIERED EXCEPTION("e", "namespace: a", "runtime.annotations",
				    "2099-01-01T00:00:00Z") POD("", "{}"));
	judge(&s, NULL, pod_with(&s.arena, 3 * TOLD, "v"), &d);
	assert_int_equal(count_findings(&d.verdict, "runtime.annotations",
					ACTION_EXCEPTED),
			 TOLD + 1);
	scene_close(&s);
}

static void the_keys_of_a_claim_are_told_once_however_many(void **state)
{
	static const struct {
		size_t old, now;
		const char *value;
		size_t denied;
	} rows[] = {
		{ 0, 3, "v", 3 },	    { 3, 3, "v", 0 },
		{ 3, 3, "w", 3 },	    { 17, 17, "v", 0 },
		{ 17, 20, "v", 3 },	    { 0, 17, "v", 17 },
		{ MANY, MANY + 2, "v", 2 }, { MANY, MANY, "v", 0 },
		{ 0, MANY, "v", TOLD + 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct json *old = NULL;
		struct decision d;
		struct scene s;

		scene_open(
			&s,
			TIERED DOC("extensions.agents.x-k8s.io/v1beta1",
				   "SandboxTemplate", "name: t, namespace: a",
				   "{podTemplate: {spec: {}}}")
				DOC("extensions.agents.x-k8s.io/v1beta1",
				    "SandboxWarmPool", "name: p, namespace: a",
				    "{sandboxTemplateRef: {name: t}}")
					DOC("extensions.agents.x-k8s.io/"
					    "v1beta1",
					    "SandboxClaim", IN_A(""),
					    "{warmPoolRef: {name: p}}"));
		if (rows[i].old)
			old = claim_with(&s.arena, rows[i].old, "v");
		judge(&s, old, claim_with(&s.arena, rows[i].now, rows[i].value),
		      &d);
		assert_int_equal(count_findings(&d.verdict, "label.reserved",
						ACTION_DENY),
				 rows[i].denied);
		scene_close(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_told_goes_as_far_as_its_worst),
		cmocka_unit_test(what_is_not_told_is_counted_and_comes_last),
		cmocka_unit_test(
			an_exception_covers_what_is_not_told_of_its_rule),
		cmocka_unit_test(
			the_keys_of_a_claim_are_told_once_however_many),
	};

	return cmocka_run_group_tests_name("policies/metadata_keys.c", tests,
					   NULL, NULL)
		       ? 1
		       : 0;
}
