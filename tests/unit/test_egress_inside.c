/* policies/egress_inside.c, egress_ports.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/egress_rules.h"

struct containment {
	const char *inner, *outer;
	const char *witness; /* NULL: inside */
};

static void check_containment(const struct containment *rows, size_t n,
			      const char *ns)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct egress_set inner = egress_good(&a, rows[i].inner, ns);
		struct egress_set outer = egress_good(&a, rows[i].outer, "");
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
		struct egress_set in = egress_good(
			&a, arena_printf(&a, fmt, rows[i].inner).p, "");
		struct egress_set out = egress_good(
			&a, arena_printf(&a, fmt, rows[i].outer).p, "");
		struct egress_witness witness;

		if (egress_inside(&a, &in, &out, &witness) != rows[i].inside)
			fail_msg("%s in %s", rows[i].inner, rows[i].outer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_compared_exactly),
		cmocka_unit_test(ports_are_compared_exactly),
		cmocka_unit_test(peers_by_labels_need_more_requirements),
		cmocka_unit_test(a_known_namespace_is_its_name),
		cmocka_unit_test(requirements_follow_from_each_other),
	};

	return cmocka_run_group_tests_name("policies/egress_inside.c", tests,
					   NULL, NULL)
		       ? 1
		       : 0;
}
