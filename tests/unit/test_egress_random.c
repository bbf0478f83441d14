/*
 * Random network policies, and packets to all edges of them: the set and what
 * is inside what, against a direct evaluation of the rules.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "lib/selector.h"
#include "tests/unit/egress_rules.h"

static uint64_t random_state = 0x9e3779b97f4a7c15;

static unsigned pick(unsigned n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)(random_state >> 33) % n;
}

static const char *const blocks[] = {
	"0.0.0.0/0",   "0.0.0.0/1",    "128.0.0.0/1", "10.0.0.0/8",
	"10.0.0.0/9",  "10.128.0.0/9", "10.1.0.0/16", "10.1.2.0/24",
	"10.1.2.3/32", "255.0.0.0/8",  "::/0",	      "8000::/1",
	"fd00::/8",    "fd00:1::/32",  "::1/128",     "ff00::/8",
};
#define NAME NAMESPACE_NAME_LABEL

static const char *const selectors[] = {
	"{}",
	"{matchLabels: {app: db}}",
	"{matchLabels: {app: db, zone: x}}",
	"{matchLabels: {" NAME ": team}}",
	"{matchExpressions: [{key: app, operator: In, values: [db, web]}]}",
	"{matchExpressions: [{key: app, operator: NotIn, values: [db]}]}",
	"{matchExpressions: [{key: app, operator: Exists}]}",
	"{matchExpressions: [{key: zone, operator: DoesNotExist}]}",
	"{matchExpressions: [{operator: NotIn, values: [kube-system], "
	"key: " NAME "}]}",
};
static const unsigned numbers[] = { 1, 53, 80, 81, 443, 8080, 65535 };

static void write_block(struct buf *b)
{
	const char *outer = blocks[pick(ARRAY_LEN(blocks))];
	struct error err = ERROR_INIT;
	struct cidr c, e;
	size_t n = 0;

	assert_int_equal(cidr_parse(str_of(outer), &c, &err), 0);
	buf_printf(b, "{ipBlock: {cidr: '%s', except: [", outer);
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		assert_int_equal(cidr_parse(str_of(blocks[i]), &e, &err), 0);
		if (cidr_inside(&e, &c) && e.prefix > c.prefix && !pick(4))
			buf_printf(b, "%s'%s'", n++ ? ", " : "", blocks[i]);
	}
	buf_puts(b, "]}}");
}

static void write_peer(struct buf *b, bool only_blocks)
{
	const char *selector = selectors[pick(ARRAY_LEN(selectors))];
	const char *other = selectors[pick(ARRAY_LEN(selectors))];
	unsigned what = only_blocks ? 0 : pick(5);

	if (what < 2)
		write_block(b);
	else if (what == 2)
		buf_printf(b, "{podSelector: %s}", selector);
	else if (what == 3)
		buf_printf(b, "{namespaceSelector: %s}", selector);
	else
		buf_printf(b, "{namespaceSelector: %s, podSelector: %s}",
			   selector, other);
}

static void write_port(struct buf *b, bool only_blocks)
{
	static const char *const protocols[] = { "TCP", "UDP", "SCTP" };
	unsigned first = numbers[pick(ARRAY_LEN(numbers))];
	unsigned last = numbers[pick(ARRAY_LEN(numbers))];
	unsigned what = pick(only_blocks ? 4 : 5);

	buf_printf(b, "{protocol: %s", protocols[pick(3)]);
	if (what == 1 || last < first)
		buf_printf(b, ", port: %u", first);
	else if (what == 2 || what == 3)
		buf_printf(b, ", port: %u, endPort: %u", first, last);
	else if (what == 4)
		buf_printf(b, ", port: %s", pick(2) ? "http" : "metrics");
	buf_puts(b, "}");
}

/* A list of rules as flow YAML. */
static struct str random_rules(struct arena *a, bool only_blocks)
{
	struct buf b = BUF_INIT(1 << 16);
	unsigned rules = pick(4);
	struct str s;

	buf_puts(&b, "[");
	for (unsigned i = 0; i < rules; i++) {
		unsigned peers = pick(4) + only_blocks, ports = pick(4);

		buf_puts(&b, i ? ", {to: [" : "{to: [");
		for (unsigned j = 0; j < peers; j++) {
			buf_puts(&b, j ? ", " : "");
			write_peer(&b, only_blocks);
		}
		buf_puts(&b, "], ports: [");
		for (unsigned j = 0; j < ports; j++) {
			buf_puts(&b, j ? ", " : "");
			write_port(&b, only_blocks);
		}
		buf_puts(&b, "]}");
	}
	buf_puts(&b, "]");
	assert_false(buf_failed(&b));
	s = arena_str(a, buf_str(&b));
	buf_release(&b);
	return s;
}

/* One packet: to an address, to a Pod, or to something that is neither. */
struct packet {
	enum { TO_ADDRESS, TO_POD, TO_OTHER } to;
	enum ip_family family;
	unsigned __int128 address;
	bool own; /* the Pod is in the policy's namespace */
	const struct json *ns_labels, *labels;
	unsigned http; /* what the Pod calls http; metrics is 8080 */
	enum network_protocol protocol;
	unsigned port;
};

static bool block_matches(const struct json *block, const struct packet *p)
{
	struct error err = ERROR_INIT;
	struct cidr c;

	assert_int_equal(cidr_parse(json_str(json_at(block, "cidr")), &c, &err),
			 0);
	if (c.family != p->family || p->address < c.first ||
	    p->address > c.last)
		return false;
	json_each_item(item, json_at(block, "except")) {
		assert_int_equal(cidr_parse(json_str(item), &c, &err), 0);
		if (p->address >= c.first && p->address <= c.last)
			return false;
	}
	return true;
}

static bool peer_matches(const struct json *peer, const struct packet *p)
{
	const struct json *block = json_at(peer, "ipBlock");
	const struct json *ns = json_at(peer, "namespaceSelector");
	const struct json *pods = json_at(peer, "podSelector");

	if (json_is_set(block))
		return p->to == TO_ADDRESS && block_matches(block, p);
	if (p->to != TO_POD)
		return false;
	if (json_is_set(ns) ? !selector_matches(ns, p->ns_labels) : !p->own)
		return false;
	return !json_is_set(pods) || selector_matches(pods, p->labels);
}

static bool port_matches(const struct json *port, const struct packet *p)
{
	static const char *const names[] = { "TCP", "UDP", "SCTP", "?" };
	const struct json *number = json_at(port, "port");
	int64_t first, last;

	if (!json_str_is(json_at(port, "protocol"), str_of(names[p->protocol])))
		return false;
	if (json_str_is(number, STR("http")))
		return p->to == TO_POD && p->port == p->http;
	if (json_str_is(number, STR("metrics")))
		return p->to == TO_POD && p->port == 8080;
	if (!json_int(number, &first))
		return true;
	if (!json_int(json_at(port, "endPort"), &last))
		last = first;
	return p->port >= first && p->port <= last;
}

static bool direct(const struct json *rules, const struct packet *p)
{
	json_each_item(rule, rules) {
		const struct json *to = json_at(rule, "to");
		const struct json *ports = json_at(rule, "ports");
		bool peer = json_len(to) == 0, port = json_len(ports) == 0;

		json_each_item(item, to)
			peer |= peer_matches(item, p);
		json_each_item(item, ports)
			port |= port_matches(item, p);
		if (peer && port)
			return true;
	}
	return false;
}

enum { PACKETS_MAX = 1 << 16 };

struct packets {
	struct packet *v;
	size_t n;
};

static void add_ports(struct packets *all, struct packet p)
{
	static const unsigned ports[] = { 1,	2,    52,   53,	   54,	 79,
					  80,	81,   82,   442,   443,	 444,
					  8079, 8080, 8081, 65534, 65535 };

	for (int t = 0; t < NETWORK_PROTOCOLS; t++)
		for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
			p.protocol = (enum network_protocol)t;
			p.port = ports[i];
			assert_true(all->n < PACKETS_MAX);
			all->v[all->n++] = p;
		}
}

/* At and beside both ends of every block that a policy can hold. */
static void add_addresses(struct packets *all)
{
	for (size_t i = 0; i < ARRAY_LEN(blocks); i++) {
		struct error err = ERROR_INIT;
		struct packet p = { .to = TO_ADDRESS };
		unsigned __int128 max;
		struct cidr c;

		assert_int_equal(cidr_parse(str_of(blocks[i]), &c, &err), 0);
		max = c.family == IP_V4 ? UINT32_MAX : ~(unsigned __int128)0;
		p.family = c.family;
		for (int j = 0; j < 4; j++) {
			p.address = j < 2 ? c.first : c.last;
			if (j == 0 && p.address > 0)
				p.address--;
			if (j == 3 && p.address < max)
				p.address++;
			add_ports(all, p);
		}
	}
}

static void add_pods(struct arena *a, struct packets *all)
{
	static const char *const names[] = { "team", "kube-system", "other" };
	static const char *const labels[] = {
		"{}",	     "{app: db}",	   "{app: web}",
		"{zone: x}", "{app: db, zone: x}", "{app: x, zone: z}",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		for (size_t j = 0; j < ARRAY_LEN(labels); j++) {
			struct packet p = {
				.to = TO_POD,
				.own = i == 0,
				.http = j % 2 ? 80 : 443,
				.labels = load_json(a, labels[j]),
			};
			const char *more = i == 2 ? ", app: db" : "";
			struct str ns = arena_printf(
				a, "{kubernetes.io/metadata.name: %s%s}",
				names[i], more);

			p.ns_labels = load_json(a, ns.p);
			add_ports(all, p);
		}
	add_ports(all, (struct packet){ .to = TO_OTHER });
}

static void the_set_is_what_the_rules_say(void **state)
{
	CLEANUP(arena_release) struct arena kept = ARENA_INIT;
	struct packets all = { arena_new(&kept, struct packet, PACKETS_MAX),
			       0 };

	(void)state;
	add_addresses(&all);
	for (int round = 0; round < 300; round++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct str text = random_rules(&a, round % 2 == 0);
		const struct json *rules = load_json(&a, text.p);
		struct egress_problems problems = { .n = 0 };
		struct egress_set set =
			egress_read(&a, rules, STR(""), &problems);

		assert_int_equal(problems.n, 0);
		for (size_t i = 0; i < all.n; i++) {
			const struct packet *p = &all.v[i];

			if (egress_allows(&set, p->family, p->address,
					  p->protocol,
					  p->port) != direct(rules, p))
				fail_msg("%s: packet %zu", text.p, i);
		}
	}
}

static const struct packet *escaping(const struct packets *all,
				     const struct json *inner,
				     const struct json *outer)
{
	for (size_t i = 0; i < all->n; i++)
		if (direct(inner, &all->v[i]) && !direct(outer, &all->v[i]))
			return &all->v[i];
	return NULL;
}

static size_t compare(const struct packets *all, bool only_blocks)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str in_text = random_rules(&a, only_blocks);
	struct str out_text = random_rules(&a, only_blocks);
	const struct json *in = load_json(&a, in_text.p);
	const struct json *out = load_json(&a, out_text.p);
	struct egress_problems problems = { .n = 0 };
	struct str ns = pick(2) ? STR("team") : STR("");
	struct egress_set inner = egress_read(&a, in, ns, &problems);
	struct egress_set outer = egress_read(&a, out, STR(""), &problems);
	struct egress_witness witness;
	bool inside = egress_inside(&a, &inner, &outer, &witness);
	const struct packet *p = escaping(all, in, out);

	assert_int_equal(problems.n, 0);
	if (inside && p)
		fail_msg("%s in %s, but %d port %u escapes", in_text.p,
			 out_text.p, p->to, p->port);
	/* for numbers the answer is exact, in both directions */
	if (only_blocks && !inside && !p)
		fail_msg("%s in %s: nothing escapes, not even %.*s", in_text.p,
			 out_text.p, STR_ARG(witness.text));
	return inside && inner.n > 0;
}

static void what_is_inside_lets_nothing_escape(void **state)
{
	CLEANUP(arena_release) struct arena kept = ARENA_INIT;
	struct packets all = { arena_new(&kept, struct packet, PACKETS_MAX),
			       0 };
	size_t inside = 0;

	(void)state;
	add_addresses(&all);
	for (int i = 0; i < 600; i++)
		inside += compare(&all, true);
	add_pods(&kept, &all);
	for (int i = 0; i < 1000; i++)
		inside += compare(&all, false);
	assert_true(inside > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_set_is_what_the_rules_say),
		cmocka_unit_test(what_is_inside_lets_nothing_escape),
	};

	return cmocka_run_group_tests_name("policies/egress.c, at random",
					   tests, NULL, NULL)
		       ? 1
		       : 0;
}
