/* For the tests of audits: what the scripted server answers, and rows. */
#ifndef TESTS_UNIT_CONTROLLER_AUDITS_H
#define TESTS_UNIT_CONTROLLER_AUDITS_H

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

static inline void start(struct run *run, const struct row *row)
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

static inline bool holds(const struct metrics *metrics, const char *part)
{
	struct buf text = BUF_INIT(1 << 20);
	bool found;

	metrics_write(metrics, &text);
	found = !part || strstr(text.p, part);
	buf_release(&text);
	return found;
}

static inline void run_row(const struct row *row)
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

static inline void run_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		run_row(&rows[i]);
}

#endif
