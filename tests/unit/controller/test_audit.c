/* controller/audit.c and report_place.c, against a scripted server. */
#include "tests/unit/controller/given.h"

#include "controller/audit.h"
#include "controller/measures.h"
#include "kube/stop.h"
#include "lib/buf.h"
#include "tests/fake/script.h"

#define HEAD "HTTP/1.1 "
#define CLOSE "Connection: close\r\n\r\n"
#define ANSWER(status, body) HEAD status " X\r\n" CLOSE body
#define STATUS(code, reason)                                                   \
	"{\"kind\":\"Status\",\"code\":" code ",\"reason\":\"" reason "\"}"

#define OPENREPORT "/apis/openreports.io/v1alpha1/namespaces/a/reports/bulkhead"
#define POLICYREPORT                                                           \
	"/apis/wgpolicyk8s.io/v1alpha2/namespaces/a/policyreports/bulkhead"
#define APPLY "?fieldManager=us&force=true&fieldValidation=Strict"
#define SANDBOXES "GET /apis/agents.x-k8s.io/v1beta1/namespaces/a/sandboxes"
#define PODS "GET /api/v1/namespaces/a/pods"

#define STEP(request, reply)                                                   \
	{                                                                      \
		.expect = (request), .answer = (reply)                         \
	}
#define NOT_SERVED(path)                                                       \
	STEP("GET " path " ", ANSWER("404", "404 page not found"))
#define NO_REPORT                                                              \
	STEP("GET " OPENREPORT " ", ANSWER("404", STATUS("404", "NotFound")))
#define LISTED(path, items)                                                    \
	STEP(path "?limit=250 ", ANSWER("200", "{\"items\":[" items "]}"))

#define POD_X                                                                  \
	"{\"metadata\":{\"name\":\"x\",\"namespace\":\"a\",\"uid\":\"p1\"},"   \
	"\"spec\":{}}"
#define POD_FINE                                                               \
	"{\"metadata\":{\"name\":\"y\",\"namespace\":\"a\",\"uid\":\"p2\","    \
	"\"labels\":{\"bulkhead.dev/tier\":\"t\"}},\"spec\":{}}"

#define TIERED TIER("t", "200", "") NAMESPACE("a", "bulkhead.dev/enforce: t")
#define UNTIERED TIER("t", "200", "") NAMESPACE("a", "x: y")
#define HAS_SANDBOX                                                            \
	"{apiVersion: agents.x-k8s.io/v1beta1, kind: Sandbox, metadata: "      \
	"{namespace: a, name: s, uid: s1}, spec: {}}\n---\n"
#define HAS_POD                                                                \
	"{apiVersion: v1, kind: Pod, metadata: {namespace: a, name: y, "       \
	"labels: {bulkhead.dev/tier: t}}}\n---\n"

/* As report.c makes it of POD_X. */
#define FINDING                                                                \
	"[label.reserved] metadata.labels[bulkhead.dev/tier]: is not set: "    \
	"the NetworkPolicy of its tier does not select this Pod, which is "    \
	"older than the tier here, or was made while admission was not "       \
	"asked, wanted t; fix: delete the Pod, so that it is made anew; a "    \
	"Sandbox or workload that owns it does so"
#define REPORT_OF_X(label)                                                     \
	"{\"metadata\":{\"uid\":\"r1\",\"resourceVersion\":\"9\","             \
	"\"labels\":{\"app.kubernetes.io/managed-by\":\"" label                \
	"\"}},\"scope\":{\"apiVersion\":\"v1\",\"kind\":\"Namespace\","        \
	"\"name\":\"a\"},\"summary\":{\"skip\":0,\"warn\":0,\"fail\":1},"      \
	"\"results\":[{\"source\":\"bulkhead\",\"policy\":\"t\",\"rule\":"     \
	"\"label.reserved\",\"category\":\"Isolation\",\"result\":\"fail\","   \
	"\"message\":\"" FINDING                                               \
	"\",\"resources\":[{\"apiVersion\":\"v1\",\"kind\":\"Pod\","           \
	"\"namespace\":\"a\",\"name\":\"x\",\"uid\":\"p1\"}]}]}"

enum { STEPS_MAX = 10 };

struct row {
	const char *about, *cluster;
	struct fake_step steps[STEPS_MAX];
	int result;
	enum error_code code;
	/* parts of the metrics; NULL: anything */
	const char *counted;
	size_t events;
	bool flush; /* write them at the end */
};

struct run {
	struct given given;
	struct fake_script *script;
	struct kube_stop *stop;
	struct kube_client *client;
	struct kube_events *events;
	struct metrics *metrics;
	struct arena arena;
	struct settings settings;
	struct error err;
};

static void start(struct run *run, const struct row *row)
{
	struct kube_config config = { .ns = STR("a") };
	const struct kube_events_options events = { STR("c"), STR("i"),
						    STR("default") };
	struct fake_step *steps;
	size_t n = 0;

	*run = (struct run){ .settings = { .ns = STR("bulkhead-system") } };
	given_open(&run->given, row->cluster, NOW * 1000000000);
	run->given.world.settings = &run->settings;
	steps = arena_new(&run->given.arena, struct fake_step, STEPS_MAX + 1);
	for (; n < STEPS_MAX && row->steps[n].expect; n++) {
		steps[n] = row->steps[n];
		steps[n].close = true;
	}
	run->script = fake_script_start(steps);
	run->stop = kube_stop_new();
	config.server = str_of(fake_script_url(run->script));
	if (kube_client_new(
		    &config,
		    &(struct kube_client_options){ .user_agent = "test/1",
						   .field_manager = "us",
						   .stop = run->stop },
		    &run->client, &run->err) < 0)
		fail_msg("%s", run->err.msg);
	run->events = kube_events_new(&events);
	run->metrics = metrics_new(measures, MEASURES);
}

static const char *finish(struct run *run)
{
	const char *complaint;

	kube_client_free(&run->client);
	complaint = fake_script_stop(&run->script);
	kube_stop_free(&run->stop);
	kube_events_free(&run->events);
	metrics_free(&run->metrics);
	arena_release(&run->arena);
	given_close(&run->given);
	return complaint;
}

static bool holds(const struct metrics *metrics, const char *part)
{
	struct buf text = BUF_INIT(1 << 20);
	bool found;

	metrics_write(metrics, &text);
	found = !part || strstr(text.p, part);
	buf_release(&text);
	return found;
}

static void run_row(const struct row *row)
{
	struct run run;
	struct queue_key key = { RECONCILE_AUDIT, STR("a"), STR("") };
	struct reconcile r;
	const char *complaint;
	int result;

	start(&run, row);
	r = (struct reconcile){
		.world = &run.given.world,
		.client = run.client,
		.events = run.events,
		.metrics = run.metrics,
		.arena = &run.arena,
		.mono_ns = 1,
	};
	result = audit_run(&r, &key, run.given.plan, &run.err);
	if (result != row->result)
		fail_msg("%s: %d: %s", row->about, result, run.err.msg);
	if (result < 0 && run.err.code != row->code)
		fail_msg("%s: code %d: %s", row->about, (int)run.err.code,
			 run.err.msg);
	if (!holds(run.metrics, row->counted))
		fail_msg("%s: wanted %s", row->about, row->counted);
	if (kube_events_stats(run.events).waiting != row->events)
		fail_msg("%s: %zu events", row->about,
			 kube_events_stats(run.events).waiting);
	assert_string_equal(given_told(&run.given), "");
	if (row->flush && kube_events_flush(run.events, run.client, 2,
					    NOW * 1000000, &run.err) < 0)
		fail_msg("%s: %s", row->about, run.err.msg);
	complaint = finish(&run);
	if (complaint)
		fail_msg("%s: %s", row->about, complaint);
}

static void run_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		run_row(&rows[i]);
}

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

static void all_pages_make_one_report(void **state)
{
	static const struct row row = {
		.about = "three pages",
		.cluster = TIERED,
		.steps = { NO_REPORT,
			   STEP(PODS "?limit=250 ",
				ANSWER("200",
				       "{\"metadata\":{\"continue\":\"t/1\"},"
				       "\"items\":[" POD_FINE "]}")),
			   STEP(PODS "?limit=250&continue=t%2F1 ",
				ANSWER("200",
				       "{\"metadata\":{\"continue\":\"t2\"},"
				       "\"items\":[" POD_X ",7,null]}")),
			   STEP(PODS "?limit=250&continue=t2 ",
				ANSWER("200", "{\"items\":[" POD_FINE "]}")),
			   { .expect = "PATCH " OPENREPORT APPLY " ",
			     .holds = "\"fail\":1",
			     .answer = ANSWER("201", "{}") } },
		.counted = "objects_total{result=\"pass\"} 2\n",
		.events = 1,
	};

	(void)state;
	run_row(&row);
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

/* Deeper than any object may be: a limit is hit, whatever the page holds. */
static const char *too_large(struct arena *a)
{
	struct buf text = BUF_INIT(8192);
	const char *answer;

	buf_puts(&text, HEAD "200 X\r\n" CLOSE "{\"items\":");
	buf_fill(&text, '[', 2000);
	buf_fill(&text, ']', 2000);
	buf_puts(&text, "}");
	answer = arena_str(a, buf_str(&text)).p;
	buf_release(&text);
	return answer;
}

static void a_page_that_is_too_large_is_asked_for_in_halves(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct row row = {
		.about = "halves",
		.cluster = TIERED,
		.steps = { NO_REPORT, STEP(PODS "?limit=250 ", NULL),
			   STEP(PODS "?limit=125 ", NULL),
			   STEP(PODS "?limit=62 ",
				ANSWER("200",
				       "{\"metadata\":{\"continue\":\"t\"},"
				       "\"items\":[" POD_FINE "]}")),
			   STEP(PODS "?limit=62&continue=t ", NULL),
			   STEP(PODS "?limit=31&continue=t ",
				ANSWER("200", "{\"items\":[" POD_FINE "]}")) },
		.counted = "objects_total{result=\"pass\"} 2\n",
	};

	(void)state;
	row.steps[1].answer = row.steps[2].answer = row.steps[4].answer =
		too_large(&a);
	run_row(&row);
}

static void an_object_that_cannot_be_read_at_all_is_a_failure(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct row row = {
		.about = "down to one",
		.cluster = TIERED,
		.steps = { NO_REPORT, STEP(PODS "?limit=250 ", NULL),
			   STEP(PODS "?limit=125 ", NULL),
			   STEP(PODS "?limit=62 ", NULL),
			   STEP(PODS "?limit=31 ", NULL),
			   STEP(PODS "?limit=15 ", NULL),
			   STEP(PODS "?limit=7 ", NULL),
			   STEP(PODS "?limit=3 ", NULL),
			   STEP(PODS "?limit=1 ", NULL) },
		.result = -1,
		.code = ERR_LIMIT,
	};

	(void)state;
	for (size_t i = 1; i < 9; i++)
		row.steps[i].answer = too_large(&a);
	run_row(&row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_report_is_written_where_it_differs),
		cmocka_unit_test(only_what_may_be_governed_is_listed),
		cmocka_unit_test(a_failure_writes_nothing_and_is_tried_again),
		cmocka_unit_test(all_pages_make_one_report),
		cmocka_unit_test(an_event_is_for_whom_a_person_looks_at),
		cmocka_unit_test(
			a_page_that_is_too_large_is_asked_for_in_halves),
		cmocka_unit_test(
			an_object_that_cannot_be_read_at_all_is_a_failure),
	};

	return cmocka_run_group_tests_name("controller/audit", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
