/*
 * network.policy: no NetworkPolicy gives a tier's Pods more than the tier.
 * Policies only add up, so one that opens more opens it for good.
 */
#include "policies/egress.h"
#include "policies/requester.h"
#include "policies/rules/all.h"
#include "policies/says.h"
#include "policies/selector_inside.h"
#include "policies/tier_network.h"

static const struct path spec_at = { NULL, STR_INIT("spec"), 0 };

static const struct {
	struct str key, type;
} names[] = {
	[NETWORK_EGRESS] = { STR_INIT("egress"), STR_INIT("Egress") },
	[NETWORK_INGRESS] = { STR_INIT("ingress"), STR_INIT("Ingress") },
};

/* Rules of a direction that policyTypes leaves out have no effect. */
static bool counts(const struct json *spec, struct str type)
{
	const struct json *types = json_get(spec, STR("policyTypes"));

	json_each_item(it, types) {
		if (json_str_is(it, type))
			return true;
	}
	return !json_array_len(types);
}

static void tell(void *context, const struct json *v, const struct path *path,
		 struct str found, struct str wanted)
{
	(void)v;
	check_object(context, path,
		     (struct says){ found, wanted,
				    STR("write it as in the API reference of "
					"NetworkPolicy") });
}

/* What the policy opens in each direction; false when it cannot be read. */
static bool read_sets(const struct check *c, struct egress_set *sets)
{
	const struct target *t = c->target;
	struct egress_parse parse = {
		.arena = t->arena,
		.ns = t->subject->ns,
		.problem = tell,
		.context = (void *)(uintptr_t)c,
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct path at = path_key(&spec_at, names[i].key);

		parse.direction = (enum network_direction)i;
		egress_parse_rules(&parse,
				   counts(t->spec, names[i].type)
					   ? json_get(t->spec, names[i].key)
					   : &json_missing,
				   &at, &sets[i]);
	}
	return parse.problems == 0;
}

static void report(const struct check *c, const struct tier *tier,
		   const struct egress_witness *witness,
		   enum network_direction direction)
{
	struct path list = path_key(&spec_at, names[direction].key);
	struct path at = path_index(&list, witness->rule);
	struct arena *a = c->target->arena;
	struct str allows = tier_network_str(a, tier, direction);
	struct says says = {
		.found = arena_printf(a, "opens %.*s for Pods of tier \"%.*s\"",
				      STR_ARG(witness->text),
				      STR_ARG(tier->name)),
		.wanted = arena_printf(a, "no more than that tier allows: %.*s",
				       STR_ARG(allows)),
		.fix = STR("narrow the rule, or keep that tier's Pods out of "
			   "podSelector by their label " LABEL_TIER),
	};

	check_object_as(c, action_of_enforcement(tier->enforcement), STR_NONE,
			&at, says);
}

/* True when something was reported. */
static bool check_tier(const struct check *c, const struct tier *tier,
		       const struct egress_set *sets)
{
	const struct egress_set *allowed[] = {
		[NETWORK_EGRESS] = tier->egress_set,
		[NETWORK_INGRESS] = tier->ingress_set,
	};
	struct egress_witness witness;

	for (size_t i = 0; i < ARRAY_LEN(allowed); i++) {
		if (egress_inside(c->target->arena, &sets[i], allowed[i],
				  &witness))
			continue;
		report(c, tier, &witness, (enum network_direction)i);
		return true;
	}
	return false;
}

/* Malformed selectors select everything, as far as anybody can tell. */
static bool may_select(const struct json *selector, const struct tier *tier)
{
	struct requirements r = { .selector = selector };

	return !requirements_exclude(&r, STR(LABEL_TIER), tier->name);
}

static bool check_types(const struct check *c)
{
	const struct target *t = c->target;
	struct path selector_at = PATH_KEY(&spec_at, "podSelector");
	const struct json *selector = path_get(t->object, &selector_at);

	if (json_is_set(t->spec) && !json_is(t->spec, JSON_OBJECT))
		tell((void *)(uintptr_t)c, t->spec, &spec_at,
		     says_is(t->arena, t->spec), STR("an object"));
	else if (json_is_set(selector) && !json_is(selector, JSON_OBJECT))
		tell((void *)(uintptr_t)c, selector, &selector_at,
		     says_is(t->arena, selector), STR("a label selector"));
	else
		return true;
	return false;
}

/*
 * agent-sandbox's policies follow from templates, which network.template has
 * judged by their own tier; live ones are told by their owner.
 */
static bool is_known_writer(const struct target *t)
{
	switch (requester_of(t->subject)) {
	case REQUESTER_CONTROLLER:
	case REQUESTER_BULKHEAD:
		return true;
	case REQUESTER_NONE:
		return target_owned_by(t, STR(GROUP_EXTENSIONS),
				       STR("SandboxTemplate"));
	case REQUESTER_PERSON:
		return false;
	}
	BUG("requester");
}

static void check(const struct check *c)
{
	const struct target *t = c->target;
	const struct json *selector = json_get(t->spec, STR("podSelector"));
	struct egress_set sets[ARRAY_LEN(names)];

	if (t->subject->operation == OPERATION_DELETE || is_known_writer(t) ||
	    !check_types(c) || !read_sets(c, sets))
		return;
	for (size_t i = 0; i < t->snapshot->n_tiers; i++) {
		const struct tier *tier = t->snapshot->tiers[i];

		if (tier->strength >= t->tier->strength &&
		    may_select(selector, tier) && check_tier(c, tier, sets))
			return;
	}
}

const struct rule rule_network_policy = {
	.id = "network.policy",
	.kinds = SUBJECT_NETWORK_POLICY,
	.title = "No NetworkPolicy gives a tier's Pods more than the tier",
	.doc = "In a namespace with a tier, and in one that holds objects of "
	       "agent-sandbox while there is a `defaultTier`, a NetworkPolicy "
	       "may open no more for a tier's Pods than the tier does, neither "
	       "egress nor ingress. Policies only add up: what one opens, no "
	       "other can close. The policy is held against every tier that "
	       "Pods may have there, which is the floor of the namespace and "
	       "all stronger ones, unless its `podSelector` rules the tier "
	       "out by the label `bulkhead.dev/tier`. The weakest tier that "
	       "it goes beyond is told, with one thing that it opens too "
	       "much. The comparison is the one of `network.template`.\n\n"
	       "To satisfy it, write `bulkhead.dev/tier: gvisor` into "
	       "`podSelector.matchLabels` for a policy that is meant for "
	       "Pods of that tier, or a `DoesNotExist` on that label for one "
	       "that is meant for all others. Policies that the agent-sandbox "
	       "controller makes for a template are judged at the template. "
	       "Deleting a policy is free: the tier's own one stays. What is "
	       "needed for good belongs into `network.egress.allow` of the "
	       "tier; an exception suits what is needed for a while.",
	.fields = "spec.podSelector\nspec.policyTypes\nspec.egress\n"
		  "spec.ingress",
	.check = check,
};
