/*
 * One audit of one namespace: the report that is there is read first, so that
 * what may not be written is known before much is listed; then every object is
 * judged, a page at a time; then what was found is told.
 */
#include "controller/audit.h"

#include "controller/measures.h"
#include "controller/report_place.h"
#include "controller/watches.h"
#include "policies/engine.h"
#include "policies/kinds.h"

/*
 * So a page of Pods takes some 15 MiB while it is judged. One that is too large
 * all the same is asked for in halves.
 */
enum { PAGE = 250 };

struct audit {
	const struct reconcile *r;
	struct str ns;
	struct audit_judge judge;
	struct report report;
};

/* ---- Events ---- */

static bool same_teller(const struct report *report, size_t i, size_t k)
{
	return str_eq(report->findings[i].told_at.uid,
		      report->findings[k].told_at.uid);
}

static bool told_before(const struct report *report, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (same_teller(report, i, k))
			return true;
	return false;
}

static bool has_more(const struct report *report, size_t i)
{
	for (size_t k = i + 1; k < report->n; k++)
		if (report->findings[k].result == AUDIT_FAIL &&
		    same_teller(report, i, k))
			return true;
	return false;
}

/*
 * The same text for the same state, without numbers: then it becomes one Event
 * that is counted. What is there more comes first: notes are cut at their end.
 */
static struct str note_of(const struct audit *x, size_t i)
{
	const struct audit_finding *f = &x->report.findings[i];
	struct arena *a = x->r->arena;
	struct str note = f->message;

	if (!str_eq(f->told_at.uid, f->object.uid))
		note = arena_printf(a, "%.*s %.*s: %.*s",
				    STR_ARG(f->object.kind),
				    STR_ARG(f->object.name), STR_ARG(note));
	if (has_more(&x->report, i))
		note = arena_printf(a, "one of several: %.*s", STR_ARG(note));
	return note;
}

static void add_event(const struct audit *x, size_t i)
{
	const struct audit_object *at = &x->report.findings[i].told_at;

	kube_events_add(x->r->events,
			&(struct kube_event_note){
				.api_version = at->api_version,
				.kind = at->kind,
				.ns = at->ns,
				.name = at->name,
				.uid = at->uid,
				.warning = true,
				.reason = "OutOfPolicy",
				.action = "Audit",
				.note = note_of(x, i),
			},
			x->r->mono_ns);
}

/* Failures come first in the report; one Event for each who is told. */
static void add_events(const struct audit *x)
{
	const struct report *report = &x->report;
	uint64_t n = 0;

	for (size_t i = 0; i < report->n; i++) {
		if (report->findings[i].result != AUDIT_FAIL)
			break;
		if (told_before(report, i))
			continue;
		add_event(x, i);
		n++;
	}
	if (n)
		metrics_add(x->r->metrics, MEASURE_ACTIONS,
			    METRIC_LABELS(RECONCILE_AUDIT, ACTION_EVENT), n);
}

/* ---- objects ---- */

static void judge(struct audit *x, struct arena *a,
		  const struct kube_resource *resource, const struct json *doc)
{
	struct str api_version = kube_resource_api_version(a, resource);
	enum measure_finding worst = FINDING_PASS;
	struct audit_verdict v;

	audit_judge(a, &x->judge, api_version, str_of(resource->kind), doc, &v);
	if (v.passed_over)
		return;
	if (v.counts[AUDIT_WARN])
		worst = FINDING_WARN;
	if (v.counts[AUDIT_FAIL])
		worst = FINDING_FAIL;
	metrics_add(x->r->metrics, MEASURE_AUDIT_FINDINGS, METRIC_LABELS(worst),
		    1);
	report_add(&x->report, &v);
}

/* 1 when there is a next page, whose token *call then has. */
static int judge_page(struct audit *x, struct kube_call *call,
		      struct error *err)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct json *items;
	struct str next;

	if (kube_do(x->r->client, &a, call, err) < 0)
		return -1;
	items = json_get(&call->answer, STR("items"));
	json_each_item(doc, items) {
		judge(x, &a, call->resource, doc);
	}
	next = json_str(json_at(&call->answer, "metadata", "continue"));
	if (next.n && str_eq(next, call->continue_token))
		return error_set(err, ERR_IO,
				 "list %s: the server answers a page with the "
				 "same page",
				 call->resource->plural);
	call->continue_token = arena_str(x->r->arena, next);
	return next.n > 0;
}

/* A kind that is not served any more has no objects. */
static int judge_list(struct audit *x, const struct kube_resource *resource,
		      struct str label_selector, struct error *err)
{
	struct kube_call call = {
		.verb = KUBE_LIST,
		.resource = resource,
		.ns = x->ns,
		.label_selector = label_selector,
		.limit = PAGE,
	};
	int more = 1;

	while (more > 0) {
		more = judge_page(x, &call, err);
		if (more < 0 && err->code == ERR_LIMIT && call.limit > 1) {
			call.limit /= 2;
			more = 1;
		}
	}
	return more < 0 && call.status == 404 ? 0 : more;
}

/* Those of the inventory are whole but for what no rule reads. */
static void judge_policies(struct audit *x)
{
	static const struct kube_resource resource = { "networking.k8s.io",
						       "v1", "networkpolicies",
						       "NetworkPolicy", true };
	const struct audit_network *network = &x->judge.network;

	for (size_t i = 0; i < network->n; i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;

		judge(x, &a, &resource, &network->policies[i].object->doc);
	}
}

/* ---- which ---- */

static const char *const agent_kinds[][2] = {
	{ GROUP_EXTENSIONS, "SandboxTemplate" },
	{ GROUP_EXTENSIONS, "SandboxWarmPool" },
	{ GROUP_EXTENSIONS, "SandboxClaim" },
	{ GROUP_AGENTS, "Sandbox" },
};

static bool take_resource(const struct inventory_object *object, void *context)
{
	*(struct kube_resource *)context = plan_resource(object);
	return false;
}

/* As the inventory has it; false when there is none of the kind. */
static bool resource_of(const struct audit *x, const char *group,
			const char *kind, struct kube_resource *out)
{
	*out = (struct kube_resource){ .plural = NULL };
	inventory_each(x->r->world->inventory, str_of(group), str_of(kind),
		       x->ns, take_resource, out);
	return out->plural != NULL;
}

/* Plain Pods are judged where the namespace has a tier, if only to warn. */
static bool has_tier(const struct audit *x)
{
	const struct world *w = x->r->world;
	struct subject pod =
		subject_from_live(STR("v1"), STR("Pod"), &json_missing);
	struct selection s;

	pod.ns = x->ns;
	selection_make(x->r->arena, w->snapshot, w->inventory, &pod, &s);
	return s.effective || s.warn || s.audit;
}

static int judge_pods(struct audit *x, bool all, struct error *err)
{
	static const struct kube_resource pods = { "", "v1", "pods", "Pod",
						   true };
	struct kube_resource any;

	if (all)
		return judge_list(x, &pods, STR(""), err);
	if (!resource_of(x, "", "Pod", &any))
		return 0;
	return judge_list(x, &pods, STR(LABEL_TIER), err);
}

static int judge_all(struct audit *x, struct error *err)
{
	struct kube_resource resource;
	bool all = has_tier(x);

	for (size_t i = 0; i < ARRAY_LEN(agent_kinds); i++) {
		if (!resource_of(x, agent_kinds[i][0], agent_kinds[i][1],
				 &resource))
			continue;
		all = true;
		if (judge_list(x, &resource, STR(""), err) < 0)
			return -1;
	}
	if (judge_pods(x, all, err) < 0)
		return -1;
	judge_policies(x);
	return 0;
}

/* Those that admission passes over, and what goes anyway. */
static bool is_audited(const struct world *world, struct str ns)
{
	static const char *const never[] = { "kube-system", "kube-public",
					     "kube-node-lease" };
	const struct inventory_object *object;
	bool stays;

	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		if (str_is(ns, never[i]))
			return false;
	if (world->settings && str_eq(ns, world->settings->ns))
		return false;
	object = inventory_get(world->inventory, STR(""), STR("Namespace"),
			       STR(""), ns);
	if (!object)
		return false;
	stays = !json_is_set(
		json_at(&object->doc, "metadata", "deletionTimestamp"));
	inventory_object_unref(&object);
	return stays;
}

int audit_run(const struct reconcile *r, const struct queue_key *key,
	      struct plan *plan, struct error *err)
{
	struct audit x = { .r = r, .ns = key->ns };
	struct report_place place;
	int result;

	(void)plan;
	if (!r->world->snapshot || !is_audited(r->world, key->ns))
		return 0;
	if (report_find(r, key->ns, &place, err) < 0)
		return -1;
	report_init(r->arena, &x.report);
	audit_judge_init(r->arena, r->world, key->ns, &x.judge);
	result = judge_all(&x, err);
	audit_judge_release(&x.judge);
	if (result < 0)
		return -1;
	add_events(&x);
	return report_write(r, &place, &x.report, err);
}
