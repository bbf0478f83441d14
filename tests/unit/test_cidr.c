/* lib/cidr.c, against Go */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/cidr.h"
#include "tests/unit/oracle.h"

static struct cidr parse(const char *text)
{
	struct cidr c;
	struct error err;

	if (cidr_parse(str_of(text), &c, &err) < 0)
		fail_msg("%s", err.msg);
	return c;
}

static void every_text_reads_and_writes_as_in_go(void **state)
{
	CLEANUP(oracle_close) struct oracle o = oracle_open();
	struct str column[ORACLE_COLUMNS];
	size_t good = 0, bad = 0;

	(void)state;
	while (oracle_next(&o, "cidr", column)) {
		struct cidr c;
		struct error err;
		int rc = cidr_parse(column[0], &c, &err);

		if (oracle_refused(column, rc, &err)) {
			bad++;
			continue;
		}
		if (!str_eq(cidr_str(&o.arena, &c), column[1]))
			fail_msg("text of %.*s is %s", STR_ARG(column[0]),
				 cidr_str(&o.arena, &c).p);
		good++;
	}
	assert_true(good > 140 && bad > 50);
}

static void blocks_begin_and_end_where_the_prefix_says(void **state)
{
	static const char *const rows[][3] = {
		{ "10.1.2.3/8", "10.0.0.0", "10.255.255.255" },
		{ "0.0.0.0/0", "0.0.0.0", "255.255.255.255" },
		{ "1.2.3.4/32", "1.2.3.4", "1.2.3.4" },
		{ "::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
		{ "fd00::1/127", "fd00::", "fd00::1" },
		{ "fd00::1/128", "fd00::1", "fd00::1" },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cidr c = parse(rows[i][0]);

		assert_true(str_is(cidr_address_str(&a, c.family, c.first),
				   rows[i][1]));
		assert_true(str_is(cidr_address_str(&a, c.family, c.last),
				   rows[i][2]));
	}
}

static void inside_is_whole_and_within_one_family(void **state)
{
	static const struct {
		const char *x, *y;
		bool want;
	} rows[] = {
		{ "10.1.0.0/16", "10.0.0.0/8", true },
		{ "10.0.0.0/8", "10.0.0.0/8", true },
		{ "10.0.0.0/8", "0.0.0.0/0", true },
		{ "10.0.0.0/8", "10.1.0.0/16", false },
		{ "11.0.0.0/16", "10.0.0.0/8", false },
		{ "10.0.0.0/8", "::/0", false },
		{ "::/128", "0.0.0.0/0", false },
		{ "fd00::/8", "fc00::/7", true },
		{ "fe00::/8", "fc00::/7", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cidr x = parse(rows[i].x), y = parse(rows[i].y);

		assert_int_equal(cidr_inside(&x, &y), rows[i].want);
	}
}

static void addresses_stand_without_prefix_or_zone(void **state)
{
	static const struct str bad[] = {
		STR_INIT(""),	       STR_INIT("10.0.0.0/8"),
		STR_INIT("10.0.0"),    STR_INIT("fe80::1%eth0"),
		STR_INIT("1.2.3.4\0"), STR_INIT("::1\0"),
		STR_INIT("localhost"), { NULL, 0 },
	};
	unsigned __int128 address;
	enum ip_family family;
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(
			cidr_parse_address(bad[i], &family, &address, &err),
			-1);
	assert_int_equal(
		cidr_parse_address(STR("1.2.3.4"), &family, &address, &err), 0);
	assert_true(family == IP_V4 && address == 0x01020304);
	assert_int_equal(
		cidr_parse_address(STR("::1"), &family, &address, &err), 0);
	assert_true(family == IP_V6 && address == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_reads_and_writes_as_in_go),
		cmocka_unit_test(blocks_begin_and_end_where_the_prefix_says),
		cmocka_unit_test(inside_is_whole_and_within_one_family),
		cmocka_unit_test(addresses_stand_without_prefix_or_zone),
	};

	return cmocka_run_group_tests_name("lib/cidr.c", tests, NULL, NULL) ? 1
									    : 0;
}
