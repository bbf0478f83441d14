/* policies/rule.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/load.h"

static const struct rule rule = { .id = "test.rule" };

struct bench {
	struct arena arena;
	struct subject subject;
	struct tier tier;
	struct target target;
	struct verdict verdict;
	struct check check;
	struct json_edit edit;
	struct fill fill;
};

static void set_up(struct bench *b, const char *text)
{
	*b = (struct bench){ .tier = { .name = STR("t") } };
	b->subject.object = load_json(&b->arena, text);
	b->target = (struct target){ .arena = &b->arena,
				     .subject = &b->subject,
				     .tier = &b->tier,
				     .object = b->subject.object,
				     .pod_spec = &json_missing };
	b->check =
		(struct check){ &b->target, &rule, &b->verdict, ACTION_WARN };
	b->edit = json_edit_start(&b->arena, b->subject.object);
	b->fill = (struct fill){ &b->target, &rule, &b->edit, &b->verdict };
}

static const struct path spec = { NULL, STR_INIT("spec"), 0 };
static const struct path template = { &spec, STR_INIT("podTemplate"), 0 };
static const struct path name = { NULL, STR_INIT("name"), 0 };
static const struct container second = {
	.json = &json_missing,
	.list = { NULL, STR_INIT("containers"), 0 },
	.index = 1,
};

static void a_finding_points_to_the_nearest_place(void **state)
{
	struct bench b;
	const struct finding *f;

	(void)state;
	set_up(&b, "spec:\n  podTemplate:\n    spec:\n      containers:\n"
		   "      - name: a\n      - name: b\n");
	b.target.pod_path = &template;
	check_container(&b.check, &second, &name,
			(struct says){ STR("f"), STR("w"), STR("x") });
	check_pod(&b.check, &PATH_KEY(NULL, "nodeName"),
		  (struct says){ .found = STR("f") });
	check_template(&b.check, &PATH_KEY(NULL, "metadata"),
		       (struct says){ .found = STR("f") });
	check_object(&b.check, &PATH_KEY(NULL, "status"),
		     (struct says){ .found = STR("f") });
	f = b.verdict.findings;
	assert_int_equal(b.verdict.n_findings, 4);
	assert_true(
		str_is(f[0].field, "spec.podTemplate.spec.containers[1].name"));
	assert_int_equal(f[0].at.line, 6);
	assert_int_equal(f[0].at.column, 15);
	assert_true(str_is(f[1].field, "spec.podTemplate.spec.nodeName"));
	assert_int_equal(f[1].at.line, 4);
	assert_true(str_is(f[2].field, "spec.podTemplate.metadata"));
	assert_int_equal(f[2].at.line, 3);
	assert_true(str_is(f[3].field, "status"));
	assert_int_equal(f[3].at.line, 1);
	assert_ptr_equal(f[0].tier, &b.tier);
	assert_true(str_is(f[0].id, "test.rule"));
	arena_release(&b.arena);
}

static void a_pod_elsewhere_is_told_by_what_refers_to_it(void **state)
{
	struct path ref = PATH_KEY(&spec, "ref");
	struct bench b;

	(void)state;
	set_up(&b, "spec:\n  ref: t\n");
	b.target.pod_path = &template;
	b.target.pod_origin = STR("SandboxTemplate a/t");
	b.target.pod_ref = &ref;
	check_pod(&b.check, &PATH_KEY(NULL, "nodeName"),
		  (struct says){ .found = STR("f") });
	assert_true(
		str_is(b.verdict.findings[0].origin, "SandboxTemplate a/t"));
	assert_int_equal(b.verdict.findings[0].at.line, 2);
	assert_int_equal(b.verdict.findings[0].at.column, 8);
	fill_pod(&b.fill, &PATH_KEY(NULL, "nodeName"),
		 json_make_string(STR("n")));
	assert_int_equal(b.verdict.n_fills, 0);
	arena_release(&b.arena);
}

static void no_finding_goes_further_than_its_run(void **state)
{
	static const enum action asked[] = { ACTION_AUDIT, ACTION_WARN,
					     ACTION_DENY };
	struct bench b;

	(void)state;
	set_up(&b, "{}");
	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		check_object_as(&b.check, asked[i], STR("my-id"), NULL,
				(struct says){ .found = STR("f") });
		assert_int_equal(b.verdict.findings[i].action,
				 asked[i] < ACTION_WARN ? asked[i]
							: ACTION_WARN);
	}
	assert_true(str_is(b.verdict.findings[0].id, "my-id"));
	assert_string_equal(b.verdict.findings[0].rule, "test.rule");
	arena_release(&b.arena);
}

static void only_what_is_unset_is_filled(void **state)
{
	static const struct {
		const char *object, *want; /* want NULL: left alone */
	} rows[] = {
		{ "{}", "{spec: {podTemplate: v}}" },
		{ "{spec: null}", "{spec: {podTemplate: v}}" },
		{ "{spec: {podTemplate: null}}", "{spec: {podTemplate: v}}" },
		{ "{spec: {a: b}}", "{spec: {a: b, podTemplate: v}}" },
		{ "{spec: {podTemplate: w}}", NULL },
		{ "{spec: {podTemplate: false}}", NULL },
		{ "{spec: {podTemplate: ''}}", NULL },
		{ "{spec: text}", NULL },
		{ "{spec: [podTemplate]}", NULL },
		{ "{spec: 5}", NULL },
		{ "[spec]", NULL },
		{ "text", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bench b;

		set_up(&b, rows[i].object);
		fill_object(&b.fill, &template, json_make_string(STR("v")));
		assert_int_equal(b.verdict.n_fills, rows[i].want ? 1 : 0);
		if (!json_equal(&b.edit.root,
				load_json(&b.arena, rows[i].want
							    ? rows[i].want
							    : rows[i].object)))
			fail_msg("%s", rows[i].object);
		if (rows[i].want)
			assert_true(str_is(b.verdict.fills[0].pointer,
					   "/spec/podTemplate"));
		arena_release(&b.arena);
	}
}

static void a_container_is_filled_where_it_is_one(void **state)
{
	static const struct {
		const char *containers;
		bool filled;
	} rows[] = {
		{ "[{name: a}, {image: b}]", true },
		{ "[null, {}]", true },
		{ "[{}, {name: null}]", true },
		{ "[{}, {name: b}]", false },
		{ "[{}, null]", false },
		{ "[{}, text]", false },
		{ "[{}, [name]]", false },
		{ "[{}]", false },
		{ "[]", false },
		{ "null", false },
		{ "{'1': {}}", false },
		{ "text", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena a = ARENA_INIT;
		struct bench b;

		set_up(&b, arena_printf(&a, "{spec: {containers: %s}}",
					rows[i].containers)
				   .p);
		fill_container(&b.fill, &second, &name,
			       json_make_string(STR("v")));
		if ((b.verdict.n_fills == 1) != rows[i].filled)
			fail_msg("%s", rows[i].containers);
		arena_release(&b.arena);
		arena_release(&a);
	}
}

static void a_default_is_filled_over_unless_it_was_written(void **state)
{
	static const struct {
		const char *object;
		bool from_file, filled;
	} rows[] = {
		{ "{}", true, true },
		{ "{spec: Retain}", false, true },
		{ "{spec: Retain}", true, false },
		{ "{spec: Other}", false, false },
		{ "{spec: Delete}", false, false },
		{ "{spec: [Retain]}", false, false },
		{ "{spec: 5}", false, false },
		{ "text", false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bench b;

		set_up(&b, rows[i].object);
		b.subject.from_file = rows[i].from_file;
		fill_object_over_default(&b.fill, &spec, STR("Retain"),
					 json_make_string(STR("Delete")));
		if ((b.verdict.n_fills == 1) != rows[i].filled)
			fail_msg("%s", rows[i].object);
		arena_release(&b.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_points_to_the_nearest_place),
		cmocka_unit_test(a_pod_elsewhere_is_told_by_what_refers_to_it),
		cmocka_unit_test(no_finding_goes_further_than_its_run),
		cmocka_unit_test(only_what_is_unset_is_filled),
		cmocka_unit_test(a_container_is_filled_where_it_is_one),
		cmocka_unit_test(
			a_default_is_filled_over_unless_it_was_written),
	};

	return cmocka_run_group_tests_name("policies/rule.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
