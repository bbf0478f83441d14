/* kube/request.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kube/request.h"
#include "lib/json_read.h"

static const struct kube_resource pods = { "", "v1", "pods", "Pod", true };
static const struct kube_resource namespaces = { "", "v1", "namespaces",
						 "Namespace", false };
static const struct kube_resource policies = { "networking.k8s.io", "v1",
					       "networkpolicies",
					       "NetworkPolicy", true };
static const struct kube_resource reviews = { "authorization.k8s.io", "v1",
					      "subjectaccessreviews",
					      "SubjectAccessReview", false };

#define A_X .resource = &pods, .ns = STR_INIT("a"), .name = STR_INIT("x")
#define PODS "/api/v1/namespaces/a/pods"
#define WRITE "?fieldManager=us&fieldValidation=Strict"
#define DELETE_OPTIONS "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\""

struct row {
	struct kube_call call;
	const char *method, *path, *content_type, *accept, *body;
};

static const struct row rows[] = {
	{ { .verb = KUBE_GET, A_X }, "GET", PODS "/x", NULL, NULL, "" },
	{ { .verb = KUBE_GET, A_X, .metadata_only = true },
	  "GET",
	  PODS "/x",
	  NULL,
	  "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,"
	  "application/json",
	  "" },
	{ { .verb = KUBE_GET, A_X, .subresource = STR_INIT("log") },
	  "GET",
	  PODS "/x/log",
	  NULL,
	  NULL,
	  "" },
	{ { .verb = KUBE_LIST, .resource = &pods },
	  "GET",
	  "/api/v1/pods",
	  NULL,
	  NULL,
	  "" },
	{ { .verb = KUBE_LIST,
	    .resource = &pods,
	    .ns = STR_INIT("a"),
	    .limit = 500,
	    .continue_token = STR_INIT("eyJ2+/="),
	    .label_selector = STR_INIT("k in (a,b),!c"),
	    .field_selector = STR_INIT("metadata.name=x"),
	    .metadata_only = true },
	  "GET",
	  PODS "?limit=500&continue=eyJ2%2B%2F%3D&labelSelector=k%20in%20%28a"
	       "%2Cb%29%2C%21c&fieldSelector=metadata.name%3Dx",
	  NULL,
	  "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,"
	  "application/json",
	  "" },
	{ { .verb = KUBE_CREATE, .resource = &pods, .ns = STR_INIT("a") },
	  "POST",
	  PODS WRITE,
	  "application/json",
	  NULL,
	  "{}" },
	{ { .verb = KUBE_CREATE, A_X, .subresource = STR_INIT("eviction") },
	  "POST",
	  PODS "/x/eviction" WRITE,
	  "application/json",
	  NULL,
	  "{}" },
	{ { .verb = KUBE_CREATE,
	    .resource = &policies,
	    .ns = STR_INIT("a"),
	    .dry_run = true },
	  "POST",
	  "/apis/networking.k8s.io/v1/namespaces/a/networkpolicies" WRITE
	  "&dryRun=All",
	  "application/json",
	  NULL,
	  "{}" },
	{ { .verb = KUBE_REPLACE, A_X, .force = true },
	  "PUT",
	  PODS "/x" WRITE,
	  "application/json",
	  NULL,
	  "{}" },
	{ { .verb = KUBE_APPLY, A_X },
	  "PATCH",
	  PODS "/x" WRITE,
	  "application/apply-patch+yaml",
	  NULL,
	  "{}" },
	{ { .verb = KUBE_APPLY,
	    A_X,
	    .subresource = STR_INIT("status"),
	    .force = true,
	    .dry_run = true,
	    .field_manager = STR_INIT("us/status") },
	  "PATCH",
	  PODS "/x/status?fieldManager=us%2Fstatus&force=true"
	       "&fieldValidation=Strict&dryRun=All",
	  "application/apply-patch+yaml",
	  NULL,
	  "{}" },
	{ { .verb = KUBE_JSON_PATCH, A_X, .force = true },
	  "PATCH",
	  PODS "/x" WRITE,
	  "application/json-patch+json",
	  NULL,
	  "{}" },
	{ { .verb = KUBE_MERGE_PATCH, A_X, .lenient = true },
	  "PATCH",
	  PODS "/x?fieldManager=us&fieldValidation=Ignore",
	  "application/merge-patch+json",
	  NULL,
	  "{}" },
	{ { .verb = KUBE_MERGE_PATCH, A_X },
	  "PATCH",
	  PODS "/x" WRITE,
	  "application/merge-patch+json",
	  NULL,
	  "{}" },
	{ { .verb = KUBE_DELETE, A_X },
	  "DELETE",
	  PODS "/x",
	  "application/json",
	  NULL,
	  DELETE_OPTIONS "}" },
	{ { .verb = KUBE_DELETE,
	    A_X,
	    .uid = STR_INIT("u-1"),
	    .resource_version = STR_INIT("7"),
	    .propagation = KUBE_FOREGROUND },
	  "DELETE",
	  PODS "/x",
	  "application/json",
	  NULL,
	  DELETE_OPTIONS ",\"preconditions\":{\"uid\":\"u-1\","
			 "\"resourceVersion\":\"7\"},"
			 "\"propagationPolicy\":\"Foreground\"}" },
	/* In the query of a DELETE with a body it would be ignored. */
	{ { .verb = KUBE_DELETE,
	    A_X,
	    .dry_run = true,
	    .propagation = KUBE_ORPHAN },
	  "DELETE",
	  PODS "/x",
	  "application/json",
	  NULL,
	  DELETE_OPTIONS ",\"propagationPolicy\":\"Orphan\","
			 "\"dryRun\":[\"All\"]}" },
	{ { .verb = KUBE_DELETE,
	    .resource = &namespaces,
	    .name = STR_INIT("a"),
	    .propagation = KUBE_BACKGROUND },
	  "DELETE",
	  "/api/v1/namespaces/a",
	  "application/json",
	  NULL,
	  DELETE_OPTIONS ",\"propagationPolicy\":\"Background\"}" },
};

static void assert_text(const char *got, const char *want, const char *path)
{
	if (!str_eq(str_of(got), str_of(want)))
		fail_msg("%s: got %s, wanted %s", path, got ? got : "nothing",
			 want ? want : "nothing");
}

static void each_verb_has_its_request(void **state)
{
	const struct json body = json_make_object();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct kube_call call = rows[i].call;
		struct kube_transport_request request;
		struct error err = ERROR_INIT;

		call.body = &body;
		if (kube_request_build(&a, &call, "us", &request, &err) < 0)
			fail_msg("%s: %s", rows[i].path, err.msg);
		assert_text(request.method, rows[i].method, rows[i].path);
		assert_text(request.path.p, rows[i].path, rows[i].path);
		assert_text(request.content_type, rows[i].content_type,
			    rows[i].path);
		assert_text(request.accept, rows[i].accept, rows[i].path);
		assert_true(str_is(request.body, rows[i].body));
	}
}

static void calls_that_reach_something_else_are_refused(void **state)
{
	static const struct {
		struct kube_call call;
		const char *says;
	} bad[] = {
		{ { .verb = KUBE_DELETE,
		    .resource = &pods,
		    .ns = STR_INIT("a") },
		  "delete pods in namespace \"a\": name is empty" },
		{ { .verb = KUBE_GET, .resource = &namespaces },
		  "get namespaces: name is empty" },
		{ { .verb = KUBE_APPLY, .resource = &namespaces },
		  "apply namespaces: name is empty" },
		{ { .verb = KUBE_GET,
		    .resource = &pods,
		    .name = STR_INIT("x") },
		  "get pods \"x\": namespace is empty" },
		{ { .verb = KUBE_CREATE, .resource = &pods },
		  "create pods: namespace is empty" },
		{ { .verb = KUBE_LIST, A_X },
		  "list pods \"x\" in namespace \"a\": a name is not wanted" },
		{ { .verb = KUBE_CREATE, A_X }, "a name is not wanted" },
		{ { .verb = KUBE_CREATE,
		    .resource = &pods,
		    .ns = STR_INIT("a"),
		    .subresource = STR_INIT("eviction") },
		  "name is empty" },
		{ { .verb = KUBE_GET,
		    .resource = &pods,
		    .ns = STR_INIT("a"),
		    .name = STR_INIT("../secrets") },
		  "name \"../secrets\" cannot be sent" },
		{ { .verb = KUBE_GET,
		    .resource = &pods,
		    .ns = STR_INIT("a"),
		    .name = STR_INIT("x%2flog") },
		  "name \"x%2flog\" cannot be sent" },
		{ { .verb = KUBE_DELETE,
		    .resource = &pods,
		    .ns = STR_INIT(".."),
		    .name = STR_INIT("x") },
		  "namespace \"..\" cannot be sent" },
		{ { .verb = KUBE_LIST,
		    .resource = &pods,
		    .ns = STR_INIT("a/pods/x") },
		  "namespace \"a/pods/x\" cannot be sent" },
		{ { .verb = KUBE_GET, A_X, .subresource = STR_INIT("../y") },
		  "subresource \"../y\" cannot be sent" },
	};
	const struct json body = json_make_object();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct kube_call call = bad[i].call;
		struct kube_transport_request request;
		struct error err = ERROR_INIT;

		call.body = &body;
		assert_int_equal(
			kube_request_build(&a, &call, "us", &request, &err),
			-1);
		assert_int_equal(err.code, ERR_INPUT);
		if (!strstr(err.msg, bad[i].says))
			fail_msg("got: %s\nwanted: %s", err.msg, bad[i].says);
	}
}

static void hostile_names_are_encoded(void **state)
{
	static const struct {
		struct str name;
		const char *path;
	} names[] = {
		{ STR_INIT("x?dryRun=All"), PODS "/x%3FdryRun%3DAll" },
		{ STR_INIT("x\0y"), PODS "/x%00y" },
		{ STR_INIT("\xc3\xa9\xff"), PODS "/%C3%A9%FF" },
		{ STR_INIT("x HTTP/1.1"), NULL },
		{ STR_INIT("x\r\nHost:b"), PODS "/x%0D%0AHost%3Ab" },
		{ STR_INIT("x#"), PODS "/x%23" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct kube_call call = {
			.verb = KUBE_GET,
			.resource = &pods,
			.ns = STR("a"),
			.name = names[i].name,
		};
		struct kube_transport_request request;
		struct error err = ERROR_INIT;
		int r = kube_request_build(&a, &call, "us", &request, &err);

		assert_int_equal(r, names[i].path ? 0 : -1);
		if (r == 0)
			assert_text(request.path.p, names[i].path, "name");
	}
}

static void only_what_changes_nothing_twice_is_idempotent(void **state)
{
	static const struct {
		struct kube_call call;
		const char *body;
		bool idempotent, writes;
	} calls[] = {
		{ { .verb = KUBE_GET, A_X }, NULL, true, false },
		{ { .verb = KUBE_LIST, .resource = &pods }, NULL, true, false },
		{ { .verb = KUBE_APPLY, A_X }, "{}", true, true },
		{ { .verb = KUBE_CREATE, .resource = &pods },
		  "{\"metadata\":{\"resourceVersion\":\"7\"}}",
		  false,
		  true },
		{ { .verb = KUBE_CREATE, .resource = &pods, .dry_run = true },
		  "{}",
		  true,
		  false },
		{ { .verb = KUBE_CREATE, .resource = &reviews },
		  "{}",
		  true,
		  false },
		{ { .verb = KUBE_REPLACE, A_X }, "{}", false, true },
		{ { .verb = KUBE_REPLACE, A_X },
		  "{\"metadata\":{\"resourceVersion\":\"7\"}}",
		  true,
		  true },
		{ { .verb = KUBE_REPLACE, A_X },
		  "{\"metadata\":{\"resourceVersion\":\"\"}}",
		  false,
		  true },
		{ { .verb = KUBE_REPLACE, A_X },
		  "{\"metadata\":{\"resourceVersion\":7}}",
		  false,
		  true },
		{ { .verb = KUBE_MERGE_PATCH, A_X },
		  "{\"metadata\":{\"resourceVersion\":\"7\"}}",
		  true,
		  true },
		{ { .verb = KUBE_MERGE_PATCH, A_X },
		  "{\"count\":2}",
		  false,
		  true },
		{ { .verb = KUBE_JSON_PATCH, A_X },
		  "[{\"op\":\"test\",\"path\":\"/a\",\"value\":1}]",
		  false,
		  true },
		{ { .verb = KUBE_DELETE, A_X }, NULL, false, true },
		{ { .verb = KUBE_DELETE, A_X, .uid = STR_INIT("u") },
		  NULL,
		  true,
		  true },
		{ { .verb = KUBE_DELETE,
		    A_X,
		    .resource_version = STR_INIT("7") },
		  NULL,
		  true,
		  true },
		{ { .verb = KUBE_DELETE, A_X, .dry_run = true },
		  NULL,
		  true,
		  false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct kube_call call = calls[i].call;
		struct error err = ERROR_INIT;
		struct json body = json_missing;

		if (calls[i].body)
			assert_int_equal(json_read(&a, str_of(calls[i].body), 0,
						   NULL, &body, &err),
					 0);
		call.body = &body;
		if (kube_request_idempotent(&call) != calls[i].idempotent ||
		    kube_request_writes(&call) != calls[i].writes)
			fail_msg("row %zu: %s %s", i,
				 kube_request_what(&a, &call).p, calls[i].body);
	}
}

static void messages_name_what_was_asked(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	static char name[300];
	const struct kube_call create = { .verb = KUBE_CREATE,
					  .resource = &policies,
					  .ns = STR("a") };
	const struct kube_call cluster = { .verb = KUBE_DELETE,
					   .resource = &namespaces,
					   .ns = STR("b"),
					   .name = STR("a") };
	struct kube_call status = { .verb = KUBE_MERGE_PATCH,
				    A_X,
				    .subresource = STR("status") };

	(void)state;
	assert_string_equal(kube_request_what(&a, &create).p,
			    "create networkpolicies in namespace \"a\"");
	assert_string_equal(kube_request_what(&a, &cluster).p,
			    "delete namespaces \"a\"");
	assert_string_equal(kube_request_what(&a, &status).p,
			    "patch pods/status \"x\" in namespace \"a\"");
	memset(name, 'n', sizeof(name));
	status.name = (struct str){ name, sizeof(name) };
	assert_int_equal(kube_request_what(&a, &status).n,
			 strlen("patch pods/status \"\" in namespace \"a\"") +
				 128);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_verb_has_its_request),
		cmocka_unit_test(calls_that_reach_something_else_are_refused),
		cmocka_unit_test(hostile_names_are_encoded),
		cmocka_unit_test(only_what_changes_nothing_twice_is_idempotent),
		cmocka_unit_test(messages_name_what_was_asked),
	};

	return cmocka_run_group_tests_name("kube/request.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
