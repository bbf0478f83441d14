/* policies/snapshot.c, snapshot_load.c, snapshot_resolve.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/load.h"

#define T TIER("gvisor", "200", "") TIER("kata-vm", "400", "")
#define RULE(more) POLICY("rules: [{name: r, namespaceSelector: {}, " more "}]")
#define LATER "2027-01-01T00:00:00Z"
#define SPEC(spec) OURS("IsolationTier", "t", "strength: 1, " spec)

/* Each message starts with the place and says what would be right. */
static const struct {
	const char *text;
	const char *place;   /* "line:column: field"; the file is t.yaml */
	const char *says[3]; /* ended by NULL */
} rows[] = {
	/* heads */
	{ "{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationTeir}",
	  "1:43: kind \"IsolationTeir\"",
	  { "did you mean \"IsolationTier\"?" } },
	{ "{apiVersion: bulkhead.dev/v1, kind: IsolationTier, metadata: "
	  "{name: t}}",
	  "1:14: apiVersion",
	  { "wanted bulkhead.dev/v1alpha1" } },
	{ "{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationTier}",
	  "1:1: metadata.name is missing",
	  { "give it a name" } },
	{ "{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationTier, metadata: "
	  "{name: 5}}",
	  "1:75: metadata.name",
	  { "give it a name" } },
	{ "{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationTier, metadata: "
	  "[t]}",
	  "1:1: metadata.name is missing",
	  { "give it a name" } },
	{ "{apiVersion: bulkhead.dev/v1alpha1, kind: [IsolationTier]}",
	  "1:43: kind \"\" is not one of ours",
	  { NULL } },
	{ TIER("a b", "1", ""),
	  "1:75: metadata.name \"a b\"",
	  { "at most 63 letters" } },
	{ T TIER("gvisor", "300", ""),
	  "5:75: IsolationTier \"gvisor\"",
	  { "stands twice", "another name" } },
	{ T POLICY("defaultTier: gvisor") POLICY(""),
	  "7:77: IsolationPolicy \"p\"",
	  { "stands twice" } },
	{ T TIER("other", "400", ""),
	  "5:100: spec.strength",
	  { "both have 400", "a strength of its own" } },
	{ POLICY(""), "", { "wanted at least one" } },
	/* tiers */
	{ SPEC("runtme: {}"),
	  "1:99: spec.runtme",
	  { "did you mean \"runtime\"?" } },
	{ SPEC("runtime: {clasNames: [x]}"),
	  "1:109: spec.runtime.clasNames",
	  { "did you mean \"classNames\"?" } },
	{ SPEC("runtime: [x]"),
	  "1:108: spec.runtime",
	  { "found array, want an object" } },
	{ SPEC("runtime: {classNames: gvisor}"),
	  "1:121: spec.runtime.classNames",
	  { "found string \"gvisor\"" } },
	{ SPEC("enforcement: deny"),
	  "1:112: spec.enforcement",
	  { "Audit, Warn or Enforce" } },
	{ SPEC("pod: {level: restricted}"),
	  "1:112: spec.pod.level",
	  { "Restricted" } },
	{ SPEC("pod: {level: {version: v1.2}}"),
	  "",
	  { "spec.pod.level.level: is missing" } },
	{ SPEC("pod: {level: {level: Baseline, version: v1}}"),
	  "",
	  { "spec.pod.level.version", "such as \"v1.29\"" } },
	{ SPEC("pod: {images: {allow: ['(']}}"),
	  "",
	  { "spec.pod.images.allow[0]" } },
	{ SPEC("pod: {images: {allow: '^x'}}"), "", { "wanted a list" } },
	{ SPEC("pod: {images: {allow: [5]}}"), "", { "wanted a pattern" } },
	{ SPEC("pod: {maxContainers: -1}"), "", { "spec.pod.maxContainers" } },
	{ SPEC("pod: {maxContainers: 99999999999999999999999}"),
	  "",
	  { "spec.pod.maxContainers" } },
	{ OURS("IsolationTier", "t", "strength: 1001"),
	  "1:96: spec.strength",
	  { "1000" } },
	{ OURS("IsolationTier", "t", "strength: 1.5"),
	  "",
	  { "spec.strength" } },
	{ OURS("IsolationTier", "t", "strength: '5'"),
	  "",
	  { "spec.strength" } },
	{ OURS("IsolationTier", "t", "description: x"),
	  "",
	  { "spec.strength: is missing" } },
	{ SPEC("resources: {max: {cpu: 1 core}}"),
	  "",
	  { "spec.resources.max.cpu" } },
	{ SPEC("resources: {max: {cpu: -1}}"),
	  "",
	  { "spec.resources.max.cpu" } },
	{ SPEC("resources: {max: [cpu]}"), "", { "wanted a map" } },
	{ SPEC("resources: {max: {cpu: 1}, defaults: {limits: {cpu: 2}}}"),
	  "",
	  { "spec.resources.defaults.limits.cpu: is 2, above resources.max "
	    "of 1" } },
	{ SPEC("resources: {max: {cpu: 1}, defaults: {requests: {cpu: 2}}}"),
	  "",
	  { "spec.resources.defaults.requests.cpu: is 2, above" } },
	{ SPEC("resources: {defaults: {limits: {cpu: 500m}, requests: {cpu: "
	       "1}}}"),
	  "",
	  { "is 1, above the default limit of 500m" } },
	{ SPEC("lifecycle: {ttl: {default: 2h, max: 1h}}"),
	  "",
	  { "spec.lifecycle.ttl.default: is longer than max" } },
	{ SPEC("lifecycle: {ttl: {max: 1 hour}}"),
	  "",
	  { "spec.lifecycle.ttl.max" } },
	{ SPEC("lifecycle: {ttl: {max: 99999999999h}}"),
	  "",
	  { "spec.lifecycle.ttl.max" } },
	{ SPEC("lifecycle: {shutdownPolicies: [Keep]}"),
	  "",
	  { "spec.lifecycle.shutdownPolicies[0]", "Retain" } },
	{ SPEC("rules: [{id: x, path: a}]"), "", { "asserts nothing" } },
	{ SPEC("rules: [{id: x, path: 'a[', in: [b]}]"),
	  "",
	  { "spec.rules[0].path" } },
	{ SPEC("rules: [{id: x, path: a, matches: '('}]"),
	  "",
	  { "spec.rules[0].matches" } },
	{ SPEC("rules: [{id: x, path: a, exists: 1}]"),
	  "",
	  { "wanted true or false" } },
	{ SPEC("rules: [{id: x, path: a, in: [b]}, {id: x, path: a, in: "
	       "[b]}]"),
	  "",
	  { "spec.rules[1]" } },
	{ SPEC("rules: {id: x}"), "", { "spec.rules" } },
	/* policies */
	{ T POLICY("defaultTier: gvisr"),
	  "5:101: spec.defaultTier",
	  { "names tier \"gvisr\"", "did you mean \"gvisor\"?",
	    "known: gvisor, kata-vm" } },
	{ T POLICY("defaultTier: ''"), "", { "spec.defaultTier: is empty" } },
	{ T RULE("floor: kata"),
	  "5:136: spec.rules[0].floor",
	  { "names tier \"kata\"", "known: gvisor, kata-vm" } },
	{ T RULE("allowed: [gvisor, katavm]"),
	  "5:147: spec.rules[0].allowed[1]",
	  { "did you mean \"kata-vm\"?" } },
	{ T RULE("allowed: []"), "", { "wanted at least one" } },
	{ T RULE("allowed: gvisor"), "", { "spec.rules[0].allowed" } },
	{ T RULE("flor: gvisor"), "", { "did you mean \"floor\"?" } },
	{ T POLICY("rules: [{name: r}]"),
	  "",
	  { "spec.rules[0].namespaceSelector: is missing" } },
	{ T POLICY("rules: [{name: r, namespaceSelector: {matchLabel: {a: "
		   "b}}}]"),
	  "",
	  { "spec.rules[0].namespaceSelector" } },
	{ T POLICY("rules: [{name: r, namespaceSelector: {matchExpressions: "
		   "[{key: a, operator: in, values: [b]}]}}]"),
	  "",
	  { "spec.rules[0].namespaceSelector" } },
	{ T POLICY("rules: {name: r}"), "", { "spec.rules" } },
	/* exceptions */
	{ T OURS("IsolationException", "e",
		 "target: {namespace: a}, rules: [r], reason: x"),
	  "5:90: spec.expiresAt: is missing",
	  { NULL } },
	{ T EXCEPTION("e", "namespace: a", "r", "tomorrow"),
	  "",
	  { "spec.expiresAt" } },
	{ T EXCEPTION("e", "namespace: a", "r", "2026-02-30T00:00:00Z"),
	  "",
	  { "spec.expiresAt" } },
	{ T EXCEPTION("e", "", "r", LATER),
	  "",
	  { "spec.target.namespace: is missing" } },
	{ T EXCEPTION("e", "namespace: ''", "r", LATER),
	  "",
	  { "spec.target.namespace: is empty" } },
	{ T EXCEPTION("e", "namespace: a, kinds: []", "r", LATER),
	  "",
	  { "spec.target.kinds", "wanted at least one" } },
	{ T EXCEPTION("e", "namespace: a, selector: [x]", "r", LATER),
	  "",
	  { "spec.target.selector" } },
	{ T EXCEPTION("e", "namespace: a", "", LATER),
	  "",
	  { "spec.rules", "wanted at least one" } },
	{ T EXCEPTION("e", "namespace: a, lables: {}", "r", LATER),
	  "",
	  { "unknown field \"lables\"" } },
};

static int load(struct arena *a, const char *text, const char *file,
		struct snapshot **out, struct error *err)
{
	struct docs *docs = arena_new(a, struct docs, 1);

	if (load_docs(a, str_of(text), docs, err) < 0)
		return -1;
	return load_policy(docs, str_of(file), out, err);
}

static bool contains(const char *text, const char *part)
{
	return str_find_str(str_of(text), str_of(part)) < strlen(text);
}

/* False, and tells why. */
static bool refused(const char *text, const char *at, const char *const says[3])
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct snapshot *s = NULL;
	struct error err = ERROR_INIT;
	struct str place = arena_printf(&a, "t.yaml:%s", at);
	bool good;

	if (load(&a, text, "t.yaml", &s, &err) == 0) {
		snapshot_unref(&s);
		print_error("loaded: %s\n", text);
		return false;
	}
	good = err.code == ERR_CONFIG && !s &&
	       (contains(err.msg, "no IsolationTier") ||
		(err.line && str_starts(str_of(err.msg), place)));
	for (size_t k = 0; k < 3 && says[k]; k++)
		good = good && contains(err.msg, says[k]);
	if (!good)
		print_error("%s\n  wanted %s ... %s\n", err.msg, place.p,
			    says[0] ? says[0] : "");
	return good;
}

static void every_error_tells_place_and_cure(void **state)
{
	size_t failures = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		failures += !refused(rows[i].text, rows[i].place, rows[i].says);
	assert_int_equal(failures, 0);
}

static void what_comes_from_no_file_is_told_by_name(void **state)
{
	struct arena a = ARENA_INIT;
	struct snapshot *s = NULL;
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(load(&a, T POLICY("defaultTier: x"), "", &s, &err),
			 -1);
	assert_true(str_starts(str_of(err.msg),
			       STR("IsolationPolicy p: spec.defaultTier: ")));
	arena_release(&a);
}

static void an_empty_set_is_refused(void **state)
{
	struct snapshot *s = NULL;
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(snapshot_load(NULL, 0, &s, &err), -1);
	assert_string_equal(err.msg,
			    "no IsolationTier in the set, wanted at least one");
}

#define LAX                                                                    \
	"tier \"kata-vm\" (strength 400) is laxer than \"gvisor-airgapped\" "  \
	"(strength 300): "

/* What surprises in the catalogue is meant, and told in docs. */
static void the_shipped_catalogue_loads_with_known_warnings(void **state)
{
	static const char *const names[] = {
		"runc-hardened", "gvisor",  "gvisor-airgapped",
		"kata-vm",	 "kata-fc", "kata-fc-airgapped"
	};
	static const char *const warnings[] = {
		"tier \"gvisor\" (strength 200) is laxer than "
		"\"runc-hardened\" (strength 100): pod.volumes also allows "
		"secret",
		LAX "pod.readOnlyRootFilesystem is false, there true",
		LAX "pod.maxContainers is 0 (any number), there 1",
		LAX "pod.volumes also allows downwardAPI",
		LAX "pod.volumes also allows secret",
		LAX "pod.volumes also allows persistentVolumeClaim",
		LAX
		"network.egress also reaches pods k8s-app in "
		"(coredns,kube-dns) in namespace kube-system on port 53/UDP",
		LAX "access.exec is Allow, there Deny",
		LAX "access.attach is Allow, there Deny",
	};
	struct snapshot *s = NULL;
	struct error err = ERROR_INIT;

	(void)state;
	if (snapshot_load_shipped(&s, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(s->n_tiers, ARRAY_LEN(names));
	for (size_t i = 0; i < s->n_tiers; i++)
		assert_true(str_is(s->tiers[i]->name, names[i]));
	assert_true(str_is(s->policies[0].default_tier->name, "gvisor"));
	for (size_t i = 0; i < s->n_warnings; i++)
		if (i >= ARRAY_LEN(warnings) ||
		    !str_is(s->warnings[i].msg, warnings[i]))
			fail_msg("%zu: %s", i, s->warnings[i].msg.p);
	assert_int_equal(s->n_warnings, ARRAY_LEN(warnings));
	snapshot_unref(&s);
}

static void a_class_leads_to_the_weakest_tier_that_lists_it(void **state)
{
	struct arena a = ARENA_INIT;
	struct snapshot *s = NULL;
	struct error err = ERROR_INIT;
	const struct tier *tier;

	(void)state;
	assert_int_equal(
		load(&a,
		     TIER("z", "3", ", runtime: {classNames: [one, '']}")
			     TIER("b", "2", ", runtime: {classNames: [one]}")
				     TIER("x", "5", ""),
		     "t.yaml", &s, &err),
		0);
	tier = map_get(&s->by_class, STR("one"));
	assert_true(str_is(tier->name, "b"));
	tier = map_get(&s->by_class, STR(""));
	assert_true(str_is(tier->name, "z"));
	assert_null(map_get(&s->by_class, STR("two")));
	assert_true(str_is(snapshot_tier_names(&a, s), "b, z, x"));
	assert_null(snapshot_tier(s, STR("")));
	assert_null(snapshot_tier(s, STR_NONE));
	snapshot_unref(&s);
	assert_null(s);
	arena_release(&a);
}

static void the_digest_is_of_what_decides(void **state)
{
	static const char *const texts[] = {
		"{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationTier, "
		"metadata: {name: t}, spec: {strength: 1}}",
		"{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationTier, "
		"metadata: {name: t, uid: u}, spec: {strength: 1}, "
		"status: {x: y}}",
		"{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationTier, "
		"metadata: {name: t}, spec: {strength: 2}}",
		"{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationTier, "
		"metadata: {name: u}, spec: {strength: 1}}",
	};
	struct snapshot *s[ARRAY_LEN(texts)];
	struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_int_equal(load(&a, texts[i], "", &s[i], &err), 0);
	arena_release(&a);
	assert_int_equal(s[0]->digest.n, 16);
	assert_true(str_eq(s[0]->digest, s[1]->digest));
	assert_false(str_eq(s[0]->digest, s[2]->digest));
	assert_false(str_eq(s[0]->digest, s[3]->digest));
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		snapshot_unref(&s[i]);
}

static void the_last_reference_frees(void **state)
{
	struct snapshot *s = NULL, *other;
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(snapshot_load_shipped(&s, &err), 0);
	other = snapshot_ref(s);
	snapshot_unref(&s);
	assert_int_equal(other->n_tiers, 6);
	snapshot_unref(&other);
	snapshot_unref(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_tells_place_and_cure),
		cmocka_unit_test(what_comes_from_no_file_is_told_by_name),
		cmocka_unit_test(an_empty_set_is_refused),
		cmocka_unit_test(
			the_shipped_catalogue_loads_with_known_warnings),
		cmocka_unit_test(
			a_class_leads_to_the_weakest_tier_that_lists_it),
		cmocka_unit_test(the_digest_is_of_what_decides),
		cmocka_unit_test(the_last_reference_frees),
	};

	return cmocka_run_group_tests_name("policies/snapshot.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
