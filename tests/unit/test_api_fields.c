/* The tables of the API's fields: sound, and found by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policies/api_fields.h"

enum { DEPTH_MAX = 24 };

static void check_object(const struct api_object *object, unsigned depth)
{
	assert_true(depth < DEPTH_MAX);
	for (size_t i = 0; i < object->n; i++) {
		const struct api_field *f = &object->fields[i];
		struct str name = str_of(f->name);

		if (i)
			assert_true(str_cmp(str_of(f[-1].name), name) < 0);
		assert_ptr_equal(api_field_find(object, name), f);
		if (f->below)
			check_object(f->below, depth + 1);
	}
}

static void names_are_sorted_and_found(void **state)
{
	(void)state;
	for (const struct api_kind *k = api_kinds; k->kind; k++) {
		assert_ptr_equal(
			api_object_find(str_of(k->kind), str_of(k->version)),
			k->object);
		check_object(k->object, 0);
	}
}

static void unknown_kinds_and_versions_have_no_table(void **state)
{
	(void)state;
	assert_null(api_object_find(STR("Sandbox"), STR("v1")));
	assert_null(api_object_find(STR("Sandbox"), STR("")));
	assert_null(api_object_find(STR("sandbox"), STR("v1beta1")));
	assert_null(api_object_find(STR("Pod"), STR("v1")));
}

/* The object below these steps of a v1beta1 Sandbox. */
static const struct api_object *at(const char *const *steps)
{
	const struct api_object *o =
		api_object_find(STR("Sandbox"), STR("v1beta1"));

	for (size_t i = 0; steps[i]; i++)
		o = api_field_find(o, str_of(steps[i]))->below;
	return o;
}

#define AT(...) at((const char *const[]){ __VA_ARGS__, NULL })
#define POD "spec", "podTemplate", "spec"

static void free_maps_and_scalars_have_nothing_below(void **state)
{
	(void)state;
	assert_null(AT(POD, "nodeSelector"));
	assert_null(AT(POD, "runtimeClassName"));
	assert_null(AT(POD, "containers", "resources", "limits"));
	assert_null(AT(POD, "containers", "livenessProbe", "httpGet", "port"));
	assert_null(AT("metadata", "labels"));
	assert_null(AT("status"));
	assert_non_null(AT(POD, "volumes", "emptyDir"));
}

static void names_are_looked_up_whole(void **state)
{
	const struct api_object *pod = AT(POD);

	(void)state;
	assert_non_null(api_field_find(pod, STR("hostUsers")));
	assert_null(api_field_find(pod, STR("hostUser")));
	assert_null(api_field_find(pod, STR("hostUserss")));
	assert_null(api_field_find(pod, STR("hostusers")));
	assert_null(api_field_find(pod, STR("hostUsers\0")));
	assert_null(api_field_find(pod, STR("")));
	assert_null(api_field_find(AT(POD, "volumes", "ephemeral",
				      "volumeClaimTemplate", "metadata"),
				   STR("labels")));
}

static void hints_point_at_the_right_spelling(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct api_object *root =
		api_object_find(STR("Sandbox"), STR("v1beta1"));
	const struct api_object *pod = AT(POD);
	static const struct {
		struct str name;
		const char *elsewhere;
	} rows[] = {
		{ STR_INIT("runtimeClassName"),
		  "spec.podTemplate.spec.runtimeClassName" },
		{ STR_INIT("shutdownTime"), "spec.shutdownTime" },
		{ STR_INIT("securityContext"),
		  "spec.podTemplate.spec.securityContext" },
		{ STR_INIT("labels"), "" },
		{ STR_INIT("namespace"), "" },
		{ STR_INIT("image"), "" },
		{ STR_INIT("nothing"), "" },
		{ STR_INIT(""), "" },
	};

	(void)state;
	assert_string_equal(api_field_nearest(&a, pod, STR("runtimeClasName")),
			    "runtimeClassName");
	assert_null(api_field_nearest(&a, pod, STR("somethingElse")));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str s = api_field_elsewhere(&a, root, rows[i].name);

		if (!str_is(s, rows[i].elsewhere))
			fail_msg("%.*s: %.*s", STR_ARG(rows[i].name),
				 STR_ARG(s));
	}
	assert_int_equal(api_field_names(&a, pod).n, 0);
	assert_true(str_is(api_field_names(&a, AT("spec", "podTemplate")),
			   "metadata or spec"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_sorted_and_found),
		cmocka_unit_test(unknown_kinds_and_versions_have_no_table),
		cmocka_unit_test(free_maps_and_scalars_have_nothing_below),
		cmocka_unit_test(names_are_looked_up_whole),
		cmocka_unit_test(hints_point_at_the_right_spelling),
	};

	return cmocka_run_group_tests_name("policies/api_fields.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
