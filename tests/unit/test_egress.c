/* policies/egress.c, egress_ports.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "tests/unit/egress_rules.h"

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
		struct egress_problems problems = { .n = 0 };

		egress_read(&a, load_json(&a, rows[i].text), STR(""),
			    &problems);
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
		struct egress_problems problems = { .n = 0 };
		struct str text = arena_printf(
			&a, "[{to: [{podSelector: %s}]}]", rows[i]);

		egress_read(&a, load_json(&a, text.p), STR(""), &problems);
		if (problems.n != 1)
			fail_msg("%s: %zu", rows[i], problems.n);
	}
}

static void every_problem_is_told(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct egress_problems problems = { .n = 0 };

	(void)state;
	egress_read(&a,
		    load_json(&a,
			      "[{to: [{ipBlock: {cidr: x, except: [y]}}, {}], "
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
			struct egress_problems problems = { .n = 0 };
			struct str text =
				repeated(&a, rows[i].head, rows[i].item,
					 rows[i].max + more, rows[i].tail);

			egress_read(&a, load_json(&a, text.p), STR(""),
				    &problems);
			assert_int_equal(problems.n, more);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_rules_are_told),
		cmocka_unit_test(bad_selectors_are_told),
		cmocka_unit_test(every_problem_is_told),
		cmocka_unit_test(caps_are_problems),
	};

	return cmocka_run_group_tests_name("policies/egress.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
