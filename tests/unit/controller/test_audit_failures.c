/* controller/audit.c: what fails, and what comes of it. */
#include "tests/unit/controller/audits.h"

/* What comes of half a list would be half a truth: nothing is written. */
static void a_failure_writes_nothing_and_is_tried_again(void **state)
{
	static const struct row rows[] = {
		{ .about = "the report may not be read",
		  .cluster = TIERED,
		  .steps = { STEP("GET " OPENREPORT " ",
				  ANSWER("403", STATUS("403", "Forbidden"))) },
		  .result = -1,
		  .code = ERR_CONFIG },
		{ .about = "Pods may not be listed",
		  .cluster = TIERED,
		  .steps = { NO_REPORT,
			     STEP(PODS,
				  ANSWER("403", STATUS("403", "Forbidden"))) },
		  .result = -1,
		  .code = ERR_CONFIG },
		{ .about = "the second page is gone",
		  .cluster = TIERED,
		  .steps = { NO_REPORT,
			     STEP(PODS "?limit=250 ",
				  ANSWER("200",
					 "{\"metadata\":{\"continue\":\"t1\"},"
					 "\"items\":[" POD_X "]}")),
			     STEP(PODS "?limit=250&continue=t1 ",
				  ANSWER("410", STATUS("410", "Expired"))) },
		  .result = -1,
		  .code = ERR_GONE },
		{ .about = "the same page again",
		  .cluster = TIERED,
		  .steps = { NO_REPORT,
			     STEP(PODS "?limit=250 ",
				  ANSWER("200",
					 "{\"metadata\":{\"continue\":\"t1\"},"
					 "\"items\":[]}")),
			     STEP(PODS "?limit=250&continue=t1 ",
				  ANSWER("200",
					 "{\"metadata\":{\"continue\":\"t1\"},"
					 "\"items\":[]}")) },
		  .result = -1,
		  .code = ERR_IO },
		{ .about = "no list",
		  .cluster = TIERED,
		  .steps = { NO_REPORT,
			     STEP(PODS, ANSWER("200", "{\"items\":{}}")) },
		  .result = -1,
		  .code = ERR_IO },
		{ .about = "a cut list",
		  .cluster = TIERED,
		  .steps = { NO_REPORT,
			     STEP(PODS, ANSWER("200", "{\"items\":[" POD_X)) },
		  .result = -1,
		  .code = ERR_IO },
		{ .about = "the report may not be written",
		  .cluster = TIERED,
		  .steps = { NO_REPORT, LISTED(PODS, POD_X),
			     STEP("PATCH " OPENREPORT,
				  ANSWER("403", STATUS("403", "Forbidden"))) },
		  .result = -1,
		  .code = ERR_CONFIG,
		  .events = 1 },
		{ .about = "a schema that does not fit",
		  .cluster = TIERED,
		  .steps = { NO_REPORT, LISTED(PODS, POD_X),
			     STEP("PATCH " OPENREPORT,
				  ANSWER("422", STATUS("422", "Invalid"))) },
		  .result = -1,
		  .code = ERR_INPUT,
		  .events = 1 },
		{ .about = "written at the same time",
		  .cluster = TIERED,
		  .steps = { NO_REPORT, LISTED(PODS, POD_X),
			     STEP("PATCH " OPENREPORT,
				  ANSWER("409", STATUS("409", "Conflict"))) },
		  .result = -1,
		  .code = ERR_CONFLICT,
		  .events = 1 },
		{ .about = "another one by now",
		  .cluster = TIERED,
		  .steps = { STEP("GET " OPENREPORT " ",
				  ANSWER("200", REPORT_OF_X("bulkhead"))),
			     LISTED(PODS, POD_FINE),
			     STEP("DELETE " OPENREPORT,
				  ANSWER("409", STATUS("409", "Conflict"))) },
		  .result = -1,
		  .code = ERR_CONFLICT },
		{ .about = "gone already",
		  .cluster = TIERED,
		  .steps = { STEP("GET " OPENREPORT " ",
				  ANSWER("200", REPORT_OF_X("bulkhead"))),
			     LISTED(PODS, POD_FINE),
			     STEP("DELETE " OPENREPORT,
				  ANSWER("404", STATUS("404", "NotFound"))) } },
		{ .about = "the API went away",
		  .cluster = TIERED,
		  .steps = { NO_REPORT, LISTED(PODS, POD_X),
			     STEP("PATCH " OPENREPORT,
				  ANSWER("404", "404 page not found")) },
		  .events = 1 },
	};

	(void)state;
	run_rows(rows, ARRAY_LEN(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_writes_nothing_and_is_tried_again),
	};

	return cmocka_run_group_tests_name("controller/audit, failures", tests,
					   NULL, NULL)
		       ? 1
		       : 0;
}
