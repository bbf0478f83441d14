/* kube/resource.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kube/resource.h"

static const struct kube_resource pods = { "", "v1", "pods", "Pod", true };
static const struct kube_resource namespaces = { "", "v1", "namespaces",
						 "Namespace", false };
static const struct kube_resource policies = { "networking.k8s.io", "v1",
					       "networkpolicies",
					       "NetworkPolicy", true };

static void assert_str(struct str got, const char *want)
{
	if (!str_is(got, want))
		fail_msg("got %.*s, wanted %s", STR_ARG(got), want);
}

static void api_version_of_core_has_no_group(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	assert_str(kube_resource_api_version(&a, &pods), "v1");
	assert_str(kube_resource_api_version(&a, &policies),
		   "networking.k8s.io/v1");
}

static void paths_are_those_of_the_api(void **state)
{
	static const struct {
		const struct kube_resource *resource;
		const char *ns, *name, *subresource, *want;
	} rows[] = {
		{ &pods, "", "", "", "/api/v1/pods" },
		{ &pods, "a", "", "", "/api/v1/namespaces/a/pods" },
		{ &pods, "a", "x", "", "/api/v1/namespaces/a/pods/x" },
		{ &pods, "a", "x", "status",
		  "/api/v1/namespaces/a/pods/x/status" },
		{ &policies, "a", "x", "",
		  "/apis/networking.k8s.io/v1/namespaces/a/networkpolicies/x" },
		{ &policies, "", "", "",
		  "/apis/networking.k8s.io/v1/networkpolicies" },
		{ &namespaces, "", "a", "", "/api/v1/namespaces/a" },
		{ &namespaces, "", "a", "finalize",
		  "/api/v1/namespaces/a/finalize" },
		/* what has no namespace is not looked for in one */
		{ &namespaces, "b", "a", "", "/api/v1/namespaces/a" },
		/* a subresource without a name would pass for a name */
		{ &pods, "a", "", "status", "/api/v1/namespaces/a/pods" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;

		assert_str(kube_resource_path(&a, rows[i].resource,
					      str_of(rows[i].ns),
					      str_of(rows[i].name),
					      str_of(rows[i].subresource)),
			   rows[i].want);
	}
}

static void hostile_names_stay_one_step(void **state)
{
	static const struct {
		struct str name;
		const char *want;
	} rows[] = {
		{ STR_INIT(".."), "%2E%2E" },
		{ STR_INIT("."), "%2E" },
		{ STR_INIT("..."), "..." },
		{ STR_INIT("../b"), "..%2Fb" },
		{ STR_INIT("a/b"), "a%2Fb" },
		{ STR_INIT("%2f"), "%252f" },
		{ STR_INIT("%2e%2e"), "%252e%252e" },
		{ STR_INIT("x?watch=1"), "x%3Fwatch%3D1" },
		{ STR_INIT("x#y"), "x%23y" },
		{ STR_INIT("x y"), "x%20y" },
		{ STR_INIT("x\0y"), "x%00y" },
		{ STR_INIT("x\r\nHost: b"), "x%0D%0AHost%3A%20b" },
		{ STR_INIT("\xc3\xa9"), "%C3%A9" },
		{ STR_INIT("\xff"), "%FF" },
		{ STR_INIT("a;b&c=d+e"), "a%3Bb%26c%3Dd%2Be" },
		{ STR_INIT("\\..\\"), "%5C..%5C" },
		{ STR_INIT("a-b_c.d~e"), "a-b_c.d~e" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct str want =
			arena_printf(&a, "/api/v1/namespaces/%s/pods/%s/%s",
				     rows[i].want, rows[i].want, rows[i].want);

		assert_str(kube_resource_path(&a, &pods, rows[i].name,
					      rows[i].name, rows[i].name),
			   want.p);
	}
}

static void long_names_are_not_cut(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	static char name[300];
	struct str path;

	(void)state;
	memset(name, '/', sizeof(name));
	path = kube_resource_path(&a, &namespaces, STR_NONE,
				  (struct str){ name, sizeof(name) }, STR_NONE);
	assert_int_equal(path.n, strlen("/api/v1/namespaces/") + 900);
	memset(name, 'n', sizeof(name));
	path = kube_resource_path(&a, &namespaces, STR_NONE,
				  (struct str){ name, sizeof(name) }, STR_NONE);
	assert_int_equal(path.n, strlen("/api/v1/namespaces/") + 300);
}

static void names_that_lead_elsewhere_are_not_valid(void **state)
{
	static const struct {
		struct str name;
		bool valid;
	} rows[] = {
		{ STR_INIT("x"), true },      { STR_INIT("system:node"), true },
		{ STR_INIT("..."), true },    { STR_INIT("\xc3\xa9"), true },
		{ STR_INIT(""), false },      { STR_INIT("."), false },
		{ STR_INIT(".."), false },    { STR_INIT("a/b"), false },
		{ STR_INIT("/"), false },     { STR_INIT("../x"), false },
		{ STR_INIT("%2f"), false },   { STR_INIT("100%"), false },
		{ STR_INIT("a\0/b"), false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (kube_resource_name_valid(rows[i].name) != rows[i].valid)
			fail_msg("%.*s", STR_ARG(rows[i].name));
}

static void queries_are_appended_and_encoded(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str path = STR("/api/v1/pods");

	(void)state;
	path = kube_path_query(&a, path, "limit", STR("500"));
	assert_str(path, "/api/v1/pods?limit=500");
	path = kube_path_query(&a, path, "labelSelector",
			       STR("a in (b,c),!d&limit=1"));
	assert_str(path, "/api/v1/pods?limit=500&labelSelector="
			 "a%20in%20%28b%2Cc%29%2C%21d%26limit%3D1");
	assert_str(kube_path_query(&a, STR("/x"), "continue", STR("a+/=\0")),
		   "/x?continue=a%2B%2F%3D%00");
	assert_str(kube_path_query(&a, STR("/x"), "k", STR("..")), "/x?k=..");
	assert_str(kube_path_query(&a, STR("/x"), "k", STR_NONE), "/x?k=");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(api_version_of_core_has_no_group),
		cmocka_unit_test(paths_are_those_of_the_api),
		cmocka_unit_test(hostile_names_stay_one_step),
		cmocka_unit_test(long_names_are_not_cut),
		cmocka_unit_test(names_that_lead_elsewhere_are_not_valid),
		cmocka_unit_test(queries_are_appended_and_encoded),
	};

	return cmocka_run_group_tests_name("kube/resource.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
