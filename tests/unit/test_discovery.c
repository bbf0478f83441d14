/* kube/discovery.c, against a scripted server */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kube/discovery.h"
#include "lib/json_read.h"
#include "tests/unit/client_world.h"

#define V1BETA1 "GET /apis/agents.x-k8s.io/v1beta1 HTTP/1.1\r\n"
#define V1ALPHA1 "GET /apis/agents.x-k8s.io/v1alpha1 HTTP/1.1\r\n"
#define SELF                                                                   \
	"POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews?"         \
	"fieldManager=us&fieldValidation=Strict HTTP/1.1\r\n"
#define OTHER                                                                  \
	"POST /apis/authorization.k8s.io/v1/subjectaccessreviews?"             \
	"fieldManager=us&fieldValidation=Strict HTTP/1.1\r\n"
#define RESOURCES(items) ANSWER("200", "", "{\"resources\":[" items "]}")
#define SANDBOXES                                                              \
	"{\"name\":\"sandboxes/status\",\"namespaced\":true,\"kind\":"         \
	"\"Sandbox\"},{\"name\":\"sandboxes\",\"namespaced\":true,\"kind\":"   \
	"\"Sandbox\"}"
#define GONE ANSWER("404", "", "404 page not found")

static const char *const versions[] = { "v1beta1", "v1alpha1", NULL };

static void the_first_version_that_serves_the_kind_is_found(void **state)
{
	static const struct {
		struct fake_step steps[3];
		int want;
		const char *version;
	} rows[] = {
		{ { { .expect = V1BETA1, .answer = RESOURCES(SANDBOXES) } },
		  1,
		  "v1beta1" },
		{ { { .expect = V1BETA1, .answer = GONE },
		    { .expect = V1ALPHA1, .answer = RESOURCES(SANDBOXES) } },
		  1,
		  "v1alpha1" },
		/* the version is served, the kind is not */
		{ { { .expect = V1BETA1, .answer = RESOURCES("") },
		    { .expect = V1ALPHA1, .answer = RESOURCES(SANDBOXES) } },
		  1,
		  "v1alpha1" },
		{ { { .expect = V1BETA1, .answer = GONE },
		    { .expect = V1ALPHA1, .answer = GONE } },
		  0,
		  NULL },
		{ { { .expect = V1BETA1,
		      .answer = RESOURCES("{\"name\":\"sandboxes/status\","
					  "\"kind\":\"Sandbox\"},7") },
		    { .expect = V1ALPHA1, .answer = GONE } },
		  0,
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w = { .tries = 0 };
		struct kube_resource found = { .plural = NULL };

		world_start(&w, rows[i].steps);
		if (kube_discover(w.client, &w.arena, "agents.x-k8s.io",
				  versions, "Sandbox", &found,
				  &w.err) != rows[i].want)
			fail_msg("row %zu: %s", i, w.err.msg);
		if (rows[i].want) {
			assert_string_equal(found.group, "agents.x-k8s.io");
			assert_string_equal(found.version, rows[i].version);
			assert_string_equal(found.plural, "sandboxes");
			assert_string_equal(found.kind, "Sandbox");
			assert_true(found.namespaced);
		}
		world_finish(&w);
	}
}

static void core_kinds_are_looked_for_in_api(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = "GET /api/v1 HTTP/1.1\r\n",
		  .answer = RESOURCES("{\"name\":\"namespaces\",\"namespaced\":"
				      "false,\"kind\":\"Namespace\"}") },
		{ 0 },
	};
	static const char *const v1[] = { "v1", NULL };
	struct world w = { .tries = 0 };
	struct kube_resource found;

	(void)state;
	world_start(&w, steps);
	assert_int_equal(kube_discover(w.client, &w.arena, "", v1, "Namespace",
				       &found, &w.err),
			 1);
	assert_string_equal(found.plural, "namespaces");
	assert_false(found.namespaced);
	world_finish(&w);
}

/* What is unclear must not pass for a kind that is not served. */
static void bad_lists_of_resources_are_errors(void **state)
{
	static const char *const answers[] = {
		ANSWER("403", "", STATUS("403", "Forbidden")),
		ANSWER("200", "", "{}"),
		ANSWER("200", "", "{\"resources\":null}"),
		ANSWER("200", "", "{\"resources\":{}}"),
		ANSWER("200", "", "<html>"),
		RESOURCES("{\"name\":\"\",\"kind\":\"Sandbox\",\"namespaced\":"
			  "true}"),
		RESOURCES("{\"name\":\"..\",\"kind\":\"Sandbox\",\"namespaced\""
			  ":true}"),
		RESOURCES("{\"name\":\"a%2fb\",\"kind\":\"Sandbox\","
			  "\"namespaced\":true}"),
		RESOURCES("{\"name\":\"a\\u0000b\",\"kind\":\"Sandbox\","
			  "\"namespaced\":true}"),
		RESOURCES("{\"name\":7,\"kind\":\"Sandbox\",\"namespaced\":"
			  "true}"),
		RESOURCES("{\"name\":\"sandboxes\",\"kind\":\"Sandbox\"}"),
		RESOURCES("{\"name\":\"sandboxes\",\"kind\":\"Sandbox\","
			  "\"namespaced\":\"true\"}"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		const struct fake_step steps[] = {
			{ .expect = V1BETA1,
			  .answer = answers[i],
			  .close = true },
			{ 0 },
		};
		struct world w = { .tries = 0 };
		struct kube_resource found = { .plural = NULL };

		world_start(&w, steps);
		if (kube_discover(w.client, &w.arena, "agents.x-k8s.io",
				  versions, "Sandbox", &found, &w.err) != -1)
			fail_msg("row %zu", i);
		assert_null(found.plural);
		world_finish(&w);
	}
}

static void the_server_tells_its_version(void **state)
{
	static const struct {
		const char *answer;
		int want;
	} rows[] = {
		{ ANSWER("200", "", "{\"gitVersion\":\"v1.36.3\"}"), 0 },
		{ ANSWER("200", "", "{\"gitVersion\":\"\"}"), -1 },
		{ ANSWER("200", "", "{\"gitVersion\":1}"), -1 },
		{ ANSWER("200", "", "{}"), -1 },
		{ ANSWER("403", "", ""), -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct fake_step steps[] = {
			{ .expect = "GET /version HTTP/1.1\r\n",
			  .answer = rows[i].answer,
			  .close = true },
			{ 0 },
		};
		struct world w = { .tries = 0 };
		struct str version = STR_NONE;

		world_start(&w, steps);
		if (kube_server_version(w.client, &w.arena, &version, &w.err) !=
		    rows[i].want)
			fail_msg("row %zu: %s", i, w.err.msg);
		if (rows[i].want == 0)
			assert_true(str_is(version, "v1.36.3"));
		world_finish(&w);
	}
}

static void access_is_what_the_review_says(void **state)
{
	static const struct {
		const char *answer;
		int want;
		bool allowed;
		const char *why;
	} rows[] = {
		{ ANSWER("201", "", "{\"status\":{\"allowed\":true}}"), 0, true,
		  "" },
		{ ANSWER("201", "",
			 "{\"status\":{\"allowed\":false,\"reason\":\"no "
			 "role\"}}"),
		  0, false, "no role" },
		{ ANSWER("201", "",
			 "{\"status\":{\"allowed\":false,\"evaluationError\":"
			 "\"role not found\"}}"),
		  0, false, "role not found" },
		{ ANSWER("201", "", "{\"status\":{\"allowed\":\"true\"}}"), -1,
		  false, "" },
		{ ANSWER("201", "", "{\"status\":{}}"), -1, false, "" },
		{ ANSWER("201", "", "{\"allowed\":true}"), -1, false, "" },
		{ ANSWER("403", "", ""), -1, false, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct fake_step steps[] = {
			{ .expect = SELF,
			  .holds = "\r\n\r\n{\"apiVersion\":"
				   "\"authorization.k8s.io/v1\",\"kind\":"
				   "\"SelfSubjectAccessReview\",\"spec\":{"
				   "\"resourceAttributes\":{\"namespace\":"
				   "\"a\",\"verb\":\"patch\",\"version\":"
				   "\"v1\",\"resource\":\"pods\","
				   "\"subresource\":\"status\"}}}",
			  .answer = rows[i].answer,
			  .close = true },
			{ 0 },
		};
		struct world w = { .tries = 0 };
		struct kube_access access = { .verb = "patch",
					      .resource = &pods,
					      .subresource = "status",
					      .ns = STR("a"),
					      .allowed = true };

		world_start(&w, steps);
		if (kube_may_i(w.client, &w.arena, &access, &w.err) !=
		    rows[i].want)
			fail_msg("row %zu: %s", i, w.err.msg);
		assert_int_equal(access.allowed, rows[i].allowed);
		assert_true(str_is(access.why, rows[i].why));
		world_finish(&w);
	}
}

static void a_review_is_asked_again_when_the_answer_was_cut(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = SELF, .answer = NULL },
		{ .expect = SELF,
		  .answer = ANSWER("201", "",
				   "{\"status\":{\"allowed\":true}}") },
		{ 0 },
	};
	struct world w = { .tries = 0 };
	struct kube_access access = { .verb = "list", .resource = &pods };

	(void)state;
	world_start(&w, steps);
	assert_int_equal(kube_may_i(w.client, &w.arena, &access, &w.err), 0);
	assert_true(access.allowed);
	world_finish(&w);
}

static void others_are_asked_about_with_their_groups(void **state)
{
	static const struct fake_step steps[] = {
		{ .expect = OTHER,
		  .holds = "{\"resourceAttributes\":{\"namespace\":\"a\","
			   "\"verb\":\"get\",\"version\":\"v1\",\"resource\":"
			   "\"pods\",\"name\":\"x\"},\"user\":\"eve\","
			   "\"groups\":[\"g\\\"\"]}",
		  .answer = ANSWER("201", "",
				   "{\"status\":{\"allowed\":false}}") },
		{ .expect = OTHER,
		  .holds = "\"user\":\"eve\"}}",
		  .answer = ANSWER("201", "",
				   "{\"status\":{\"allowed\":true}}") },
		{ 0 },
	};
	struct world w = { .tries = 0 };
	struct json groups, text = json_make_string(STR("g"));
	struct kube_access access = { .verb = "get",
				      .resource = &pods,
				      .ns = STR("a"),
				      .name = STR("x"),
				      .user = STR("eve"),
				      .groups = &groups,
				      .allowed = true };

	(void)state;
	world_start(&w, steps);
	assert_int_equal(json_read(&w.arena, STR("[\"g\\\"\"]"), 0, NULL,
				   &groups, &w.err),
			 0);
	assert_int_equal(kube_may_user(w.client, &w.arena, &access, &w.err), 0);
	assert_false(access.allowed);
	access.groups = &json_missing;
	assert_int_equal(kube_may_user(w.client, &w.arena, &access, &w.err), 0);
	assert_true(access.allowed);
	access.groups = &text;
	assert_int_equal(kube_may_user(w.client, &w.arena, &access, &w.err),
			 -1);
	assert_int_equal(w.err.code, ERR_INPUT);
	assert_false(access.allowed);
	access.groups = NULL;
	access.user = STR("");
	assert_int_equal(kube_may_user(w.client, &w.arena, &access, &w.err),
			 -1);
	world_finish(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_first_version_that_serves_the_kind_is_found),
		cmocka_unit_test(core_kinds_are_looked_for_in_api),
		cmocka_unit_test(bad_lists_of_resources_are_errors),
		cmocka_unit_test(the_server_tells_its_version),
		cmocka_unit_test(access_is_what_the_review_says),
		cmocka_unit_test(
			a_review_is_asked_again_when_the_answer_was_cut),
		cmocka_unit_test(others_are_asked_about_with_their_groups),
	};

	return cmocka_run_group_tests_name("kube/discovery.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
