/* policies/spelling.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/json_write.h"
#include "tests/unit/load.h"

#define EXT "extensions.agents.x-k8s.io/v1beta1"
#define CLAIM(spec)                                                            \
	"{apiVersion: " EXT ", kind: SandboxClaim, metadata: {name: x, "       \
	"namespace: a}, spec: " spec "}"
#define OLD_CLAIM(spec)                                                        \
	"{apiVersion: extensions.agents.x-k8s.io/v1alpha1, kind: "             \
	"SandboxClaim, metadata: {name: x}, spec: " spec "}"
#define SB(spec)                                                               \
	"{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, metadata: "      \
	"{name: x}, spec: " spec "}"

static const struct {
	const char *text, *want; /* want NULL: nothing changes */
	size_t notes;
} rows[] = {
	/* groups */
	{ "{apiVersion: agents.x-k8s.io/v1alpha1, kind: SandboxTemplate, "
	  "spec: {}}",
	  "{apiVersion: " EXT ", kind: SandboxTemplate, spec: {}}", 1 },
	{ "{apiVersion: extensions.agents.x-k8s.io/v1alpha1, kind: Sandbox, "
	  "spec: {}}",
	  "{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, spec: {}}", 1 },
	{ "{apiVersion: agents.x-k8s.io/v1, kind: SandboxWarmPool}",
	  "{apiVersion: " EXT ", kind: SandboxWarmPool}", 1 },
	{ "{apiVersion: agents.x-k8s.io/v1alpha1, kind: Sandbox, spec: {}}",
	  NULL, 1 },
	/* claims */
	{ "{apiVersion: agents.x-k8s.io/v1alpha1, kind: SandboxClaim, "
	  "metadata: {name: x, namespace: a}, spec: {templateRef: {name: t}, "
	  "ttl: 1h, shutdownPolicy: Delete}}",
	  "{apiVersion: " EXT ", kind: SandboxClaim, metadata: {name: x, "
	  "namespace: a, annotations: {bulkhead.dev/ttl: 1h}}, spec: "
	  "{warmPoolRef: {name: shadow-pool-t}, lifecycle: {shutdownPolicy: "
	  "Delete}}}",
	  4 },
	{ CLAIM("{sandboxTemplateRef: {name: t}}"),
	  CLAIM("{warmPoolRef: {name: shadow-pool-t}}"), 1 },
	{ CLAIM("{warmPoolRef: {name: p}, shutdownTime: s, lifecycle: "
		"{shutdownTime: r}}"),
	  CLAIM("{warmPoolRef: {name: p}, lifecycle: {shutdownTime: r}}"), 1 },
	{ CLAIM("{warmPoolRef: {name: p}, shutdownPolicy: Delete, lifecycle: "
		"null}"),
	  CLAIM("{warmPoolRef: {name: p}, lifecycle: {shutdownPolicy: "
		"Delete}}"),
	  1 },
	{ OLD_CLAIM("{templateRef: {name: t}}"),
	  OLD_CLAIM("{sandboxTemplateRef: {name: t}}"), 2 },
	{ OLD_CLAIM("{sandboxTemplateRef: {name: t}}"), NULL, 1 },
	{ CLAIM("{warmPoolRef: {name: p}, templateRef: {name: t}}"), NULL, 0 },
	/* pools and sandboxes */
	{ "{apiVersion: " EXT ", kind: SandboxWarmPool, spec: {replicas: 2, "
	  "templateRef: {name: t}}}",
	  "{apiVersion: " EXT ", kind: SandboxWarmPool, spec: {replicas: 2, "
	  "sandboxTemplateRef: {name: t}}}",
	  1 },
	{ SB("{replicas: 0}"), SB("{operatingMode: Suspended}"), 1 },
	{ SB("{replicas: 1}"), SB("{operatingMode: Running}"), 1 },
	{ SB("{replicas: 1, operatingMode: Suspended}"),
	  SB("{operatingMode: Suspended}"), 1 },
	{ "{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, metadata: "
	  "{annotations: {bulkhead.dev/ttl: 2h}}, spec: {ttl: 1h}}",
	  "{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, metadata: "
	  "{annotations: {bulkhead.dev/ttl: 2h}}, spec: {}}",
	  1 },
	{ "{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, metadata: "
	  "null, spec: {ttl: 1h}}",
	  "{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, metadata: "
	  "{annotations: {bulkhead.dev/ttl: 1h}}, spec: {}}",
	  1 },
	/* right already */
	{ SB("{podTemplate: {}, operatingMode: Running}"), NULL, 0 },
	{ CLAIM("{warmPoolRef: {name: p}, lifecycle: {}}"), NULL, 0 },
	/* not ours */
	{ "{apiVersion: custom.agents.x-k8s.io/v1, kind: Sandbox, spec: "
	  "{ttl: 1h}}",
	  NULL, 0 },
	{ "{apiVersion: agents.x-k8s.io/v1alpha1, kind: SandboxThing, spec: "
	  "{ttl: 1h}}",
	  NULL, 0 },
	{ "{apiVersion: agents.x-k8s.io, kind: SandboxClaim}", NULL, 0 },
	{ "{apiVersion: [v1], kind: {a: b}}", NULL, 0 },
	{ "text", NULL, 0 },
	{ "[1, 2]", NULL, 0 },
	/* wrong types are left alone */
	{ SB("text"), NULL, 0 },
	{ SB("[ttl]"), NULL, 0 },
	{ SB("{ttl: 60}"), NULL, 0 },
	{ SB("{ttl: null}"), NULL, 0 },
	{ SB("{replicas: '1'}"), NULL, 0 },
	{ SB("{replicas: 1.5}"), NULL, 0 },
	{ "{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, metadata: "
	  "[x], spec: {ttl: 1h}}",
	  NULL, 0 },
	{ "{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, metadata: "
	  "{annotations: text}, spec: {ttl: 1h}}",
	  NULL, 0 },
	{ CLAIM("{templateRef: t}"), NULL, 0 },
	{ CLAIM("{templateRef: {name: 5}}"), NULL, 0 },
	{ CLAIM("{sandboxTemplateRef: [t]}"), NULL, 0 },
	{ CLAIM("{warmPoolRef: text, templateRef: {name: t}}"), NULL, 0 },
	{ CLAIM("{shutdownPolicy: Delete, lifecycle: soon}"), NULL, 0 },
	{ OLD_CLAIM("{templateRef: t}"), NULL, 1 },
};

static void every_older_spelling_becomes_todays(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena a = ARENA_INIT;
		const struct json *doc = load_json(&a, rows[i].text);
		const struct json *want =
			rows[i].want ? load_json(&a, rows[i].want) : doc;
		struct spelling got;

		spelling_rewrite(&a, doc, &got);
		if (!json_equal(&got.doc, want) ||
		    got.changed != (rows[i].want != NULL) ||
		    got.n_notes != rows[i].notes)
			fail_msg("%s: %zu notes, %s", rows[i].text, got.n_notes,
				 json_to_str(&a, &got.doc).p);
		arena_release(&a);
	}
}

static void rewriting_its_own_result_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena a = ARENA_INIT;
		struct spelling first, second, pool;

		spelling_rewrite(&a, load_json(&a, rows[i].text), &first);
		spelling_rewrite(&a, &first.doc, &second);
		if (second.changed || !json_equal(&first.doc, &second.doc) ||
		    json_exists(&second.extra))
			fail_msg("%s", rows[i].text);
		if (json_exists(&first.extra)) {
			spelling_rewrite(&a, &first.extra, &pool);
			assert_int_equal(pool.changed + pool.n_notes, 0);
		}
		arena_release(&a);
	}
}

static void a_claim_of_a_template_gets_an_empty_pool(void **state)
{
	struct arena a = ARENA_INIT;
	struct spelling got;

	(void)state;
	spelling_rewrite(&a, load_json(&a, CLAIM("{templateRef: {name: t}}")),
			 &got);
	assert_true(json_equal(
		&got.extra,
		load_json(&a, "{apiVersion: " EXT ", kind: SandboxWarmPool, "
			      "metadata: {name: shadow-pool-t, namespace: a}, "
			      "spec: {replicas: 0, sandboxTemplateRef: "
			      "{name: t}}}")));
	arena_release(&a);
}

static void notes_point_into_what_was_written(void **state)
{
	static const struct {
		const char *field;
		uint32_t line, column;
	} want[] = {
		{ "apiVersion", 1, 13 },
		{ "spec.templateRef", 5, 5 },
		{ "spec.ttl", 6, 8 },
		{ "spec.shutdownPolicy", 7, 19 },
	};
	struct arena a = ARENA_INIT;
	struct spelling got;

	(void)state;
	spelling_rewrite(&a,
			 load_json(&a, "apiVersion: agents.x-k8s.io/v1alpha1\n"
				       "kind: SandboxClaim\n"
				       "spec:\n"
				       "  templateRef:\n"
				       "    name: t\n"
				       "  ttl: 1h\n"
				       "  shutdownPolicy: Delete\n"),
			 &got);
	assert_int_equal(got.n_notes, ARRAY_LEN(want));
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		const struct spelling_note *n = &got.notes[i];

		if (!str_is(n->field, want[i].field) ||
		    n->at.line != want[i].line ||
		    n->at.column != want[i].column)
			fail_msg("%s at %u:%u", n->field.p, n->at.line,
				 n->at.column);
		assert_true(n->found.n && n->wanted.n && n->fix.n);
	}
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_older_spelling_becomes_todays),
		cmocka_unit_test(rewriting_its_own_result_changes_nothing),
		cmocka_unit_test(a_claim_of_a_template_gets_an_empty_pool),
		cmocka_unit_test(notes_point_into_what_was_written),
	};

	return cmocka_run_group_tests_name("policies/spelling.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
