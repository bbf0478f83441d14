/* policies/target.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policies/references.h"
#include "policies/target.h"
#include "tests/unit/load.h"

struct view {
	struct scene scene;
	struct references refs;
	struct target target;
};

static void open_view(struct view *v, const char *text)
{
	struct scene *s = &v->scene;

	scene_open(s, text);
	references_find(&v->refs, s->inventory, &s->subject);
	v->target = (struct target){ .arena = &s->arena,
				     .snapshot = s->snapshot,
				     .inventory = s->inventory,
				     .subject = &s->subject };
	target_view(&v->target, &v->refs);
}

static void close_view(struct view *v)
{
	references_release(&v->refs);
	scene_close(&v->scene);
}

#define ONE "{containers: [{name: c}]}"
#define WORKLOAD(api, kind, spec) DOC(api, kind, IN_A(""), spec)
#define TEMPLATE                                                               \
	DOC("extensions.agents.x-k8s.io/v1beta1", "SandboxTemplate",           \
	    "name: t, namespace: a", "{podTemplate: {spec: " ONE "}}")
#define CLAIM(spec)                                                            \
	DOC("extensions.agents.x-k8s.io/v1beta1", "SandboxClaim", IN_A(""),    \
	    spec)

static void the_pod_is_found_where_its_kind_has_it(void **state)
{
	static const struct {
		const char *text, *path;
		size_t containers;
	} rows[] = {
		{ POD("", ONE), "", 1 },
		{ SANDBOX("", ONE), "spec.podTemplate", 1 },
		{ TEMPLATE, "spec.podTemplate", 1 },
		{ WORKLOAD("apps/v1", "Deployment",
			   "{template: {spec: " ONE "}}"),
		  "spec.template", 1 },
		{ WORKLOAD("batch/v1", "CronJob",
			   "{jobTemplate: {spec: {template: {spec: " ONE
			   "}}}}"),
		  "spec.jobTemplate.spec.template", 1 },
		{ TEMPLATE CLAIM("{sandboxTemplateRef: {name: t}}"),
		  "spec.podTemplate", 1 },
		{ TEMPLATE CLAIM("{warmPoolRef: {name: shadow-pool-t}}"),
		  "spec.podTemplate", 1 },
		{ CLAIM("{warmPoolRef: {name: shadow-pool-t}}"), "", 0 },
		{ TEMPLATE CLAIM("{sandboxTemplateRef: [t]}"), "", 0 },
		{ SANDBOX("", "text"), "spec.podTemplate", 0 },
		{ SANDBOX("", "[]"), "spec.podTemplate", 0 },
		{ SANDBOX("", "{containers: {c: {}}}"), "spec.podTemplate", 0 },
		{ SANDBOX("", "{containers: 5, initContainers: c}"),
		  "spec.podTemplate", 0 },
		{ SANDBOX("", "{containers: [text, null, 7, []]}"),
		  "spec.podTemplate", 4 },
		{ POD("", "null"), "", 0 },
		{ WORKLOAD("batch/v1", "CronJob", "{jobTemplate: text}"),
		  "spec.jobTemplate.spec.template", 0 },
		{ DOC("v1", "ConfigMap", IN_A(""), ONE), "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct view v;

		open_view(&v, rows[i].text);
		if (v.target.n_containers != rows[i].containers ||
		    !str_is(path_field(&v.scene.arena, v.target.pod_path),
			    rows[i].path))
			fail_msg("%s", rows[i].text);
		close_view(&v);
	}
}

static void containers_know_what_they_are(void **state)
{
	static const enum container_type want[] = {
		CONTAINER_MAIN, CONTAINER_INIT,	     CONTAINER_SIDECAR,
		CONTAINER_INIT, CONTAINER_EPHEMERAL,
	};
	struct view v;

	(void)state;
	open_view(&v,
		  POD("", "{ephemeralContainers: [{name: e}], "
			  "initContainers: [{name: i}, "
			  "{name: s, restartPolicy: Always}, "
			  "{name: [s], restartPolicy: always}], "
			  "containers: [{name: c, restartPolicy: Always}]}"));
	assert_int_equal(v.target.n_containers, ARRAY_LEN(want));
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_int_equal(v.target.containers[i].type, want[i]);
	assert_true(str_is(v.target.containers[2].name, "s"));
	assert_int_equal(v.target.containers[3].name.n, 0);
	assert_int_equal(v.target.containers[3].index, 2);
	close_view(&v);
}

#define CLASS(name, handler)                                                   \
	"{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: "          \
	"{name: " name "}, handler: " handler "}\n---\n"

static void the_runtime_is_known_by_handler_and_name(void **state)
{
	static const struct {
		const char *classes, *name;
		enum runtime_family want;
	} rows[] = {
		{ "", "null", RUNTIME_RUNC },
		{ "", "''", RUNTIME_RUNC },
		{ "", "runc", RUNTIME_RUNC },
		{ "", "gvisor", RUNTIME_GVISOR },
		{ "", "gvisor-nvidia", RUNTIME_GVISOR },
		{ "", "kata-qemu", RUNTIME_KATA },
		{ "", "kata-fc", RUNTIME_KATA_FC },
		{ CLASS("sandboxed", "runsc"), "sandboxed", RUNTIME_GVISOR },
		{ CLASS("sandboxed", "runc"), "sandboxed", RUNTIME_RUNC },
		{ CLASS("kata-x", "kata-fc"), "kata-x", RUNTIME_KATA_FC },
		{ CLASS("kata-x", "7"), "kata-x", RUNTIME_KATA },
		{ CLASS("other", "runsc"), "sandboxed", RUNTIME_UNKNOWN },
		{ "", "gVisor", RUNTIME_UNKNOWN },
		{ "", "gvisorx", RUNTIME_UNKNOWN },
		{ "", "my-kata", RUNTIME_UNKNOWN },
		{ "", "[gvisor]", RUNTIME_RUNC },
		{ "", "5", RUNTIME_RUNC },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena a = ARENA_INIT;
		struct view v;

		open_view(&v, arena_printf(&a,
					   "%s{apiVersion: v1, kind: Pod, "
					   "metadata: {name: x}, spec: "
					   "{runtimeClassName: %s}}",
					   rows[i].classes, rows[i].name)
				      .p);
		if (target_runtime_family(&v.target) != rows[i].want)
			fail_msg("%s%s", rows[i].classes, rows[i].name);
		close_view(&v);
		arena_release(&a);
	}
}

static void only_a_controller_of_the_right_group_owns(void **state)
{
	static const struct {
		const char *owners;
		bool want;
	} rows[] = {
		{ "[{apiVersion: agents.x-k8s.io/v1, kind: Sandbox, "
		  "controller: true}]",
		  true },
		{ "[5, {apiVersion: agents.x-k8s.io/v1, kind: Sandbox, "
		  "controller: true}]",
		  true },
		{ "[{apiVersion: agents.x-k8s.io/v1, kind: Sandbox}]", false },
		{ "[{apiVersion: agents.x-k8s.io/v1, kind: Sandbox, "
		  "controller: 'true'}]",
		  false },
		{ "[{apiVersion: foo/v1, kind: Sandbox, controller: true}]",
		  false },
		{ "[{kind: Sandbox, controller: true}]", false },
		{ "{apiVersion: agents.x-k8s.io/v1}", false },
		{ "text", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena a = ARENA_INIT;
		struct view v;

		open_view(&v, arena_printf(&a,
					   "{apiVersion: v1, kind: Pod, "
					   "metadata: {ownerReferences: %s}}",
					   rows[i].owners)
				      .p);
		if (target_owned_by(&v.target, STR(GROUP_AGENTS),
				    STR("Sandbox")) != rows[i].want)
			fail_msg("%s", rows[i].owners);
		close_view(&v);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_pod_is_found_where_its_kind_has_it),
		cmocka_unit_test(containers_know_what_they_are),
		cmocka_unit_test(the_runtime_is_known_by_handler_and_name),
		cmocka_unit_test(only_a_controller_of_the_right_group_owns),
	};

	return cmocka_run_group_tests_name("policies/target.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
