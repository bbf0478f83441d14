/* controller/watches.c: its table, and what is kept of each kind. */
#include "tests/unit/kept.h"

#include "controller/watches.h"
#include "policies/kinds.h"

#define HEAD(api, kind)                                                        \
	"apiVersion: " api ", kind: " kind ", metadata: {name: x, "            \
	"namespace: a, uid: u1, resourceVersion: '7', generation: 3"
#define METADATA                                                               \
	", labels: {l: m}, ownerReferences: [{kind: K, name: k}], "            \
	"creationTimestamp: '2026-11-21T06:00:00Z', "                          \
	"deletionTimestamp: '2026-11-21T07:00:00Z'"
#define ANNOTATIONS                                                            \
	"agents.x-k8s.io/pod-name: p, agents.x-k8s.io/sandbox-name: s, "       \
	"agents.x-k8s.io/sandbox-template-ref: t, "                            \
	"argocd.argoproj.io/tracking-id: i, bulkhead.dev/ttl: 1h, "            \
	"bulkhead.dev/expires-at: e, bulkhead.dev/unneeded: n"
/* All of an object, and all of it that is kept but for its own fields. */
#define WHOLE(api, kind, rest)                                                 \
	"{" HEAD(api, kind) METADATA NOISE_OF_METADATA                         \
		", annotations: {" NOISE_OF_ANNOTATIONS ", " ANNOTATIONS       \
		"}}" rest ", extra: 1}"
#define PART(api, kind, rest)                                                  \
	"{" HEAD(api, kind) METADATA ", annotations: {" ANNOTATIONS "}}" rest  \
				     "}"
#define HEAD_ONLY(api, kind, rest) "{" HEAD(api, kind) "}" rest "}"
#define LABELS_ONLY(api, kind)                                                 \
	"{apiVersion: " api ", kind: " kind ", metadata: {name: x, "           \
	"namespace: a, labels: {l: m}}}"

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

		if (is_kept(w->reflect.keep, rows[i].whole, rows[i].kept))
			continue;
		wrong++;
		print_error("row %zu: %s\n", i, rows[i].kind);
	}
	assert_int_equal(wrong, 0);
}

static void of_each_kind_what_is_read_is_kept(void **state)
{
	static const struct row rows[] = {
		{ GROUP_BULKHEAD, "IsolationTier",
		  WHOLE("t/v1", "IsolationTier",
			", spec: {strength: 7, more: [1]}, status: {c: [2]}"),
		  HEAD_ONLY("t/v1", "IsolationTier",
			    ", spec: {strength: 7, more: [1]}, "
			    "status: {c: [2]}") },
		{ GROUP_BULKHEAD, "IsolationPolicy",
		  WHOLE("t/v1", "IsolationPolicy", ", spec: {}, status: {}"),
		  HEAD_ONLY("t/v1", "IsolationPolicy",
			    ", spec: {}, status: {}") },
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
			    ", handler: h, scheduling: "
			    "{nodeSelector: {c: d}}") },
		{ "", "Node",
		  WHOLE("v1", "Node", ", spec: {podCIDR: c}, status: {}"),
		  LABELS_ONLY("v1", "Node") },
		{ "apps", "DaemonSet",
		  WHOLE("apps/v1", "DaemonSet", ", spec: {}, status: {}"),
		  LABELS_ONLY("apps/v1", "DaemonSet") },
		{ "networking.k8s.io", "NetworkPolicy",
		  WHOLE("networking.k8s.io/v1", "NetworkPolicy",
			", spec: {podSelector: {}, egress: [{}]}, status: {}"),
		  PART("networking.k8s.io/v1", "NetworkPolicy",
		       ", spec: {podSelector: {}, egress: [{}]}") },
		{ GROUP_EXTENSIONS, "SandboxTemplate",
		  WHOLE(EXTENSIONS, "SandboxTemplate",
			", spec: {podTemplate: {spec: {}}}, status: {}"),
		  PART(EXTENSIONS, "SandboxTemplate",
		       ", spec: {podTemplate: {spec: {}}}") },
		{ GROUP_EXTENSIONS, "SandboxWarmPool",
		  WHOLE(EXTENSIONS, "SandboxWarmPool",
			", spec: {replicas: 2, sandboxTemplateRef: {name: t}}, "
			"status: {replicas: 2}"),
		  PART(EXTENSIONS, "SandboxWarmPool",
		       ", spec: {replicas: 2, "
		       "sandboxTemplateRef: {name: t}}") },
		{ GROUP_EXTENSIONS, "SandboxClaim",
		  WHOLE(EXTENSIONS, "SandboxClaim",
			", spec: {lifecycle: {shutdownTime: s}, shutdownTime: "
			"s, shutdownPolicy: p, ttl: 1h, warmPoolRef: {name: "
			"w}, sandboxTemplateRef: {name: t}, env: [{name: "
			"SECRET, value: v}]}, status: {sandbox: {name: b}, "
			"conditions: [{}]}"),
		  PART(EXTENSIONS, "SandboxClaim",
		       ", spec: {lifecycle: {shutdownTime: s}, shutdownTime: "
		       "s, shutdownPolicy: p, ttl: 1h, warmPoolRef: {name: w}, "
		       "sandboxTemplateRef: {name: t}}, "
		       "status: {sandbox: {name: b}}") },
		{ GROUP_AGENTS, "Sandbox",
		  WHOLE(AGENTS, "Sandbox",
			", spec: {shutdownTime: s, shutdownPolicy: p, ttl: 1h, "
			"replicas: 1, podTemplate: {spec: {containers: []}}}, "
			"status: {conditions: [{}]}"),
		  PART(AGENTS, "Sandbox",
		       ", spec: {shutdownTime: s, shutdownPolicy: p, "
		       "ttl: 1h}") },
		{ "", "Pod",
		  WHOLE("v1", "Pod",
			", spec: {schedulingGates: [{name: g}], "
			"runtimeClassName: r, nodeName: n, containers: [{env: "
			"[{value: v}]}]}, status: {phase: Running}"),
		  PART("v1", "Pod",
		       ", spec: {schedulingGates: [{name: g}], "
		       "runtimeClassName: r, nodeName: n}") },
	};

	(void)state;
	assert_int_equal(ARRAY_LEN(rows), WATCHES);
	keep_rows(rows, ARRAY_LEN(rows));
}

/* The API server holds all of these apart; a mirror may not fall over them. */
static void what_is_of_another_type_is_kept_as_it_is_or_left_out(void **state)
{
	static const struct row rows[] = {
		{ "", "Pod", "{}", "{}" },
		{ "", "Pod", "7", "{}" },
		{ "", "Pod", "[{metadata: {name: x}}]", "{}" },
		{ "", "Pod", "text", "{}" },
		{ "", "Pod", "{apiVersion: 7, kind: [], metadata: x, spec: x}",
		  "{apiVersion: 7, kind: []}" },
		{ "", "Pod",
		  "{metadata: {name: 7, labels: 7, annotations: [a]}, spec: "
		  "{schedulingGates: 7, nodeName: null}}",
		  "{metadata: {name: 7, labels: 7}, spec: "
		  "{schedulingGates: 7, nodeName: null}}" },
		{ "", "Pod", "{metadata: {annotations: {c: d}}, spec: {e: f}}",
		  "{metadata: {annotations: {}}, spec: {}}" },
		{ "", "Node", "{metadata: [], labels: {c: d}}", "{}" },
		{ "", "Namespace", "{metadata: {labels: null}, spec: {c: d}}",
		  "{metadata: {labels: null}}" },
		{ "node.k8s.io", "RuntimeClass", "{scheduling: 7, handler: {}}",
		  "{scheduling: 7, handler: {}}" },
		{ GROUP_AGENTS, "Sandbox", "{spec: [{ttl: 1h}]}", "{}" },
		{ GROUP_AGENTS, "Sandbox", "{spec: {ttl: {c: d}}}",
		  "{spec: {ttl: {c: d}}}" },
		{ GROUP_EXTENSIONS, "SandboxClaim",
		  "{spec: {lifecycle: 7}, status: sandbox}",
		  "{spec: {lifecycle: 7}}" },
		{ GROUP_BULKHEAD, "IsolationTier", "{spec: 7, status: null}",
		  "{spec: 7, status: null}" },
	};

	(void)state;
	keep_rows(rows, ARRAY_LEN(rows));
}

static void each_kind_has_one_row(void **state)
{
	static const struct {
		const char *group, *kind, *plural; /* NULL: none */
	} rows[] = {
		{ "bulkhead.dev", "IsolationTier", "isolationtiers" },
		{ "bulkhead.dev", "IsolationPolicy", "isolationpolicies" },
		{ "bulkhead.dev", "IsolationException", "isolationexceptions" },
		{ "", "Namespace", "namespaces" },
		{ "node.k8s.io", "RuntimeClass", "runtimeclasses" },
		{ "", "Node", "nodes" },
		{ "apps", "DaemonSet", "daemonsets" },
		{ "networking.k8s.io", "NetworkPolicy", "networkpolicies" },
		{ GROUP_EXTENSIONS, "SandboxTemplate", "sandboxtemplates" },
		{ GROUP_EXTENSIONS, "SandboxWarmPool", "sandboxwarmpools" },
		{ GROUP_EXTENSIONS, "SandboxClaim", "sandboxclaims" },
		{ GROUP_AGENTS, "Sandbox", "sandboxes" },
		{ "", "Pod", "pods" },
		{ "apps", "Pod", NULL },
		{ "v1", "Pod", NULL },
		{ "", "pod", NULL },
		{ "", "pods", NULL },
		{ "", "Po", NULL },
		{ "", "", NULL },
		{ "agents.x-k8s.io.evil", "Sandbox", NULL },
		{ "x.agents.x-k8s.io", "Sandbox", NULL },
		{ GROUP_AGENTS, "SandboxClaim", NULL },
		{ GROUP_EXTENSIONS, "Sandbox", NULL },
		{ "extensions", "NetworkPolicy", NULL },
		{ "", "Secret", NULL },
	};
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct watch *w =
			watch_find(str_of(rows[i].group), str_of(rows[i].kind));

		assert_int_equal(w != NULL, rows[i].plural != NULL);
		if (!w)
			continue;
		assert_ptr_equal(w, &watches[n++]);
		assert_string_equal(w->plural, rows[i].plural);
		assert_true(str_is(w->reflect.name, rows[i].plural));
		assert_non_null(w->reflect.keep);
	}
	assert_int_equal(n, WATCHES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_each_kind_what_is_read_is_kept),
		cmocka_unit_test(
			what_is_of_another_type_is_kept_as_it_is_or_left_out),
		cmocka_unit_test(each_kind_has_one_row),
	};

	return cmocka_run_group_tests_name("controller/watches, kept", tests,
					   NULL, NULL)
		       ? 1
		       : 0;
}
