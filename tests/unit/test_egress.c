/* policies/egress.c, egress_ports.c, egress_inside.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/selector.h"
#include "lib/yamldoc.h"
#include "policies/egress.h"

struct problems {
	struct arena *arena;
	struct str first; /* "path: found, wanted" */
	size_t n;
};

static void note(void *context, const struct json *v, const struct path *path,
		 struct str found, struct str wanted)
{
	struct problems *p = context;
	struct str field = path_field(p->arena, path);

	(void)v;
	if (p->n++ == 0)
		p->first = arena_printf(p->arena, "%.*s: %.*s, wanted %.*s",
					STR_ARG(field), STR_ARG(found),
					STR_ARG(wanted));
}

static const struct json *yaml(struct arena *a, const char *text)
{
	struct json *doc = arena_new(a, struct json, 1);
	struct error err = ERROR_INIT;
	struct yamldoc *y = yamldoc_open(a, str_of(text), NULL);
	int got = yamldoc_next(y, a, doc, &err);

	yamldoc_close(&y);
	if (got <= 0)
		fail_msg("%s: %s", text, err.msg);
	return doc;
}

static struct egress_set parse(struct arena *a, const struct json *rules,
			       struct str ns, struct problems *problems)
{
	struct path at = PATH_KEY(NULL, "egress");
	struct egress_parse p = {
		.arena = a,
		.ns = ns,
		.problem = note,
		.context = problems,
	};
	struct egress_set set;

	problems->arena = a;
	egress_parse_rules(&p, rules, &at, &set);
	assert_int_equal(p.problems, problems->n);
	return set;
}

static struct egress_set good(struct arena *a, const char *text, const char *ns)
{
	struct problems problems = { .n = 0 };
	struct egress_set set = parse(a, yaml(a, text), str_of(ns), &problems);

	if (problems.n)
		fail_msg("%s: %.*s", text, STR_ARG(problems.first));
	return set;
}

struct containment {
	const char *inner, *outer;
	const char *witness; /* NULL: inside */
};

static void check_containment(const struct containment *rows, size_t n,
			      const char *ns)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct egress_set inner = good(&a, rows[i].inner, ns);
		struct egress_set outer = good(&a, rows[i].outer, "");
		struct egress_witness witness = { .rule = 0 };
		bool inside = egress_inside(&a, &inner, &outer, &witness);

		if (inside != !rows[i].witness ||
		    (!inside && !str_is(witness.text, rows[i].witness)))
			fail_msg("%s in %s: %d \"%.*s\"", rows[i].inner,
				 rows[i].outer, inside, STR_ARG(witness.text));
	}
}

#define ALL "[{}]"
#define NONE "[]"
#define TEN "[{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]"
#define HTTPS "[{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 443}]}]"
#define DNS                                                                    \
	"[{to: [{namespaceSelector: {matchLabels: "                            \
	"{kubernetes.io/metadata.name: kube-system}}, podSelector: "           \
	"{matchExpressions: [{key: k8s-app, operator: In, values: "            \
	"[coredns, kube-dns]}]}}], ports: [{port: 53, protocol: UDP}, "        \
	"{port: 53}]}]"

static void addresses_are_compared_exactly(void **state)
{
	static const struct containment rows[] = {
		{ NONE, NONE, NULL },
		{ NONE, ALL, NULL },
		{ ALL, ALL, NULL },
		{ TEN, ALL, NULL },
		{ TEN, TEN, NULL },
		{ ALL, NONE, "every destination on every port" },
		{ ALL, TEN, "every destination on every port" },
		{ TEN, NONE, "10.0.0.0/8 every port" },
		{ "[{to: [{ipBlock: {cidr: 10.1.2.0/24}}]}]", TEN, NULL },
		{ "[{to: [{ipBlock: {cidr: 10.1.2.3/8}}]}]", TEN, NULL },
		{ TEN, "[{to: [{ipBlock: {cidr: 10.0.0.0/9}}]}]",
		  "10.128.0.0/9 every port" },
		/* two halves are the whole */
		{ TEN,
		  "[{to: [{ipBlock: {cidr: 10.0.0.0/9}}]}, "
		  "{to: [{ipBlock: {cidr: 10.128.0.0/9}}]}]",
		  NULL },
		{ "[{to: [{ipBlock: {cidr: 0.0.0.0/1}}, "
		  "{ipBlock: {cidr: 128.0.0.0/1}}]}]",
		  "[{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]", NULL },
		{ "[{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]",
		  "[{to: [{ipBlock: {cidr: 0.0.0.0/1}}, "
		  "{ipBlock: {cidr: 128.0.0.0/1}}]}]",
		  NULL },
		/* a token exception hides nothing */
		{ "[{to: [{ipBlock: {cidr: 0.0.0.0/0, except: "
		  "[10.0.0.0/8]}}]}]",
		  TEN, "0.0.0.0/5 every port" },
		{ TEN,
		  "[{to: [{ipBlock: {cidr: 0.0.0.0/0, except: "
		  "[10.20.0.0/16]}}]}]",
		  "10.20.0.0/16 every port" },
		{ "[{to: [{ipBlock: {cidr: 10.0.0.0/8, except: "
		  "[10.20.0.0/16]}}]}]",
		  "[{to: [{ipBlock: {cidr: 0.0.0.0/0, except: "
		  "[10.20.0.0/16]}}]}]",
		  NULL },
		/* exceptions may overlap and come in any order */
		{ "[{to: [{ipBlock: {cidr: 10.0.0.0/8, except: "
		  "[10.128.0.0/9, 10.0.0.0/10, 10.0.0.0/9]}}]}]",
		  NONE, NULL },
		{ "[{to: [{ipBlock: {cidr: '::/0'}}]}]",
		  "[{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]", "::/0 every port" },
		{ "[{to: [{ipBlock: {cidr: '::/0'}}]}]",
		  "[{to: [{ipBlock: {cidr: '::/0', except: ['ff00::/8']}}]}]",
		  "ff00::/8 every port" },
		{ "[{to: [{ipBlock: {cidr: 'ffff:ffff:ffff:ffff:ffff:ffff:"
		  "ffff:ffff/128'}}]}]",
		  "[{to: [{ipBlock: {cidr: '8000::/1'}}]}]", NULL },
		{ "[{to: [{ipBlock: {cidr: '64:ff9b::/96'}}]}]", TEN,
		  "64:ff9b::/96 every port" },
		/* all addresses and all Pods are not yet every destination */
		{ ALL,
		  "[{to: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: "
		  "'::/0'}}, {namespaceSelector: {}}]}]",
		  "every destination on every port" },
	};

	(void)state;
	check_containment(rows, ARRAY_LEN(rows), "");
}

static void ports_are_compared_exactly(void **state)
{
	static const struct containment rows[] = {
		{ HTTPS, HTTPS, NULL },
		{ HTTPS, NONE, "0.0.0.0/0 port 443/TCP" },
		{ HTTPS, ALL, NULL },
		{ "[{ports: [{port: 443}]}]", ALL, NULL },
		{ "[{ports: [{port: 443}]}]", HTTPS,
		  "every destination on port 443/TCP" },
		{ "[{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]", HTTPS,
		  "0.0.0.0/0 ports 1-442/TCP" },
		{ "[{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: "
		  "[{port: 440, endPort: 450}]}]",
		  HTTPS, "10.0.0.0/8 ports 440-442/TCP" },
		{ "[{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: "
		  "[{port: 443, endPort: 443}]}]",
		  HTTPS, NULL },
		{ "[{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: "
		  "[{port: 443, protocol: UDP}]}]",
		  HTTPS, "10.0.0.0/8 port 443/UDP" },
		/* ranges that only together cover one */
		{ "[{ports: [{port: 1, endPort: 65535}]}]",
		  "[{ports: [{port: 1, endPort: 100}]}, "
		  "{ports: [{port: 90, endPort: 65535}]}]",
		  NULL },
		{ "[{ports: [{port: 1, endPort: 65535}]}]",
		  "[{ports: [{port: 1, endPort: 100}]}, "
		  "{ports: [{port: 102, endPort: 65535}]}]",
		  "every destination on port 101/TCP" },
		/* all ports of a protocol, and all protocols */
		{ "[{ports: [{protocol: TCP}]}]",
		  "[{ports: [{port: 1, endPort: 65535}]}]", NULL },
		{ ALL,
		  "[{ports: [{protocol: TCP}, {protocol: UDP}, "
		  "{protocol: SCTP}]}]",
		  "every destination on protocols other than TCP, UDP and "
		  "SCTP" },
		{ ALL, "[{ports: [{protocol: TCP}]}]",
		  "every destination on every UDP port" },
		{ "[{ports: []}]", ALL, NULL },
		{ ALL, "[{ports: []}]", NULL },
		{ "[{ports: [{}]}]", "[{ports: [{protocol: TCP}]}]", NULL },
		/* a name is every port to us, unless both say it */
		{ "[{ports: [{port: http}]}]", "[{ports: [{port: http}]}]",
		  NULL },
		{ "[{ports: [{port: http}]}]", "[{ports: [{protocol: TCP}]}]",
		  NULL },
		{ "[{ports: [{port: http}]}]",
		  "[{ports: [{port: http, protocol: UDP}]}]",
		  "every destination on port \"http\"/TCP" },
		{ "[{ports: [{port: http}]}]", "[{ports: [{port: 80}]}]",
		  "every destination on port \"http\"/TCP" },
		{ "[{ports: [{port: 80}]}]", "[{ports: [{port: http}]}]",
		  "every destination on port 80/TCP" },
		/* the leftover may begin behind a shared part */
		{ "[{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: "
		  "[{port: 443}, {port: 444}]}]",
		  HTTPS, "10.0.0.0/8 port 444/TCP" },
	};

	(void)state;
	check_containment(rows, ARRAY_LEN(rows), "");
}

static void peers_by_labels_need_more_requirements(void **state)
{
	static const struct containment rows[] = {
		{ DNS, DNS, NULL },
		{ DNS, ALL, NULL },
		{ "[{to: [{namespaceSelector: {matchLabels: "
		  "{kubernetes.io/metadata.name: kube-system}}, podSelector: "
		  "{matchLabels: {k8s-app: kube-dns}}}], ports: "
		  "[{port: 53, protocol: UDP}]}]",
		  DNS, NULL },
		{ "[{to: [{podSelector: {matchLabels: {k8s-app: "
		  "kube-dns}}}], ports: [{port: 53, protocol: UDP}]}]",
		  DNS,
		  "pods k8s-app=kube-dns in its own namespace on port "
		  "53/UDP" },
		{ "[{to: [{namespaceSelector: {}, podSelector: {matchLabels: "
		  "{app: db}}}]}]",
		  DNS, "pods app=db in any namespace on every port" },
		{ "[{to: [{namespaceSelector: {matchLabels: "
		  "{kubernetes.io/metadata.name: kube-system}}}], ports: "
		  "[{port: 53}]}]",
		  DNS, "every pod in namespace kube-system on port 53/TCP" },
		{ "[{to: [{namespaceSelector: {matchLabels: {a: b}}}]}]", DNS,
		  "every pod in namespaces with a=b on every port" },
		/* addresses prove nothing about Pods, nor the other way */
		{ DNS, "[{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}]",
		  "pods k8s-app in (coredns,kube-dns) in namespace "
		  "kube-system on port 53/UDP" },
		{ TEN, "[{to: [{namespaceSelector: {}}]}]",
		  "10.0.0.0/8 every port" },
		/* own namespace */
		{ "[{to: [{podSelector: {}}]}]", "[{to: [{podSelector: {}}]}]",
		  NULL },
		{ "[{to: [{podSelector: {}}]}]",
		  "[{to: [{namespaceSelector: {}}]}]", NULL },
		{ "[{to: [{namespaceSelector: {}}]}]",
		  "[{to: [{podSelector: {}}]}]",
		  "every pod in any namespace on every port" },
		{ "[{to: [{podSelector: {}}]}]",
		  "[{to: [{namespaceSelector: {matchLabels: {a: b}}}]}]",
		  "every pod in its own namespace on every port" },
		{ "[{to: [{namespaceSelector: {matchLabels: "
		  "{kubernetes.io/metadata.name: team}}}]}]",
		  "[{to: [{podSelector: {}}]}]",
		  "every pod in namespace team on every port" },
	};

	(void)state;
	check_containment(rows, ARRAY_LEN(rows), "");
}

static void a_known_namespace_is_its_name(void **state)
{
	static const struct containment rows[] = {
		{ "[{to: [{namespaceSelector: {matchLabels: "
		  "{kubernetes.io/metadata.name: team}}}]}]",
		  "[{to: [{podSelector: {}}]}]", NULL },
		{ "[{to: [{podSelector: {}}]}]",
		  "[{to: [{namespaceSelector: {matchLabels: "
		  "{kubernetes.io/metadata.name: team}}}]}]",
		  NULL },
		{ "[{to: [{podSelector: {}}]}]",
		  "[{to: [{namespaceSelector: {matchExpressions: [{key: "
		  "kubernetes.io/metadata.name, operator: NotIn, values: "
		  "[kube-system]}]}}]}]",
		  NULL },
		{ "[{to: [{podSelector: {}}]}]", DNS,
		  "every pod in its own namespace on every port" },
		{ "[{to: [{namespaceSelector: {matchLabels: "
		  "{kubernetes.io/metadata.name: other}}}]}]",
		  "[{to: [{podSelector: {}}]}]",
		  "every pod in namespace other on every port" },
	};

	(void)state;
	check_containment(rows, ARRAY_LEN(rows), "team");
}

static void requirements_follow_from_each_other(void **state)
{
#define E(op, values) "{key: a, operator: " op ", values: [" values "]}"
#define X(op) "{key: a, operator: " op "}"
	static const struct {
		const char *inner, *outer;
		bool inside;
	} rows[] = {
		{ E("In", "x"), E("In", "x, z"), true },
		{ E("In", "x, z"), E("In", "x"), false },
		{ E("In", "x"), E("NotIn", "z"), true },
		{ E("In", "x"), E("NotIn", "x, z"), false },
		{ E("In", "x"), X("Exists"), true },
		{ E("In", "x"), X("DoesNotExist"), false },
		{ E("NotIn", "x, z"), E("NotIn", "x"), true },
		{ E("NotIn", "x"), E("NotIn", "x, z"), false },
		{ E("NotIn", "x"), E("In", "z"), false },
		{ E("NotIn", "x"), X("Exists"), false },
		{ X("DoesNotExist"), E("NotIn", "x"), true },
		{ X("DoesNotExist"), X("DoesNotExist"), true },
		{ X("DoesNotExist"), X("Exists"), false },
		{ X("Exists"), X("Exists"), true },
		{ X("Exists"), E("NotIn", "x"), false },
		{ X("Exists"), E("In", "x"), false },
		{ E("In", "x") ", {key: b, operator: Exists}", E("In", "x"),
		  true },
		{ E("In", "x"), E("In", "x") ", {key: b, operator: Exists}",
		  false },
	};
#undef E
#undef X

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const char *fmt = "[{to: [{podSelector: {matchExpressions: "
				  "[%s]}}]}]";
		struct egress_set in =
			good(&a, arena_printf(&a, fmt, rows[i].inner).p, "");
		struct egress_set out =
			good(&a, arena_printf(&a, fmt, rows[i].outer).p, "");
		struct egress_witness witness;

		if (egress_inside(&a, &in, &out, &witness) != rows[i].inside)
			fail_msg("%s in %s", rows[i].inner, rows[i].outer);
	}
}

static void malformed_rules_are_told(void **state)
{
	static const struct {
		const char *text, *problem;
	} rows[] = {
		{ "x", "egress: is \"x\", wanted a list of rules" },
		{ "{}", "egress: is an object, wanted a list of rules" },
		{ "[null]", "egress[0]: is not set, wanted a rule" },
		{ "[x]", "egress[0]: is \"x\", wanted a rule" },
		{ "[{tos: []}]", "egress[0].tos: is no field, wanted to or "
				 "ports" },
		{ "[{from: []}]", "egress[0].from: is no field, wanted to or "
				  "ports" },
		{ "[{to: x}]", "egress[0].to: is \"x\", wanted a list of "
			       "peers" },
		{ "[{to: {}}]", "egress[0].to: is an object, wanted a list "
				"of peers" },
		{ "[{to: [null]}]",
		  "egress[0].to[0]: is not set, wanted an ipBlock, or a "
		  "namespaceSelector and podSelector" },
		{ "[{to: [{}]}]",
		  "egress[0].to[0]: names nobody, wanted an ipBlock, or a "
		  "namespaceSelector and podSelector" },
		{ "[{to: [{podSelector: null}]}]",
		  "egress[0].to[0]: names nobody, wanted an ipBlock, or a "
		  "namespaceSelector and podSelector" },
		{ "[{to: [{ipblock: {cidr: 10.0.0.0/8}, podSelector: {}}]}]",
		  "egress[0].to[0].ipblock: is no field, wanted ipBlock, "
		  "namespaceSelector or podSelector" },
		{ "[{to: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]}]",
		  "egress[0].to[0]: is both addresses and Pods, wanted an "
		  "ipBlock, or a namespaceSelector and podSelector" },
		{ "[{to: [{ipBlock: 10.0.0.0/8}]}]",
		  "egress[0].to[0].ipBlock: is \"10.0.0.0/8\", wanted cidr "
		  "and except" },
		{ "[{to: [{ipBlock: {}}]}]",
		  "egress[0].to[0].ipBlock.cidr: is not set, wanted a block "
		  "such as 192.0.2.0/24 or 2001:db8::/32" },
		{ "[{to: [{ipBlock: {cidr: 10.0.0.0}}]}]",
		  "egress[0].to[0].ipBlock.cidr: is \"10.0.0.0\", wanted a "
		  "block such as 192.0.2.0/24 or 2001:db8::/32" },
		{ "[{to: [{ipBlock: {cidr: 10.0.0.0/33}}]}]",
		  "egress[0].to[0].ipBlock.cidr: is \"10.0.0.0/33\", wanted "
		  "a block such as 192.0.2.0/24 or 2001:db8::/32" },
		{ "[{to: [{ipBlock: {cidr: 8}}]}]",
		  "egress[0].to[0].ipBlock.cidr: is 8, wanted a block such "
		  "as 192.0.2.0/24 or 2001:db8::/32" },
		{ "[{to: [{ipBlock: {cidr: '::ffff:10.0.0.0/104'}}]}]",
		  "egress[0].to[0].ipBlock.cidr: is \"::ffff:10.0.0.0/104\", "
		  "wanted the IPv4 block itself" },
		{ "[{to: [{ipBlock: {cidr: 10.0.0.0/8, excpt: []}}]}]",
		  "egress[0].to[0].ipBlock.excpt: is no field, wanted cidr "
		  "or except" },
		{ "[{to: [{ipBlock: {cidr: 10.0.0.0/8, except: x}}]}]",
		  "egress[0].to[0].ipBlock.except: is \"x\", wanted a list "
		  "of blocks" },
		{ "[{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [null]}}]}]",
		  "egress[0].to[0].ipBlock.except[0]: is not set, wanted a "
		  "block such as 192.0.2.0/24 or 2001:db8::/32" },
		{ "[{to: [{ipBlock: {cidr: 10.0.0.0/8, except: "
		  "[11.0.0.0/9]}}]}]",
		  "egress[0].to[0].ipBlock.except[0]: is \"11.0.0.0/9\", "
		  "wanted a smaller block inside 10.0.0.0/8" },
		{ "[{to: [{ipBlock: {cidr: 10.0.0.0/8, except: "
		  "[10.0.0.0/8]}}]}]",
		  "egress[0].to[0].ipBlock.except[0]: is \"10.0.0.0/8\", "
		  "wanted a smaller block inside 10.0.0.0/8" },
		{ "[{to: [{ipBlock: {cidr: 10.0.0.0/8, except: "
		  "['::/64']}}]}]",
		  "egress[0].to[0].ipBlock.except[0]: is \"::/64\", wanted a "
		  "smaller block inside 10.0.0.0/8" },
		{ "[{to: [{podSelector: x}]}]",
		  "egress[0].to[0].podSelector: is \"x\", wanted a label "
		  "selector" },
		{ "[{to: [{namespaceSelector: []}]}]",
		  "egress[0].to[0].namespaceSelector: is a list, wanted a "
		  "label selector" },
		{ "[{ports: 443}]", "egress[0].ports: is 443, wanted a list "
				    "of ports" },
		{ "[{ports: [443]}]", "egress[0].ports[0]: is 443, wanted a "
				      "port with its protocol" },
		{ "[{ports: [{prot: UDP}]}]",
		  "egress[0].ports[0].prot: is no field, wanted protocol, "
		  "port or endPort" },
		{ "[{ports: [{protocol: FOO}]}]",
		  "egress[0].ports[0].protocol: is \"FOO\", wanted TCP, UDP "
		  "or SCTP" },
		{ "[{ports: [{protocol: tcp}]}]",
		  "egress[0].ports[0].protocol: is \"tcp\", wanted TCP, UDP "
		  "or SCTP" },
		{ "[{ports: [{protocol: 6}]}]",
		  "egress[0].ports[0].protocol: is 6, wanted TCP, UDP or "
		  "SCTP" },
		{ "[{ports: [{port: 0}]}]",
		  "egress[0].ports[0].port: is 0, wanted a port from 1 to "
		  "65535" },
		{ "[{ports: [{port: 70000}]}]",
		  "egress[0].ports[0].port: is 70000, wanted a port from 1 "
		  "to 65535" },
		{ "[{ports: [{port: -1}]}]",
		  "egress[0].ports[0].port: is -1, wanted a port from 1 to "
		  "65535" },
		{ "[{ports: [{port: 1.5}]}]",
		  "egress[0].ports[0].port: is 1.5, wanted a port from 1 to "
		  "65535" },
		{ "[{ports: [{port: true}]}]",
		  "egress[0].ports[0].port: is true, wanted a port from 1 to "
		  "65535" },
		{ "[{ports: [{port: '443'}]}]",
		  "egress[0].ports[0].port: is \"443\", wanted a number, or "
		  "the name of a port" },
		{ "[{ports: [{port: HTTP}]}]",
		  "egress[0].ports[0].port: is \"HTTP\", wanted a number, or "
		  "the name of a port" },
		{ "[{ports: [{port: ''}]}]",
		  "egress[0].ports[0].port: is \"\", wanted a number, or the "
		  "name of a port" },
		{ "[{ports: [{port: 443, endPort: 442}]}]",
		  "egress[0].ports[0].endPort: is 442, wanted a port from "
		  "443 to 65535" },
		{ "[{ports: [{port: 443, endPort: x}]}]",
		  "egress[0].ports[0].endPort: is \"x\", wanted a port from "
		  "443 to 65535" },
		{ "[{ports: [{endPort: 443}]}]",
		  "egress[0].ports[0].endPort: ends no range, wanted a port "
		  "given by its number beside it" },
		{ "[{ports: [{port: http, endPort: 443}]}]",
		  "egress[0].ports[0].endPort: ends no range, wanted a port "
		  "given by its number beside it" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct problems problems = { .n = 0 };

		parse(&a, yaml(&a, rows[i].text), STR(""), &problems);
		if (problems.n != 1 || !str_is(problems.first, rows[i].problem))
			fail_msg("%s: %zu \"%.*s\"", rows[i].text, problems.n,
				 STR_ARG(problems.first));
	}
}

static void bad_selectors_are_told(void **state)
{
	static const char *const rows[] = {
		"{matchLabels: []}",
		"{matchLabels: {a: 1}}",
		"{matchlabels: {a: b}}",
		"{matchExpressions: [{key: a, operator: in, values: [b]}]}",
		"{matchExpressions: [{key: a, operator: In, values: []}]}",
		"{matchExpressions: [{key: a, operator: Exists, values: [b]}]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct problems problems = { .n = 0 };
		struct str text = arena_printf(
			&a, "[{to: [{podSelector: %s}]}]", rows[i]);

		parse(&a, yaml(&a, text.p), STR(""), &problems);
		if (problems.n != 1)
			fail_msg("%s: %zu", rows[i], problems.n);
	}
}

static void every_problem_is_told(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct problems problems = { .n = 0 };

	(void)state;
	parse(&a,
	      yaml(&a, "[{to: [{ipBlock: {cidr: x, except: [y]}}, {}], "
		       "ports: [{port: 0}, {protocol: x}]}, 5]"),
	      STR(""), &problems);
	assert_int_equal(problems.n, 5);
}

static struct str repeated(struct arena *a, const char *head, const char *item,
			   size_t n, const char *tail)
{
	struct buf b = BUF_INIT(1 << 20);
	struct str s;

	buf_puts(&b, head);
	for (size_t i = 0; i < n; i++) {
		buf_puts(&b, i ? ", " : "");
		buf_puts(&b, item);
	}
	buf_puts(&b, tail);
	assert_false(buf_failed(&b));
	s = arena_str(a, buf_str(&b));
	buf_release(&b);
	return s;
}

static void caps_are_problems(void **state)
{
	static const struct {
		const char *head, *item, *tail;
		size_t max;
	} rows[] = {
		{ "[", "{}", "]", EGRESS_RULES_MAX },
		{ "[{to: [", "{podSelector: {}}", "]}]", EGRESS_PEERS_MAX },
		{ "[{ports: [", "{port: 1}", "]}]", EGRESS_PORTS_MAX },
		{ "[{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [", "10.0.0.0/9",
		  "]}}]}]", EGRESS_RANGES_MAX - 1 },
		{ "[{to: [{podSelector: {matchExpressions: [{key: a, "
		  "operator: In, values: [",
		  "x", "]}]}}]}]", EGRESS_LABELS_MAX - 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t more = 0; more < 2; more++) {
			CLEANUP(arena_release) struct arena a = ARENA_INIT;
			struct problems problems = { .n = 0 };
			struct str text =
				repeated(&a, rows[i].head, rows[i].item,
					 rows[i].max + more, rows[i].tail);

			parse(&a, yaml(&a, text.p), STR(""), &problems);
			assert_int_equal(problems.n, more);
		}
	}
}

/* ---- random policies against direct evaluation ---- */

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
				.labels = yaml(a, labels[j]),
			};
			const char *more = i == 2 ? ", app: db" : "";
			struct str ns = arena_printf(
				a, "{kubernetes.io/metadata.name: %s%s}",
				names[i], more);

			p.ns_labels = yaml(a, ns.p);
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
		const struct json *rules = yaml(&a, text.p);
		struct problems problems = { .n = 0 };
		struct egress_set set = parse(&a, rules, STR(""), &problems);

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
	const struct json *in = yaml(&a, in_text.p);
	const struct json *out = yaml(&a, out_text.p);
	struct problems problems = { .n = 0 };
	struct str ns = pick(2) ? STR("team") : STR("");
	struct egress_set inner = parse(&a, in, ns, &problems);
	struct egress_set outer = parse(&a, out, STR(""), &problems);
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
		cmocka_unit_test(addresses_are_compared_exactly),
		cmocka_unit_test(ports_are_compared_exactly),
		cmocka_unit_test(peers_by_labels_need_more_requirements),
		cmocka_unit_test(a_known_namespace_is_its_name),
		cmocka_unit_test(requirements_follow_from_each_other),
		cmocka_unit_test(malformed_rules_are_told),
		cmocka_unit_test(bad_selectors_are_told),
		cmocka_unit_test(every_problem_is_told),
		cmocka_unit_test(caps_are_problems),
		cmocka_unit_test(the_set_is_what_the_rules_say),
		cmocka_unit_test(what_is_inside_lets_nothing_escape),
	};

	return cmocka_run_group_tests_name("policies/egress.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
