/* deploy/crds/: what holds of the definitions beside their fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/file.h"
#include "lib/path.h"
#include "tests/fake/schema.h"
#include "tests/unit/load.h"

enum { CRD_BYTES_MAX = 1 << 20 };

static const struct crd {
	const char *file, *kind, *singular, *short_name;
} crds[] = {
	{ "deploy/crds/isolationtiers.yaml", "IsolationTier", "isolationtier",
	  "itier" },
	{ "deploy/crds/isolationpolicies.yaml", "IsolationPolicy",
	  "isolationpolicy", "ipol" },
	{ "deploy/crds/isolationexceptions.yaml", "IsolationException",
	  "isolationexception", "iexc" },
};

static const struct json *read_doc(struct arena *a, const char *file)
{
	struct error err = ERROR_INIT;
	struct str text;

	if (file_read(a, file, CRD_BYTES_MAX, &text, &err) < 0)
		fail_msg("%s", err.msg);
	return load_json(a, text.p);
}

static const struct json *schema_of(const struct json *doc)
{
	return json_at(json_item(json_at(doc, "spec", "versions"), 0), "schema",
		       "openAPIV3Schema");
}

static const struct json *schema_for(struct arena *a, struct str kind)
{
	for (size_t i = 0; i < ARRAY_LEN(crds); i++)
		if (str_is(kind, crds[i].kind))
			return schema_of(read_doc(a, crds[i].file));
	fail_msg("no CRD for kind %.*s", STR_ARG(kind));
	return NULL;
}

static void shipped_documents_fit(void **state)
{
	static const char *const suffixes[] = { ".yaml", NULL };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct file_list files = { .paths = NULL };
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(
		file_list(&a, "policies/tiers", suffixes, &files, &err), 0);
	assert_int_equal(files.n, 7);
	for (size_t i = 0; i < files.n; i++) {
		const struct json *doc = read_doc(&a, files.paths[i].p);
		struct str kind = json_str(json_at(doc, "kind"));

		if (!schema_fits(schema_for(&a, kind), doc))
			fail_msg("%s does not fit", files.paths[i].p);
	}
}

#define TIER_OF(spec)                                                          \
	"{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationTier, metadata: "  \
	"{name: a}, spec: " spec "}"

static void live_objects_fit_and_slips_do_not(void **state)
{
	static const struct {
		const char *doc;
		bool fits;
	} rows[] = {
		{ TIER_OF("{strength: 1}"), true },
		{ TIER_OF("{strength: 1, pod: null}"), true },
		{ TIER_OF("{strength: 1}, status: {observedGeneration: 3, "
			  "matchedNamespaces: 2, conditions: [{type: Ready, "
			  "status: 'True', reason: Ready, message: '', "
			  "lastTransitionTime: '2026-11-21T06:00:00Z'}]}"),
		  true },
		{ TIER_OF("{strength: 1}, status: {phase: Ready}"), false },
		{ TIER_OF("{strength: 1}, status: {conditions: [{type: Ready, "
			  "status: Yes}]}"),
		  false },
		{ TIER_OF("{}"), false },
		{ TIER_OF("{strength: null}"), false },
		{ TIER_OF("{strength: '1'}"), false },
		{ TIER_OF("{strength: 1, pods: {}}"), false },
		{ TIER_OF("{strength: 1, pod: []}"), false },
		{ TIER_OF("{strength: 1}, spek: {}"), false },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct json *schema = schema_for(&a, STR("IsolationTier"));

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (schema_fits(schema, load_json(&a, rows[i].doc)) !=
		    rows[i].fits)
			fail_msg("%s", rows[i].doc);
}

static bool has(const struct json *schema, const char *key)
{
	return json_exists(json_at(schema, key));
}

/*
 * What is not bounded makes the rules in CEL too dear for the server. The first
 * fault in *fault; NULL: none.
 */
static void find_fault(const struct json *schema, int depth, const char **fault)
{
	const struct json *rest = json_at(schema, "additionalProperties");
	struct str type = json_str(json_at(schema, "type"));

	assert_in_range(depth, 0, SCHEMA_DEPTH_MAX);
	if ((str_is(type, "string") || has(schema, "anyOf")) &&
	    !has(schema, "enum") && !has(schema, "maxLength") &&
	    !has(schema, "maxItems"))
		*fault = "no maxLength";
	if (str_is(type, "array") && !has(schema, "maxItems"))
		*fault = "no maxItems";
	if (str_is(type, "array") && !has(schema, "x-kubernetes-list-type"))
		*fault = "no list type";
	if (json_exists(rest) && !has(schema, "maxProperties"))
		*fault = "no maxProperties";
	if (has(schema, "default"))
		*fault = "a default";
	json_each_member(m, json_at(schema, "properties")) {
		find_fault(&m->value, depth + 1, fault);
	}
	if (json_exists(rest))
		find_fault(rest, depth + 1, fault);
	if (has(schema, "items"))
		find_fault(json_at(schema, "items"), depth + 1, fault);
}

static void everything_is_bounded_and_nothing_defaulted(void **state)
{
	static const char *const bad[] = {
		"{type: string}",
		"{type: array, x-kubernetes-list-type: atomic}",
		"{type: array, maxItems: 2}",
		"{type: object, properties: {a: {type: string}}}",
		"{type: object, additionalProperties: {type: boolean}}",
		"{type: string, maxLength: 3, default: a}",
		"{anyOf: [{type: integer}, {type: string}]}",
		"{type: array, items: {type: string}}",
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(crds); i++) {
		const struct json *doc = read_doc(&a, crds[i].file);
		const char *fault = NULL;

		find_fault(json_at(schema_of(doc), "properties", "spec"), 0,
			   &fault);
		if (fault)
			fail_msg("%s: %s", crds[i].file, fault);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *fault = NULL;

		find_fault(load_json(&a, bad[i]), 0, &fault);
		if (!fault)
			fail_msg("%s", bad[i]);
	}
}

static void definitions_name_the_kinds(void **state)
{
	const struct json all = json_make_string(STR("all"));

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(crds); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct json *doc = read_doc(&a, crds[i].file);
		const struct json *names = json_at(doc, "spec", "names");
		const struct json *status = json_at(
			schema_of(doc), "properties", "status", "properties");
		const struct {
			const struct json *v;
			const char *text;
		} rows[] = {
			{ json_at(doc, "spec", "group"), "bulkhead.dev" },
			{ json_at(doc, "spec", "scope"), "Cluster" },
			{ json_at(names, "kind"), crds[i].kind },
			{ json_at(names, "singular"), crds[i].singular },
			{ json_item(json_at(names, "shortNames"), 0),
			  crds[i].short_name },
			{ json_item(json_at(names, "categories"), 0),
			  "isolation" },
			{ json_item(json_at(status, "conditions",
					    "x-kubernetes-list-map-keys"),
				    0),
			  "type" },
			{ json_at(status, "observedGeneration", "type"),
			  "integer" },
		};

		for (size_t r = 0; r < ARRAY_LEN(rows); r++)
			if (!json_str_is(rows[r].v, str_of(rows[r].text)))
				fail_msg("%s: no \"%s\"", crds[i].file,
					 rows[r].text);
		assert_false(schema_lists(json_at(names, "categories"), &all));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shipped_documents_fit),
		cmocka_unit_test(live_objects_fit_and_slips_do_not),
		cmocka_unit_test(everything_is_bounded_and_nothing_defaulted),
		cmocka_unit_test(definitions_name_the_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
