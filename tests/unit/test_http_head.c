/* lib/http_head.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/http_head.h"

static void a_length_that_can_be_read_in_two_ways_is_ambiguous(void **state)
{
	static const struct {
		const char *name;
		const char *headers[4]; /* name, value, ... */
		bool ambiguous;
		int64_t length;
	} rows[] = {
		{ "none", { NULL }, false, 0 },
		{ "one", { "content-length", " 12 " }, false, 12 },
		{ "chunked", { "Transfer-Encoding", "chunked" }, false, 0 },
		{ "two alike",
		  { "Content-Length", "5", "Content-Length", "5" },
		  true,
		  5 },
		{ "both",
		  { "Content-Length", "5", "Transfer-Encoding", "chunked" },
		  true,
		  5 },
		{ "two codings",
		  { "Transfer-Encoding", "gzip", "Transfer-Encoding",
		    "chunked" },
		  true,
		  0 },
		{ "sign", { "Content-Length", "+5" }, true, 0 },
		{ "minus", { "Content-Length", "-5" }, true, -5 },
		{ "list", { "Content-Length", "5, 5" }, true, 0 },
		{ "empty", { "Content-Length", "" }, true, 0 },
		{ "beyond 64 bits",
		  { "Content-Length", "99999999999999999999" },
		  true,
		  0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_head head = { .length = 0 };

		for (size_t k = 0; k < 4 && rows[i].headers[k]; k += 2)
			http_head_add(&head, str_of(rows[i].headers[k]),
				      str_of(rows[i].headers[k + 1]));
		if (http_head_ambiguous(&head) != rows[i].ambiguous ||
		    head.length != rows[i].length)
			fail_msg("%s", rows[i].name);
	}
}

static void a_content_type_is_compared_without_its_parameters(void **state)
{
	static const struct {
		const char *value;
		bool is;
	} rows[] = {
		{ "application/json", true },
		{ "Application/JSON", true },
		{ "application/json;charset=utf-8", true },
		{ "application/json ; charset=utf-8", true },
		{ "application/jsonx", false },
		{ "application/json, text/plain", false },
		{ "text/json", false },
		{ "", false },
		{ ";", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (http_type_is(str_of(rows[i].value), "application/json") !=
		    rows[i].is)
			fail_msg("%s", rows[i].value);
}

static void methods_and_paths_are_matched_whole(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	static const struct http_route routes[] = { { .path = "/a" },
						    { .path = "/a/b" },
						    { .path = NULL } };

	(void)state;
	assert_int_equal(http_method_of(STR("POST")), HTTP_POST);
	assert_int_equal(http_method_of(STR("post")), 0);
	assert_int_equal(http_method_of(STR("PATCH")), 0);
	assert_ptr_equal(http_route_find(routes, STR("/a/b")), &routes[1]);
	assert_null(http_route_find(routes, STR("/a/")));
	assert_null(http_route_find(routes, STR("")));
	assert_string_equal(http_methods_str(&a, HTTP_GET | HTTP_HEAD).p,
			    "GET, HEAD");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_length_that_can_be_read_in_two_ways_is_ambiguous),
		cmocka_unit_test(
			a_content_type_is_compared_without_its_parameters),
		cmocka_unit_test(methods_and_paths_are_matched_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
