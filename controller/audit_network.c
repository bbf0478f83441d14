/*
 * By real labels, where the rule network.policy goes by what labels may be:
 * also what agent-sandbox's controller made is looked at here.
 */
#include "controller/audit_network.h"

#include "controller/egress_policy.h"
#include "lib/selector.h"
#include "lib/timestamp.h"
#include "policies/egress.h"
#include "policies/exception.h"
#include "policies/tier_network.h"

static const struct direction {
	struct str key, type;
} directions[] = {
	[NETWORK_EGRESS] = { STR_INIT("egress"), STR_INIT("Egress") },
	[NETWORK_INGRESS] = { STR_INIT("ingress"), STR_INIT("Ingress") },
};

/* ---- what one opens ---- */

struct sets {
	struct egress_set by_direction[ARRAY_LEN(directions)];
	bool readable;
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

/* How many there are is counted by the parser. */
static void ignore(void *context, const struct json *v, const struct path *path,
		   struct str found, struct str wanted)
{
	(void)context;
	(void)v;
	(void)path;
	(void)found;
	(void)wanted;
}

static void read_sets(struct arena *a, const struct inventory_object *object,
		      struct sets *out)
{
	const struct json *spec = json_get(&object->doc, STR("spec"));
	struct egress_parse parse = {
		.arena = a,
		.ns = object->ns,
		.problem = ignore,
	};

	for (size_t i = 0; i < ARRAY_LEN(directions); i++) {
		struct path at = path_key(NULL, directions[i].key);

		parse.direction = (enum network_direction)i;
		egress_parse_rules(&parse,
				   counts(spec, directions[i].type)
					   ? json_get(spec, directions[i].key)
					   : &json_missing,
				   &at, &out->by_direction[i]);
	}
	out->readable = parse.problems == 0;
}

static struct audit_opening compare(struct arena *a, const struct tier *tier,
				    const struct sets *sets)
{
	const struct egress_set *allowed[] = {
		[NETWORK_EGRESS] = tier->egress_set,
		[NETWORK_INGRESS] = tier->ingress_set,
	};
	struct egress_witness witness;

	if (!sets->readable)
		return (struct audit_opening){
			STR("spec"), STR("more than can be compared"),
			tier_network_str(a, tier, NETWORK_EGRESS)
		};
	for (size_t i = 0; i < ARRAY_LEN(allowed); i++) {
		if (egress_inside(a, &sets->by_direction[i], allowed[i],
				  &witness))
			continue;
		return (struct audit_opening){
			arena_printf(a, "spec.%s[%zu]", directions[i].key.p,
				     witness.rule),
			witness.text,
			tier_network_str(a, tier, (enum network_direction)i)
		};
	}
	return (struct audit_opening){ .field = STR_NONE };
}

static const struct exception *excepted(struct arena *a,
					const struct world *world,
					const struct inventory_object *object)
{
	const struct subject subject = subject_from_live(
		STR("networking.k8s.io/v1"), object->kind, &object->doc);
	const struct exceptions list = exceptions_for(
		a, world->snapshot, &subject, world_seconds(world));

	return exceptions_find(&list, STR("network.policy"),
			       STR("network.policy"));
}

static void compare_all(struct audit_network *network,
			const struct world *world, struct audit_policy *policy)
{
	const struct snapshot *s = network->snapshot;
	struct sets sets;

	read_sets(network->arena, policy->object, &sets);
	policy->openings =
		arena_new(network->arena, struct audit_opening, s->n_tiers);
	for (size_t i = 0; i < s->n_tiers; i++)
		policy->openings[i] =
			compare(network->arena, s->tiers[i], &sets);
	policy->exception = excepted(network->arena, world, policy->object);
}

/* ---- our own ---- */

static int64_t created(const struct inventory_object *object)
{
	struct error err = ERROR_INIT;
	int64_t when;

	if (timestamp_parse(json_str(json_at(&object->doc, "metadata",
					     "creationTimestamp")),
			    &when, &err) < 0)
		return 0;
	return when;
}

static struct audit_own own(struct arena *a, const struct world *world,
			    struct str ns, const struct tier *tier)
{
	const struct inventory_object *object =
		egress_policy_observed(a, world, ns, tier->name);
	struct audit_own out = { .state = AUDIT_OWN_MISSING };

	if (!object)
		return out;
	out.created = created(object);
	out.state = egress_policy_in_order(a, world, tier, object)
			    ? AUDIT_OWN_IN_ORDER
			    : AUDIT_OWN_CHANGED;
	inventory_object_unref(&object);
	return out;
}

/* ---- all ---- */

static bool hold(const struct inventory_object *object, void *context)
{
	struct audit_network *n = context;

	n->policies = arena_grow(n->arena, n->policies, n->n, &n->cap,
				 sizeof(*n->policies));
	n->policies[n->n++] =
		(struct audit_policy){ .object = inventory_object_ref(object) };
	return true;
}

void audit_network_read(struct arena *a, const struct world *world,
			struct str ns, struct audit_network *out)
{
	const struct snapshot *s = world->snapshot;

	*out = (struct audit_network){ .arena = a, .snapshot = s };
	inventory_each(world->inventory, STR("networking.k8s.io"),
		       STR("NetworkPolicy"), ns, hold, out);
	for (size_t i = 0; i < out->n; i++)
		compare_all(out, world, &out->policies[i]);
	out->own = arena_new(a, struct audit_own, s->n_tiers);
	for (size_t i = 0; i < s->n_tiers; i++)
		out->own[i] = own(a, world, ns, s->tiers[i]);
}

void audit_network_release(struct audit_network *network)
{
	for (size_t i = 0; i < network->n; i++)
		inventory_object_unref(&network->policies[i].object);
	network->n = 0;
}

static size_t index_of(const struct snapshot *s, const struct tier *tier)
{
	for (size_t i = 0; i < s->n_tiers; i++)
		if (s->tiers[i] == tier)
			return i;
	BUG("a tier of another snapshot");
}

const struct audit_own *audit_network_own(const struct audit_network *network,
					  const struct tier *tier)
{
	return &network->own[index_of(network->snapshot, tier)];
}

const struct audit_policy *
audit_network_wider(const struct audit_network *network,
		    const struct tier *tier, const struct json *labels,
		    size_t *i, const struct audit_opening **opening)
{
	size_t at = index_of(network->snapshot, tier);

	while (*i < network->n) {
		const struct audit_policy *p = &network->policies[(*i)++];
		const struct json *selector =
			json_at(&p->object->doc, "spec", "podSelector");

		*opening = &p->openings[at];
		if ((*opening)->field.n && selector_matches(selector, labels))
			return p;
	}
	return NULL;
}
