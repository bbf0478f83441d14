/* controller/options.c: names and lives of certificates. */
#include "tests/unit/controller/certificate_given.h"

#include "controller/options.h"

static void names_are_checked_when_they_are_given(void **state)
{
	static const struct {
		const char *given;
		size_t n_dns, n_ips;
		const char *says;
	} rows[] = {
		{ "a.example", 1, 0, NULL },
		{ "a.example, 127.0.0.1,::1", 1, 2, NULL },
		{ "", 0, 0, "--certificate-name" },
		{ "a,,b", 0, 0, "--certificate-name" },
		{ "*.example", 0, 0, "--certificate-name" },
		{ "A.example", 0, 0, "--certificate-name" },
		{ "127.0.0.1:443", 0, 0, "--certificate-name" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		char option[64];
		char *argv[] = { option };
		struct error err = ERROR_INIT;
		struct options o;
		int result;

		(void)snprintf(option, sizeof(option), "--certificate-name=%s",
			       rows[i].given);
		result = options_parse(&a, 1, argv, &o, &err);
		assert_int_equal(result, rows[i].says ? -1 : 0);
		if (rows[i].says) {
			assert_true(holds(str_of(err.msg), rows[i].says));
			continue;
		}
		assert_int_equal(o.settings.certificate_names.n_dns,
				 rows[i].n_dns);
		assert_int_equal(o.settings.certificate_names.n_ips,
				 rows[i].n_ips);
	}
}

static void no_more_names_than_a_certificate_takes(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	char options[CERT_NAMES_MAX][32];
	char *argv[CERT_NAMES_MAX];
	struct options o;

	(void)state;
	for (int i = 0; i < CERT_NAMES_MAX; i++) {
		(void)snprintf(options[i], sizeof(options[i]),
			       "--certificate-name=n%d", i);
		argv[i] = options[i];
	}
	assert_int_equal(options_parse(&a, CERT_NAMES_MAX - 4, argv, &o, &err),
			 0);
	assert_int_equal(options_parse(&a, CERT_NAMES_MAX - 3, argv, &o, &err),
			 -1);
	assert_true(holds(str_of(err.msg), "more than 60 names"));
}

static void lives_that_cannot_work_are_refused_at_once(void **state)
{
	static const struct {
		const char *ca, *leaf, *wait, *says;
	} rows[] = {
		{ "72s", "36s", "6s", NULL },
		{ "72s", "36s", "7s", "six times --certificate-wait" },
		{ "36s", "72s", "6s", "wanted at least --certificate-life" },
		{ "1s", "36s", "6s", "--ca-life" },
		{ "72s", "36s", "0s", "--certificate-wait" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct error err = ERROR_INIT;
		struct options o;
		char *argv[] = {
			(char *)(uintptr_t) "--ca-life",
			(char *)(uintptr_t)rows[i].ca,
			(char *)(uintptr_t) "--certificate-life",
			(char *)(uintptr_t)rows[i].leaf,
			(char *)(uintptr_t) "--certificate-wait",
			(char *)(uintptr_t)rows[i].wait,
		};

		assert_int_equal(
			options_parse(&a, ARRAY_LEN(argv), argv, &o, &err),
			rows[i].says ? -1 : 0);
		if (rows[i].says)
			assert_true(holds(str_of(err.msg), rows[i].says));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_checked_when_they_are_given),
		cmocka_unit_test(no_more_names_than_a_certificate_takes),
		cmocka_unit_test(lives_that_cannot_work_are_refused_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
