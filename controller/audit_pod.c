/* A Pod that runs: its stamp, its policies, its node. */
#include "controller/audit_checks.h"
#include "controller/egress_policy.h"
#include "lib/timestamp.h"
#include "policies/kinds.h"

#define STAMP_FIELD "metadata.labels[" LABEL_TIER "]"
#define MAKE_ANEW                                                              \
	"delete the Pod, so that it is made anew; a Sandbox or workload that " \
	"owns it does so"

static const struct json *labels_of(const struct audit_check *c)
{
	return json_at(c->doc, "metadata", "labels");
}

/* ---- the stamp ---- */

/* A wrong one is found by the rule. */
static void check_stamp(const struct audit_check *c)
{
	if (json_exists(json_get(labels_of(c), STR(LABEL_TIER))))
		return;
	audit_check_add(
		c, (struct finding){
			   .rule = "label.reserved",
			   .field = STR(STAMP_FIELD),
			   .found = STR("is not set: the NetworkPolicy of its "
					"tier does not select this Pod, which "
					"is older than the tier here, or was "
					"made while admission was not asked"),
			   .wanted = c->tier->name,
			   .fix = STR(MAKE_ANEW),
		   });
}

/* ---- the policy of its tier ---- */

static void not_in_place(const struct audit_check *c, const char *what)
{
	struct str name = egress_policy_name(c->arena, c->tier->name);

	audit_check_add(
		c,
		(struct finding){
			.rule = "network.gate",
			.field = STR("status.startTime"),
			.found = arena_printf(
				c->arena, "is set, while NetworkPolicy %.*s %s",
				STR_ARG(name), what),
			.wanted = STR("the policy in place while the Pod "
				      "runs"),
			.fix = STR("may bulkhead-controller write "
				   "networkpolicies here? Its log tells "
				   "what it was refused"),
		});
}

static void check_order(const struct audit_check *c,
			const struct audit_own *own, struct str start)
{
	struct str name = egress_policy_name(c->arena, c->tier->name);
	struct error err = ERROR_INIT;
	int64_t started;

	if (!own->created || timestamp_parse(start, &started, &err) < 0 ||
	    started >= own->created)
		return;
	audit_check_add(
		c,
		(struct finding){
			.rule = "network.gate",
			.field = STR("status.startTime"),
			.found = arena_printf(
				c->arena,
				"is %.*s, and the NetworkPolicy %.*s that "
				"is there was made later, at %.*s: what "
				"the Pod could reach before is not known",
				STR_ARG(start), STR_ARG(name),
				STR_ARG(timestamp_str(c->arena, own->created))),
			.wanted = STR("a policy that is older than the "
				      "start"),
			.fix = STR(MAKE_ANEW),
		});
}

/* What waits for its gate is told by who lifts it. */
static void check_own_policy(const struct audit_check *c)
{
	const struct audit_own *own =
		audit_network_own(&c->judge->network, c->tier);
	struct str start = json_str(json_at(c->doc, "status", "startTime"));

	if (!start.n || !json_str_is(json_get(labels_of(c), STR(LABEL_TIER)),
				     c->tier->name))
		return;
	switch (own->state) {
	case AUDIT_OWN_MISSING:
		not_in_place(c, "is not there");
		return;
	case AUDIT_OWN_CHANGED:
		not_in_place(c, "is not as the tier says");
		return;
	case AUDIT_OWN_IN_ORDER:
		check_order(c, own, start);
		return;
	}
	BUG("state of a policy");
}

/* ---- other policies ---- */

static void tell_wider(const struct audit_check *c,
		       const struct audit_policy *policy,
		       const struct audit_opening *opening)
{
	struct arena *a = c->arena;

	audit_check_add(
		c,
		(struct finding){
			.rule = "network.policy",
			.exception = policy->exception,
			.origin = arena_printf(a, "NetworkPolicy %.*s/%.*s",
					       STR_ARG(policy->object->ns),
					       STR_ARG(policy->object->name)),
			.field = opening->field,
			.found = arena_printf(a, "opens %.*s for this Pod",
					      STR_ARG(opening->what)),
			.wanted = arena_printf(
				a, "no more than the tier allows: %.*s",
				STR_ARG(opening->allowed)),
			.fix = STR("narrow the policy, or keep this tier's "
				   "Pods out of its podSelector by their "
				   "label " LABEL_TIER),
		});
}

static void check_other_policies(const struct audit_check *c)
{
	const struct audit_policy *policy;
	const struct audit_opening *opening;
	size_t i = 0;

	while ((policy = audit_network_wider(&c->judge->network, c->tier,
					     labels_of(c), &i, &opening)))
		tell_wider(c, policy, opening);
}

/* ---- the node ---- */

/* "katacontainers.io/kata-runtime=true"; n 0: the node has all. */
static struct str lacking(const struct audit_check *c,
			  const struct json *selector,
			  const struct json *labels)
{
	json_each_member(m, selector) {
		if (!json_equal(json_get(labels, m->key), &m->value))
			return arena_printf(c->arena, "%.*s=%.*s",
					    STR_ARG(m->key),
					    STR_ARG(json_str(&m->value)));
	}
	return STR_NONE;
}

static void compare_node(const struct audit_check *c,
			 const struct inventory_object *class,
			 const struct inventory_object *node)
{
	struct str label =
		lacking(c, json_at(&class->doc, "scheduling", "nodeSelector"),
			json_at(&node->doc, "metadata", "labels"));

	if (!label.n)
		return;
	audit_check_add(
		c, (struct finding){
			   .rule = "pod.nodeName",
			   .field = STR("spec.nodeName"),
			   .found = arena_printf(
				   c->arena,
				   "is \"%.*s\", a node without the label "
				   "%.*s, by which RuntimeClass %.*s chooses "
				   "its nodes",
				   STR_ARG(node->name), STR_ARG(label),
				   STR_ARG(class->name)),
			   .wanted = STR("a node that runs the class"),
			   .fix = STR("delete the Pod, so that it is scheduled "
				      "anew, or label the node if it does run "
				      "the class"),
		   });
}

static void check_node(const struct audit_check *c)
{
	const struct inventory *inventory = c->judge->world->inventory;
	const struct json *spec = json_get(c->doc, STR("spec"));
	struct str node_name = json_str(json_get(spec, STR("nodeName")));
	struct str class_name =
		json_str(json_get(spec, STR("runtimeClassName")));
	const struct inventory_object *class = NULL, *node = NULL;

	if (!node_name.n || !class_name.n)
		return;
	class = inventory_get(inventory, STR("node.k8s.io"),
			      STR("RuntimeClass"), STR(""), class_name);
	node = inventory_get(inventory, STR(""), STR("Node"), STR(""),
			     node_name);
	if (class && node)
		compare_node(c, class, node);
	if (class)
		inventory_object_unref(&class);
	if (node)
		inventory_object_unref(&node);
}

void audit_check_pod(const struct audit_check *c)
{
	check_stamp(c);
	check_own_policy(c);
	check_other_policies(c);
	check_node(c);
}
