/*
 * From the rules of a NetworkPolicy to a set. Everything that the API server
 * would refuse is a problem here too: offline nobody else looks, and a field
 * that is misspelt or of the wrong type is dropped by some readers, which
 * turns a rule for one peer into a rule for all.
 */
#include "policies/egress.h"

#include "lib/selector.h"
#include "policies/egress_parse.h"
#include "policies/says.h"

/* ---- addresses ---- */

static bool is_mapped_v4(const struct cidr *c)
{
	return c->family == IP_V6 && c->prefix >= 96 &&
	       c->first >> 32 == 0xffff;
}

static bool parse_cidr(struct egress_parse *p, const struct json *v,
		       const struct path *path, struct cidr *out)
{
	static const struct str wanted =
		STR_INIT("a block such as 192.0.2.0/24 or 2001:db8::/32");
	struct error err = ERROR_INIT;

	if (!egress_wants(p, v, path, JSON_STRING, wanted))
		return false;
	if (cidr_parse(json_str(v), out, &err) < 0) {
		egress_problem(p, v, path, says_is(p->arena, v), wanted);
		return false;
	}
	if (is_mapped_v4(out)) {
		/* Go's net.ParseCIDR reads ::ffff:10.0.0.0/104 as 10.0.0.0/8 */
		egress_problem(p, v, path, says_is(p->arena, v),
			       STR("the IPv4 block itself"));
		return false;
	}
	return true;
}

static void parse_except(struct egress_parse *p, const struct json *list,
			 const struct path *path, const struct cidr *block,
			 struct address_ranges *holes)
{
	size_t i = 0;

	if (!json_is_set(list) ||
	    !egress_wants(p, list, path, JSON_ARRAY, STR("a list of blocks")))
		return;
	json_each_item(item, list) {
		struct path at = path_index(path, i++);
		struct cidr c;

		if (!parse_cidr(p, item, &at, &c))
			continue;
		if (!cidr_inside(&c, block) || c.prefix <= block->prefix) {
			struct str cidr = cidr_str(p->arena, block);

			egress_problem(
				p, item, &at, says_is(p->arena, item),
				arena_printf(p->arena,
					     "a smaller block inside %.*s",
					     STR_ARG(cidr)));
			continue;
		}
		address_ranges_add(p->arena, holes, c.first, c.last);
	}
	address_ranges_sort(holes);
}

void egress_parse_block(struct egress_parse *p, const struct json *holder,
			const struct path *path, struct egress_rule *rule)
{
	const struct json *except = json_at(holder, "except");
	struct path cidr_at = PATH_KEY(path, "cidr");
	struct path except_at = PATH_KEY(path, "except");
	struct address_ranges holes = { .v = NULL };
	struct cidr block;

	if (egress_too_many(p, &p->ranges, 1 + json_len(except),
			    EGRESS_RANGES_MAX, path) ||
	    !parse_cidr(p, json_at(holder, "cidr"), &cidr_at, &block))
		return;
	parse_except(p, except, &except_at, &block, &holes);
	address_ranges_add_block(p->arena, &rule->addresses[block.family],
				 &block, &holes);
}

/* ---- Pods ---- */

static size_t selector_size(const struct json *selector)
{
	const struct json *list = json_at(selector, "matchExpressions");
	size_t n = json_object_len(json_at(selector, "matchLabels"));

	json_each_item(e, list)
		n += 1 + json_array_len(json_at(e, "values"));
	return n;
}

static bool parse_selector(struct egress_parse *p, const struct json *v,
			   const struct path *path)
{
	struct error err = ERROR_INIT;

	if (!json_is_set(v))
		return true;
	if (!egress_wants(p, v, path, JSON_OBJECT, STR("a label selector")))
		return false;
	if (egress_too_many(p, &p->labels, selector_size(v), EGRESS_LABELS_MAX,
			    path))
		return false;
	if (selector_check(v, &err) < 0) {
		egress_problem(
			p, v, path,
			arena_printf(p->arena, "is malformed: %s", err.msg),
			STR("a label selector"));
		return false;
	}
	return true;
}

static const struct json *set_or_missing(const struct json *v)
{
	return json_is_set(v) ? v : &json_missing;
}

void egress_parse_pods(struct egress_parse *p, const struct json *holder,
		       const struct path *path, struct egress_rule *rule)
{
	const struct json *namespaces = json_at(holder, "namespaceSelector");
	const struct json *pods = json_at(holder, "podSelector");
	struct path namespaces_at = PATH_KEY(path, "namespaceSelector");
	struct path pods_at = PATH_KEY(path, "podSelector");
	bool namespaces_fine = parse_selector(p, namespaces, &namespaces_at);

	if (!parse_selector(p, pods, &pods_at) || !namespaces_fine)
		return;
	rule->pods = arena_grow(p->arena, rule->pods, rule->n_pods,
				&rule->pods_cap, sizeof(*rule->pods));
	rule->pods[rule->n_pods++] = (struct egress_pods){
		.own_namespace = !json_is_set(namespaces),
		.namespaces = set_or_missing(namespaces),
		.pods = set_or_missing(pods),
	};
}

/* ---- rules ---- */

static void parse_peer(struct egress_parse *p, const struct json *v,
		       const struct path *path, struct egress_rule *rule)
{
	static const char *const keys[] = { "ipBlock", "namespaceSelector",
					    "podSelector", NULL };
	static const char *const block_keys[] = { "cidr", "except", NULL };
	static const struct str wanted =
		STR_INIT("an ipBlock, or a namespaceSelector and podSelector");
	const struct json *block = json_at(v, "ipBlock");
	struct path block_at = PATH_KEY(path, "ipBlock");
	bool pods = json_is_set(json_at(v, "namespaceSelector")) ||
		    json_is_set(json_at(v, "podSelector"));

	if (!egress_wants(p, v, path, JSON_OBJECT, wanted))
		return;
	egress_check_keys(p, v, path, keys,
			  "ipBlock, namespaceSelector or podSelector");
	if (json_is_set(block) == pods) {
		egress_problem(p, v, path,
			       pods ? STR("is both addresses and Pods")
				    : STR("names nobody"),
			       wanted);
		return;
	}
	if (pods) {
		egress_parse_pods(p, v, path, rule);
	} else if (egress_wants(p, block, &block_at, JSON_OBJECT,
				STR("cidr and except"))) {
		egress_check_keys(p, block, &block_at, block_keys,
				  "cidr or except");
		egress_parse_block(p, block, &block_at, rule);
	}
}

static void parse_peers(struct egress_parse *p, const struct json *peers,
			const struct path *path, struct egress_rule *rule)
{
	size_t i = 0;

	if (json_is_set(peers) &&
	    !egress_wants(p, peers, path, JSON_ARRAY, STR("a list of peers")))
		return;
	rule->every_peer = json_len(peers) == 0;
	json_each_item(item, peers) {
		struct path at = path_index(path, i++);

		if (egress_too_many(p, &p->peers, 1, EGRESS_PEERS_MAX, &at))
			return;
		parse_peer(p, item, &at, rule);
	}
}

static void parse_rule(struct egress_parse *p, const struct json *v,
		       const struct path *path, struct egress_rule *rule)
{
	static const char *const keys[][3] = {
		[NETWORK_EGRESS] = { "to", "ports", NULL },
		[NETWORK_INGRESS] = { "from", "ports", NULL },
	};
	static const char *const names[] = {
		[NETWORK_EGRESS] = "to or ports",
		[NETWORK_INGRESS] = "from or ports",
	};
	const char *const *mine = keys[p->direction];
	struct path peers_at = path_key(path, str_of(mine[0]));
	struct path ports_at = PATH_KEY(path, "ports");

	if (!egress_wants(p, v, path, JSON_OBJECT, STR("a rule")))
		return;
	egress_check_keys(p, v, path, mine, names[p->direction]);
	parse_peers(p, json_get(v, str_of(mine[0])), &peers_at, rule);
	egress_parse_ports(p, json_at(v, "ports"), &ports_at, rule);
	address_ranges_sort(&rule->addresses[IP_V4]);
	address_ranges_sort(&rule->addresses[IP_V6]);
}

void egress_parse_rules(struct egress_parse *p, const struct json *rules,
			const struct path *path, struct egress_set *out)
{
	size_t n = json_array_len(rules), count = 0;

	*out = (struct egress_set){ .direction = p->direction, .ns = p->ns };
	if (!json_is_set(rules) ||
	    !egress_wants(p, rules, path, JSON_ARRAY, STR("a list of rules")) ||
	    egress_too_many(p, &count, n, EGRESS_RULES_MAX, path))
		return;
	out->rules = arena_new(p->arena, struct egress_rule, n);
	for (out->n = 0; out->n < n; out->n++) {
		struct path at = path_index(path, out->n);

		parse_rule(p, json_item(rules, out->n), &at,
			   &out->rules[out->n]);
	}
}
