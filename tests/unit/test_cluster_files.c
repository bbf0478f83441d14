/* webhook/cluster_files.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/file.h"
#include "webhook/cluster_files.h"

static char folder[64];
static struct arena arena;
static struct inventory *inventory;
static struct cluster_files files;

static const char *at(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder, name).p;
}

static void put(const char *name, const char *text)
{
	struct error err = ERROR_INIT;

	if (file_write(at(name), str_of(text), &err) < 0)
		fail_msg("%s", err.msg);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/test_cluster.XXXXXX");
	inventory = inventory_new();
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	cluster_files_release(&files);
	inventory_free(&inventory);
	(void)remove(at("a.yaml"));
	(void)remove(at("b.yaml"));
	arena_release(&arena);
	return rmdir(folder);
}

static int load(struct error *err)
{
	return cluster_files_load(&files, str_of(folder), inventory, err);
}

static bool has(const char *group, const char *kind, const char *ns,
		const char *name)
{
	const struct inventory_object *o =
		inventory_get(inventory, str_of(group), str_of(kind),
			      str_of(ns), str_of(name));
	bool found = o != NULL;

	inventory_object_unref(&o);
	return found;
}

#define NAMESPACE(name)                                                        \
	"{apiVersion: v1, kind: Namespace, metadata: {name: " name "}}\n"

static void objects_are_found_by_their_keys(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	put("a.yaml",
	    NAMESPACE("x") "---\n"
			   "apiVersion: v1\nkind: List\nitems:\n"
			   "- {apiVersion: node.k8s.io/v1, kind: RuntimeClass, "
			   "metadata: {name: gvisor}}\n"
			   "- {apiVersion: extensions.agents.x-k8s.io/v1beta1, "
			   "kind: SandboxTemplate, metadata: {name: t}}\n");
	assert_int_equal(load(&err), 0);
	assert_int_equal(inventory_count(inventory), 3);
	assert_true(has("", "Namespace", "", "x"));
	assert_true(has("node.k8s.io", "RuntimeClass", "", "gvisor"));
	assert_true(has("extensions.agents.x-k8s.io", "SandboxTemplate",
			"default", "t"));
	assert_true(inventory_is_known(inventory, STR("node.k8s.io"),
				       STR("RuntimeClass")));
}

static void what_is_gone_from_the_files_is_gone(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	put("a.yaml", NAMESPACE("x"));
	put("b.yaml", NAMESPACE("y") "---\n" NAMESPACE("z"));
	assert_int_equal(load(&err), 0);
	put("b.yaml", NAMESPACE("z"));
	assert_int_equal(load(&err), 0);
	assert_int_equal(inventory_count(inventory), 2);
	assert_false(has("", "Namespace", "", "y"));
	assert_true(has("", "Namespace", "", "z"));
}

static void an_error_changes_nothing_and_says_where(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	put("a.yaml", NAMESPACE("x"));
	assert_int_equal(load(&err), 0);
	put("a.yaml", NAMESPACE("y"));
	put("b.yaml", "a: 1\nb: c: d\n");
	assert_int_equal(load(&err), -1);
	if (!strstr(err.msg, "b.yaml:2:"))
		fail_msg("%s", err.msg);
	assert_true(has("", "Namespace", "", "x"));
	assert_false(has("", "Namespace", "", "y"));
	put("b.yaml", "just text\n");
	assert_int_equal(load(&err), -1);
	assert_non_null(strstr(err.msg, "wanted a Kubernetes object"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(objects_are_found_by_their_keys),
		TEST(what_is_gone_from_the_files_is_gone),
		TEST(an_error_changes_nothing_and_says_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
