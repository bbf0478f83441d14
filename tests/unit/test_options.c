/* webhook/options.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "webhook/options.h"

enum { ARGUMENTS_MAX = 12 };

#define PAIR "--cert-file", "c", "--key-file", "k"

static int parse(struct arena *a, const char *const *arguments,
		 struct options *out, struct error *err)
{
	char *argv[ARGUMENTS_MAX];
	int argc = 0;

	for (; arguments[argc]; argc++)
		argv[argc] = (char *)(uintptr_t)arguments[argc];
	return options_parse(a, argc, argv, out, err);
}

static void defaults_are_as_the_help_says(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *const arguments[] = { PAIR, NULL };
	struct error err = ERROR_INIT;
	struct options o;

	(void)state;
	assert_int_equal(parse(&a, arguments, &o, &err), 0);
	assert_true(str_is(o.listen, ":9443"));
	assert_true(str_is(o.metrics_listen, ":8080"));
	assert_int_equal(o.grace_seconds, 10);
	assert_int_equal(o.request_seconds, 10);
	assert_int_equal(o.max_body, 8 << 20);
	assert_int_equal(o.body_budget, 64 << 20);
	assert_int_equal(o.max_in_flight, 256);
	assert_int_equal(o.max_connections, 512);
	assert_int_equal(o.max_per_address, 128);
	assert_int_equal(o.log_level, LOG_INFO);
	assert_int_equal(o.log_allowed, 100);
	assert_false(o.client_ca_file.n);
}

static void values_are_read(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *const arguments[] = { PAIR,
					  "--grace=1m",
					  "--max-body",
					  "64Ki",
					  "--client-ca-file=ca",
					  "--allowed-names=a, b",
					  "--allowed-names=c",
					  NULL };
	struct error err = ERROR_INIT;
	struct options o;

	(void)state;
	assert_int_equal(parse(&a, arguments, &o, &err), 0);
	assert_int_equal(o.grace_seconds, 60);
	assert_int_equal(o.max_body, 64 << 10);
	assert_int_equal(o.allowed_names.n, 3);
	assert_true(str_is(o.allowed_names.v[1], "b"));
	assert_true(str_is(o.allowed_names.v[2], "c"));
}

static void what_makes_no_sense_is_refused_by_name(void **state)
{
	static const struct {
		const char *arguments[ARGUMENTS_MAX];
		const char *says;
	} rows[] = {
		{ { NULL }, "--cert-file and --key-file are wanted" },
		{ { "--cert-file", "c" }, "--key-file" },
		{ { PAIR, "--grace", "soon" }, "--grace" },
		{ { PAIR, "--grace", "-1s" }, "--grace" },
		{ { PAIR, "--grace", "2h" }, "--grace" },
		{ { PAIR, "--max-body", "9Mi" }, "--max-body" },
		{ { PAIR, "--max-body", "0" }, "--max-body" },
		{ { PAIR, "--max-body", "much" }, "--max-body" },
		{ { PAIR, "--max-in-flight", "-1" }, "--max-in-flight" },
		{ { PAIR, "--max-in-flight", "1e3" }, "--max-in-flight" },
		{ { PAIR, "--max-connections", "" }, "--max-connections" },
		{ { PAIR, "--threads", "257" }, "--threads" },
		{ { PAIR, "--log-level", "loud" }, "--log-level" },
		{ { PAIR, "--now", "yesterday" }, "--now" },
		{ { PAIR, "--allowed-names", "a" }, "--client-ca-file" },
		{ { PAIR, "tiers" }, "\"tiers\" is no option" },
		{ { PAIR, "--tier", "x" }, "--tiers" },
		{ { PAIR, "--tiers" }, "--tiers wants DIR" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct error err = ERROR_INIT;
		struct options o;

		if (parse(&a, rows[i].arguments, &o, &err) == 0 ||
		    (err.code != ERR_CONFIG && err.code != ERR_INPUT) ||
		    !strstr(err.msg, rows[i].says))
			fail_msg("row %zu: \"%s\", wanted \"%s\"", i, err.msg,
				 rows[i].says);
	}
}

static void help_needs_no_files(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const char *const arguments[] = { "-h", NULL };
	struct error err = ERROR_INIT;
	struct options o;

	(void)state;
	assert_int_equal(parse(&a, arguments, &o, &err), 0);
	assert_true(o.help);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_as_the_help_says),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(what_makes_no_sense_is_refused_by_name),
		cmocka_unit_test(help_needs_no_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
