#include "lib/json_pick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/json_read.h"
#include "lib/json_write.h"

static const struct row {
	const char *doc;
	const char *pointers[4];
	const char *want;
} rows[] = {
	{ "{\"a\":1,\"b\":2}", { "/b" }, "{\"b\":2}" },
	{ "{\"m\":{\"x\":1,\"y\":[1,{\"z\":null}]},\"n\":1}",
	  { "/m/y" },
	  "{\"m\":{\"y\":[1,{\"z\":null}]}}" },
	{ "{\"m\":{\"x\":1,\"y\":2}}",
	  { "/m/y", "/m/x" },
	  "{\"m\":{\"y\":2,\"x\":1}}" },
	{ "{\"m\":{\"a.b/c\":\"v\",\"~\":\"t\"}}",
	  { "/m/a.b~1c", "/m/~0" },
	  "{\"m\":{\"a.b/c\":\"v\",\"~\":\"t\"}}" },
	/* what is not there, and what is no object */
	{ "{}", { "/a" }, "{}" },
	{ "{\"a\":{}}", { "/a/b/c" }, "{\"a\":{}}" },
	{ "{\"a\":null}", { "/a/b" }, "{}" },
	{ "{\"a\":[1]}", { "/a/0" }, "{}" },
	{ "{\"a\":\"text\"}", { "/a/b" }, "{}" },
	{ "[1,2]", { "/0" }, "{}" },
	{ "null", { "/a" }, "{}" },
	/* named twice: once */
	{ "{\"a\":1}", { "/a", "/a" }, "{\"a\":1}" },
};

static void picks_the_named_parts_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct error err = ERROR_INIT;
		struct json doc, out;

		assert_int_equal(
			json_read(&a, str_of(rows[i].doc), 0, NULL, &doc, &err),
			0);
		out = json_pick(&a, &doc, rows[i].pointers);
		assert_string_equal(json_to_str(&a, &out).p, rows[i].want);
	}
}

static void keeps_nothing_of_the_document_s_memory(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct arena scratch = ARENA_INIT;
	struct error err = ERROR_INIT;
	const char *const pointers[] = { "/metadata/name", NULL };
	struct json doc, out;
	struct str text =
		arena_str(&scratch, STR("{\"metadata\":{\"name\":\"n\"}}"));

	(void)state;
	assert_int_equal(json_read(&scratch, text, 0, NULL, &doc, &err), 0);
	out = json_pick(&a, &doc, pointers);
	arena_release(&scratch);
	assert_true(json_str_is(json_at(&out, "metadata", "name"), STR("n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(picks_the_named_parts_only),
		cmocka_unit_test(keeps_nothing_of_the_document_s_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
