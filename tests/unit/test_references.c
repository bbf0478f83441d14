/* policies/references.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policies/references.h"
#include "tests/unit/load.h"

#define EXT "extensions.agents.x-k8s.io/v1beta1"
#define TEMPLATE(name)                                                         \
	DOC(EXT, "SandboxTemplate", "name: " name ", namespace: a", "{}")
#define POOL(name, spec)                                                       \
	DOC(EXT, "SandboxWarmPool", "name: " name ", namespace: a", spec)
#define CLAIM(spec) DOC(EXT, "SandboxClaim", IN_A(""), spec)
#define OLD_CLAIM(spec)                                                        \
	DOC("extensions.agents.x-k8s.io/v1alpha1", "SandboxClaim", IN_A(""),   \
	    spec)
#define OWNED(owner)                                                           \
	DOC("agents.x-k8s.io/v1beta1", "Sandbox", "name: s, namespace: a",     \
	    "{}")                                                              \
	DOC("v1", "Pod",                                                       \
	    "name: x, namespace: a, ownerReferences: [{" owner "}]", "{}")

static void names_are_followed_as_far_as_objects_are_there(void **state)
{
	static const struct {
		const char *text;
		const char *pool, *template, *sandbox; /* NULL: none */
		const char *path;
	} rows[] = {
		{ TEMPLATE("t") POOL("p", "{sandboxTemplateRef: {name: t}}")
			  CLAIM("{warmPoolRef: {name: p}}"),
		  "p", "t", NULL, "spec.warmPoolRef.name" },
		{ TEMPLATE("t") CLAIM("{warmPoolRef: {name: shadow-pool-t}}"),
		  NULL, "t", NULL, "spec.warmPoolRef.name" },
		{ TEMPLATE("t") TEMPLATE("u") POOL(
			  "shadow-pool-t", "{sandboxTemplateRef: {name: u}}")
			  CLAIM("{warmPoolRef: {name: shadow-pool-t}}"),
		  "shadow-pool-t", "u", NULL, "spec.warmPoolRef.name" },
		{ TEMPLATE("t") OLD_CLAIM("{sandboxTemplateRef: {name: t}}"),
		  NULL, "t", NULL, "spec.sandboxTemplateRef.name" },
		{ TEMPLATE("t") POOL("x", "{sandboxTemplateRef: {name: t}}"),
		  NULL, "t", NULL, "spec.sandboxTemplateRef.name" },
		{ TEMPLATE("t") DOC("agents.x-k8s.io/v1beta1", "Sandbox",
				    "name: x, namespace: a, annotations: "
				    "{agents.x-k8s.io/sandbox-template-ref: t}",
				    "{}"),
		  NULL, "t", NULL, "" },
		{ OWNED("apiVersion: agents.x-k8s.io/v1, kind: Sandbox, "
			"name: s, controller: true"),
		  NULL, NULL, "s", "" },
		{ OWNED("apiVersion: foo/v1, kind: Sandbox, name: s, "
			"controller: true"),
		  NULL, NULL, NULL, "" },
		{ OWNED("apiVersion: agents.x-k8s.io/v1, kind: Sandbox, "
			"name: s"),
		  NULL, NULL, NULL, "" },
		{ OWNED("apiVersion: agents.x-k8s.io/v1, kind: Sandbox, "
			"name: [s], controller: true"),
		  NULL, NULL, NULL, "" },
		{ CLAIM("{warmPoolRef: {name: p}}"), NULL, NULL, NULL,
		  "spec.warmPoolRef.name" },
		{ POOL("p", "text") CLAIM("{warmPoolRef: {name: p}}"), "p",
		  NULL, NULL, "spec.warmPoolRef.name" },
		{ TEMPLATE("t") CLAIM("{warmPoolRef: t}"), NULL, NULL, NULL,
		  "spec.sandboxTemplateRef.name" },
		{ TEMPLATE("t") CLAIM("{sandboxTemplateRef: {name: 5}}"), NULL,
		  NULL, NULL, "spec.sandboxTemplateRef.name" },
		{ TEMPLATE("t") CLAIM("[t]"), NULL, NULL, NULL,
		  "spec.sandboxTemplateRef.name" },
		{ TEMPLATE("shadow-pool-")
			  CLAIM("{warmPoolRef: {name: shadow-pool-}}"),
		  NULL, NULL, NULL, "spec.warmPoolRef.name" },
		{ TEMPLATE("t") DOC("v1", "ConfigMap", IN_A(""),
				    "{sandboxTemplateRef: {name: t}}"),
		  NULL, NULL, NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct references refs;
		struct scene s;

		scene_open(&s, rows[i].text);
		references_find(&refs, s.inventory, &s.subject);
		if (!str_eq(refs.pool ? refs.pool->name : STR_NONE,
			    str_of(rows[i].pool)) ||
		    !str_eq(refs.template ? refs.template->name : STR_NONE,
			    str_of(rows[i].template)) ||
		    !str_eq(refs.sandbox ? refs.sandbox->name : STR_NONE,
			    str_of(rows[i].sandbox)) ||
		    !str_is(path_field(&s.arena, refs.path), rows[i].path))
			fail_msg("row %zu: %s", i, rows[i].text);
		references_release(&refs);
		assert_null(refs.template);
		scene_close(&s);
	}
}

static void nothing_crosses_a_namespace(void **state)
{
	struct references refs;
	struct scene s;

	(void)state;
	scene_open(&s, DOC(EXT, "SandboxTemplate", "name: t, namespace: b",
			   "{}") CLAIM("{sandboxTemplateRef: {name: t}}"));
	references_find(&refs, s.inventory, &s.subject);
	assert_null(refs.template);
	assert_true(str_is(refs.template_name, "t"));
	references_release(&refs);
	scene_close(&s);
}

static void without_an_inventory_nothing_is_followed(void **state)
{
	struct references refs;
	struct scene s;

	(void)state;
	scene_open(&s, CLAIM("{warmPoolRef: {name: shadow-pool-t}}"));
	references_find(&refs, NULL, &s.subject);
	assert_null(refs.pool);
	assert_null(refs.template);
	assert_null(refs.namespace);
	references_release(&refs);
	scene_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			names_are_followed_as_far_as_objects_are_there),
		cmocka_unit_test(nothing_crosses_a_namespace),
		cmocka_unit_test(without_an_inventory_nothing_is_followed),
	};

	return cmocka_run_group_tests_name("policies/references.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
