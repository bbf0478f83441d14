/*
 * What fixtures cannot show, since they create: updates, subresources, and who
 * asks. Each row is one rule on an old and a new object.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/json_read.h"
#include "policies/engine.h"
#include "policies/requester.h"

#define AGENT "system:serviceaccount:agent-sandbox-system:"
#define PERSON "jane@example.com"

static const char tier_text[] =
	"{\"apiVersion\": \"bulkhead.dev/v1alpha1\", "
	"\"kind\": \"IsolationTier\", \"metadata\": {\"name\": \"t\"}, "
	"\"spec\": {\"strength\": 200, "
	"\"runtime\": {\"classNames\": [\"kata-fc\"]}, "
	"\"pod\": {\"level\": \"Privileged\"}}}";

static const char namespace_text[] =
	"{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": "
	"{\"name\": \"a\", \"labels\": {\"bulkhead.dev/enforce\": \"t\"}}}";

struct row {
	const char *rule, *kind, *user, *subresource;
	/* The metadata's members beside the name. */
	const char *old_metadata; /* NULL: CREATE */
	const char *metadata;
	size_t findings;
};

#define STAMP(tier) "\"labels\": {\"bulkhead.dev/tier\": \"" tier "\"}"
#define SYSTEM(v) "\"labels\": {\"agents.x-k8s.io/adoptable\": \"" v "\"}"
#define HASH                                                                   \
	"\"labels\": {\"agents.x-k8s.io/sandbox-template-ref-hash\": \"1\"}"
#define OURS(v) "\"annotations\": {\"bulkhead.dev/x\": \"" v "\"}"
#define OWNER(uid)                                                             \
	"\"ownerReferences\": [{\"apiVersion\": \"agents.x-k8s.io/v1\", "      \
	"\"kind\": \"Sandbox\", \"name\": \"s\", \"uid\": \"" uid "\"}]"
#define NONE "\"labels\": {}"

static const struct row rows[] = {
	{ "label.reserved", "Pod", PERSON, "", NULL, STAMP("t"), 0 },
	{ "label.reserved", "Pod", PERSON, "", NULL, NONE, 1 },
	{ "label.reserved", "Pod", PERSON, "", NULL, STAMP("u"), 1 },
	{ "label.reserved", "Pod", PERSON, "", STAMP("t"), STAMP("t"), 0 },
	{ "label.reserved", "Pod", PERSON, "", STAMP("t"), STAMP("u"), 1 },
	{ "label.reserved", "Pod", PERSON, "", STAMP("t"), NONE, 1 },
	{ "label.reserved", "Pod", PERSON, "", STAMP("old"), STAMP("t"), 1 },
	{ "label.reserved", "Pod", PERSON, "", STAMP("old"), STAMP("old"), 0 },
	{ "label.reserved", "Pod", PERSON, "", NONE, NONE, 0 },
	{ "label.reserved", "Pod", PERSON, "", NONE, STAMP("t"), 0 },
	{ "label.reserved", "Pod", PERSON, "", NONE, STAMP("u"), 1 },
	{ "label.reserved", "Pod", AGENT "agent-sandbox-controller", "",
	  STAMP("t"), NONE, 1 },
	{ "label.reserved", "Pod", PERSON, "resize", STAMP("t"), STAMP("t"),
	  0 },
	{ "label.reserved", "Sandbox", PERSON, "", NONE, OURS("1"), 1 },
	{ "label.reserved", "Sandbox", PERSON, "", OURS("1"), OURS("1"), 0 },
	{ "label.reserved", "Sandbox", PERSON, "", OURS("1"), OURS("2"), 1 },
	{ "label.reserved", "Sandbox", AGENT "agent-sandbox-controller", "",
	  NONE, OURS("1"), 1 },
	{ "label.reserved", "Sandbox",
	  "system:serviceaccount:bulkhead-system:bulkhead-controller", "", NONE,
	  OURS("1"), 0 },
	{ "owner.forged", "Sandbox", PERSON, "", NONE, SYSTEM("true"), 1 },
	{ "owner.forged", "Sandbox", PERSON, "", SYSTEM("true"), SYSTEM("true"),
	  0 },
	{ "owner.forged", "Sandbox", PERSON, "", SYSTEM("a"), SYSTEM("b"), 1 },
	{ "owner.forged", "Sandbox", PERSON, "", SYSTEM("a"), NONE, 0 },
	{ "owner.forged", "Pod", PERSON, "", SYSTEM("a"), NONE, 1 },
	{ "owner.forged", "SandboxTemplate", PERSON, "", HASH, HASH, 0 },
	{ "owner.forged", "SandboxTemplate", PERSON, "", NONE, HASH, 1 },
	{ "owner.forged", "SandboxTemplate", AGENT "agent-sandbox-controller",
	  "", NONE, HASH, 0 },
	{ "owner.forged", "Sandbox", PERSON, "", OWNER("1"), OWNER("1"), 0 },
	{ "owner.forged", "Sandbox", PERSON, "", OWNER("1"), OWNER("2"), 1 },
	{ "owner.forged", "Sandbox", PERSON, "", NONE, OWNER("1"), 1 },
	{ "owner.forged", "Sandbox", PERSON, "", NULL, OWNER("1"), 1 },
	{ "owner.forged", "Pod", AGENT "agent-sandbox-controller", "", NULL,
	  OWNER("1"), 0 },
	{ "owner.forged", "Pod", AGENT "agent-sandbox-controller2", "", NULL,
	  OWNER("1"), 1 },
	{ "owner.forged", "Pod", AGENT "default", "", NULL, OWNER("1"), 1 },
	{ "owner.forged", "Pod",
	  "system:serviceaccount:kube-system:generic-garbage-collector", "",
	  NULL, OWNER("1"), 0 },
	{ "owner.forged", "Pod", "system:serviceaccount:kube-system", "", NULL,
	  OWNER("1"), 1 },
	{ "owner.forged", "Pod", "", "", NULL, OWNER("1"), 1 },
	{ "pod.nodeName", "Pod", PERSON, "", NULL, NONE, 1 },
	{ "pod.nodeName", "Pod", PERSON, "", NONE, NONE, 0 },
	{ "pod.nodeName", "Pod", PERSON, "ephemeralcontainers", NONE, NONE, 0 },
	{ "pod.nodeName", "Sandbox", PERSON, "", NONE, NONE, 1 },
	{ "runtime.compatibility", "Pod", PERSON, "resize", NONE, NONE, 1 },
	{ "runtime.compatibility", "Pod", PERSON, "", NONE, NONE, 0 },
};

static struct json *read_json(struct arena *a, const char *text)
{
	struct json *doc = arena_new(a, struct json, 1);
	struct error err = ERROR_INIT;

	if (json_read(a, str_of(text), 0, NULL, doc, &err) < 0)
		fail_msg("%s: %s", text, err.msg);
	return doc;
}

static const struct json *read_object(struct arena *a, const struct row *row,
				      const char *metadata)
{
	static const char pod_spec[] = "{\"nodeName\": \"n\", "
				       "\"runtimeClassName\": \"kata-fc\", "
				       "\"containers\": [{\"name\": \"c\"}]}";
	bool is_pod = str_is(str_of(row->kind), "Pod");

	if (!metadata)
		return &json_missing;
	return read_json(
		a, arena_printf(a,
				"{\"metadata\": {\"name\": \"s\", "
				"\"namespace\": \"a\", %s}, \"spec\": %s%s%s}",
				metadata,
				is_pod ? "" : "{\"podTemplate\": {\"spec\": ",
				pod_spec, is_pod ? "" : "}}")
			   .p);
}

static const char *group_of(struct str kind)
{
	if (str_is(kind, "Pod"))
		return "";
	return str_is(kind, "Sandbox") ? GROUP_AGENTS : GROUP_EXTENSIONS;
}

static size_t count(struct arena *a, const struct engine *e,
		    const struct subject *s, const char *rule)
{
	struct decision d;
	size_t n = 0;

	engine_validate(a, e, s, &d);
	for (size_t i = 0; i < d.verdict.n_findings; i++)
		n += str_is(str_of(rule), d.verdict.findings[i].rule);
	return n;
}

static void check_row(const struct engine *e, const struct row *row)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str kind = str_of(row->kind);
	struct subject s = {
		.operation =
			row->old_metadata ? OPERATION_UPDATE : OPERATION_CREATE,
		.group = str_of(group_of(kind)),
		.kind = kind,
		.resource = STR("anything"),
		.subresource = str_of(row->subresource),
		.ns = STR("a"),
		.name = STR("s"),
		.user = { .name = str_of(row->user), .groups = &json_missing },
		.object = read_object(&a, row, row->metadata),
		.old_object = read_object(&a, row, row->old_metadata),
	};
	size_t n = count(&a, e, &s, row->rule);

	if (n != row->findings)
		fail_msg("%s of %s by \"%s\", %s to %s: %zu findings, "
			 "wanted %zu",
			 row->rule, row->kind, row->user,
			 row->old_metadata ? row->old_metadata : "nothing",
			 row->metadata, n, row->findings);
}

static void put_namespace(struct inventory *inv)
{
	struct arena *a;
	struct inventory_object *o = inventory_object_new(&a);

	o->group = STR("");
	o->kind = STR("Namespace");
	o->ns = STR("");
	o->name = STR("a");
	o->doc = *read_json(a, namespace_text);
	inventory_put(inv, o);
}

static void updates_are_judged_by_what_they_change(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct snapshot_source source = { read_json(&a, tier_text), STR("") };
	struct inventory *inv = inventory_new();
	struct snapshot *snapshot = NULL;
	struct error err = ERROR_INIT;
	struct engine e;

	(void)state;
	if (snapshot_load(&source, 1, &snapshot, &err) < 0)
		fail_msg("%s", err.msg);
	put_namespace(inv);
	e = (struct engine){ snapshot, inv, 0 };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_row(&e, &rows[i]);
	snapshot_unref(&snapshot);
	inventory_free(&inv);
}

static void a_live_object_is_asked_about_by_nobody(void **state)
{
	struct subject live = { .operation = OPERATION_UPDATE };
	struct subject file = { .from_file = true };
	struct subject request = { .resource = STR("pods") };

	(void)state;
	assert_int_equal(requester_of(&live), REQUESTER_NONE);
	assert_int_equal(requester_of(&file), REQUESTER_PERSON);
	assert_int_equal(requester_of(&request), REQUESTER_PERSON);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(updates_are_judged_by_what_they_change),
		cmocka_unit_test(a_live_object_is_asked_about_by_nobody),
	};

	return cmocka_run_group_tests_name("policies/rules", tests, NULL, NULL)
		       ? 1
		       : 0;
}
