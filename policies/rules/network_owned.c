/* network.owned: what keeps a tier's Pods apart is written by us alone. */
#include "policies/requester.h"
#include "policies/rules/all.h"
#include "policies/says.h"

#define MANAGED_BY "app.kubernetes.io/managed-by"

static const struct path metadata_at = { NULL, STR_INIT("metadata"), 0 };
static const struct path labels_at = { &metadata_at, STR_INIT("labels"), 0 };
static const struct path label_at = { &labels_at, STR_INIT(MANAGED_BY), 0 };

static bool is_ours(const struct json *policy)
{
	return json_str_is(path_get(policy, &label_at), STR("bulkhead"));
}

/* Finalizers, annotations, status. */
static bool is_touched(const struct subject *s)
{
	return !json_equal(path_get(s->object, &labels_at),
			   path_get(s->old_object, &labels_at)) ||
	       !json_equal(json_get(s->object, STR("spec")),
			   json_get(s->old_object, STR("spec")));
}

/* Nothing runs there any more once all is gone. */
static bool namespace_goes(const struct target *t)
{
	const struct inventory_object *ns;
	bool goes;

	if (!t->inventory)
		return false;
	ns = inventory_get(t->inventory, STR(""), STR("Namespace"), STR(""),
			   t->subject->ns);
	if (!ns)
		return false;
	goes = json_is_set(json_at(&ns->doc, "metadata", "deletionTimestamp"));
	inventory_object_unref(&ns);
	return goes;
}

static void check_deletion(const struct check *c)
{
	if (!is_ours(c->target->subject->old_object) ||
	    namespace_goes(c->target))
		return;
	check_object(c, &label_at,
		     (struct says){ STR("is \"bulkhead\" on a policy that is "
					"deleted"),
				    STR("Bulkhead's policies left in place"),
				    STR("leave it: it goes with the last "
					"object of its tier") });
}

static void check_written(const struct check *c)
{
	const struct subject *s = c->target->subject;
	bool update = s->operation == OPERATION_UPDATE;
	bool before = update && is_ours(s->old_object);

	if (before ? !is_touched(s) : !is_ours(s->object))
		return;
	check_object(c, &label_at,
		     (struct says){
			     before ? STR("is \"bulkhead\" on a policy that is "
					  "changed")
				    : STR("is \"bulkhead\""),
			     before ? STR("Bulkhead's policies as it wrote "
					  "them")
				    : STR("a policy that Bulkhead wrote"),
			     before ? STR("leave it, and change the tier")
				    : STR("remove the label") });
}

static void check(const struct check *c)
{
	switch (requester_of(c->target->subject)) {
	case REQUESTER_BULKHEAD:
	case REQUESTER_NONE:
		return;
	case REQUESTER_CONTROLLER:
	case REQUESTER_PERSON:
		break;
	}
	if (c->target->subject->operation == OPERATION_DELETE)
		check_deletion(c);
	else
		check_written(c);
}

const struct rule rule_network_owned = {
	.id = "network.owned",
	.kinds = SUBJECT_NETWORK_POLICY,
	.title = "Bulkhead's own NetworkPolicies are left alone",
	.doc = "NetworkPolicies with the label `app.kubernetes.io/managed-by: "
	       "bulkhead` close what a tier does not open. Only Bulkhead's "
	       "reconciler may create, change or delete them, or set that "
	       "label. Changes of annotations and finalizers pass, and so do "
	       "the garbage collector and the namespace controller, and "
	       "deletions in a namespace that is being deleted.\n\n"
	       "A Pod that no policy selects may talk to everyone: without "
	       "this rule, deleting one object would undo the whole tier. To "
	       "open more, change the tier; there is no good reason for an "
	       "exception.",
	.fields = "metadata.labels[" MANAGED_BY "]\nspec",
	.always = true,
	.check = check,
};
