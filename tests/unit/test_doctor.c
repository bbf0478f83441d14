/* cli/doctor: each check over documents, as the API server lists them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "certs/key_pair.h"
#include "cli/doctor/all.h"
#include "cli/doctor/report.h"
#include "lib/base64.h"
#include "lib/timestamp.h"
#include "lib/yamldoc.h"

#define NOW "2026-11-21T12:00:00Z"

/* A list in YAML for one fact. */
struct given {
	enum doctor_fact fact;
	const char *items;
};

static struct json read_items(struct arena *a, const char *text)
{
	struct yamldoc *y = yamldoc_open(a, str_of(text), NULL);
	struct error err = ERROR_INIT;
	struct json doc = json_make_array();

	if (yamldoc_next(y, a, &doc, &err) < 0)
		fail_msg("%s: %s", text, err.msg);
	yamldoc_close(&y);
	return doc;
}

static int64_t seconds(const char *text)
{
	struct error err = ERROR_INIT;
	int64_t at = 0;

	if (timestamp_parse(str_of(text), &at, &err) < 0)
		fail_msg("%s", err.msg);
	return at;
}

static void facts_fill(struct arena *a, struct doctor_facts *f,
		       const struct given *given, size_t n)
{
	*f = (struct doctor_facts){ .version = STR("v1.36.3"),
				    .now = seconds(NOW) };
	for (size_t i = 0; i < FACTS; i++)
		f->lists[i].items = json_make_array();
	for (size_t i = 0; i < n; i++)
		if (given[i].items)
			f->lists[given[i].fact].items =
				read_items(a, given[i].items);
	doctor_facts_settle(a, f);
}

/* One case of one check: documents, and what is said of them. */
struct row {
	const struct doctor_check *check;
	struct given given[4];
	enum doctor_status want;
	const char *part; /* of what was found */
};

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct doctor_result r = { .status = DOCTOR_PASS };
		struct doctor_facts f;

		facts_fill(&a, &f, rows[i].given, ARRAY_LEN(rows[i].given));
		rows[i].check->run(&a, &f, &r);
		if (r.status != rows[i].want ||
		    !doctor_has(r.found, rows[i].part))
			fail_msg("row %zu, %s: %s: %.*s", i, rows[i].check->id,
				 doctor_status_name(r.status),
				 STR_ARG(r.found));
		if ((r.status >= DOCTOR_WARN) != (r.fix.n > 0))
			fail_msg("row %zu: what to do is missing, or too much",
				 i);
		doctor_facts_release(&f);
	}
}

#define TIER(name, strength, classes)                                          \
	"{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationTier, metadata: "  \
	"{name: " name "}, spec: {strength: " strength                         \
	", runtime: {classNames: [" classes "]}}}"
#define TIERS "[" TIER("g", "1", "gvisor") ", " TIER("k", "2", "kata-fc") "]"
#define DEFAULT                                                                \
	"[{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationPolicy, "         \
	"metadata: {name: p}, spec: {defaultTier: g}}]"
#define EXCEPTION(expires)                                                     \
	"[{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationException, "      \
	"metadata: {name: e}, spec: {target: {namespace: a}, rules: "          \
	"[pod.nodeName], reason: r, expiresAt: '" expires "'}}]"
#define NAMED(name, more) "{metadata: {name: " name "}, " more "}"
#define CLASS(name, handler, more) NAMED(name, "handler: " handler more)
#define KATA_SELECTOR                                                          \
	", scheduling: {nodeSelector: {katacontainers.io/kata-runtime: "       \
	"'true'}}"
#define BOTH "[" CLASS("gvisor", "runsc", "") ", " KATA "]"
#define KATA CLASS("kata-fc", "kata-fc", KATA_SELECTOR)
#define NODE(label, ready, more)                                               \
	"{metadata: {name: n, labels: {" label "}}, status: {conditions: "     \
	"[{type: Ready, status: '" ready "'}]" more "}}"

static void tiers_are_loaded_as_the_cluster_loads_them(void **state)
{
	static const struct row rows[] = {
		{ &doctor_tiers_load,
		  { { FACT_TIERS, TIERS } },
		  DOCTOR_PASS,
		  "2 tiers" },
		{ &doctor_tiers_load,
		  { { FACT_TIERS, "[]" } },
		  DOCTOR_FAIL,
		  "refused" },
		{ &doctor_tiers_load,
		  { { FACT_TIERS,
		      "[" TIER("a", "1", "x") ", " TIER("b", "1", "x") "]" } },
		  DOCTOR_FAIL,
		  "refused" },
		{ &doctor_tiers_default,
		  { { FACT_TIERS, TIERS }, { FACT_POLICIES, DEFAULT } },
		  DOCTOR_PASS,
		  "g, by IsolationPolicy p" },
		{ &doctor_tiers_default,
		  { { FACT_TIERS, TIERS } },
		  DOCTOR_WARN,
		  "no default" },
		{ &doctor_tiers_default,
		  { { FACT_TIERS, "[]" } },
		  DOCTOR_SKIP,
		  "tiers.load" },
		{ &doctor_tiers_exceptions,
		  { { FACT_TIERS, TIERS },
		    { FACT_EXCEPTIONS, EXCEPTION("2027-11-21T12:00:00Z") } },
		  DOCTOR_PASS,
		  "1 in force" },
		{ &doctor_tiers_exceptions,
		  { { FACT_TIERS, TIERS },
		    { FACT_EXCEPTIONS, EXCEPTION("2026-11-21T12:00:00Z") } },
		  DOCTOR_WARN,
		  "expired: e" },
		{ &doctor_tiers_exceptions,
		  { { FACT_TIERS, TIERS },
		    { FACT_EXCEPTIONS, EXCEPTION("2026-11-22T12:00:00Z") } },
		  DOCTOR_WARN,
		  "about to expire" },
		{ &doctor_namespaces_tiers,
		  { { FACT_TIERS, TIERS },
		    { FACT_NAMESPACES,
		      "[{metadata: {name: a, labels: {bulkhead.dev/enforce: g, "
		      "bulkhead.dev/warn: k}}}]" } },
		  DOCTOR_PASS,
		  "2 labels" },
		{ &doctor_namespaces_tiers,
		  { { FACT_TIERS, TIERS },
		    { FACT_NAMESPACES,
		      "[{metadata: {name: a, labels: {bulkhead.dev/audit: "
		      "gg}}}]" } },
		  DOCTOR_FAIL,
		  "a (bulkhead.dev/audit=gg)" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void runtime_classes_lead_to_nodes_that_run_them(void **state)
{
	static const struct row rows[] = {
		{ &doctor_runtime_classes,
		  { { FACT_TIERS, TIERS }, { FACT_CLASSES, BOTH } },
		  DOCTOR_PASS,
		  "2 tiers" },
		/* nobody uses them */
		{ &doctor_runtime_classes,
		  { { FACT_TIERS, TIERS }, { FACT_CLASSES, "[]" } },
		  DOCTOR_WARN,
		  "not found" },
		{ &doctor_runtime_classes,
		  { { FACT_TIERS, TIERS }, { FACT_POLICIES, DEFAULT } },
		  DOCTOR_FAIL,
		  "gvisor (tier g)" },
		{ &doctor_runtime_handlers,
		  { { FACT_TIERS, TIERS }, { FACT_CLASSES, BOTH } },
		  DOCTOR_PASS,
		  "g: runsc, k: kata-fc" },
		{ &doctor_runtime_handlers,
		  { { FACT_TIERS, TIERS },
		    { FACT_CLASSES, "[" CLASS("gvisor", "runc", "") "]" } },
		  DOCTOR_FAIL,
		  "another runtime" },
		{ &doctor_runtime_handlers,
		  { { FACT_TIERS, TIERS },
		    { FACT_CLASSES, BOTH },
		    { FACT_NODES,
		      "[" NODE("a: b", "True",
			       ", runtimeHandlers: [{name: runc}, {name: "
			       "kata-fc}]") "]" } },
		  DOCTOR_FAIL,
		  "has the handler \"runsc\"" },
		{ &doctor_runtime_handlers,
		  { { FACT_TIERS, TIERS } },
		  DOCTOR_SKIP,
		  "none" },
		{ &doctor_runtime_scheduling,
		  { { FACT_TIERS, TIERS }, { FACT_CLASSES, BOTH } },
		  DOCTOR_PASS,
		  "" },
		{ &doctor_runtime_scheduling,
		  { { FACT_TIERS, TIERS },
		    { FACT_CLASSES, "[" CLASS("kata-fc", "kata-fc", "") "]" } },
		  DOCTOR_WARN,
		  "without KVM" },
		{ &doctor_runtime_scheduling,
		  { { FACT_TIERS, TIERS },
		    { FACT_CLASSES, "[" CLASS("gvisor", "gvisor", "") "]" },
		    { FACT_NODES, "[" NODE("cloud.google.com/gke-nodepool: p",
					   "True", "") "]" } },
		  DOCTOR_WARN,
		  "GKE Sandbox" },
		{ &doctor_runtime_nodes,
		  { { FACT_TIERS, TIERS },
		    { FACT_CLASSES, BOTH },
		    { FACT_NODES,
		      "[" NODE("katacontainers.io/kata-runtime: 'true'", "True",
			       "") "]" } },
		  DOCTOR_PASS,
		  "of 1" },
		/* the default tier's class has a node, the other's has none */
		{ &doctor_runtime_nodes,
		  { { FACT_TIERS, TIERS },
		    { FACT_POLICIES, DEFAULT },
		    { FACT_CLASSES, BOTH },
		    { FACT_NODES, "[" NODE("a: b", "True", "") "]" } },
		  DOCTOR_WARN,
		  "kata-fc" },
		{ &doctor_runtime_nodes,
		  { { FACT_TIERS, TIERS },
		    { FACT_POLICIES, DEFAULT },
		    { FACT_CLASSES, BOTH },
		    { FACT_NODES, "[" NODE("a: b", "Unknown", "") "]" } },
		  DOCTOR_FAIL,
		  "1 nodes match RuntimeClass gvisor" },
		{ &doctor_runtime_nodes,
		  { { FACT_TIERS, TIERS }, { FACT_CLASSES, BOTH } },
		  DOCTOR_FAIL,
		  "no node" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

#define CRD(name, versions, stored)                                            \
	"{metadata: {name: " name "}, spec: {versions: [" versions             \
	"]}, status: {storedVersions: [" stored "], conditions: [{type: "      \
	"Established, status: 'True'}]}}"
#define ALPHA "{name: v1alpha1, served: true, storage: false}"
#define BETA "{name: v1beta1, served: true, storage: true}"
#define ALL(versions, stored)                                                  \
	"[" CRD("sandboxes.agents.x-k8s.io", versions, stored) ", " CRD(       \
		"sandboxtemplates.extensions.agents.x-k8s.io", versions,       \
		stored) ", " CRD("sandboxclaims.extensions.agents.x-k8s.io",   \
				 versions, stored) ", " CRD("sandboxwarmpools" \
							    ".extensions."     \
							    "agents.x-k8s.io", \
							    versions,          \
							    stored) "]"

static void releases_of_agent_sandbox_are_told_apart(void **state)
{
	static const struct row rows[] = {
		{ &doctor_agents_crds,
		  { { FACT_CRDS, ALL(BETA, "v1beta1") } },
		  DOCTOR_PASS,
		  "v1beta1 is served" },
		{ &doctor_agents_crds,
		  { { FACT_CRDS, ALL(ALPHA ", " BETA, "v1beta1") } },
		  DOCTOR_PASS,
		  "v0.5" },
		{ &doctor_agents_crds,
		  { { FACT_CRDS, ALL(ALPHA, "v1alpha1") } },
		  DOCTOR_WARN,
		  "v1alpha1 only" },
		{ &doctor_agents_crds,
		  { { FACT_CRDS, ALL(BETA, "v1alpha1, v1beta1") } },
		  DOCTOR_WARN,
		  "no longer served" },
		{ &doctor_agents_crds,
		  { { FACT_CRDS, "[" CRD("sandboxes.agents.x-k8s.io", BETA,
					 "v1beta1") "]" } },
		  DOCTOR_WARN,
		  "missing: sandboxtemplates" },
		{ &doctor_agents_crds,
		  { { FACT_CRDS,
		      "[" CRD("sandboxes.agents.x-k8s.io", BETA,
			      "v1beta1") ", " CRD("sandboxclaims.extensions."
						  "agents.x-k8s.io",
						  ALPHA, "v1alpha1") "]" } },
		  DOCTOR_FAIL,
		  "different releases" },
		{ &doctor_agents_crds,
		  { { FACT_CRDS, "[]" } },
		  DOCTOR_FAIL,
		  "not installed" },
		{ &doctor_bulkhead_crds,
		  { { FACT_CRDS,
		      "[" CRD("isolationtiers.bulkhead.dev", ALPHA,
			      "") ", " CRD("isolationpolicies.bulkhead.dev",
					   ALPHA,
					   "") ", " CRD("isolationexceptions."
							"bulkhead.dev",
							ALPHA, "") "]" } },
		  DOCTOR_PASS,
		  "" },
		{ &doctor_bulkhead_crds,
		  { { FACT_CRDS,
		      "[" CRD("isolationtiers.bulkhead.dev", ALPHA, "") "]" } },
		  DOCTOR_FAIL,
		  "isolationpolicies" },
		{ &doctor_bulkhead_crds,
		  { { FACT_CRDS,
		      "[{metadata: {name: isolationtiers.bulkhead.dev}}]" } },
		  DOCTOR_FAIL,
		  "not established" },
		{ &doctor_agents_conversion,
		  { { FACT_CRDS, ALL(BETA, "v1beta1") } },
		  DOCTOR_PASS,
		  "nothing is converted" },
		{ &doctor_agents_conversion,
		  { { FACT_CRDS,
		      "[{metadata: {name: sandboxes.agents.x-k8s.io}, spec: "
		      "{conversion: {strategy: Webhook, webhook: "
		      "{clientConfig: {service: {name: s, namespace: "
		      "n}}}}}}]" } },
		  DOCTOR_FAIL,
		  "caBundle is not set" },
		{ &doctor_agents_controller,
		  { { FACT_DEPLOYMENTS, "[]" } },
		  DOCTOR_WARN,
		  "no Deployment" },
		{ &doctor_agents_controller,
		  { { FACT_DEPLOYMENTS,
		      "[{metadata: {name: agent-sandbox-controller, namespace: "
		      "agent-sandbox-system}, spec: {template: {spec: "
		      "{containers: [{image: 'r.io:5/c:v1.0.3@sha256:00'}]}}}, "
		      "status: {availableReplicas: 1}}]" } },
		  DOCTOR_PASS,
		  "v1.0.3 is available" },
		{ &doctor_agents_controller,
		  { { FACT_DEPLOYMENTS,
		      "[{metadata: {name: agent-sandbox-controller, namespace: "
		      "agent-sandbox-system}, spec: {template: {spec: "
		      "{containers: [{image: 'c:v1'}]}}}, status: "
		      "{availableReplicas: 1}}]" },
		    { FACT_CRDS, ALL(BETA, "v1beta1") } },
		  DOCTOR_WARN,
		  "without --extensions" },
		{ &doctor_agents_controller,
		  { { FACT_DEPLOYMENTS,
		      "[{metadata: {name: agent-sandbox-controller, namespace: "
		      "agent-sandbox-system}}]" } },
		  DOCTOR_FAIL,
		  "not available" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

#define WEBHOOK(more) "[{metadata: {name: bulkhead}, webhooks: [{" more "}]}]"
#define RULES_ALL                                                              \
	"rules: [{apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], "  \
	"operations: ['*']}]"
#define SERVICE                                                                \
	"clientConfig: {service: {name: bulkhead-webhook, namespace: "         \
	"bulkhead-system}}"
#define SLICE(endpoints)                                                       \
	"[{metadata: {namespace: bulkhead-system, labels: "                    \
	"{kubernetes.io/service-name: bulkhead-webhook}}, endpoints: "         \
	"[" endpoints "]}]"
#define LEASE(renewed)                                                         \
	"[{metadata: {name: bulkhead-controller, namespace: "                  \
	"bulkhead-system}, spec: {holderIdentity: me, renewTime: '" renewed    \
	"', leaseDurationSeconds: 15}}]"

static void what_answers_the_api_server_is_looked_at(void **state)
{
	static const struct row rows[] = {
		{ &doctor_webhook_registered,
		  { { FACT_MUTATING, WEBHOOK(RULES_ALL) },
		    { FACT_VALIDATING, WEBHOOK(RULES_ALL) } },
		  DOCTOR_PASS,
		  "cover" },
		{ &doctor_webhook_registered,
		  { { FACT_MUTATING, WEBHOOK(RULES_ALL) },
		    { FACT_VALIDATING,
		      WEBHOOK("rules: [{apiGroups: [agents.x-k8s.io], "
			      "resources: [sandboxes], operations: "
			      "[CREATE]}]") } },
		  DOCTOR_FAIL,
		  "UPDATE sandboxes (validating)" },
		{ &doctor_webhook_registered,
		  { { FACT_VALIDATING, WEBHOOK(RULES_ALL) } },
		  DOCTOR_FAIL,
		  "nothing is filled in" },
		{ &doctor_webhook_registered,
		  { { FACT_MUTATING, WEBHOOK(RULES_ALL) } },
		  DOCTOR_FAIL,
		  "nothing is refused" },
		{ &doctor_webhook_failure,
		  { { FACT_VALIDATING, WEBHOOK("failurePolicy: Fail") } },
		  DOCTOR_PASS,
		  "" },
		{ &doctor_webhook_failure,
		  { { FACT_VALIDATING,
		      WEBHOOK("name: w, failurePolicy: Ignore") } },
		  DOCTOR_WARN,
		  "not Fail: w" },
		{ &doctor_webhook_failure,
		  { { FACT_VALIDATING, "[]" } },
		  DOCTOR_SKIP,
		  "" },
		{ &doctor_webhook_certificate,
		  { { FACT_VALIDATING, WEBHOOK("name: w, " SERVICE) } },
		  DOCTOR_FAIL,
		  "w: caBundle is not set" },
		{ &doctor_webhook_certificate,
		  { { FACT_VALIDATING,
		      WEBHOOK("name: w, clientConfig: {caBundle: '!!!!'}") } },
		  DOCTOR_FAIL,
		  "cannot be read" },
		{ &doctor_webhook_endpoints,
		  { { FACT_VALIDATING, WEBHOOK(SERVICE) },
		    { FACT_ENDPOINTS,
		      SLICE("{conditions: {ready: true}}, {}") } },
		  DOCTOR_PASS,
		  "" },
		{ &doctor_webhook_endpoints,
		  { { FACT_VALIDATING, WEBHOOK(SERVICE) },
		    { FACT_ENDPOINTS, SLICE("{conditions: {ready: true}}") } },
		  DOCTOR_WARN,
		  "one ready endpoint" },
		{ &doctor_webhook_endpoints,
		  { { FACT_VALIDATING, WEBHOOK(SERVICE) },
		    { FACT_ENDPOINTS, SLICE("{conditions: {ready: false}}") } },
		  DOCTOR_FAIL,
		  "no ready endpoint" },
		{ &doctor_controller_lease,
		  { { FACT_LEASE, LEASE("2026-11-21T11:59:50.123456Z") } },
		  DOCTOR_PASS,
		  "me leads" },
		{ &doctor_controller_lease,
		  { { FACT_LEASE, LEASE("2026-11-21T11:59:44Z") } },
		  DOCTOR_FAIL,
		  "ran out" },
		{ &doctor_controller_lease,
		  { { FACT_LEASE, LEASE("yesterday") } },
		  DOCTOR_FAIL,
		  "does not say" },
		{ &doctor_controller_lease,
		  { { FACT_LEASE, "[]" } },
		  DOCTOR_FAIL,
		  "nobody" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

#define POD(more)                                                              \
	"[{metadata: {name: p, namespace: a, creationTimestamp: '" more "}]"
#define EVENT(message)                                                         \
	"[{involvedObject: {namespace: a, name: p}, lastTimestamp: "           \
	"'2026-11-21T11:59:00Z', message: '" message "'}]"

static void pods_that_wait_are_found_with_the_cause(void **state)
{
	static const struct row rows[] = {
		{ &doctor_network_plugin,
		  { { FACT_DAEMON_SETS, "[" NAMED("cilium", "") "]" } },
		  DOCTOR_PASS,
		  "Cilium" },
		{ &doctor_network_plugin,
		  { { FACT_DAEMON_SETS,
		      "[" NAMED("kube-flannel-ds", "") "]" } },
		  DOCTOR_FAIL,
		  "Flannel" },
		{ &doctor_network_plugin,
		  { { FACT_DAEMON_SETS, "[" NAMED("kube-proxy", "") "]" } },
		  DOCTOR_WARN,
		  "cannot be told" },
		{ &doctor_network_policies,
		  { { FACT_TIERS, TIERS },
		    { FACT_PODS, POD("2026-11-21T11:00:00Z', labels: "
				     "{bulkhead.dev/tier: g}}") } },
		  DOCTOR_FAIL,
		  "a/bulkhead-g" },
		{ &doctor_network_policies,
		  { { FACT_TIERS, TIERS },
		    { FACT_PODS, POD("2026-11-21T11:00:00Z', labels: "
				     "{bulkhead.dev/tier: g}}") },
		    { FACT_NETWORK_POLICIES,
		      "[{metadata: {name: bulkhead-g, namespace: a}}]" } },
		  DOCTOR_PASS,
		  "1 in all" },
		{ &doctor_network_gates,
		  { { FACT_PODS,
		      POD("2026-11-21T11:58:59Z'}, spec: {schedulingGates: "
			  "[{name: bulkhead.dev/egress}]}") } },
		  DOCTOR_FAIL,
		  "a/p" },
		{ &doctor_network_gates,
		  { { FACT_PODS,
		      POD("2026-11-21T11:59:30Z'}, spec: {schedulingGates: "
			  "[{name: bulkhead.dev/egress}]}") } },
		  DOCTOR_PASS,
		  "" },
		{ &doctor_agents_pods,
		  { { FACT_EVENTS,
		      EVENT("exec: \"containerd-shim-runsc-v1\": file does "
			    "not exist") } },
		  DOCTOR_FAIL,
		  "shim of gVisor" },
		{ &doctor_agents_pods,
		  { { FACT_EVENTS,
		      EVENT("open /dev/kvm: permission denied") } },
		  DOCTOR_FAIL,
		  "KVM" },
		{ &doctor_agents_pods,
		  { { FACT_EVENTS,
		      EVENT("no runtime for \"runsc\" is configured") } },
		  DOCTOR_FAIL,
		  "handler" },
		{ &doctor_agents_pods,
		  { { FACT_EVENTS, "[]" } },
		  DOCTOR_PASS,
		  "" },
		{ &doctor_agents_sandboxes,
		  { { FACT_SANDBOXES,
		      POD("2026-11-21T11:00:00Z'}, status: {conditions: "
			  "[{type: Ready, status: 'False', message: "
			  "'RuntimeClass "
			  "\"x\" not found'}]}") } },
		  DOCTOR_WARN,
		  "\"x\" not found" },
		{ &doctor_agents_sandboxes,
		  { { FACT_SANDBOXES,
		      POD("2026-11-21T11:00:00Z'}, status: {conditions: "
			  "[{type: Ready, status: 'False', reason: "
			  "SandboxExpired}]}") } },
		  DOCTOR_PASS,
		  "" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

/* ---- certificates ---- */

static struct json webhook_of(struct arena *a, struct str ca)
{
	struct str text = arena_printf(
		a,
		"[{metadata: {name: bulkhead}, webhooks: [{name: w, "
		"clientConfig: {caBundle: %.*s, service: {name: s, namespace: "
		"ns}}}]}]",
		STR_ARG(base64_encode(a, ca)));

	return read_items(a, text.p);
}

static void
a_certificate_must_be_covered_current_and_for_the_service(void **state)
{
	static const struct {
		const char *name, *at;
		bool other_ca;
		enum doctor_status want;
		const char *part;
	} rows[] = {
		{ "s.ns.svc", NOW, false, DOCTOR_PASS, "covers" },
		{ "t.ns.svc", NOW, false, DOCTOR_FAIL, "not for s.ns.svc" },
		{ "s.ns.svc", NOW, true, DOCTOR_FAIL, "will not take" },
		{ "s.ns.svc", "2026-12-18T12:00:00Z", false, DOCTOR_WARN,
		  "expires at" },
		{ "s.ns.svc", "2027-11-21T12:00:00Z", false, DOCTOR_FAIL,
		  "caBundle expired" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct doctor_result r = { .status = DOCTOR_PASS };
		struct key_pair ca, other, leaf;
		struct str name = str_of(rows[i].name), text;
		const struct cert_names names = { .dns = &name, .n_dns = 1 };
		int64_t now = seconds(NOW), month = now + 30 * 86400;
		struct error err = ERROR_INIT;
		struct doctor_facts f;

		facts_fill(&a, &f, NULL, 0);
		f.now = seconds(rows[i].at);
		assert_int_equal(
			key_pair_make_ca(&a,
					 (struct validity){ now - 60, month },
					 &ca, &err),
			0);
		assert_int_equal(
			key_pair_make_ca(&a,
					 (struct validity){ now - 60, month },
					 &other, &err),
			0);
		assert_int_equal(
			key_pair_make_leaf(&a, &ca, &names,
					   (struct validity){ now - 60, month },
					   &leaf, &err),
			0);
		f.lists[FACT_VALIDATING].items =
			webhook_of(&a, rows[i].other_ca ? other.cert : ca.cert);
		text = arena_printf(
			&a,
			"[{metadata: {name: bulkhead-webhook-tls, namespace: "
			"bulkhead-system}, data: {tls.crt: %.*s}}]",
			STR_ARG(base64_encode(&a, leaf.cert)));
		f.lists[FACT_SERVING].items = read_items(&a, text.p);
		doctor_webhook_certificate.run(&a, &f, &r);
		if (r.status != rows[i].want ||
		    !doctor_has(r.found, rows[i].part))
			fail_msg("row %zu: %s: %.*s", i,
				 doctor_status_name(r.status),
				 STR_ARG(r.found));
		doctor_facts_release(&f);
	}
}

static void the_probe_tells_whether_anybody_judges(void **state)
{
	static const struct {
		struct doctor_probe plain, wrong;
		enum doctor_status want;
		const char *part;
	} rows[] = {
		{ { .sent = true, .status = 201 },
		  { .sent = true,
		    .status = 403,
		    .says = STR_INIT("admission webhook "
				     "\"sandboxes.validate.bulkhead.dev\" "
				     "denied the request") },
		  DOCTOR_PASS,
		  "refuses" },
		{ { .sent = true, .status = 201 },
		  { .sent = true, .status = 201 },
		  DOCTOR_FAIL,
		  "nothing judges" },
		{ { .sent = true,
		    .status = 500,
		    .says = STR_INIT("failed calling webhook \"x\"") },
		  { .sent = true, .status = 500, .says = STR_INIT("same") },
		  DOCTOR_FAIL,
		  "failed calling" },
		{ { .sent = true,
		    .status = 403,
		    .says = STR_INIT("User \"alice\" cannot create") },
		  { .sent = true },
		  DOCTOR_SKIP,
		  "may not create" },
		{ { .sent = true, .status = 201 },
		  { .sent = true, .says = STR_INIT("timed out") },
		  DOCTOR_WARN,
		  "timed out" },
		{ { .sent = false },
		  { .sent = false },
		  DOCTOR_SKIP,
		  "no kind" },
	};
	static const struct given given = { FACT_VALIDATING,
					    WEBHOOK(RULES_ALL) };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct doctor_result r = { .status = DOCTOR_PASS };
		struct doctor_facts f;

		facts_fill(&a, &f, &given, 1);
		f.plain = rows[i].plain;
		f.wrong = rows[i].wrong;
		doctor_webhook_answers.run(&a, &f, &r);
		if (r.status != rows[i].want ||
		    !doctor_has(r.found, rows[i].part))
			fail_msg("row %zu: %s: %.*s", i,
				 doctor_status_name(r.status),
				 STR_ARG(r.found));
		doctor_facts_release(&f);
	}
}

/* ---- all of them ---- */

static void old_and_strange_servers_are_told(void **state)
{
	static const struct {
		const char *version;
		enum doctor_status want;
	} rows[] = {
		{ "v1.36.3", DOCTOR_PASS },
		{ "v1.30.0-gke.1", DOCTOR_PASS },
		{ "v1.31+", DOCTOR_PASS },
		{ "v1.29.9", DOCTOR_FAIL },
		{ "v2.0", DOCTOR_WARN },
		{ "v1.x", DOCTOR_WARN },
		{ "v1", DOCTOR_WARN },
		{ "", DOCTOR_WARN },
		{ "v1.99999999999999999999", DOCTOR_WARN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct doctor_result r = { .status = DOCTOR_PASS };
		const struct doctor_facts f = { .version = str_of(
							rows[i].version) };

		doctor_server_version.run(&a, &f, &r);
		if (r.status != rows[i].want)
			fail_msg("%s: %.*s", rows[i].version, STR_ARG(r.found));
	}
}

static void nothing_readable_is_skipped_and_told(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct doctor_report report;
	const struct texts none = { .n = 0 };
	struct doctor_facts f;

	(void)state;
	facts_fill(&a, &f, NULL, 0);
	doctor_facts_release(&f);
	for (size_t i = 0; i < FACTS; i++)
		f.lists[i].outcome = LIVE_FORBIDDEN;
	f.refused = STR("");
	doctor_examine(&a, &f, &none, &report);
	assert_int_equal(report.counts[DOCTOR_FAIL], 0);
	assert_int_equal(report.counts[DOCTOR_WARN], 1);
	assert_int_equal(report.counts[DOCTOR_PASS], 1);
}

static void a_server_that_does_not_answer_is_one_finding(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct doctor_facts f = { .unreachable = STR("no connection") };
	const struct texts none = { .n = 0 };
	struct doctor_report report;

	(void)state;
	doctor_examine(&a, &f, &none, &report);
	assert_int_equal(report.n, 1);
	assert_int_equal(report.counts[DOCTOR_FAIL], 1);
	assert_true(report.unreachable);
}

static void every_symptom_leads_to_a_check(void **state)
{
	(void)state;
	for (const struct doctor_symptom *s = doctor_symptoms; s->symptom; s++)
		assert_non_null(doctor_check_find(str_of(s->check)));
	assert_null(doctor_check_find(STR("no.check")));
	for (size_t i = 0; doctor_checks[i]; i++)
		assert_ptr_equal(
			doctor_check_find(str_of(doctor_checks[i]->id)),
			doctor_checks[i]);
}

/* Documents of others may hold anything. */
static void strange_documents_hurt_no_check(void **state)
{
	static const char *const strange[] = {
		"[null, 1, text, [], {}]",
		"[{metadata: 7, spec: [], status: {conditions: {}}}]",
		"[{metadata: {name: bulkhead, labels: [], namespace: 1}, "
		"webhooks: [{clientConfig: {caBundle: 7, service: 1}, rules: "
		"[1]}], spec: {versions: [1], template: []}, endpoints: [1]}]",
	};
	const struct texts none = { .n = 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(strange); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 20);
		struct doctor_report report;
		struct doctor_facts f;
		struct json tree;

		facts_fill(&a, &f, NULL, 0);
		for (size_t n = 0; n < FACTS; n++)
			f.lists[n].items = read_items(&a, strange[i]);
		doctor_facts_settle(&a, &f);
		doctor_examine(&a, &f, &none, &report);
		doctor_report_text(&out, &report, true, true);
		tree = doctor_report_json(&a, &report);
		assert_true(json_is(&tree, JSON_OBJECT));
		assert_false(buf_failed(&out));
		doctor_facts_release(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tiers_are_loaded_as_the_cluster_loads_them),
		cmocka_unit_test(runtime_classes_lead_to_nodes_that_run_them),
		cmocka_unit_test(releases_of_agent_sandbox_are_told_apart),
		cmocka_unit_test(what_answers_the_api_server_is_looked_at),
		cmocka_unit_test(pods_that_wait_are_found_with_the_cause),
		cmocka_unit_test(
			a_certificate_must_be_covered_current_and_for_the_service),
		cmocka_unit_test(the_probe_tells_whether_anybody_judges),
		cmocka_unit_test(old_and_strange_servers_are_told),
		cmocka_unit_test(nothing_readable_is_skipped_and_told),
		cmocka_unit_test(a_server_that_does_not_answer_is_one_finding),
		cmocka_unit_test(every_symptom_leads_to_a_check),
		cmocka_unit_test(strange_documents_hurt_no_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
