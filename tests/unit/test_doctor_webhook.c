/* cli/doctor/webhook.c, cli/doctor/serving.c and the Lease */
#include "tests/unit/doctor_rows.h"

#include "certs/key_pair.h"
#include "lib/base64.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_answers_the_api_server_is_looked_at),
		cmocka_unit_test(
			a_certificate_must_be_covered_current_and_for_the_service),
		cmocka_unit_test(the_probe_tells_whether_anybody_judges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
