/* lib/yaml_scalar.c, lib/yaml_float.c; more rows in yaml_oracle.tsv */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/yaml_float.h"
#include "lib/yaml_scalar.h"

#define TAG "tag:yaml.org,2002:"

static void plain_text_becomes_what_kubectl_sends(void **state)
{
	static const struct {
		const char *text;
		enum json_type type;
		const char *want;
	} rows[] = {
		{ "08", JSON_NUMBER, "8" },
		{ "010", JSON_NUMBER, "8" },
		{ "-0x10", JSON_NUMBER, "-16" },
		{ "0b-1", JSON_NUMBER, "-1" },
		{ "1_000", JSON_NUMBER, "1000" },
		{ "-0", JSON_NUMBER, "0" },
		{ "-0.0", JSON_NUMBER, "-0" },
		{ "18446744073709551615", JSON_NUMBER, "18446744073709551615" },
		{ "18446744073709551616", JSON_NUMBER, "18446744073709552000" },
		{ "1e21", JSON_NUMBER, "1e+21" },
		{ "1e-7", JSON_NUMBER, "1e-7" },
		{ "5.684341886080802e-14", JSON_NUMBER,
		  "5.684341886080802e-14" },
		{ "1e400", JSON_STRING, "1e400" },
		{ "0x", JSON_STRING, "0x" },
		{ "0b102", JSON_STRING, "0b102" },
		{ "._5", JSON_STRING, "._5" },
		{ ".5_", JSON_STRING, ".5_" },
		{ "-", JSON_STRING, "-" },
		{ "+-1", JSON_STRING, "+-1" },
		{ "1e", JSON_STRING, "1e" },
		{ "2001-12-14", JSON_STRING, "2001-12-14" },
		{ "1:30", JSON_STRING, "1:30" },
		{ "tRue", JSON_STRING, "tRue" },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct yaml_scalar s = { .text = str_of(rows[i].text),
					 .plain = true };
		struct error err = ERROR_INIT;
		struct json v;

		assert_int_equal(yaml_scalar_value(&a, &s, &v, &err), 0);
		if (!json_is(&v, rows[i].type) ||
		    !str_is(json_text(&v), rows[i].want))
			fail_msg("%s: %.*s", rows[i].text,
				 STR_ARG(json_text(&v)));
	}
}

static void tags_must_fit(void **state)
{
	static const struct {
		const char *tag, *text;
		const char *want; /* NULL: an error */
	} rows[] = {
		{ TAG "str", "1", "1" },
		{ TAG "int", "7", "7" },
		{ TAG "float", "1", "1" },
		{ TAG "binary", "aGk=", "hi" },
		{ TAG "binary", "a\nG\r\nk=\n", "hi" },
		{ TAG "binary", "", "" },
		{ "!foo", "1", "1" },
		{ TAG "int", "1.5", NULL },
		{ TAG "bool", "1", NULL },
		{ TAG "null", "x", NULL },
		{ TAG "float", "yes", NULL },
		{ TAG "float", ".inf", NULL },
		{ TAG "binary", "aGk", NULL },
		{ TAG "binary", "a=k=", NULL },
		{ TAG "binary", "aG k=", NULL },
		{ TAG "binary", "aGl=", NULL },
		{ TAG "timestamp", "2001-12-14", NULL },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct yaml_scalar s = { .text = str_of(rows[i].text),
					 .tag = str_of(rows[i].tag) };
		struct error err = ERROR_INIT;
		struct json v;
		int r = yaml_scalar_value(&a, &s, &v, &err);

		if ((r < 0) != !rows[i].want ||
		    (r == 0 && !str_is(json_text(&v), rows[i].want)))
			fail_msg("%s %s", rows[i].tag, rows[i].text);
	}
}

static void keys_become_text(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "0x10", "16" },
		{ "yes", "true" },
		{ "1.10", "1.1" },
		{ "1e6", "1e+06" },
		{ "123456.7", "123456.7" },
		{ "16777217.5", "1.6777218e+07" },
		{ "1e-5", "1e-05" },
		{ "1e300", ".inf" },
		{ "0.1234567890123", "0.12345679" },
		{ "9223372036854775808", NULL },
		{ "", NULL },
		{ "~", NULL },
		{ "Null", NULL },
		{ ".nan", NULL },
		{ ".inf", NULL },
		{ "-.INF", NULL },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct yaml_scalar s = { .text = str_of(rows[i].text),
					 .plain = true };
		struct error err = ERROR_INIT;
		struct str key;
		int r = yaml_scalar_key(&a, &s, &key, &err);

		if ((r < 0) != !rows[i].want ||
		    (r == 0 && !str_is(key, rows[i].want)))
			fail_msg("%s", rows[i].text);
	}
}

static void floats_print_as_short_as_they_read_back(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "0.1", "0.1" },
		{ "0.30000000000000004", "0.30000000000000004" },
		{ "4.9e-324", "5e-324" },
		{ "1.7976931348623157e308", "1.7976931348623157e+308" },
		{ "123456789012345678901", "123456789012345680000" },
		{ "0.000001", "0.000001" },
		{ "9.999999999999999e22", "1e+23" },
		{ "9.5367431640625e-07", "9.5367431640625e-7" },
		{ "-12.50", "-12.5" },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	double d;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str text;

		assert_true(yaml_float_read(rows[i].text, &d));
		text = yaml_float_json(&a, d);
		if (!str_is(text, rows[i].want))
			fail_msg("%s: %.*s", rows[i].text, STR_ARG(text));
	}
	assert_false(yaml_float_read("1e309", &d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_becomes_what_kubectl_sends),
		cmocka_unit_test(tags_must_fit),
		cmocka_unit_test(keys_become_text),
		cmocka_unit_test(floats_print_as_short_as_they_read_back),
	};

	return cmocka_run_group_tests_name("lib/yaml_scalar.c", tests, NULL,
					   NULL) != 0;
}
