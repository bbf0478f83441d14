/* A whole IsolationTier: strict defaults, and what must hold between fields. */
#include "policies/tier.h"

#include "policies/document_fields.h"
#include "policies/tier_network.h"

static const struct field document_fields[] = {
	DOCUMENT_FIELDS(tier_spec_fields),
};

static void check_ttl(struct decode *d, const struct json *spec,
		      const struct tier *tier)
{
	struct path root = PATH_KEY(NULL, "spec");
	struct path lifecycle = PATH_KEY(&root, "lifecycle");
	struct path ttl = PATH_KEY(&lifecycle, "ttl");
	struct path fallback = PATH_KEY(&ttl, "default");

	if (tier->lifecycle.ttl_max &&
	    tier->lifecycle.ttl_default > tier->lifecycle.ttl_max)
		decode_problem(d, json_at(spec, "lifecycle", "ttl", "default"),
			       &fallback, "is longer than max");
}

/* None of the defaults may be above what bounds it. */
static void check_bound(struct decode *d, const struct json *spec,
			const char *list, const struct quantities *given,
			const char *bound, const struct quantities *bounds)
{
	struct path root = PATH_KEY(NULL, "spec");
	struct path resources = PATH_KEY(&root, "resources");
	struct path defaults = PATH_KEY(&resources, "defaults");
	struct path path = path_key(&defaults, str_of(list));
	const struct json *v = json_at(spec, "resources", "defaults", list);

	for (size_t i = 0; i < given->n; i++) {
		const struct named_quantity *q = &given->v[i];
		const struct named_quantity *max =
			quantities_find(bounds, q->name);
		struct path at = path_key(&path, q->name);

		if (max && quantity_cmp(q->quantity, max->quantity) > 0)
			decode_problem(d, json_get(v, q->name), &at,
				       "is %.*s, above %s of %.*s",
				       STR_ARG(q->text), bound,
				       STR_ARG(max->text));
	}
}

static void check_resources(struct decode *d, const struct json *spec,
			    const struct tier *tier)
{
	const struct quantities *requests = &tier->resources.default_requests;
	const struct quantities *limits = &tier->resources.default_limits;
	const struct quantities *max = &tier->resources.max;

	check_bound(d, spec, "limits", limits, "resources.max", max);
	check_bound(d, spec, "requests", requests, "resources.max", max);
	check_bound(d, spec, "requests", requests, "the default limit", limits);
}

static void finish_rules(struct decode *d, const struct json *spec,
			 struct tier *tier)
{
	struct path root = PATH_KEY(NULL, "spec");
	struct path list = PATH_KEY(&root, "rules");

	tier->rules = tier->rule_list.v;
	tier->n_rules = tier->rule_list.n;
	for (size_t i = 0; i < tier->n_rules; i++) {
		struct team_rule *r = &tier->rules[i];
		const struct json *doc = json_item(json_at(spec, "rules"), i);
		struct path item = path_index(&list, i);
		struct path exists = PATH_KEY(&item, "exists");

		r->path_text = json_str(json_get(doc, STR("path")));
		if (!json_exists(json_get(doc, STR("enforcement"))))
			r->enforcement = ENFORCEMENT_ENFORCE;
		if (!r->exists)
			r->exists = &json_missing;
		if (json_is_set(r->exists) && !json_is(r->exists, JSON_BOOL))
			decode_problem(d, r->exists, &exists,
				       "is a %s, wanted true or false",
				       json_type_name(json_type(r->exists)));
		if (!r->matches && !r->not_matches && !r->in.n &&
		    !r->not_in.n && !json_is_set(r->exists) && !r->min.set &&
		    !r->max.set)
			decode_problem(d, doc, &item,
				       "asserts nothing: add one of matches, "
				       "notMatches, in, notIn, exists, min, "
				       "max");
	}
}

/* Optional documents are missing values, never NULL. */
static void finish_allow(struct egress_allow *allow)
{
	const struct json **all[] = { &allow->namespace_selector,
				      &allow->pod_selector, &allow->ports };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (!*all[i])
			*all[i] = &json_missing;
}

/* What a tier that leaves a field out means: the strict answer. */
static void set_defaults(struct tier *tier)
{
	tier->network.ingress.router_namespace = STR("agent-sandbox-system");
	tier->network.ingress.router_labels = &json_missing;
	tier->enforcement = ENFORCEMENT_ENFORCE;
	tier->pod.level = POD_RESTRICTED;
	tier->pod.version = POD_VERSION_LATEST;
	tier->pod.any_volume = true;
	tier->network.egress.mode = EGRESS_ALLOW_LIST;
	tier->network.egress.dns = DNS_CLUSTER;
	tier->network.egress.block_private = true;
	tier->network.ingress.mode = INGRESS_ROUTER;
	tier->lifecycle.shutdown_policy = SHUTDOWN_DELETE;
}

const struct named_quantity *quantities_find(const struct quantities *list,
					     struct str name)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq(list->v[i].name, name))
			return &list->v[i];
	return NULL;
}

void tier_decode(struct decode *d, const struct json *doc, struct tier *tier,
		 struct patterns *owned)
{
	const struct json *spec = json_get(doc, STR("spec"));

	*tier = (struct tier){ .spec = spec, .at = doc->start };
	set_defaults(tier);
	d->context = owned;
	tier->name = json_str(json_at(doc, "metadata", "name"));
	decode_object(d, doc, NULL, document_fields, tier);
	tier->network.egress.allow = tier->network.egress.allow_list.v;
	tier->network.egress.n_allow = tier->network.egress.allow_list.n;
	for (size_t i = 0; i < tier->network.egress.n_allow; i++)
		finish_allow(&tier->network.egress.allow[i]);
	finish_rules(d, spec, tier);
	check_ttl(d, spec, tier);
	check_resources(d, spec, tier);
	tier_network_compile(d, spec, tier);
}
