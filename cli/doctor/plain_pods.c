/*
 * Namespaces that only a rule of an IsolationPolicy governs. The webhook is
 * registered for plain Pods by our labels on their namespace, because a
 * registration cannot follow a rule: there nobody asks it.
 */
#include "cli/doctor/all.h"

#include "lib/selector.h"

/* What deploy/base leaves out of every registration. */
static bool is_left_out(struct str name)
{
	static const char *const names[] = { "kube-system", "kube-public",
					     "kube-node-lease",
					     "bulkhead-system" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_is(name, names[i]))
			return true;
	return false;
}

static bool is_registered(const struct json *labels)
{
	return json_exists(json_get(labels, STR(LABEL_ENFORCE))) ||
	       json_exists(json_get(labels, STR(LABEL_WARN))) ||
	       json_exists(json_get(labels, STR(LABEL_AUDIT)));
}

/* The strongest floor of the rules that match; NULL: none does. */
static const struct tier *floor_of(const struct snapshot *s,
				   const struct json *labels)
{
	const struct tier *floor = NULL;

	for (size_t i = 0; i < s->n_policies; i++) {
		const struct policy *p = &s->policies[i];

		for (size_t r = 0; r < p->n_rules; r++) {
			const struct policy_rule *rule = &p->rules[r];

			if (rule->floor &&
			    (!floor ||
			     rule->floor->strength > floor->strength) &&
			    selector_matches(rule->namespace_selector, labels))
				floor = rule->floor;
		}
	}
	return floor;
}

static void look_at(const struct doctor_facts *f, const struct json *ns,
		    struct doctor_names *unseen, size_t *governed)
{
	const struct json *labels = json_at(ns, "metadata", "labels");
	struct str name = json_str(json_at(ns, "metadata", "name"));
	const struct tier *floor = floor_of(f->snapshot, labels);

	if (!floor || is_left_out(name))
		return;
	++*governed;
	if (!is_registered(labels))
		doctor_name(unseen,
			    arena_printf(unseen->arena, "%.*s (%.*s)",
					 STR_ARG(name), STR_ARG(floor->name)));
}

static void check(struct arena *a, const struct doctor_facts *f,
		  struct doctor_result *r)
{
	struct doctor_names unseen = { .arena = a };
	size_t governed = 0;

	if (doctor_unread(a, f, FACT_NAMESPACES, r))
		return;
	if (!f->snapshot || f->shipped) {
		doctor_skip(a, r, "no policy set of the cluster's is loaded");
		return;
	}
	json_each_item(ns, &f->lists[FACT_NAMESPACES].items)
		look_at(f, ns, &unseen, &governed);
	if (unseen.n)
		doctor_warn(a, r,
			    "label them " LABEL_ENFORCE " with that tier: "
			    "Sandboxes and their Pods are judged already",
			    "governed by a rule alone, so that plain Pods "
			    "there are let in unjudged: %.*s",
			    STR_ARG(doctor_names_str(&unseen)));
	doctor_pass(a, r,
		    "%zu namespaces are governed by a rule, all of them "
		    "labelled",
		    governed);
}

const struct doctor_check doctor_namespaces_plain_pods = {
	.id = "namespaces.plainPods",
	.title = "Plain Pods are judged where a rule governs",
	.run = check,
};
