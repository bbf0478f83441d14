/*
 * What fixtures cannot show, since they create from files: updates, lists
 * without end, and objects that a server has looked at already.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/json_read.h"
#include "policies/engine.h"

#define HEAD                                                                   \
	"{\"apiVersion\": \"extensions.agents.x-k8s.io/v1beta1\", "            \
	"\"kind\": \"SandboxClaim\", \"metadata\": {\"name\": \"c\", "
#define FORBIDDEN                                                              \
	"\"spec\": {\"unknown\": 1, \"additionalPodMetadata\": {"              \
	"\"labels\": {\"team\": \"red\"}}}}"
#define OTHER "\"spec\": {\"warmPoolRef\": {\"name\": \"p\"}}}"

struct row {
	const char *name;
	const char *old; /* NULL: CREATE */
	const char *text;
	bool from_file;
	size_t injection, unknown; /* findings wanted */
};

static const struct row rows[] = {
	{ "a file", NULL, HEAD "\"uid\": \"1\"}, " FORBIDDEN, true, 1, 1 },
	{ "a request", NULL, HEAD "\"uid\": \"1\"}, " FORBIDDEN, false, 1, 0 },
	{ "an update of metadata", HEAD "\"uid\": \"1\"}, " FORBIDDEN,
	  HEAD "\"uid\": \"1\", \"labels\": {}}, " FORBIDDEN, false, 0, 0 },
	{ "an update of spec", HEAD "\"uid\": \"1\"}, " OTHER,
	  HEAD "\"uid\": \"1\"}, " FORBIDDEN, false, 1, 0 },
	{ "an update that cures", HEAD "\"uid\": \"1\"}, " FORBIDDEN,
	  HEAD "\"uid\": \"1\"}, " OTHER, false, 0, 0 },
};

static size_t count(const struct decision *d, const char *rule)
{
	size_t n = 0;

	for (size_t i = 0; i < d->verdict.n_findings; i++)
		n += str_is(str_of(d->verdict.findings[i].rule), rule);
	return n;
}

static void read_into(struct arena *a, struct str text, struct json *out)
{
	struct error err = ERROR_INIT;

	if (json_read(a, text, 0, NULL, out, &err) < 0)
		fail_msg("%s", err.msg);
}

static void judge(struct arena *a, const struct subject *like,
		  struct decision *d)
{
	struct inventory *inventory = inventory_new();
	struct engine e = { .inventory = inventory };
	struct snapshot *snapshot = NULL;
	struct error err = ERROR_INIT;
	struct subject s = *like;

	assert_int_equal(snapshot_load_shipped(&snapshot, &err), 0);
	s.group = STR(GROUP_EXTENSIONS);
	s.version = STR("v1beta1");
	s.kind = STR("SandboxClaim");
	s.ns = STR("a");
	s.user.groups = &json_missing;
	e.snapshot = snapshot;
	engine_validate(a, &e, &s, d);
	inventory_free(&inventory);
	snapshot_unref(&snapshot);
}

static void only_new_text_is_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct row *row = &rows[i];
		struct json object, old = json_missing;
		struct subject s = { .object = &object,
				     .old_object = &old,
				     .from_file = row->from_file };
		struct decision d;

		read_into(&a, str_of(row->text), &object);
		if (row->old) {
			s.operation = OPERATION_UPDATE;
			read_into(&a, str_of(row->old), &old);
		}
		judge(&a, &s, &d);
		if (count(&d, "claim.injection") != row->injection ||
		    count(&d, "api.unknownField") != row->unknown)
			fail_msg("%s: %zu and %zu findings", row->name,
				 count(&d, "claim.injection"),
				 count(&d, "api.unknownField"));
		for (size_t f = 0; f < d.verdict.n_findings; f++)
			if (str_is(str_of(d.verdict.findings[f].rule),
				   "claim.injection"))
				assert_int_equal(d.verdict.findings[f].action,
						 ACTION_WARN);
	}
}

static void of_a_long_map_only_the_beginning_is_told(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json object = json_make_object(), spec = json_make_object();
	struct json extra = json_make_object(), labels = json_make_object();
	struct subject s = { .object = &object, .old_object = &json_missing };
	struct decision d;

	(void)state;
	for (int i = 0; i < 300; i++)
		json_add(&a, &labels, arena_printf(&a, "l%d", i),
			 json_make_string(STR("x")));
	json_add(&a, &extra, STR("labels"), labels);
	json_add(&a, &spec, STR("additionalPodMetadata"), extra);
	json_add(&a, &object, STR("spec"), spec);
	judge(&a, &s, &d);
	assert_int_equal(count(&d, "claim.injection"), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_new_text_is_judged),
		cmocka_unit_test(of_a_long_map_only_the_beginning_is_told),
	};

	return cmocka_run_group_tests_name("policies/rules/claim_injection.c",
					   tests, NULL, NULL)
		       ? 1
		       : 0;
}
