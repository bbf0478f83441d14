/* policies/tier_network.c, tier_policy.c, address_space.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/json_write.h"
#include "lib/yamldoc.h"
#include "policies/address_space.h"
#include "policies/tier_network.h"

/* Decodes a tier whose spec.network is the text. */
static void decode(struct arena *a, const char *network, struct decode *d,
		   struct tier *tier)
{
	struct str text = arena_printf(
		a,
		"{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationTier, "
		"metadata: {name: t}, spec: {strength: 1, network: %s}}",
		network);
	struct json *doc = arena_new(a, struct json, 1);
	struct patterns owned = { .n = 0 };
	struct error err = ERROR_INIT;
	struct yamldoc *y = yamldoc_open(a, text, NULL);
	int got = yamldoc_next(y, a, doc, &err);

	yamldoc_close(&y);
	if (got <= 0)
		fail_msg("%s: %s", network, err.msg);
	*d = (struct decode)DECODE_INIT(a);
	tier_decode(d, doc, tier, &owned);
	assert_int_equal(owned.n, 0);
}

static struct tier good(struct arena *a, const char *network)
{
	struct decode d;
	struct tier tier;

	decode(a, network, &d, &tier);
	if (d.n_problems)
		fail_msg("%s: %.*s: %.*s", network, STR_ARG(d.problems[0].path),
			 STR_ARG(d.problems[0].msg));
	assert_non_null(tier.network_policy);
	assert_non_null(tier.egress_set);
	assert_non_null(tier.ingress_set);
	return tier;
}

#define CLUSTER_PEER                                                           \
	"{\"namespaceSelector\":{\"matchLabels\":{"                            \
	"\"kubernetes.io/metadata.name\":\"kube-system\"}},"                   \
	"\"podSelector\":{\"matchExpressions\":[{\"key\":\"k8s-app\","         \
	"\"operator\":\"In\",\"values\":[\"coredns\",\"kube-dns\"]}]}}"
#define DNS_PORTS                                                              \
	"\"ports\":[{\"protocol\":\"UDP\",\"port\":53},"                       \
	"{\"protocol\":\"TCP\",\"port\":53}]"
#define CLUSTER_DNS "{\"to\":[" CLUSTER_PEER "]," DNS_PORTS "}"
#define PRIVATE4                                                               \
	"\"0.0.0.0/8\",\"10.0.0.0/8\",\"100.64.0.0/10\",\"127.0.0.0/8\","      \
	"\"168.63.129.16/32\",\"169.254.0.0/16\",\"172.16.0.0/12\","           \
	"\"192.0.0.0/24\",\"192.168.0.0/16\",\"198.18.0.0/15\","               \
	"\"224.0.0.0/4\",\"240.0.0.0/4\""
#define PRIVATE6                                                               \
	"\"::/128\",\"::1/128\",\"64:ff9b::/96\",\"64:ff9b:1::/48\","          \
	"\"2002::/16\",\"fc00::/7\",\"fe80::/10\",\"fec0::/10\",\"ff00::/8\""
#define PUBLIC                                                                 \
	"\"to\":[{\"ipBlock\":{\"cidr\":\"0.0.0.0/0\",\"except\":[" PRIVATE4   \
	"]}},{\"ipBlock\":{\"cidr\":\"::/0\",\"except\":[" PRIVATE6 "]}}]"

static void egress_becomes_rules(void **state)
{
	static const struct {
		const char *egress, *rules;
	} rows[] = {
		{ "{mode: None}", "[]" },
		{ "{mode: None, dns: None, allow: []}", "[]" },
		{ "{mode: Unrestricted}", "[{}]" },
		{ "{}", "[" CLUSTER_DNS "]" },
		{ "{mode: AllowList}", "[" CLUSTER_DNS "]" },
		{ "{mode: AllowList, dns: None}", "[]" },
		{ "{mode: AllowList, dns: NodeLocal}",
		  "[{\"to\":[" CLUSTER_PEER
		  ",{\"ipBlock\":{\"cidr\":\"169.254.20.10/32\"}}]," DNS_PORTS
		  "}]" },
		{ "{mode: AllowList, dns: External}",
		  "[{" PUBLIC "," DNS_PORTS "}]" },
		{ "{mode: AllowList, dns: External, blockPrivate: false}",
		  "[{" PUBLIC "," DNS_PORTS "}]" },
		{ "{mode: Internet, dns: None}", "[{" PUBLIC "}]" },
		{ "{mode: Internet, dns: Cluster, allow: [{podSelector: "
		  "{matchLabels: {app: db}}}]}",
		  "[" CLUSTER_DNS ",{" PUBLIC
		  "},{\"to\":[{\"podSelector\":{\"matchLabels\":{"
		  "\"app\":\"db\"}}}]}]" },
		{ "{mode: Internet, dns: None, blockPrivate: false}",
		  "[{\"to\":[{\"ipBlock\":{\"cidr\":\"0.0.0.0/0\",\"except\":"
		  "[\"100.100.100.200/32\",\"168.63.129.16/32\","
		  "\"169.254.169.254/32\",\"169.254.170.2/32\","
		  "\"169.254.170.23/32\"]}},{\"ipBlock\":{\"cidr\":\"::/0\","
		  "\"except\":[\"64:ff9b::a9fe:a9fe/128\","
		  "\"fd00:ec2::23/128\",\"fd00:ec2::254/128\","
		  "\"fd20:ce::254/128\"]}}]}]" },
		/* canonical text, protocols, order */
		{ "{dns: None, allow: [{cidr: 203.0.113.9/24, except: "
		  "[203.0.113.128/25, 203.0.113.64/26, 203.0.113.192/26], "
		  "ports: [{port: 443}, {endPort: 90, port: 80, protocol: "
		  "UDP}]}]}",
		  "[{\"to\":[{\"ipBlock\":{\"cidr\":\"203.0.113.0/24\","
		  "\"except\":[\"203.0.113.64/26\",\"203.0.113.128/25\"]}}],"
		  "\"ports\":[{\"protocol\":\"TCP\",\"port\":443},"
		  "{\"protocol\":\"UDP\",\"port\":80,\"endPort\":90}]}]" },
		/* private parts are cut out of a listed block */
		{ "{dns: None, allow: [{cidr: 172.0.0.0/8, except: "
		  "[172.20.0.0/16]}]}",
		  "[{\"to\":[{\"ipBlock\":{\"cidr\":\"172.0.0.0/8\","
		  "\"except\":[\"172.16.0.0/12\"]}}]}]" },
		{ "{dns: None, blockPrivate: false, allow: [{cidr: "
		  "172.0.0.0/8, except: [172.20.0.0/16]}]}",
		  "[{\"to\":[{\"ipBlock\":{\"cidr\":\"172.0.0.0/8\","
		  "\"except\":[\"172.20.0.0/16\"]}}]}]" },
		{ "{dns: None, blockPrivate: false, allow: [{cidr: "
		  "169.254.0.0/16}]}",
		  "[{\"to\":[{\"ipBlock\":{\"cidr\":\"169.254.0.0/16\","
		  "\"except\":[\"169.254.169.254/32\",\"169.254.170.2/32\","
		  "\"169.254.170.23/32\"]}}]}]" },
		/* one private host may be listed */
		{ "{dns: None, allow: [{cidr: 10.0.0.53/32}, {cidr: "
		  "'fd00::53/128'}]}",
		  "[{\"to\":[{\"ipBlock\":{\"cidr\":\"10.0.0.53/32\"}}]},"
		  "{\"to\":[{\"ipBlock\":{\"cidr\":\"fd00::53/128\"}}]}]" },
		{ "{dns: None, allow: [{namespaceSelector: {}, ports: []}]}",
		  "[{\"to\":[{\"namespaceSelector\":{}}]}]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct str text =
			arena_printf(&a, "{egress: %s}", rows[i].egress);
		struct tier tier = good(&a, text.p);
		struct str rules =
			json_to_str(&a, json_at(tier.network_policy, "egress"));

		if (!str_is(rules, rows[i].rules))
			fail_msg("%s: %.*s", rows[i].egress, STR_ARG(rules));
	}
}

static void ingress_becomes_rules(void **state)
{
	static const struct {
		const char *ingress, *rules, *words;
	} rows[] = {
		{ "{mode: None}", "[]", "nothing" },
		{ "{mode: Unrestricted}", "[{}]", "everything" },
		{ "{mode: Namespace}", "[{\"from\":[{\"podSelector\":{}}]}]",
		  "Pods of its own namespace" },
		{ "{}",
		  "[{\"from\":[{\"namespaceSelector\":{\"matchLabels\":{"
		  "\"kubernetes.io/metadata.name\":\"agent-sandbox-system\"}},"
		  "\"podSelector\":{\"matchLabels\":{\"app\":"
		  "\"sandbox-router\"}}}]}]",
		  "the sandbox router in namespace agent-sandbox-system" },
		{ "{mode: Router, routerNamespace: r, routerLabels: {a: b, c: "
		  "d}}",
		  "[{\"from\":[{\"namespaceSelector\":{\"matchLabels\":{"
		  "\"kubernetes.io/metadata.name\":\"r\"}},\"podSelector\":{"
		  "\"matchLabels\":{\"a\":\"b\",\"c\":\"d\"}}}]}]",
		  "the sandbox router in namespace r" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct str text =
			arena_printf(&a, "{ingress: %s}", rows[i].ingress);
		struct tier tier = good(&a, text.p);
		struct str rules = json_to_str(
			&a, json_at(tier.network_policy, "ingress"));
		struct str words = tier_network_str(&a, &tier, NETWORK_INGRESS);

		if (!str_is(rules, rows[i].rules) ||
		    !str_is(words, rows[i].words))
			fail_msg("%s: %.*s, %.*s", rows[i].ingress,
				 STR_ARG(rules), STR_ARG(words));
	}
}

static void the_policy_is_for_both_directions(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct tier tier = good(&a, "{egress: {mode: None}, ingress: {mode: "
				    "None}}");

	(void)state;
	assert_true(str_is(json_to_str(&a, tier.network_policy),
			   "{\"policyTypes\":[\"Ingress\",\"Egress\"],"
			   "\"ingress\":[],\"egress\":[]}"));
	/* what is applied carries no places of the tier's file */
	assert_int_equal(tier.network_policy->start.line, 0);
}

static void egress_is_told_in_words(void **state)
{
	static const struct {
		const char *egress, *words;
	} rows[] = {
		{ "{mode: None}", "nothing" },
		{ "{mode: Unrestricted}", "everything" },
		{ "{}", "cluster DNS" },
		{ "{dns: None}", "nothing" },
		{ "{dns: NodeLocal}", "cluster and node-local DNS" },
		{ "{dns: External, allow: [{podSelector: {}}]}",
		  "public DNS, 1 listed destination" },
		{ "{mode: Internet, dns: None}", "the public internet" },
		{ "{mode: Internet, blockPrivate: false}",
		  "cluster DNS, all addresses but cloud metadata" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct str text =
			arena_printf(&a, "{egress: %s}", rows[i].egress);
		struct tier tier = good(&a, text.p);
		struct str words = tier_network_str(&a, &tier, NETWORK_EGRESS);

		if (!str_is(words, rows[i].words))
			fail_msg("%s: %.*s", rows[i].egress, STR_ARG(words));
	}
}

static void wrong_settings_are_told(void **state)
{
	static const struct {
		const char *network, *path, *msg;
	} rows[] = {
		{ "{egress: {mode: None, dns: Cluster}}",
		  "spec.network.egress.dns", "opens DNS, but mode None" },
		{ "{egress: {mode: None, allow: [{podSelector: {}}]}}",
		  "spec.network.egress.allow", "no effect with mode None" },
		{ "{egress: {mode: Unrestricted, allow: [{podSelector: {}}]}}",
		  "spec.network.egress.allow",
		  "no effect with mode Unrestricted" },
		{ "{egress: {allow: [{}]}}", "spec.network.egress.allow[0]",
		  "names nobody" },
		{ "{egress: {allow: [{ports: [{port: 443}]}]}}",
		  "spec.network.egress.allow[0]", "names nobody" },
		{ "{egress: {allow: [{cidr: 1.0.0.0/8, podSelector: {}}]}}",
		  "spec.network.egress.allow[0]", "mixes addresses and Pods" },
		{ "{egress: {allow: [{podSelector: {}, except: [1.0.0.0/8]}]}}",
		  "spec.network.egress.allow[0]", "mixes addresses and Pods" },
		{ "{egress: {allow: [{cidr: x}]}}",
		  "spec.network.egress.allow[0].cidr", "is \"x\"" },
		{ "{egress: {allow: [{cidr: ''}]}}",
		  "spec.network.egress.allow[0].cidr", "is \"\"" },
		{ "{egress: {allow: [{cidr: 5}]}}",
		  "spec.network.egress.allow[0].cidr", "" },
		{ "{egress: {allow: [{cidr: '::ffff:1.0.0.0/104'}]}}",
		  "spec.network.egress.allow[0].cidr",
		  "wanted the IPv4 block itself" },
		{ "{egress: {allow: [{cidr: 1.0.0.0/8, except: [2.0.0.0/9]}]}}",
		  "spec.network.egress.allow[0].except[0]",
		  "a smaller block inside 1.0.0.0/8" },
		{ "{egress: {allow: [{cidr: 1.0.0.0/8, except: [1.0.0.0/8]}]}}",
		  "spec.network.egress.allow[0].except[0]",
		  "a smaller block inside 1.0.0.0/8" },
		{ "{egress: {allow: [{cidr: 10.1.0.0/16}]}}",
		  "spec.network.egress.allow[0].cidr",
		  "inside 10.0.0.0/8 (private addresses), which blockPrivate" },
		{ "{egress: {allow: [{cidr: 10.0.0.0/8}]}}",
		  "spec.network.egress.allow[0].cidr", "blockPrivate" },
		{ "{egress: {mode: Internet, allow: [{cidr: 'fd00::/64'}]}}",
		  "spec.network.egress.allow[0].cidr", "inside fc00::/7" },
		{ "{egress: {allow: [{cidr: 169.254.169.254/32}]}}",
		  "spec.network.egress.allow[0].cidr", "is never opened" },
		{ "{egress: {blockPrivate: false, allow: [{cidr: "
		  "169.254.169.254/32}]}}",
		  "spec.network.egress.allow[0].cidr", "is never opened" },
		{ "{egress: {blockPrivate: false, allow: [{cidr: "
		  "'64:ff9b::a9fe:a9fe/128'}]}}",
		  "spec.network.egress.allow[0].cidr", "is never opened" },
		{ "{egress: {allow: [{cidr: 1.0.0.0/8, ports: [{port: "
		  "70000}]}]}}",
		  "spec.network.egress.allow[0].ports[0].port",
		  "is 70000, wanted a port from 1 to 65535" },
		{ "{egress: {allow: [{cidr: 1.0.0.0/8, ports: 443}]}}",
		  "spec.network.egress.allow[0].ports",
		  "is 443, wanted a list of ports" },
		{ "{ingress: {routerNamespace: ''}}",
		  "spec.network.ingress.routerNamespace",
		  "is no name of a Namespace" },
		{ "{ingress: {routerNamespace: a/b}}",
		  "spec.network.ingress.routerNamespace",
		  "is no name of a Namespace" },
		{ "{ingress: {routerLabels: {}}}",
		  "spec.network.ingress.routerLabels", "names no label" },
		{ "{ingress: {routerLabels: x}}",
		  "spec.network.ingress.routerLabels", "" },
		{ "{ingress: {routerLabels: {a: 1}}}",
		  "spec.network.ingress.routerLabels", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct decode d;
		struct tier tier;

		decode(&a, rows[i].network, &d, &tier);
		assert_null(tier.network_policy);
		if (d.n_problems != 1 ||
		    !str_is(d.problems[0].path, rows[i].path) ||
		    (rows[i].msg[0] &&
		     str_find_str(d.problems[0].msg, str_of(rows[i].msg)) ==
			     d.problems[0].msg.n))
			fail_msg("%s: %zu %.*s: %.*s", rows[i].network,
				 d.n_problems, STR_ARG(d.problems[0].path),
				 STR_ARG(d.problems[0].msg));
	}
}

static void a_long_list_is_a_problem(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct buf b = BUF_INIT(1 << 20);
	struct decode d;
	struct tier tier;

	(void)state;
	buf_puts(&b, "{egress: {allow: [");
	for (int i = 0; i < EGRESS_RULES_MAX - 1; i++)
		buf_printf(&b, "{cidr: 1.2.3.%d/32}, ", i);
	buf_puts(&b, "]}}");
	decode(&a, b.p, &d, &tier);
	assert_int_equal(d.n_problems, 1);
	buf_clear(&b);
	buf_puts(&b, "{egress: {dns: None, allow: [{cidr: 1.0.0.0/8, ports: [");
	for (int i = 0; i < EGRESS_PORTS_MAX + 1; i++)
		buf_printf(&b, "{port: %d}, ", i + 1);
	buf_puts(&b, "]}]}}");
	decode(&a, b.p, &d, &tier);
	assert_int_equal(d.n_problems, 1);
	buf_release(&b);
}

static const char *const modes[] = {
	"{mode: None}",
	"{mode: AllowList, dns: None}",
	"{mode: AllowList}",
	"{mode: AllowList, dns: NodeLocal}",
	"{mode: AllowList, dns: External}",
	"{mode: AllowList, dns: External, blockPrivate: false}",
	"{mode: AllowList, blockPrivate: false, allow: [{cidr: 0.0.0.0/0}, "
	"{cidr: '::/0'}]}",
	"{mode: AllowList, allow: [{cidr: 0.0.0.0/1}, {cidr: 128.0.0.0/1}, "
	"{cidr: 'f000::/4'}]}",
	"{mode: Internet}",
	"{mode: Internet, dns: External}",
	"{mode: Internet, blockPrivate: false}",
};

static bool reaches(const struct tier *tier, const struct cidr *block)
{
	for (int t = 0; t < NETWORK_PROTOCOLS; t++)
		for (unsigned port = 1; port <= PORT_MAX; port += 13)
			if (egress_allows(tier->egress_set, block->family,
					  block->first,
					  (enum network_protocol)t, port) ||
			    egress_allows(tier->egress_set, block->family,
					  block->last, (enum network_protocol)t,
					  port))
				return true;
	return false;
}

static void special_addresses_stay_closed(void **state)
{
	size_t n;
	const struct special_block *special = special_blocks(&n);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct str text = arena_printf(&a, "{egress: %s}", modes[i]);
		struct tier tier = good(&a, text.p);

		for (size_t j = 0; j < n; j++) {
			struct cidr block = special_block_cidr(&special[j]);

			if (!special[j].metadata &&
			    !tier.network.egress.block_private)
				continue;
			if (reaches(&tier, &block))
				fail_msg("%s reaches %s", modes[i],
					 special[j].cidr);
		}
	}
}

/* Each mode lies inside itself, and the sets are ordered as the modes are. */
static void modes_are_ordered(void **state)
{
	static const struct {
		const char *inner, *outer;
		bool inside;
	} rows[] = {
		{ "{mode: None}", "{mode: AllowList, dns: None}", true },
		{ "{mode: AllowList, dns: None}", "{mode: None}", true },
		{ "{mode: AllowList}", "{mode: AllowList, dns: NodeLocal}",
		  true },
		{ "{mode: AllowList, dns: NodeLocal}", "{mode: AllowList}",
		  false },
		{ "{mode: AllowList, dns: External}",
		  "{mode: Internet, dns: None}", true },
		{ "{mode: AllowList}", "{mode: Internet, dns: None}", false },
		{ "{mode: Internet}", "{mode: Internet, blockPrivate: false}",
		  true },
		{ "{mode: Internet, blockPrivate: false}", "{mode: Internet}",
		  false },
		{ "{mode: Internet, blockPrivate: false}",
		  "{mode: Unrestricted}", true },
		{ "{mode: Unrestricted}",
		  "{mode: Internet, blockPrivate: false}", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct tier in = good(
			&a, arena_printf(&a, "{egress: %s}", rows[i].inner).p);
		struct tier out = good(
			&a, arena_printf(&a, "{egress: %s}", rows[i].outer).p);
		struct egress_witness witness;

		assert_true(egress_inside(&a, in.egress_set, in.egress_set,
					  &witness));
		assert_true(egress_inside(&a, in.ingress_set, out.ingress_set,
					  &witness));
		if (egress_inside(&a, in.egress_set, out.egress_set,
				  &witness) != rows[i].inside)
			fail_msg("%s in %s", rows[i].inner, rows[i].outer);
	}
}

static void the_table_holds_no_mapped_addresses(void **state)
{
	size_t n;
	const struct special_block *special = special_blocks(&n);
	struct error err = ERROR_INIT;
	struct cidr mapped;

	(void)state;
	assert_int_equal(cidr_parse(STR("::ffff:0:0/96"), &mapped, &err), 0);
	for (size_t i = 0; i < n; i++) {
		struct cidr block = special_block_cidr(&special[i]);

		assert_false(cidr_inside(&block, &mapped));
		assert_non_null(special_block_around(&block));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(egress_becomes_rules),
		cmocka_unit_test(ingress_becomes_rules),
		cmocka_unit_test(the_policy_is_for_both_directions),
		cmocka_unit_test(egress_is_told_in_words),
		cmocka_unit_test(wrong_settings_are_told),
		cmocka_unit_test(a_long_list_is_a_problem),
		cmocka_unit_test(special_addresses_stay_closed),
		cmocka_unit_test(modes_are_ordered),
		cmocka_unit_test(the_table_holds_no_mapped_addresses),
	};

	return cmocka_run_group_tests_name("policies/tier_network.c", tests,
					   NULL, NULL)
		       ? 1
		       : 0;
}
