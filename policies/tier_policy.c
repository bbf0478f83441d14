/* The NetworkPolicy of a tier as a document, in a fixed order. */
#include "policies/tier_policy.h"

#include <stdlib.h>

#include "policies/address_space.h"
#include "policies/egress.h"

#define NODE_LOCAL_DNS "169.254.20.10/32"

struct build {
	struct arena *arena;
	const struct json *spec;
	const struct tier *tier;
};

static struct json object_with(struct arena *a, const char *key,
			       struct json value)
{
	struct json object = json_make_object();

	json_add(a, &object, str_of(key), value);
	return object;
}

static struct json array_with(struct arena *a, struct json value)
{
	struct json array = json_make_array();

	json_append(a, &array, value);
	return array;
}

static struct json text(const char *cstr)
{
	return json_make_string(str_of(cstr));
}

static struct json label(struct arena *a, const char *key, struct str value)
{
	return object_with(a, "matchLabels",
			   object_with(a, key, json_make_string(value)));
}

static struct json pods_in(struct arena *a, struct str ns, struct json pods)
{
	struct json peer = object_with(a, "namespaceSelector",
				       label(a, NAMESPACE_NAME_LABEL, ns));

	json_add(a, &peer, STR("podSelector"), pods);
	return peer;
}

static int hole_cmp(const void *x, const void *y)
{
	const struct cidr *a = x, *b = y;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return (a->prefix > b->prefix) - (a->prefix < b->prefix);
}

/* Block without the holes; holes in other holes, or outside, are left out. */
static struct json ip_block(struct arena *a, const struct cidr *block,
			    struct cidr *holes, size_t n)
{
	struct json v =
		object_with(a, "cidr", json_make_string(cidr_str(a, block)));
	struct json except = json_make_array();
	const struct cidr *last = NULL;

	qsort(holes, n, sizeof(*holes), hole_cmp);
	for (size_t i = 0; i < n; i++) {
		if (!cidr_inside(&holes[i], block) ||
		    holes[i].prefix == block->prefix ||
		    (last && cidr_inside(&holes[i], last)))
			continue;
		last = &holes[i];
		json_append(a, &except, json_make_string(cidr_str(a, last)));
	}
	if (json_len(&except))
		json_add(a, &v, STR("except"), except);
	return object_with(a, "ipBlock", v);
}

/* cidr without except (a list, or missing) and the special blocks. */
static struct json open_block(const struct build *b, struct str cidr,
			      const struct json *except, bool block_private)
{
	size_t n_special, n = 0;
	const struct special_block *special = special_blocks(&n_special);
	struct cidr *holes = arena_new(b->arena, struct cidr,
				       n_special + json_array_len(except));
	struct error err = ERROR_INIT;
	struct cidr block;

	json_each_item(item, except)
		if (cidr_parse(json_str(item), &holes[n++], &err) < 0)
			BUG("unchecked block in a tier");
	for (size_t i = 0; i < n_special; i++)
		if (block_private || special[i].metadata)
			holes[n++] = special_block_cidr(&special[i]);
	if (cidr_parse(cidr, &block, &err) < 0)
		BUG("unchecked block in a tier");
	return ip_block(b->arena, &block, holes, n);
}

static struct json internet(const struct build *b, bool block_private)
{
	struct json peers = json_make_array();

	json_append(
		b->arena, &peers,
		open_block(b, STR("0.0.0.0/0"), &json_missing, block_private));
	json_append(b->arena, &peers,
		    open_block(b, STR("::/0"), &json_missing, block_private));
	return peers;
}

static struct json cluster_dns(const struct build *b)
{
	struct arena *a = b->arena;
	struct json names = array_with(a, text("coredns"));
	struct json in = object_with(a, "key", text("k8s-app"));
	struct json pods;

	json_append(a, &names, text("kube-dns"));
	json_add(a, &in, STR("operator"), text("In"));
	json_add(a, &in, STR("values"), names);
	pods = object_with(a, "matchExpressions", array_with(a, in));
	return pods_in(a, STR("kube-system"), pods);
}

static void add_dns(const struct build *b, struct json *rules)
{
	static const char *const protocols[] = { "UDP", "TCP" };
	struct arena *a = b->arena;
	int dns = b->tier->network.egress.dns;
	struct json peers, ports = json_make_array(), rule;

	if (dns == DNS_NONE)
		return;
	if (dns == DNS_EXTERNAL) {
		peers = internet(b, true);
	} else {
		peers = array_with(a, cluster_dns(b));
		if (dns == DNS_NODE_LOCAL)
			json_append(
				a, &peers,
				object_with(a, "ipBlock",
					    object_with(a, "cidr",
							text(NODE_LOCAL_DNS))));
	}
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++) {
		struct json port =
			object_with(a, "protocol", text(protocols[i]));

		json_add(a, &port, STR("port"), json_make_int(a, 53));
		json_append(a, &ports, port);
	}
	rule = object_with(a, "to", peers);
	json_add(a, &rule, STR("ports"), ports);
	json_append(a, rules, rule);
}

/*
 * With the protocol that the API server would fill in, so that the policy in
 * the cluster equals this one.
 */
static struct json whole_ports(const struct build *b, const struct json *ports)
{
	static const char *const keys[] = { "protocol", "port", "endPort" };
	struct json out = json_make_array();

	json_each_item(port, ports) {
		struct json whole = json_make_object();

		for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
			const struct json *v = json_get(port, str_of(keys[i]));

			if (json_is_set(v))
				json_add(b->arena, &whole, str_of(keys[i]), *v);
			else if (i == 0)
				json_add(b->arena, &whole, str_of(keys[i]),
					 text("TCP"));
		}
		json_append(b->arena, &out, whole);
	}
	return out;
}

static void add_allow(const struct build *b, const struct json *allow,
		      struct json *rules)
{
	static const char *const selectors[] = { "namespaceSelector",
						 "podSelector" };
	const struct json *cidr = json_at(allow, "cidr");
	const struct json *ports = json_at(allow, "ports");
	struct json peer = json_make_object(), rule;

	if (json_is_set(cidr))
		peer = open_block(b, json_str(cidr), json_at(allow, "except"),
				  b->tier->network.egress.block_private);
	for (size_t i = 0; i < ARRAY_LEN(selectors); i++) {
		const struct json *v = json_get(allow, str_of(selectors[i]));

		if (json_is_set(v))
			json_add(b->arena, &peer, str_of(selectors[i]), *v);
	}
	rule = object_with(b->arena, "to", array_with(b->arena, peer));
	if (json_array_len(ports))
		json_add(b->arena, &rule, STR("ports"), whole_ports(b, ports));
	json_append(b->arena, rules, rule);
}

static struct json egress_rules(const struct build *b)
{
	bool block_private = b->tier->network.egress.block_private;
	struct json rules = json_make_array();

	switch ((enum egress_mode)b->tier->network.egress.mode) {
	case EGRESS_NONE:
		return rules;
	case EGRESS_UNRESTRICTED:
		json_append(b->arena, &rules, json_make_object());
		return rules;
	case EGRESS_ALLOW_LIST:
		add_dns(b, &rules);
		break;
	case EGRESS_INTERNET:
		add_dns(b, &rules);
		json_append(b->arena, &rules,
			    object_with(b->arena, "to",
					internet(b, block_private)));
		break;
	}
	json_each_item(item, json_at(b->spec, "network", "egress", "allow"))
		add_allow(b, item, &rules);
	return rules;
}

static void add_source(const struct build *b, struct json peer,
		       struct json *rules)
{
	json_append(b->arena, rules,
		    object_with(b->arena, "from", array_with(b->arena, peer)));
}

static struct json ingress_rules(const struct build *b)
{
	struct arena *a = b->arena;
	const struct json *labels = b->tier->network.ingress.router_labels;
	struct json rules = json_make_array(), router;

	switch ((enum ingress_mode)b->tier->network.ingress.mode) {
	case INGRESS_NONE:
		break;
	case INGRESS_UNRESTRICTED:
		json_append(a, &rules, json_make_object());
		break;
	case INGRESS_NAMESPACE:
		add_source(b, object_with(a, "podSelector", json_make_object()),
			   &rules);
		break;
	case INGRESS_ROUTER:
		router = json_is_set(labels)
				 ? object_with(a, "matchLabels", *labels)
				 : label(a, "app", STR("sandbox-router"));
		add_source(b,
			   pods_in(a, b->tier->network.ingress.router_namespace,
				   router),
			   &rules);
		break;
	}
	return rules;
}

struct json tier_policy_spec(struct arena *a, const struct json *spec,
			     const struct tier *tier)
{
	const struct build b = { a, spec, tier };
	struct json out = json_make_object(), types = json_make_array();

	json_append(a, &types, text("Ingress"));
	json_append(a, &types, text("Egress"));
	json_add(a, &out, STR("policyTypes"), types);
	json_add(a, &out, STR("ingress"), ingress_rules(&b));
	json_add(a, &out, STR("egress"), egress_rules(&b));
	return out;
}
