/*
 * network.gate: a Pod waits for its network policy. The gate is put in at
 * admission only, never into text: once lifted it may not be added again.
 */
#include "policies/requester.h"
#include "policies/rules/all.h"
#include "policies/says.h"

static const struct path gates_path = { NULL, STR_INIT("schedulingGates"), 0 };

static bool has_gate(const struct json *gates)
{
	json_each_item(gate, gates)
		if (json_str_is(json_get(gate, STR("name")), STR(GATE_EGRESS)))
			return true;
	return false;
}

/* Not text of a person's, nor a Pod that runs and is looked at. */
static bool is_asked_for(const struct target *t)
{
	return !t->subject->from_file && !t->subject->subresource.n &&
	       requester_of(t->subject) != REQUESTER_NONE &&
	       t->tier == t->selection->effective;
}

/* The API server refuses gates on a Pod that has its node. */
static bool has_node(const struct target *t)
{
	return json_str(json_get(t->pod_spec, STR("nodeName"))).n > 0;
}

static struct json gate(struct arena *a)
{
	struct json object = json_make_object();

	json_add(a, &object, STR("name"), json_make_string(STR(GATE_EGRESS)));
	return object;
}

static void fill(const struct fill *f)
{
	const struct target *t = f->target;
	const struct json *gates =
		json_get(t->pod_spec, STR("schedulingGates"));

	if (!is_asked_for(t) || t->subject->operation != OPERATION_CREATE ||
	    has_node(t) || has_gate(gates))
		return;
	fill_pod_item(f, &gates_path, gate(t->arena));
}

static void check(const struct check *c)
{
	const struct target *t = c->target;
	const struct subject *s = t->subject;
	bool created = s->operation == OPERATION_CREATE;

	if (!is_asked_for(t) ||
	    has_gate(json_get(t->pod_spec, STR("schedulingGates"))))
		return;
	if (!created &&
	    (requester_of(s) == REQUESTER_BULKHEAD ||
	     !has_gate(json_at(s->old_object, "spec", "schedulingGates"))))
		return;
	check_pod(c, &gates_path,
		  (struct says){
			  created ? STR("does not hold " GATE_EGRESS)
				  : STR("no longer holds " GATE_EGRESS),
			  STR("the gate, until the Pod's network policy is in "
			      "place"),
			  created ? STR("create it again: the mutating webhook "
					"fills the gate in")
				  : STR("leave it: Bulkhead lifts it") });
}

const struct rule rule_network_gate = {
	.id = "network.gate",
	.kinds = SUBJECT_POD,
	.title = "A Pod waits for its network policy",
	.doc = "A Pod of a tier gets the scheduling gate `" GATE_EGRESS
	       "` when "
	       "it is created. Bulkhead's reconciler lifts it once the "
	       "NetworkPolicy of the Pod's namespace and tier is in the API; "
	       "nobody else may take it away. A Pod that waits longer than "
	       "usual says why in an Event.\n\n"
	       "Policies made after a Pod has started leave it open until "
	       "then. "
	       "Manifests do not hold the gate: the API server lets nobody add "
	       "one to a Pod that exists, so that applying them again would "
	       "fail. While the reconciler is down, Pods of a tier stay "
	       "Pending.",
	.fields = "spec.schedulingGates",
	.fill = fill,
	.check = check,
};
