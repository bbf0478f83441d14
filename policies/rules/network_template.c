/*
 * network.template: the NetworkPolicy that the agent-sandbox controller makes
 * for a template opens no more than the tier. Policies only add up, so what a
 * template opens is open whatever our own policy says.
 */
#include "lib/json_read.h"
#include "policies/rules/all.h"
#include "policies/says.h"
#include "policies/tier_network.h"

/*
 * What the controller opens for a Managed template without networkPolicy
 * (agent-sandbox v0.2.1 and later).
 */
static const char upstream_default[] =
	"{\"ingress\":[{\"from\":[{\"namespaceSelector\":{\"matchLabels\":{"
	"\"kubernetes.io/metadata.name\":\"agent-sandbox-system\"}},"
	"\"podSelector\":{\"matchLabels\":{\"app\":\"sandbox-router\"}}}]}],"
	"\"egress\":[{\"to\":[{\"ipBlock\":{\"cidr\":\"0.0.0.0/0\",\"except\":["
	"\"10.0.0.0/8\",\"172.16.0.0/12\",\"192.168.0.0/16\","
	"\"169.254.0.0/16\"]}},{\"ipBlock\":{\"cidr\":\"::/0\",\"except\":["
	"\"fc00::/7\",\"fe80::/10\"]}}]}]}";

static const struct path spec_at = { NULL, STR_INIT("spec"), 0 };
static const struct path policy_at = { &spec_at, STR_INIT("networkPolicy"), 0 };
static const struct path management_at = { &spec_at,
					   STR_INIT("networkPolicyManagement"),
					   0 };

static const struct str key_of[] = {
	[NETWORK_EGRESS] = STR_INIT("egress"),
	[NETWORK_INGRESS] = STR_INIT("ingress"),
};

static bool is_managed(const struct json *management)
{
	return !json_is_set(management) ||
	       json_str_is(management, STR("Managed"));
}

static void fill(const struct fill *f)
{
	const struct target *t = f->target;
	const struct json *policy = t->tier->network_policy;
	struct json rules = json_make_object();

	if (!is_managed(json_at(t->spec, "networkPolicyManagement")) ||
	    json_is_set(json_at(t->spec, "networkPolicy")))
		return;
	for (size_t i = ARRAY_LEN(key_of); i-- > 0;)
		json_add(t->arena, &rules, key_of[i],
			 *json_get(policy, key_of[i]));
	fill_object(f, &policy_at, rules);
}

static void tell(void *context, const struct json *v, const struct path *path,
		 struct str found, struct str wanted)
{
	static const struct str fix = STR_INIT(
		"write it as in a NetworkPolicy, or remove networkPolicy, then "
		"the tier's own rules are filled in");

	(void)v;
	check_object(context, path, (struct says){ found, wanted, fix });
}

static struct str tier_allows(const struct check *c,
			      enum network_direction direction)
{
	struct arena *a = c->target->arena;
	struct str s = tier_network_str(a, c->target->tier, direction);

	return arena_printf(a, "no more than the tier allows: %.*s",
			    STR_ARG(s));
}

static const struct egress_set *tier_set(const struct tier *tier,
					 enum network_direction direction)
{
	return direction == NETWORK_EGRESS ? tier->egress_set
					   : tier->ingress_set;
}

static struct egress_set read_rules(const struct check *c,
				    enum network_direction direction,
				    const struct json *policy, bool *fine)
{
	struct path at = path_key(&policy_at, key_of[direction]);
	struct egress_parse parse = {
		.arena = c->target->arena,
		.direction = direction,
		.ns = c->target->subject->ns,
		.problem = tell,
		.context = (void *)(uintptr_t)c,
	};
	struct egress_set set;

	egress_parse_rules(&parse, json_get(policy, key_of[direction]), &at,
			   &set);
	*fine = parse.problems == 0;
	return set;
}

static void check_rules(const struct check *c, enum network_direction direction,
			const struct json *policy)
{
	struct path list = path_key(&policy_at, key_of[direction]), at;
	struct arena *a = c->target->arena;
	struct egress_witness witness;
	bool fine;
	struct egress_set set = read_rules(c, direction, policy, &fine);

	if (!fine ||
	    egress_inside(a, &set, tier_set(c->target->tier, direction),
			  &witness))
		return;
	at = path_index(&list, witness.rule);
	check_object(c, &at,
		     (struct says){
			     .found = arena_printf(a, "opens %.*s",
						   STR_ARG(witness.text)),
			     .wanted = tier_allows(c, direction),
			     .fix = STR("narrow this rule, or remove "
					"networkPolicy, then the tier's own "
					"rules are filled in"),
		     });
}

/* Nobody filled it in: the controller's default is what will be opened. */
static void check_default(const struct check *c,
			  enum network_direction direction)
{
	struct arena *a = c->target->arena;
	struct error err = ERROR_INIT;
	struct egress_witness witness;
	struct egress_set set;
	struct json policy;
	bool fine;

	if (json_read(a, str_of(upstream_default), 0, NULL, &policy, &err) < 0)
		BUG("bad default policy");
	set = read_rules(c, direction, &policy, &fine);
	if (egress_inside(a, &set, tier_set(c->target->tier, direction),
			  &witness))
		return;
	check_object(c, &policy_at,
		     (struct says){
			     .found = arena_printf(
				     a,
				     "is not set, so the agent-sandbox "
				     "controller opens %.*s",
				     STR_ARG(witness.text)),
			     .wanted = tier_allows(c, direction),
			     .fix = STR("write egress and ingress rules (empty "
					"lists deny), or set "
					"networkPolicyManagement: Unmanaged"),
		     });
}

static bool check_types(const struct check *c, const struct json *management,
			const struct json *policy)
{
	struct arena *a = c->target->arena;

	if (!is_managed(management)) {
		check_object(c, &management_at,
			     (struct says){
				     says_is(a, management),
				     STR("Managed or Unmanaged"),
				     STR("correct it, or leave it out: it is "
					 "Managed then"),
			     });
		return false;
	}
	if (json_is_set(policy) && !json_is(policy, JSON_OBJECT)) {
		tell((void *)(uintptr_t)c, policy, &policy_at,
		     says_is(a, policy),
		     STR("an object with egress and ingress"));
		return false;
	}
	return true;
}

static void check(const struct check *c)
{
	const struct json *spec = c->target->spec;
	const struct json *management =
		json_at(spec, "networkPolicyManagement");
	const struct json *policy = json_at(spec, "networkPolicy");

	if (json_str_is(management, STR("Unmanaged")) ||
	    !check_types(c, management, policy))
		return;
	for (int i = 0; i < (int)ARRAY_LEN(key_of); i++) {
		if (json_is_set(policy))
			check_rules(c, (enum network_direction)i, policy);
		else
			check_default(c, (enum network_direction)i);
	}
}

const struct rule rule_network_template = {
	.id = "network.template",
	.kinds = SUBJECT_TEMPLATE,
	.title = "A template's NetworkPolicy opens no more than the tier",
	.doc = "The agent-sandbox controller makes a NetworkPolicy for each "
	       "SandboxTemplate whose `networkPolicyManagement` is `Managed`, "
	       "which is the default. Without `networkPolicy` that policy "
	       "opens the whole public internet, on every port. "
	       "NetworkPolicies "
	       "only add up, so the tier's own policy cannot take that back. "
	       "Where `networkPolicy` is not set, the tier's rules are filled "
	       "in; where it is, everything that it opens must lie inside what "
	       "the tier opens. An empty or missing list of rules denies that "
	       "direction and is always accepted.\n\n"
	       "The comparison is exact for addresses and ports. Peers by "
	       "labels are compared by their requirements: a selector may ask "
	       "for more labels than the tier's, never for fewer. Address "
	       "blocks prove nothing about Pods, nor Pods about addresses. "
	       "What cannot be proven is refused, and the message names it. "
	       "With `Unmanaged` the controller makes no policy; the tier's "
	       "own one, which selects every Pod of the tier, holds alone.",
	.fields = "spec.networkPolicy\nspec.networkPolicyManagement",
	.fill = fill,
	.check = check,
};
