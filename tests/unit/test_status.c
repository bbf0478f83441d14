/* kube/status.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kube/client.h"
#include "lib/json_read.h"

#define STATUS "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},"

#define TEN "0123456789"

struct row {
	unsigned http;
	const char *body; /* NULL: none that could be read */
	enum error_code code;
	const char *reason, *says;
};

static void check(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct error err = ERROR_INIT;
		struct json body = json_missing;
		struct str reason = STR("left over");

		if (rows[i].body && json_read(&a, str_of(rows[i].body), 0, NULL,
					      &body, &err) < 0)
			fail_msg("%s: %s", rows[i].body, err.msg);
		assert_int_equal(kube_status_error("get pods \"x\"",
						   rows[i].http, &body, &reason,
						   &err),
				 -1);
		if (strcmp(err.msg, rows[i].says) != 0)
			fail_msg("got:    %s\nwanted: %s", err.msg,
				 rows[i].says);
		assert_int_equal(err.code, rows[i].code);
		assert_true(str_is(reason, rows[i].reason));
	}
}

static void each_status_says_what_to_do(void **state)
{
	static const struct row rows[] = {
		{ 404,
		  STATUS "\"status\":\"Failure\",\"message\":\"pods \\\"x\\\" "
			 "not found\",\"reason\":\"NotFound\",\"details\":{"
			 "\"name\":\"x\",\"kind\":\"pods\"},\"code\":404}",
		  ERR_IO, "NotFound",
		  "get pods \"x\": not found (404 NotFound): pods \"x\" not "
		  "found" },
		{ 404,
		  STATUS "\"message\":\"the server could not find the "
			 "requested resource\",\"reason\":\"NotFound\"}",
		  ERR_IO, "NotFound",
		  "get pods \"x\": not found (404 NotFound): the server could "
		  "not find the requested resource: this kind is not served "
		  "here: is its CustomResourceDefinition installed?" },
		{ 403,
		  STATUS "\"message\":\"pods \\\"x\\\" is forbidden: User "
			 "\\\"system:serviceaccount:b:c\\\" cannot get "
			 "resource \\\"pods\\\" in API group \\\"\\\" in the "
			 "namespace \\\"a\\\"\",\"reason\":\"Forbidden\"}",
		  ERR_CONFIG, "Forbidden",
		  "get pods \"x\": forbidden (403 Forbidden): pods \"x\" is "
		  "forbidden: User \"system:serviceaccount:b:c\" cannot get "
		  "resource \"pods\" in API group \"\" in the namespace "
		  "\"a\": allow it in a Role or ClusterRole that is bound to "
		  "this account" },
		/* by quota, which no role changes */
		{ 403,
		  STATUS "\"message\":\"pods \\\"x\\\" is forbidden: exceeded "
			 "quota: q\",\"reason\":\"Forbidden\"}",
		  ERR_CONFIG, "Forbidden",
		  "get pods \"x\": forbidden (403 Forbidden): pods \"x\" is "
		  "forbidden: exceeded quota: q" },
		{ 401,
		  STATUS "\"message\":\"Unauthorized\",\"reason\":"
			 "\"Unauthorized\",\"code\":401}",
		  ERR_CONFIG, "Unauthorized",
		  "get pods \"x\": not authenticated (401 Unauthorized): "
		  "Unauthorized: the server does not accept our token or "
		  "certificate: is it of this cluster, and has it expired?" },
		{ 409,
		  STATUS "\"message\":\"pods \\\"x\\\" already exists\","
			 "\"reason\":\"AlreadyExists\",\"code\":409}",
		  ERR_CONFLICT, "AlreadyExists",
		  "get pods \"x\": already exists (409 AlreadyExists): pods "
		  "\"x\" already exists" },
		{ 409,
		  STATUS "\"message\":\"the object has been modified\","
			 "\"reason\":\"Conflict\",\"code\":409}",
		  ERR_CONFLICT, "Conflict",
		  "get pods \"x\": conflict (409 Conflict): the object has "
		  "been modified: read it again and repeat the change" },
		{ 409,
		  STATUS "\"message\":\"Apply failed with 1 conflict: conflict "
			 "with \\\"b\\\": .data.k\",\"reason\":\"Conflict\","
			 "\"details\":{\"causes\":[{\"reason\":"
			 "\"FieldManagerConflict\",\"message\":\"m\"}]}}",
		  ERR_CONFLICT, "Conflict",
		  "get pods \"x\": conflict (409 Conflict): Apply failed with "
		  "1 conflict: conflict with \"b\": .data.k: another manager "
		  "owns the field: leave it out, or apply with force" },
		{ 422,
		  STATUS "\"message\":\"the server rejected our request due to "
			 "an error in our request\",\"reason\":\"Invalid\","
			 "\"details\":{}}",
		  ERR_INPUT, "Invalid",
		  "get pods \"x\": invalid (422 Invalid): the server rejected "
		  "our request due to an error in our request: a \"test\" of "
		  "the patch failed, or a path is not there: read it again" },
		{ 410,
		  STATUS "\"message\":\"too old resource version: 1 (2)\","
			 "\"reason\":\"Expired\",\"code\":410}",
		  ERR_GONE, "Expired",
		  "get pods \"x\": no longer there (410 Expired): too old "
		  "resource version: 1 (2): list again" },
		{ 400,
		  STATUS "\"message\":\"strict decoding error: unknown field "
			 "\\\"spec.x\\\"\",\"reason\":\"BadRequest\"}",
		  ERR_INPUT, "BadRequest",
		  "get pods \"x\": bad request (400 BadRequest): strict "
		  "decoding error: unknown field \"spec.x\"" },
		{ 429,
		  STATUS "\"message\":\"try later\",\"reason\":"
			 "\"TooManyRequests\"}",
		  ERR_IO, "TooManyRequests",
		  "get pods \"x\": too many requests (429 TooManyRequests): "
		  "try later: the server asks us to slow down" },
		{ 500,
		  STATUS "\"message\":\"etcdserver: leader changed\",\"reason\""
			 ":\"InternalError\"}",
		  ERR_IO, "InternalError",
		  "get pods \"x\": the server failed (500 InternalError): "
		  "etcdserver: leader changed" },
		{ 415, STATUS "\"reason\":\"UnsupportedMediaType\"}", ERR_INPUT,
		  "UnsupportedMediaType",
		  "get pods \"x\": type not supported (415 "
		  "UnsupportedMediaType)" },
		{ 418, STATUS "\"message\":\"no\"}", ERR_IO, "",
		  "get pods \"x\": refused (418): no" },
	};

	(void)state;
	check(rows, ARRAY_LEN(rows));
}

static void causes_of_an_invalid_object_are_told(void **state)
{
	static const struct row rows[] = {
		{ 422,
		  STATUS
		  "\"message\":\"long\",\"reason\":\"Invalid\",\"details\":{"
		  "\"causes\":[{\"reason\":\"FieldValueRequired\",\"message\":"
		  "\"Required value: must be set\",\"field\":\"spec.a\"},"
		  "{\"message\":\"Invalid value: \\\"y\\\": must be z\","
		  "\"field\":\"spec.b\"},{\"message\":\"alone\"}]}}",
		  ERR_INPUT, "Invalid",
		  "get pods \"x\": invalid (422 Invalid): spec.a: Required "
		  "value: must be set; spec.b: Invalid value: \"y\": must be "
		  "z; alone" },
		{ 422,
		  STATUS
		  "\"details\":{\"causes\":[{\"message\":\"1\"},{\"message\":"
		  "\"2\"},{\"message\":\"3\"},{\"message\":\"4\"},{\"message\":"
		  "\"5\"},{\"message\":\"6\"}]}}",
		  ERR_INPUT, "",
		  "get pods \"x\": invalid (422): 1; 2; 3; 4; 5; and more" },
		{ 422,
		  STATUS "\"message\":\"m\",\"details\":{\"causes\":[7,{},null,"
			 "{\"message\":[]}]}}",
		  ERR_INPUT, "", "get pods \"x\": invalid (422): m" },
		/* a long one leaves room for the next */
		{ 422,
		  STATUS
		  "\"details\":{\"causes\":[{\"field\":\"a\","
		  "\"message\":\"" TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
		  "1\"},{\"field\":\"b\",\"message\":\"2\"}]}}",
		  ERR_INPUT, "",
		  "get pods \"x\": invalid (422): a: " TEN TEN TEN TEN TEN TEN
			  TEN TEN TEN TEN "...; b: 2" },
		{ 422, STATUS "\"message\":\"m\",\"details\":{\"causes\":{}}}",
		  ERR_INPUT, "", "get pods \"x\": invalid (422): m" },
	};

	(void)state;
	check(rows, ARRAY_LEN(rows));
}

#define LONG                                                                   \
	"c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2Vj"

static void refused_values_that_are_long_are_left_out(void **state)
{
	static const struct row rows[] = {
		{ 422,
		  STATUS "\"message\":\" \\\"\\\" is invalid: patch: Invalid "
			 "value: \\\"{\\\\\\\"data\\\\\\\":\\\\\\\"" LONG
			 "\\\\\\\"}\\\": unknown field\"}",
		  ERR_INPUT, "",
		  "get pods \"x\": invalid (422):  \"\" is invalid: patch: "
		  "Invalid value: (left out): unknown field" },
		{ 400,
		  STATUS "\"message\":\"Invalid value: {\\\"a\\\":\\\"" LONG
			 "\\\"}: bad\"}",
		  ERR_INPUT, "",
		  "get pods \"x\": bad request (400): Invalid value: (left "
		  "out)" },
		/* its end is not there */
		{ 400, STATUS "\"message\":\"Duplicate value: \\\"" LONG "\"}",
		  ERR_INPUT, "",
		  "get pods \"x\": bad request (400): Duplicate value: (left "
		  "out)" },
		{ 400,
		  STATUS "\"message\":\"Unsupported value: \\\"" LONG "\\\\\"}",
		  ERR_INPUT, "",
		  "get pods \"x\": bad request (400): Unsupported value: (left "
		  "out)" },
		{ 422,
		  STATUS "\"details\":{\"causes\":[{\"field\":\"patch\","
			 "\"message\":\"Invalid value: \\\"" LONG
			 "\\\": no\"},{\"field\":\"b\",\"message\":\"Invalid "
			 "value: 70000: no\"}]}}",
		  ERR_INPUT, "",
		  "get pods \"x\": invalid (422): patch: Invalid value: (left "
		  "out): no; b: Invalid value: 70000: no" },
		{ 400, STATUS "\"message\":\"Invalid value: \"}", ERR_INPUT, "",
		  "get pods \"x\": bad request (400): Invalid value: " },
	};

	(void)state;
	check(rows, ARRAY_LEN(rows));
}

static void what_is_no_status_is_told_by_its_number(void **state)
{
	static const struct row rows[] = {
		{ 500, NULL, ERR_IO, "",
		  "get pods \"x\": the server failed (500): the answer has no "
		  "Status: does a proxy stand before the API server?" },
		{ 404, NULL, ERR_IO, "",
		  "get pods \"x\": not found (404): this kind is not served "
		  "here: is its CustomResourceDefinition installed?" },
		{ 429, NULL, ERR_IO, "",
		  "get pods \"x\": too many requests (429): the server asks us "
		  "to slow down" },
		{ 302, NULL, ERR_IO, "",
		  "get pods \"x\": sent elsewhere (302): redirects are not "
		  "followed: is this the API server's address?" },
		{ 409, "{\"kind\":\"Pod\",\"message\":\"m\",\"reason\":\"r\"}",
		  ERR_CONFLICT, "",
		  "get pods \"x\": conflict (409): the answer has no Status: "
		  "does a proxy stand before the API server?" },
		{ 403, "[]", ERR_CONFIG, "",
		  "get pods \"x\": forbidden (403): the answer has no Status: "
		  "does a proxy stand before the API server?" },
		{ 422,
		  STATUS "\"message\":7,\"reason\":{},\"details\":\"x\","
			 "\"code\":\"422\"}",
		  ERR_INPUT, "", "get pods \"x\": invalid (422)" },
		{ 999, "{}", ERR_IO, "",
		  "get pods \"x\": failed (999): the answer has no Status: "
		  "does a proxy stand before the API server?" },
		{ 0, "null", ERR_IO, "",
		  "get pods \"x\": failed (0): the answer has no Status: does "
		  "a proxy stand before the API server?" },
	};

	(void)state;
	check(rows, ARRAY_LEN(rows));
}

static void a_watch_has_the_code_inside(void **state)
{
	static const struct row rows[] = {
		{ 200, STATUS "\"reason\":\"Expired\",\"code\":410}", ERR_GONE,
		  "Expired",
		  "get pods \"x\": no longer there (410 Expired): list again" },
		{ 200, STATUS "\"reason\":\"Gone\"}", ERR_GONE, "Gone",
		  "get pods \"x\": no longer there (410 Gone): list again" },
		{ 200, STATUS "\"reason\":\"InternalError\",\"code\":500}",
		  ERR_IO, "InternalError",
		  "get pods \"x\": the server failed (500 InternalError)" },
		{ 200, STATUS "\"code\":200}", ERR_IO, "",
		  "get pods \"x\": failed (200)" },
		{ 200, STATUS "\"code\":-410}", ERR_IO, "",
		  "get pods \"x\": failed (200)" },
		{ 200, STATUS "\"code\":99999999999999999999}", ERR_IO, "",
		  "get pods \"x\": failed (200)" },
		/* the answer's own status is what the server did */
		{ 500, STATUS "\"code\":404}", ERR_IO, "",
		  "get pods \"x\": the server failed (500)" },
	};

	(void)state;
	check(rows, ARRAY_LEN(rows));
}

static void server_text_stays_one_line_and_leaves_room_for_advice(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct json body = json_make_object();
	static char message[4096];

	(void)state;
	memset(message, '\n', sizeof(message));
	memcpy(message, "User \"u\" cannot \0 \x1b[31m", 21);
	json_add(&a, &body, STR("kind"), json_make_string(STR("Status")));
	json_add(&a, &body, STR("message"),
		 json_make_string((struct str){ message, sizeof(message) }));
	assert_int_equal(kube_status_error("get x", 403, &body, NULL, &err),
			 -1);
	for (const char *p = err.msg; *p; p++)
		assert_true((unsigned char)*p >= ' ');
	assert_non_null(strstr(err.msg, "bound to this account"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_status_says_what_to_do),
		cmocka_unit_test(causes_of_an_invalid_object_are_told),
		cmocka_unit_test(refused_values_that_are_long_are_left_out),
		cmocka_unit_test(what_is_no_status_is_told_by_its_number),
		cmocka_unit_test(a_watch_has_the_code_inside),
		cmocka_unit_test(
			server_text_stays_one_line_and_leaves_room_for_advice),
	};

	return cmocka_run_group_tests_name("kube/status.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
