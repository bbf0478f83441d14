/* controller/watches.c: all keys of everything. */
#include "tests/unit/controller/changes.h"

static void a_resync_leads_to_all_that_is_there(void **state)
{
	static const struct {
		const char *world;
		bool certificates;
		const char *want;
	} rows[] = {
		{ "", false, "" },
		{ "", true, "certificates /" },
		{ MADE("v1", "ConfigMap", IN("a", "x"), "", ""), true,
		  "certificates /" },
		/* others' kinds of the same name */
		{ MADE("x.agents.x-k8s.io/v1", "Sandbox", IN("a", "x"), "", "")
			  MADE("apps/v1", "Pod", IN("a", "x"), STAMP("t"), ""),
		  false, "" },
		{ TIERS INSIDE, true,
		  "tier /t; tier /u; " AUDIT "; network a/t; " AUDIT
		  "; " AUDIT_B "; network b/t; claim a/c; " AUDIT
		  "; claim b/c; " AUDIT_B "; sandbox a/s; " AUDIT
		  "; sandbox b/s; " AUDIT_B "; certificates /" },
		{ FLOOR DEFAULT NODE("") CLAIM(STAMP("u"), ""), false,
		  "tier /t; tier /u; policy /p; network a/t; claim a/x; " AUDIT
		  "; tier /t; tier /u; claim a/x; network a/u; " AUDIT },
		/* in two namespaces, gates and what waits no more */
		{ WAITING, false,
		  "gate a/p1; " AUDIT "; gate a/p2; " AUDIT
		  "; network a/t; " AUDIT "; gate b/p4; " AUDIT_B },
		{ PLAIN(", labels: 7", ", spec: 7"), false, AUDIT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct settings settings = {
			.certificates = rows[i].certificates,
			.audit_delay = AUDIT_DELAY,
		};
		struct told told;
		struct given g;

		told_open(&told, &g, rows[i].world, &settings);
		watches_resync(&told.sink);
		if (strcmp(told.text.p, rows[i].want))
			fail_msg("row %zu: \"%s\", wanted \"%s\"", i,
				 told.text.p, rows[i].want);
		given_close(&g);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_resync_leads_to_all_that_is_there),
	};

	return cmocka_run_group_tests_name("controller/watches, resync", tests,
					   NULL, NULL)
		       ? 1
		       : 0;
}
