/* kube/client.c, against a scripted server */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/client_world.h"

static void requests_go_out_as_they_were_built(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = GET_X,
		  .holds = "User-Agent: test/1",
		  .answer = OK },
		{ .expect = "GET /api/v1/namespaces/a/pods?limit=2&continue=t",
		  .holds = "as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,"
			   "application/json",
		  .answer = LIST },
		{ .expect = POST,
		  .holds = "Content-Type: application/json\r\n",
		  .answer = OK },
		{ .expect = POST,
		  .holds = "\r\n\r\n{\"spec\":{}}",
		  .answer = OK },
		{ .expect = "PATCH /api/v1/namespaces/a/pods/x?fieldManager=us&"
			    "force=true&fieldValidation=Strict HTTP/1.1\r\n",
		  .holds = "Content-Type: application/apply-patch+yaml\r\n",
		  .answer = OK },
		{ .expect = "DELETE /api/v1/namespaces/a/pods/x HTTP/1.1\r\n",
		  .holds = "\r\n\r\n{\"apiVersion\":\"v1\",\"kind\":"
			   "\"DeleteOptions\",\"preconditions\":{\"uid\":\"u\""
			   "}}",
		  .answer = OK },
		{ 0 },
	};
	struct world w = { .tries = 0 };
	struct json body = json_make_object();
	struct kube_call calls[] = {
		world_get(),
		{ .verb = KUBE_LIST,
		  .resource = &pods,
		  .ns = STR("a"),
		  .limit = 2,
		  .continue_token = STR("t"),
		  .metadata_only = true },
		world_create(&body),
		world_create(&body),
		{ .verb = KUBE_APPLY,
		  .resource = &pods,
		  .ns = STR("a"),
		  .name = STR("x"),
		  .body = &body,
		  .force = true },
		{ .verb = KUBE_DELETE,
		  .resource = &pods,
		  .ns = STR("a"),
		  .name = STR("x"),
		  .uid = STR("u") },
	};

	(void)state;
	world_start(&w, steps);
	json_add(&w.arena, &body, STR("spec"), json_make_object());
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		if (kube_do(w.client, &w.arena, &calls[i], &w.err) < 0)
			fail_msg("%zu: %s", i, w.err.msg);
		assert_int_equal(calls[i].status, 200);
		assert_true(json_is(&calls[i].answer, JSON_OBJECT));
		assert_false(calls[i].maybe_done);
	}
	assert_int_equal(w.tries, ARRAY_LEN(calls));
	world_finish(&w);
}

static void what_can_be_repeated_is_until_it_succeeds(void **state)
{
	static const struct fake_step steps[][4] = {
		{ { .expect = GET_X, .answer = ANSWER("429", "", "later") },
		  { .expect = GET_X, .answer = OK } },
		{ { .expect = GET_X,
		    .answer = ANSWER("429", "Retry-After: 0\r\n", "") },
		  { .expect = GET_X, .answer = OK } },
		{ { .expect = GET_X,
		    .answer = ANSWER("429", "Retry-After: 1\r\n", "") },
		  { .expect = GET_X, .answer = OK } },
		{ { .expect = GET_X, .answer = ANSWER("503", "", "<html>") },
		  { .expect = GET_X, .answer = ANSWER("500", "", "") },
		  { .expect = GET_X, .answer = OK } },
		{ { .expect = GET_X, .answer = NULL },
		  { .expect = GET_X, .answer = OK } },
		{ { .expect = GET_X,
		    .answer = HEAD "200 OK\r\nContent-Length: 9\r\n\r\n{",
		    .close = true },
		  { .expect = GET_X, .answer = OK } },
		{ { .expect = GET_X,
		    .answer = OK,
		    .refuse = true,
		    .hold_ms = 300 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct world w = { .tries = 0 };
		struct kube_call call = world_get();

		world_start(&w, steps[i]);
		if (kube_do(w.client, &w.arena, &call, &w.err) < 0)
			fail_msg("row %zu: %s", i, w.err.msg);
		assert_int_equal(call.status, 200);
		assert_true(w.tries > 1);
		world_finish(&w);
	}
}

static void a_create_is_repeated_only_when_it_was_not_done(void **state)
{
	static const struct fake_step steps[][3] = {
		{ { .expect = POST, .answer = ANSWER("429", "", "") },
		  { .expect = POST, .answer = OK } },
		{ { .expect = POST, .answer = ANSWER("503", "", "") },
		  { .expect = POST, .answer = OK } },
		{ { .expect = POST,
		    .answer = ANSWER("401", "", STATUS("401", "")) },
		  { .expect = POST, .answer = OK } },
		{ { .expect = POST,
		    .answer = OK,
		    .refuse = true,
		    .hold_ms = 300 } },
	};
	const struct json body = json_make_object();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct world w = { .tries = 0 };
		struct kube_call call = world_create(&body);

		world_start(&w, steps[i]);
		if (kube_do(w.client, &w.arena, &call, &w.err) < 0)
			fail_msg("row %zu: %s", i, w.err.msg);
		assert_false(call.maybe_done);
		world_finish(&w);
	}
}

static void a_create_is_never_sent_twice_after_a_cut_answer(void **state)
{
	static const struct {
		const char *answer;
		unsigned status;
		bool maybe_done;
	} rows[] = {
		{ NULL, 0, true },
		{ HEAD "201 Created\r\nContent-Length: 9\r\n\r\n{", 0, true },
		{ HEAD "201 Cre", 0, true },
		{ ANSWER("500", "", ""), 500, false },
		{ ANSWER("502", "", ""), 502, false },
		{ ANSWER("504", "", ""), 504, false },
		{ ANSWER("201", "", "{\"a\":"), 201, true },
		{ ANSWER("200", "", ""), 200, true },
	};
	const struct json body = json_make_object();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct fake_step steps[] = {
			/* a connection that is used again breaks most often */
			{ .expect = GET_X, .answer = OK },
			{ .expect = POST,
			  .answer = rows[i].answer,
			  .close = true },
			{ 0 },
		};
		struct world w = { .tries = 0 };
		struct kube_call get = world_get(), call = world_create(&body);

		world_start(&w, steps);
		assert_int_equal(kube_do(w.client, &w.arena, &get, &w.err), 0);
		assert_int_equal(kube_do(w.client, &w.arena, &call, &w.err),
				 -1);
		assert_int_equal(w.err.code, ERR_IO);
		assert_int_equal(call.status, rows[i].status);
		if (call.maybe_done != rows[i].maybe_done)
			fail_msg("row %zu: %s", i, w.err.msg);
		assert_non_null(
			strstr(w.err.msg, "create pods in namespace \"a\": "));
		world_finish(&w);
	}
}

static void final_answers_are_not_asked_for_again(void **state)
{
	static const struct {
		const char *answer;
		unsigned status;
		enum error_code code;
		const char *reason;
	} rows[] = {
		{ ANSWER("404", "", STATUS("404", "NotFound")), 404, ERR_IO,
		  "NotFound" },
		{ ANSWER("409", "", STATUS("409", "Conflict")), 409,
		  ERR_CONFLICT, "Conflict" },
		{ ANSWER("409", "", STATUS("409", "AlreadyExists")), 409,
		  ERR_CONFLICT, "AlreadyExists" },
		{ ANSWER("410", "", STATUS("410", "Expired")), 410, ERR_GONE,
		  "Expired" },
		{ ANSWER("422", "", STATUS("422", "Invalid")), 422, ERR_INPUT,
		  "Invalid" },
		{ ANSWER("403", "", STATUS("403", "Forbidden")), 403,
		  ERR_CONFIG, "Forbidden" },
		{ ANSWER("400", "", "<html>body</html>"), 400, ERR_INPUT, "" },
		{ ANSWER("404", "", "{\"kind\":\"Status\",\"reas"), 404, ERR_IO,
		  "" },
		{ ANSWER("302", "Location: http://127.0.0.1:1/\r\n", ""), 302,
		  ERR_IO, "" },
		{ ANSWER("200", "", "<html>body</html>"), 200, ERR_IO, "" },
		{ ANSWER("200", "", "{\"a\":1"), 200, ERR_IO, "" },
		{ ANSWER("200", "", "[]"), 200, ERR_IO, "" },
		{ ANSWER("200", "", "null"), 200, ERR_IO, "" },
		{ ANSWER("200", "", "{\"a\":\"\xff\"}"), 200, ERR_IO, "" },
		{ ANSWER("200", "", "{\"a\":1,\"a\":2}"), 200, ERR_IO, "" },
		{ ANSWER("200", "", ""), 200, ERR_IO, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct fake_step steps[] = {
			{ .expect = GET_X,
			  .answer = rows[i].answer,
			  .close = true },
			{ 0 },
		};
		struct world w = { .tries = 0 };
		struct kube_call call = world_get();

		world_start(&w, steps);
		assert_int_equal(kube_do(w.client, &w.arena, &call, &w.err),
				 -1);
		if (call.status != rows[i].status ||
		    w.err.code != rows[i].code ||
		    !str_is(call.reason, rows[i].reason))
			fail_msg("row %zu: %u %d %s", i, call.status,
				 w.err.code, w.err.msg);
		assert_false(call.maybe_done || call.stopped);
		assert_null(strstr(w.err.msg, "body"));
		world_finish(&w);
	}
}

static void a_list_must_have_items(void **state)
{
	static const struct {
		const char *answer;
		int want;
	} rows[] = {
		{ LIST, 0 },
		{ ANSWER("200", "", "{\"items\":null}"), 0 },
		{ ANSWER("200", "", "{}"), -1 },
		{ ANSWER("200", "", "{\"items\":{}}"), -1 },
		{ ANSWER("200", "", "{\"items\":\"\"}"), -1 },
		{ ANSWER("200", "", "{\"kind\":\"Status\"}"), -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct fake_step steps[] = {
			{ .expect = "GET /api/v1/pods HTTP/1.1\r\n",
			  .answer = rows[i].answer,
			  .close = true },
			{ 0 },
		};
		struct world w = { .tries = 0 };
		struct kube_call call = { .verb = KUBE_LIST,
					  .resource = &pods };

		world_start(&w, steps);
		if (kube_do(w.client, &w.arena, &call, &w.err) != rows[i].want)
			fail_msg("row %zu: %s", i, w.err.msg);
		world_finish(&w);
	}
}

static void credentials_are_tried_twice(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = GET_X, .answer = ANSWER("401", "", "") },
		{ .expect = GET_X, .answer = ANSWER("401", "", "") },
		{ 0 },
	};
	struct world w = { .tries = 0 };
	struct kube_call call = world_get();

	(void)state;
	world_start(&w, steps);
	assert_int_equal(kube_do(w.client, &w.arena, &call, &w.err), -1);
	assert_int_equal(w.err.code, ERR_CONFIG);
	assert_int_equal(w.tries, 2);
	world_finish(&w);
}

static void hostile_names_are_not_sent(void **state)
{
	static const struct fake_step none[] = { { 0 } };
	static const struct str names[] = {
		STR_INIT(""),	    STR_INIT(".."),    STR_INIT("../b"),
		STR_INIT("%2e%2e"), STR_INIT("x/log"),
	};
	struct world w = { .tries = 0 };

	(void)state;
	world_start(&w, none);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct kube_call call = world_get();

		call.name = names[i];
		call.verb = KUBE_DELETE;
		assert_int_equal(kube_do(w.client, &w.arena, &call, &w.err),
				 -1);
		assert_int_equal(w.err.code, ERR_INPUT);
	}
	world_finish(&w);
}

static void strange_names_arrive_encoded(void **state)
{
	static char name[300];
	static const struct fake_step steps[] = {
		{ .expect = "GET /api/v1/namespaces/a/pods/x%3F%00%C3%A9%0D%0A "
			    "HTTP/1.1\r\n",
		  .answer = OK },
		{ .expect = "GET /api/v1/namespaces/a/pods/nnnnnnnn",
		  .answer = OK },
		{ 0 },
	};
	struct world w = { .tries = 0 };
	struct kube_call call = world_get();

	(void)state;
	world_start(&w, steps);
	call.name = STR("x?\0\xc3\xa9\r\n");
	assert_int_equal(kube_do(w.client, &w.arena, &call, &w.err), 0);
	memset(name, 'n', sizeof(name));
	call.name = (struct str){ name, sizeof(name) };
	assert_int_equal(kube_do(w.client, &w.arena, &call, &w.err), 0);
	world_finish(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_go_out_as_they_were_built),
		cmocka_unit_test(what_can_be_repeated_is_until_it_succeeds),
		cmocka_unit_test(
			a_create_is_repeated_only_when_it_was_not_done),
		cmocka_unit_test(
			a_create_is_never_sent_twice_after_a_cut_answer),
		cmocka_unit_test(final_answers_are_not_asked_for_again),
		cmocka_unit_test(a_list_must_have_items),
		cmocka_unit_test(credentials_are_tried_twice),
		cmocka_unit_test(hostile_names_are_not_sent),
		cmocka_unit_test(strange_names_arrive_encoded),
	};

	return cmocka_run_group_tests_name("kube/client.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
