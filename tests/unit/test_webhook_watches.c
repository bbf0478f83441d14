/* webhook/watches.c: its table, and what is kept of each kind. */
#include "tests/unit/kept.h"

#include "policies/kinds.h"
#include "webhook/watches.h"

#define HEAD(api, kind)                                                        \
	"apiVersion: " api ", kind: " kind ", metadata: {name: x, "            \
	"namespace: a, uid: u1, resourceVersion: '7'"
#define METADATA                                                               \
	", labels: {l: m}, ownerReferences: [{kind: K, name: k}], "            \
	"deletionTimestamp: '2026-11-21T07:00:00Z'"
#define ANNOTATION "agents.x-k8s.io/sandbox-template-ref: t"
#define NOISE                                                                  \
	", generation: 3, creationTimestamp: "                                 \
	"'2026-11-21T06:00:00Z'" NOISE_OF_METADATA
/* All of an object, and all of it that is kept but for its own fields. */
#define WHOLE(api, kind, rest)                                                 \
	"{" HEAD(api, kind) METADATA NOISE                                     \
		", annotations: {" NOISE_OF_ANNOTATIONS ", " ANNOTATION        \
		"}}" rest ", extra: 1}"
#define PART(api, kind, rest)                                                  \
	"{" HEAD(api, kind) METADATA ", annotations: {" ANNOTATION "}}" rest "}"
#define HEAD_ONLY(api, kind, rest) "{" HEAD(api, kind) "}" rest "}"

#define EXTENSIONS GROUP_EXTENSIONS "/v1beta1"
#define AGENTS GROUP_AGENTS "/v1beta1"

struct row {
	const char *group, *kind;
	const char *whole, *kept;
};

static void keep_rows(const struct row *rows, size_t n)
{
	size_t wrong = 0;

	for (size_t i = 0; i < n; i++) {
		const struct watch *w =
			watch_find(str_of(rows[i].group), str_of(rows[i].kind));

		if (is_kept(w->keep, rows[i].whole, rows[i].kept))
			continue;
		wrong++;
		print_error("row %zu: %s\n", i, rows[i].kind);
	}
	assert_int_equal(wrong, 0);
}

static void of_each_kind_what_the_rules_read_is_kept(void **state)
{
	static const struct row rows[] = {
		{ GROUP_BULKHEAD, "IsolationTier",
		  WHOLE("t/v1", "IsolationTier",
			", spec: {strength: 7}, status: {c: [2]}"),
		  HEAD_ONLY("t/v1", "IsolationTier", ", spec: {strength: 7}") },
		{ GROUP_BULKHEAD, "IsolationPolicy",
		  WHOLE("t/v1", "IsolationPolicy", ", spec: {}, status: {}"),
		  HEAD_ONLY("t/v1", "IsolationPolicy", ", spec: {}") },
		{ GROUP_BULKHEAD, "IsolationException",
		  WHOLE("t/v1", "IsolationException", ", spec: {reason: r}"),
		  HEAD_ONLY("t/v1", "IsolationException",
			    ", spec: {reason: r}") },
		{ "", "Namespace",
		  WHOLE("v1", "Namespace", ", spec: {finalizers: [k]}"),
		  PART("v1", "Namespace", "") },
		{ "node.k8s.io", "RuntimeClass",
		  WHOLE("node.k8s.io/v1", "RuntimeClass",
			", handler: h, overhead: {podFixed: {cpu: 1}}, "
			"scheduling: {nodeSelector: {c: d}}"),
		  HEAD_ONLY("node.k8s.io/v1", "RuntimeClass",
			    ", handler: h, overhead: {podFixed: {cpu: 1}}, "
			    "scheduling: {nodeSelector: {c: d}}") },
		{ GROUP_EXTENSIONS, "SandboxTemplate",
		  WHOLE(EXTENSIONS, "SandboxTemplate",
			", spec: {podTemplate: {spec: {}}}, status: {}"),
		  PART(EXTENSIONS, "SandboxTemplate",
		       ", spec: {podTemplate: {spec: {}}}") },
		{ GROUP_EXTENSIONS, "SandboxWarmPool",
		  WHOLE(EXTENSIONS, "SandboxWarmPool",
			", spec: {sandboxTemplateRef: {name: t}}, status: {}"),
		  PART(EXTENSIONS, "SandboxWarmPool",
		       ", spec: {sandboxTemplateRef: {name: t}}") },
		{ GROUP_AGENTS, "Sandbox",
		  WHOLE(AGENTS, "Sandbox", ", spec: {ttl: 1h}, status: {}"),
		  PART(AGENTS, "Sandbox", "") },
		{ "", "Pod",
		  WHOLE("v1", "Pod", ", spec: {nodeName: k}, status: {}"),
		  PART("v1", "Pod", "") },
	};

	(void)state;
	assert_int_equal(ARRAY_LEN(rows), WATCHES);
	keep_rows(rows, ARRAY_LEN(rows));
}

static void what_is_of_another_type_is_kept_as_it_is_or_left_out(void **state)
{
	static const struct row rows[] = {
		{ "", "Pod", "{}", "{}" },
		{ "", "Pod", "7", "{}" },
		{ "", "Pod", "[{metadata: {name: x}}]", "{}" },
		{ "", "Pod", "{apiVersion: 7, kind: [], metadata: x}",
		  "{apiVersion: 7, kind: []}" },
		{ "", "Pod", "{metadata: {labels: 7, annotations: [a]}}",
		  "{metadata: {labels: 7}}" },
		{ "", "Namespace",
		  "{metadata: {labels: null, deletionTimestamp: {}}}",
		  "{metadata: {labels: null, deletionTimestamp: {}}}" },
		{ "node.k8s.io", "RuntimeClass", "{overhead: 7, handler: {}}",
		  "{overhead: 7, handler: {}}" },
		{ GROUP_AGENTS, "Sandbox", "{metadata: [], spec: 7}", "{}" },
		{ GROUP_EXTENSIONS, "SandboxTemplate", "{spec: 7, status: 7}",
		  "{spec: 7}" },
		{ GROUP_BULKHEAD, "IsolationTier", "{spec: null, status: 7}",
		  "{spec: null}" },
	};

	(void)state;
	keep_rows(rows, ARRAY_LEN(rows));
}

static void each_kind_has_one_row(void **state)
{
	static const struct {
		const char *group, *kind, *name; /* NULL: none */
	} rows[] = {
		{ "bulkhead.dev", "IsolationTier", "isolationtiers" },
		{ "bulkhead.dev", "IsolationPolicy", "isolationpolicies" },
		{ "bulkhead.dev", "IsolationException", "isolationexceptions" },
		{ "", "Namespace", "namespaces" },
		{ "node.k8s.io", "RuntimeClass", "runtimeclasses" },
		{ GROUP_EXTENSIONS, "SandboxTemplate", "sandboxtemplates" },
		{ GROUP_EXTENSIONS, "SandboxWarmPool", "sandboxwarmpools" },
		{ GROUP_AGENTS, "Sandbox", "sandboxes" },
		{ "", "Pod", "pods" },
		{ "apps", "Pod", NULL },
		{ "", "pod", NULL },
		{ "", "", NULL },
		{ "", "Secret", NULL },
		{ "x.agents.x-k8s.io", "Sandbox", NULL },
		{ GROUP_EXTENSIONS, "Sandbox", NULL },
		{ GROUP_EXTENSIONS, "SandboxClaim", NULL },
		{ "networking.k8s.io", "NetworkPolicy", NULL },
	};
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct watch *w =
			watch_find(str_of(rows[i].group), str_of(rows[i].kind));

		assert_int_equal(w != NULL, rows[i].name != NULL);
		if (!w)
			continue;
		assert_ptr_equal(w, &watches[n++]);
		assert_string_equal(w->name, rows[i].name);
		assert_non_null(w->label_selector);
	}
	assert_int_equal(n, WATCHES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_each_kind_what_the_rules_read_is_kept),
		cmocka_unit_test(
			what_is_of_another_type_is_kept_as_it_is_or_left_out),
		cmocka_unit_test(each_kind_has_one_row),
	};

	return cmocka_run_group_tests_name("webhook/watches", tests, NULL, NULL)
		       ? 1
		       : 0;
}
