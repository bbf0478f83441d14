/* controller/audit.c and report_place.c, against a scripted server. */
#include "tests/unit/controller/audits.h"

static void the_report_is_written_where_it_differs(void **state)
{
	static const struct row rows[] = {
		{ .about = "made",
		  .cluster = TIERED,
		  .steps = { NO_REPORT,
			     LISTED(PODS, POD_X "," POD_FINE),
			     { .expect = "PATCH " OPENREPORT APPLY " ",
			       .holds = "\"message\":\"" FINDING "\"",
			       .answer = ANSWER("201", "{}") } },
		  .counted = "objects_total{result=\"fail\"} 1\n",
		  .events = 1 },
		{ .about = "the older API",
		  .cluster = TIERED,
		  .steps = { NOT_SERVED(OPENREPORT),
			     STEP("GET " POLICYREPORT " ",
				  ANSWER("404", STATUS("404", "NotFound"))),
			     LISTED(PODS, POD_X),
			     { .expect = "PATCH " POLICYREPORT APPLY " ",
			       .holds = "\"kind\":\"PolicyReport\"",
			       .answer = ANSWER("201", "{}") } },
		  .events = 1 },
		{ .about = "no API",
		  .cluster = TIERED,
		  .steps = { NOT_SERVED(OPENREPORT), NOT_SERVED(POLICYREPORT),
			     LISTED(PODS, POD_X) },
		  .events = 1 },
		{ .about = "the same",
		  .cluster = TIERED,
		  .steps = { STEP("GET " OPENREPORT " ",
				  ANSWER("200", REPORT_OF_X("bulkhead"))),
			     LISTED(PODS, POD_X) },
		  .events = 1 },
		{ .about = "without our label",
		  .cluster = TIERED,
		  .steps = { STEP("GET " OPENREPORT " ",
				  ANSWER("200", REPORT_OF_X("me"))),
			     LISTED(PODS, POD_X),
			     STEP("PATCH " OPENREPORT APPLY " ",
				  ANSWER("200", "{}")) },
		  .events = 1 },
		{ .about = "nothing left to say",
		  .cluster = TIERED,
		  .steps = { STEP("GET " OPENREPORT " ",
				  ANSWER("200", REPORT_OF_X("bulkhead"))),
			     LISTED(PODS, POD_FINE),
			     { .expect = "DELETE " OPENREPORT " ",
			       .holds = "\"uid\":\"r1\"",
			       .answer = ANSWER("200", "{}") } },
		  .counted = "action=\"delete\"} 1\n" },
		{ .about = "somebody else's is not deleted",
		  .cluster = TIERED,
		  .steps = { STEP("GET " OPENREPORT " ",
				  ANSWER("200", REPORT_OF_X("me"))),
			     LISTED(PODS, POD_FINE) },
		  .counted = "objects_total{result=\"pass\"} 1\n" },
		{ .about = "an odd one",
		  .cluster = TIERED,
		  .steps = { STEP("GET " OPENREPORT " ",
				  ANSWER("200", "{\"metadata\":7,"
						"\"results\":{}}")),
			     LISTED(PODS, POD_X),
			     STEP("PATCH " OPENREPORT APPLY " ",
				  ANSWER("200", "{}")) },
		  .events = 1 },
	};

	(void)state;
	run_rows(rows, ARRAY_LEN(rows));
}

static void only_what_may_be_governed_is_listed(void **state)
{
	static const struct row rows[] = {
		{ .about = "nothing of ours, and a report of before",
		  .cluster = UNTIERED,
		  .steps = { STEP("GET " OPENREPORT " ",
				  ANSWER("200", REPORT_OF_X("bulkhead"))),
			     STEP("DELETE " OPENREPORT " ",
				  ANSWER("200", "{}")) } },
		{ .about = "nothing of ours",
		  .cluster = UNTIERED,
		  .steps = { NO_REPORT } },
		{ .about = "stamped Pods",
		  .cluster = UNTIERED HAS_POD,
		  .steps = { NO_REPORT,
			     STEP(PODS "?limit=250&labelSelector="
				       "bulkhead.dev%2Ftier ",
				  ANSWER("200", "{\"items\":null}")) } },
		{ .about = "a Sandbox",
		  .cluster = UNTIERED HAS_SANDBOX,
		  .steps = { NO_REPORT, LISTED(SANDBOXES, ""),
			     LISTED(PODS, "") } },
		{ .about = "a tier that only warns",
		  .cluster = TIER("t", "200", "")
			  NAMESPACE("a", "bulkhead.dev/warn: t"),
		  .steps = { NO_REPORT, LISTED(PODS, "") } },
		{ .about = "a kind that went away",
		  .cluster = UNTIERED HAS_SANDBOX,
		  .steps = { NO_REPORT,
			     STEP(SANDBOXES,
				  ANSWER("404", "404 page not found")),
			     LISTED(PODS, "") } },
		{ .about = "no policy yet",
		  .cluster = NAMESPACE("a", "bulkhead.dev/enforce: t") },
		{ .about = "no namespace", .cluster = TIER("t", "200", "") },
		{ .about = "another namespace",
		  .cluster = TIER("t", "200", "") NAMESPACE("b", "x: y") },
		{ .about = "a namespace that goes",
		  .cluster =
			  TIER("t", "200", "") "{apiVersion: v1, kind: "
					       "Namespace, metadata: {name: "
					       "a, deletionTimestamp: "
					       "'2026-11-21T06:00:00Z'}}\n" },
	};

	(void)state;
	run_rows(rows, ARRAY_LEN(rows));
}

static void an_event_is_for_whom_a_person_looks_at(void **state)
{
#define OF_SANDBOX(name, uid)                                                  \
	"{\"metadata\":{\"name\":\"" name                                      \
	"\",\"namespace\":\"a\",\"uid\":\"" uid                                \
	"\",\"ownerReferences\":[{\"apiVersion\":\"agents.x-k8s.io/v1beta1\"," \
	"\"kind\":\"Sandbox\",\"name\":\"s\",\"uid\":\"s1\",\"controller\":"   \
	"true}]},\"spec\":{}}"
#define EVENT "POST /apis/events.k8s.io/v1/namespaces/a/events"
	static const struct row rows[] = {
		{ .about = "two Pods of one Sandbox",
		  .cluster = TIERED,
		  .steps = { NOT_SERVED(OPENREPORT),
			     NOT_SERVED(POLICYREPORT),
			     LISTED(PODS, OF_SANDBOX("x", "p1") "," OF_SANDBOX(
						  "y", "p2")),
			     { .expect = EVENT,
			       .holds = "\"note\":\"one of several: Pod x: "
					"[label.reserved] ",
			       .answer = ANSWER("201", "{}") } },
		  .events = 1,
		  .flush = true },
		{ .about = "one",
		  .cluster = TIERED,
		  .steps = { NOT_SERVED(OPENREPORT),
			     NOT_SERVED(POLICYREPORT),
			     LISTED(PODS, OF_SANDBOX("x", "p1")),
			     { .expect = EVENT,
			       .holds = "\"regarding\":{\"apiVersion\":"
					"\"agents.x-k8s.io/v1beta1\","
					"\"kind\":\"Sandbox\",\"namespace\":"
					"\"a\",\"name\":\"s\",\"uid\":\"s1\"}",
			       .answer = ANSWER("201", "{}") } },
		  .events = 1,
		  .flush = true },
		{ .about = "itself",
		  .cluster = TIERED,
		  .steps = { NOT_SERVED(OPENREPORT),
			     NOT_SERVED(POLICYREPORT),
			     LISTED(PODS, POD_X),
			     { .expect = EVENT,
			       .holds = "\"note\":\"[label.reserved] ",
			       .answer = ANSWER("201", "{}") } },
		  .events = 1,
		  .flush = true },
		{ .about = "what only warns is in the report alone",
		  .cluster = TIER("t", "200", ", enforcement: Warn")
			  NAMESPACE("a", "bulkhead.dev/enforce: t"),
		  .steps = { NOT_SERVED(OPENREPORT), NOT_SERVED(POLICYREPORT),
			     LISTED(PODS, POD_X) },
		  .counted = "objects_total{result=\"warn\"} 1\n" },
	};

	(void)state;
	run_rows(rows, ARRAY_LEN(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_report_is_written_where_it_differs),
		cmocka_unit_test(only_what_may_be_governed_is_listed),
		cmocka_unit_test(an_event_is_for_whom_a_person_looks_at),
	};

	return cmocka_run_group_tests_name("controller/audit", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
