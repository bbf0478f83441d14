/*
 * Checks and compiles a tier's network settings. The policy is built as a
 * document, written to text and read again, so that what is applied carries no
 * places of the tier's file; the sets are read from that document, so that
 * what is judged is what is applied.
 */
#include "policies/tier_network.h"

#include "lib/json_read.h"
#include "lib/json_write.h"
#include "lib/selector.h"
#include "policies/address_space.h"
#include "policies/says.h"
#include "policies/tier_policy.h"

/* Beside the rules for DNS and for the internet. */
enum { ALLOW_MAX = EGRESS_RULES_MAX - 2 };

struct compile {
	struct decode *decode;
	struct arena *arena;
	const struct json *spec;
	struct tier *tier;
};

/* ---- what must hold ---- */

static void tell(void *context, const struct json *v, const struct path *path,
		 struct str found, struct str wanted)
{
	const struct compile *c = context;

	decode_problem(c->decode, v, path, "%.*s, wanted %.*s", STR_ARG(found),
		       STR_ARG(wanted));
}

/* Values of the wrong type were told when the tier was decoded. */
static bool well_typed(const struct json *allow)
{
	const struct json *cidr = json_at(allow, "cidr");
	const struct json *except = json_at(allow, "except");

	if (json_is_set(cidr) && !json_is(cidr, JSON_STRING))
		return false;
	if (json_is_set(except) && !json_is(except, JSON_ARRAY))
		return false;
	json_each_item(item, except)
		if (!json_is(item, JSON_STRING))
			return false;
	return json_is(allow, JSON_OBJECT);
}

static bool is_single_host(const struct cidr *c)
{
	return c->first == c->last;
}

static void check_block(const struct compile *c, const struct json *cidr,
			const struct path *path)
{
	const struct special_block *around;
	struct error err = ERROR_INIT;
	struct cidr block;

	if (cidr_parse(json_str(cidr), &block, &err) < 0)
		return;
	around = special_block_around(&block);
	if (!around)
		return;
	if (around->metadata)
		decode_problem(c->decode, cidr, path,
			       "is \"%.*s\" (%s), which hands out credentials "
			       "of the node or the cloud and is never opened: "
			       "remove it",
			       STR_ARG(json_str(cidr)), around->what);
	else if (c->tier->network.egress.block_private &&
		 !is_single_host(&block))
		decode_problem(c->decode, cidr, path,
			       "is \"%.*s\", inside %s (%s), which "
			       "blockPrivate keeps closed: list single hosts, "
			       "or Pods by namespaceSelector and podSelector, "
			       "or set blockPrivate: false",
			       STR_ARG(json_str(cidr)), around->cidr,
			       around->what);
}

static void check_allow(struct compile *c, const struct json *allow,
			const struct path *path)
{
	struct egress_parse parse = {
		.arena = c->arena,
		.problem = tell,
		.context = c,
	};
	struct egress_rule rule = { .n_pods = 0 };
	const struct json *cidr = json_at(allow, "cidr");
	struct path cidr_at = PATH_KEY(path, "cidr");
	struct path ports_at = PATH_KEY(path, "ports");
	bool block = json_is_set(cidr);
	bool pods = json_is_set(json_at(allow, "namespaceSelector")) ||
		    json_is_set(json_at(allow, "podSelector"));

	if (!well_typed(allow))
		return;
	if (block == pods || (pods && json_is_set(json_at(allow, "except"))))
		decode_problem(c->decode, allow, path,
			       "%s, wanted cidr and except, or "
			       "namespaceSelector and podSelector",
			       block || pods ? "mixes addresses and Pods"
					     : "names nobody");
	if (block) {
		egress_parse_block(&parse, allow, path, &rule);
		check_block(c, cidr, &cidr_at);
	}
	egress_parse_ports(&parse, json_at(allow, "ports"), &ports_at, &rule);
}

static void check_egress(struct compile *c, const struct path *path)
{
	const struct json *egress = json_at(c->spec, "network", "egress");
	const struct json *list = json_at(egress, "allow");
	struct path allow = PATH_KEY(path, "allow");
	struct path dns = PATH_KEY(path, "dns");
	int mode = c->tier->network.egress.mode;
	size_t i = 0;

	if (mode == EGRESS_NONE) {
		if (json_is_set(json_at(egress, "dns")) &&
		    c->tier->network.egress.dns != DNS_NONE)
			decode_problem(c->decode, json_at(egress, "dns"), &dns,
				       "opens DNS, but mode None opens "
				       "nothing: set it to None, or use mode "
				       "AllowList");
		c->tier->network.egress.dns = DNS_NONE;
	}
	if (json_array_len(list) &&
	    (mode == EGRESS_NONE || mode == EGRESS_UNRESTRICTED))
		decode_problem(c->decode, list, &allow,
			       "has no effect with mode %s: remove it, or use "
			       "mode AllowList",
			       egress_mode_names[mode]);
	if (json_array_len(list) > ALLOW_MAX) {
		decode_problem(c->decode, list, &allow,
			       "has %zu entries, wanted at most %d: join "
			       "neighbouring blocks",
			       json_array_len(list), ALLOW_MAX);
		return;
	}
	json_each_item(item, list) {
		struct path at = path_index(&allow, i++);

		check_allow(c, item, &at);
	}
}

static void check_ingress(struct compile *c, const struct path *path)
{
	const struct json *ingress = json_at(c->spec, "network", "ingress");
	const struct json *labels = c->tier->network.ingress.router_labels;
	struct str ns = c->tier->network.ingress.router_namespace;
	struct path labels_at = PATH_KEY(path, "routerLabels");
	struct path ns_at = PATH_KEY(path, "routerNamespace");
	struct json selector = json_make_object();
	struct error err = ERROR_INIT;

	if (ns.n == 0 || !selector_label_value_valid(ns))
		decode_problem(c->decode, json_at(ingress, "routerNamespace"),
			       &ns_at, "is no name of a Namespace");
	if (!json_is_set(labels))
		return;
	json_add(c->arena, &selector, STR("matchLabels"), *labels);
	if (json_object_len(labels) == 0)
		decode_problem(c->decode, labels, &labels_at,
			       "names no label: every Pod of the Namespace "
			       "would be a router");
	else if (selector_check(&selector, &err) < 0)
		decode_problem(c->decode, labels, &labels_at, "%s", err.msg);
}

/* ---- compiling ---- */

/* The pieces were checked; what may still go wrong is a cap. */
static const struct egress_set *compile_set(struct compile *c,
					    enum network_direction direction,
					    const struct json *rules,
					    const struct path *network)
{
	struct egress_parse parse = {
		.arena = c->arena,
		.direction = direction,
		.problem = tell,
		.context = c,
	};
	struct egress_set *set = arena_new(c->arena, struct egress_set, 1);
	struct path at =
		path_key(network, direction == NETWORK_EGRESS ? STR("egress")
							      : STR("ingress"));

	egress_parse_rules(&parse, rules, &at, set);
	return parse.problems ? NULL : set;
}

void tier_network_compile(struct decode *d, const struct json *spec,
			  struct tier *tier)
{
	struct compile c = {
		.decode = d,
		.arena = d->arena,
		.spec = spec,
		.tier = tier,
	};
	struct path root = PATH_KEY(NULL, "spec");
	struct path network = PATH_KEY(&root, "network");
	struct path egress = PATH_KEY(&network, "egress");
	struct path ingress = PATH_KEY(&network, "ingress");
	struct json built, *plain = arena_new(d->arena, struct json, 1);
	struct error err = ERROR_INIT;

	check_egress(&c, &egress);
	check_ingress(&c, &ingress);
	if (d->n_problems)
		return;
	built = tier_policy_spec(d->arena, spec, tier);
	if (json_read(d->arena, json_to_str(d->arena, &built), 0, NULL, plain,
		      &err) < 0) {
		decode_problem(d, json_at(spec, "network"), &network, "%s",
			       err.msg);
		return;
	}
	tier->network_policy = plain;
	tier->egress_set = compile_set(&c, NETWORK_EGRESS,
				       json_at(plain, "egress"), &network);
	tier->ingress_set = compile_set(&c, NETWORK_INGRESS,
					json_at(plain, "ingress"), &network);
}

/* ---- words ---- */

static struct str egress_str(struct arena *a, const struct tier *tier)
{
	static const char *const dns[] = {
		[DNS_NONE] = "",
		[DNS_CLUSTER] = "cluster DNS",
		[DNS_NODE_LOCAL] = "cluster and node-local DNS",
		[DNS_EXTERNAL] = "public DNS",
	};
	bool internet = tier->network.egress.mode == EGRESS_INTERNET;
	size_t n = tier->network.egress.n_allow;
	struct str names[3] = {
		str_of(dns[tier->network.egress.dns]),
		internet ? STR("the public internet") : STR(""),
	};
	struct strs parts = { names, ARRAY_LEN(names) };

	if (tier->network.egress.mode == EGRESS_UNRESTRICTED)
		return STR("everything");
	if (internet && !tier->network.egress.block_private)
		names[1] = STR("all addresses but cloud metadata");
	if (n)
		names[2] = arena_printf(a, "%zu listed destination%s", n,
					n == 1 ? "" : "s");
	if (!names[0].n && !names[1].n && !names[2].n)
		return STR("nothing");
	return says_names(a, &parts);
}

struct str tier_network_str(struct arena *a, const struct tier *tier,
			    enum network_direction direction)
{
	if (direction == NETWORK_EGRESS)
		return egress_str(a, tier);
	switch ((enum ingress_mode)tier->network.ingress.mode) {
	case INGRESS_NONE:
		return STR("nothing");
	case INGRESS_UNRESTRICTED:
		return STR("everything");
	case INGRESS_NAMESPACE:
		return STR("Pods of its own namespace");
	case INGRESS_ROUTER:
		return arena_printf(
			a, "the sandbox router in namespace %.*s",
			STR_ARG(tier->network.ingress.router_namespace));
	}
	BUG("unknown ingress mode");
}
