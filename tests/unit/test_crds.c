/*
 * deploy/crds/: the schemas say what the decoders say. The field tables and
 * the schemas are walked together, and values of every type are put into every
 * field and judged by both. Rules in CEL are not run here: where one stands,
 * the schema may take what the decoder refuses (tests/e2e asks the server).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "lib/file.h"
#include "lib/json_edit.h"
#include "policies/document_fields.h"
#include "policies/policy_fields.h"
#include "tests/fake/schema.h"
#include "tests/unit/load.h"

enum { CRD_BYTES_MAX = 1 << 20 };

struct crd {
	const char *file, *kind;
	const struct field *spec;
	const char *full[2]; /* documents with all objects and lists in them */
};

#define HEAD(kind)                                                             \
	"{apiVersion: bulkhead.dev/v1alpha1, kind: " kind                      \
	", metadata: {name: a}, spec: "

static const struct crd crds[] = {
	{ "deploy/crds/isolationtiers.yaml",
	  "IsolationTier",
	  tier_spec_fields,
	  { HEAD("IsolationTier") "{strength: 1, runtime: {}, pod: {level: "
				  "{level: Baseline}, images: {}}, resources: "
				  "{defaults: {}}, network: {egress: {allow: "
				  "[{cidr: 192.0.2.0/24, ports: [{port: 1, "
				  "endPort: 2}]}]}, ingress: {}}, lifecycle: "
				  "{ttl: {}}, access: {}, rules: [{id: a, "
				  "path: b, exists: true}]}}",
	    HEAD("IsolationTier") "{strength: 1, network: {egress: {allow: "
				  "[{podSelector: {matchExpressions: [{key: a, "
				  "operator: In, values: [b]}]}, "
				  "namespaceSelector: {}}]}}}}" } },
	{ "deploy/crds/isolationpolicies.yaml",
	  "IsolationPolicy",
	  policy_spec_fields,
	  { HEAD("IsolationPolicy") "{rules: [{name: a, namespaceSelector: "
				    "{matchLabels: {a: b}}, allowed: [b]}]}}",
	    HEAD("IsolationPolicy") "{defaultTier: a}}" } },
	{ "deploy/crds/isolationexceptions.yaml",
	  "IsolationException",
	  exception_spec_fields,
	  { HEAD("IsolationException") "{target: {namespace: a, kinds: [b], "
				       "selector: {}}, rules: [c], reason: d, "
				       "expiresAt: '2026-11-21T06:00:00Z'}}",
	    HEAD("IsolationException") "{target: {namespace: a}, rules: [c], "
				       "reason: d, expiresAt: "
				       "'2026-11-21T06:00:00Z'}}" } },
};

/* What was found to differ. */
struct findings {
	struct arena *arena;
	size_t n;
	struct str first;
};

static PRINTF_LIKE(3, 4) void differ(struct findings *f,
				     const struct path *path, const char *fmt,
				     ...)
{
	struct error text = ERROR_INIT;
	va_list args;

	if (f->n++)
		return;
	va_start(args, fmt);
	error_vset(&text, ERR_INPUT, fmt, args);
	va_end(args);
	f->first = arena_printf(f->arena, "%.*s %s",
				STR_ARG(path_field(f->arena, path)), text.msg);
}

/* ---- tables and schemas, side by side ---- */

static const char *type_of(const struct field *f)
{
	static const struct {
		decode_fn *decode;
		const char *type;
	} rows[] = {
		{ decode_str, "string" },      { decode_bool, "boolean" },
		{ decode_int, "integer" },     { decode_enum, "string" },
		{ decode_strs, "array" },      { decode_struct, "object" },
		{ decode_duration, "string" }, { decode_time, "string" },
		{ decode_list, "array" },      { decode_selector, "object" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].decode == f->decode)
			return rows[i].type;
	return NULL; /* its own decoder: the values tell */
}

static void compare_enum(struct findings *d, const struct path *path,
			 const char *const *names, const struct json *schema)
{
	const struct json *list = json_at(schema, "enum");
	size_t n = 0;

	while (names[n] && json_str_is(json_item(list, n), str_of(names[n])))
		n++;
	if (names[n] || json_len(list) != n)
		differ(d, path, "has other names");
}

static void compare_range(struct findings *d, const struct path *path,
			  const struct decode_range *range,
			  const struct json *schema)
{
	if (schema_number(schema, "minimum", INT64_MIN) != range->min ||
	    schema_number(schema, "maximum", INT64_MAX) != range->max)
		differ(d, path, "has another range");
}

static void compare_object(struct findings *d, const struct path *path,
			   const struct field *fields,
			   const struct json *schema, int depth);

static void compare_list(struct findings *d, const struct path *path,
			 const struct decode_list *list,
			 const struct json *schema, int depth)
{
	const struct json *keys = json_at(schema, "x-kubernetes-list-map-keys");
	const char *type = list->key ? "map" : "atomic";

	if (!json_str_is(json_at(schema, "x-kubernetes-list-type"),
			 str_of(type)) ||
	    (list->key &&
	     !json_str_is(json_item(keys, 0), str_of(list->key))) ||
	    json_len(keys) != (list->key ? 1 : 0))
		differ(d, path, "has other keys");
	compare_object(d, path, list->fields, json_at(schema, "items"),
		       depth + 1);
}

static void compare_field(struct findings *d, const struct path *path,
			  const struct field *f, const struct json *schema,
			  int depth)
{
	const char *type = type_of(f);

	if (!json_exists(schema)) {
		differ(d, path, "is not in the schema");
		return;
	}
	if (f->help &&
	    !json_str_is(json_at(schema, "description"), str_of(f->help)))
		differ(d, path, "is described otherwise");
	if (json_exists(json_at(schema, "nullable")))
		differ(d, path, "keeps null, which counts as absent");
	if (type && !json_str_is(json_at(schema, "type"), str_of(type)))
		differ(d, path, "has another type than %s", type);
	else if (f->decode == decode_enum)
		compare_enum(d, path, f->param, schema);
	else if (f->decode == decode_int)
		compare_range(d, path, f->param, schema);
	else if (f->decode == decode_struct)
		compare_object(d, path, f->param, schema, depth + 1);
	else if (f->decode == decode_list || f == &policy_spec_fields[1])
		compare_list(d, path, f->param, schema, depth);
}

static const struct field *find(const struct field *fields, struct str name)
{
	while (fields->name && !str_is(name, fields->name))
		fields++;
	return fields->name ? fields : NULL;
}

static void compare_object(struct findings *d, const struct path *path,
			   const struct field *fields,
			   const struct json *schema, int depth)
{
	const struct json *known = json_at(schema, "properties");
	const struct json *required = json_at(schema, "required");

	assert_in_range(depth, 0, SCHEMA_DEPTH_MAX);
	for (const struct field *f = fields; f->name; f++) {
		struct path at = path_key(path, str_of(f->name));
		struct json name = json_make_string(str_of(f->name));

		if (schema_lists(required, &name) != f->required)
			differ(d, &at, "is required in one only");
		compare_field(d, &at, f, json_get(known, str_of(f->name)),
			      depth);
	}
	json_each_member(m, known) {
		struct path at = path_key(path, m->key);

		if (!find(fields, m->key))
			differ(d, &at, "is no field of the decoder");
	}
}

/* ---- values in every field ---- */

/* clang-format off */
static const char *const values[] = {
	"null", "true", "false", "0", "1", "1000", "1001", "65536", "100001",
	"-1", "1.5", "''", "x", "X-", "Allow", "Deny", "Warn", "None",
	"Enforce", "Router", "Restricted", "Delete", "Pod", "In", "TCP", "SCTP",
	"latest", "v1.29", "v1.x", "v1.1000", "1h", "1h30", "90x", "500m", "5Q",
	"'-1'", "'-0'", "'.5'", "1e3x", "'1e3'", "192.0.2.0/24", "a b",
	"'2026-11-21T06:00:00Z'", "'2026-11-21'", "[]", "[x]", "['']", "[1]",
	"[null]", "[x, x]", "[Delete]", "[true]", "{}", "{cpu: 1}",
	"{cpu: '500m'}", "{cpu: x}", "{cpu: -1}", "{cpu: null}", "{cpu: 1.5}",
	"{a: b}", "{a: ' '}", "{a: 1}", "{matchLabels: {a: b}}",
	"{matchLabels: {a: '-'}}", "{matchLabels: [a]}", "{matchLables: {}}",
	"{matchExpressions: [{key: a, operator: DoesNotExist}]}",
	"{matchExpressions: [{key: a, operator: Is}]}",
	"{matchExpressions: [{key: a, operator: In, values: [b], x: 1}]}",
	"{matchExpressions: [{key: -a, operator: Exists}]}",
	"{matchExpressions: [{operator: Exists}]}", "{level: Restricted}",
	"{level: Restricted, version: v1.29}", "{level: restricted}",
	"{level: Restricted, version: '1.29'}", "{version: latest}",
	"{level: Restricted, x: y}", "{level: null}",
	"{level: Baseline, version: null}", "[{port: 80}]", "[{port: 0}]",
	"[{port: http, protocol: UDP}]", "[{port: HTTP}]", "[{port: a--b}]",
	"[{port: '80'}]", "[{port: 1, endPort: 9}]", "[{endport: 1}]",
	"[{protocol: ICMP}]", "[{cidr: 192.0.2.0/24}]",
	"[{id: a, path: b, min: 1}]",
	"[{id: a, path: b, min: 1}, {id: a, path: c, min: 1}]",
	"[{id: a, min: 1}]", "[{name: a, namespaceSelector: {}}]",
	"[{name: a}]",
	"[{name: a, namespaceSelector: {}}, {name: a, namespaceSelector: {}}]",
};
/* clang-format on */

/* Nothing but the engine reads these: the server takes any text. */
static bool is_engines(struct str key)
{
	static const char *const keys[] = {
		"allowAnnotations", "allow", "deny",	    "matches",
		"notMatches",	    "path",  "matchLabels", "routerLabels",
	};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (str_is(key, keys[i]))
			return true;
	return false;
}

static bool has_cel(const struct json *schema, int depth)
{
	assert_in_range(depth, 0, SCHEMA_DEPTH_MAX);
	if (json_exists(json_at(schema, "x-kubernetes-validations")))
		return true;
	json_each_member(m, json_at(schema, "properties")) {
		if (has_cel(&m->value, depth + 1))
			return true;
	}
	return json_exists(json_at(schema, "items")) &&
	       has_cel(json_at(schema, "items"), depth + 1);
}

static bool decodes(struct arena *a, const struct crd *crd,
		    const struct json *doc)
{
	struct decode d = DECODE_INIT(a);
	struct patterns owned = { .v = NULL };

	if (crd->spec == tier_spec_fields)
		tier_decode(&d, doc, arena_new(a, struct tier, 1), &owned);
	else if (crd->spec == policy_spec_fields)
		policy_decode(&d, doc, arena_new(a, struct policy, 1));
	else
		exception_decode(&d, doc, arena_new(a, struct exception, 1));
	for (size_t i = 0; i < owned.n; i++)
		pattern_free(&owned.v[i]);
	return d.n_problems == 0;
}

struct probe {
	struct findings *found;
	const struct crd *crd;
	const struct json *root, *doc; /* the whole schema; what is changed */
	size_t n;
};

static void probe_value(struct probe *p, const struct path *path,
			const char *value, bool lax)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json_edit edit = json_edit_start(&a, p->doc);
	/* In a list: a document that is null is none. */
	const struct json *list =
		load_json(&a, arena_printf(&a, "[%s]", value).p);
	bool schema, decoder;

	json_edit_set(&edit, path, *json_item(list, 0));
	schema = schema_fits(p->root, &edit.root);
	decoder = decodes(&a, p->crd, &edit.root);
	p->n++;
	if (decoder && !schema)
		differ(p->found, path, "is refused by the schema only: %s",
		       value);
	if (schema && !decoder && !lax)
		differ(p->found, path, "is refused by the decoder only: %s",
		       value);
}

static void probe_all(struct probe *p, const struct path *path,
		      const struct json *schema, bool lax, int depth)
{
	const struct json *items = json_at(schema, "items");
	const struct json *rest = json_at(schema, "additionalProperties");

	assert_in_range(depth, 0, SCHEMA_DEPTH_MAX);
	if (path && !json_edit_reaches(p->doc, path))
		return;
	lax |= path && json_exists(json_at(schema, "x-kubernetes-validations"));
	lax |= path && path->key.p && is_engines(path->key);
	for (size_t i = 0; path && !p->found->n && i < ARRAY_LEN(values); i++)
		probe_value(p, path, values[i], lax || has_cel(schema, 0));
	json_each_member(m, json_at(schema, "properties")) {
		struct path at = path_key(path, m->key);

		if (path || str_is(m->key, "spec"))
			probe_all(p, &at, &m->value, lax, depth + 1);
	}
	if (json_exists(items)) {
		struct path at = path_index(path, 0);

		probe_all(p, &at, items, lax, depth + 1);
	}
	if (json_exists(rest)) {
		struct path at = PATH_KEY(path, "cpu");

		probe_all(p, &at, rest, lax, depth + 1);
	}
}

/* ---- the tests ---- */

static struct str read_crd(struct arena *a, const struct crd *crd)
{
	struct error err = ERROR_INIT;
	struct str text;

	if (file_read(a, crd->file, CRD_BYTES_MAX, &text, &err) < 0)
		fail_msg("%s", err.msg);
	return text;
}

static const struct json *schema_of(const struct json *doc)
{
	return json_at(json_item(json_at(doc, "spec", "versions"), 0), "schema",
		       "openAPIV3Schema");
}

/* Compares one, as the text has it; how many values were tried. */
static size_t compare(struct findings *d, const struct crd *crd,
		      struct str text)
{
	const struct json *doc = load_json(d->arena, text.p);
	struct path spec = PATH_KEY(NULL, "spec");
	struct probe p = { .found = d, .crd = crd, .root = schema_of(doc) };

	compare_object(d, &spec, crd->spec,
		       json_at(p.root, "properties", "spec"), 0);
	for (size_t i = 0; i < ARRAY_LEN(crd->full); i++) {
		p.doc = load_json(d->arena, crd->full[i]);
		if (!decodes(d->arena, crd, p.doc) ||
		    !schema_fits(p.root, p.doc))
			differ(d, NULL, "is not taken as it is");
		if (!d->n)
			probe_all(&p, NULL, p.root, false, 0);
	}
	return p.n;
}

static void schemas_and_decoders_say_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(crds); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct findings d = { .arena = &a };
		size_t n = compare(&d, &crds[i], read_crd(&a, &crds[i]));

		if (d.n)
			fail_msg("%s: %.*s (%zu in all)", crds[i].file,
				 STR_ARG(d.first), d.n);
		print_message("%s: %zu values\n", crds[i].kind, n);
		assert_true(n > 500);
	}
}

/* ---- the comparison can fail ---- */

/*
 * The text with the first "from" that stands behind "after" in the schema
 * replaced.
 */
static struct str replaced(struct arena *a, struct str text, const char *after,
			   const char *from, const char *to)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(CRD_BYTES_MAX);
	size_t at = str_find_str(text, STR("openAPIV3Schema"));
	struct str rest;

	at += str_find_str(str_sub(text, at, text.n), str_of(after));
	at += str_find_str(str_sub(text, at, text.n), str_of(from));
	if (at >= text.n)
		fail_msg("no \"%s\" behind \"%s\"", from, after);
	rest = str_sub(text, at + strlen(from), text.n);
	buf_add(&b, str_sub(text, 0, at));
	buf_puts(&b, to);
	buf_add(&b, rest);
	return arena_str(a, buf_str(&b));
}

static void a_schema_that_says_something_else_is_found(void **state)
{
	static const struct {
		size_t crd;
		const char *after, *from, *to, *found;
	} rows[] = {
		{ 0, " pod:", "Filesystem:", "FileSystem:", NULL },
		{ 0, " strength:", "strength", "power",
		  "spec.strength is not in the schema" },
		{ 0, " access:\n", "access:", "entry:", NULL },
		{ 0, "required: [strength]", "[strength]", "[access]",
		  "spec.strength is required in one only" },
		{ 0, "required: [id, path]", "[id, path]", "[id]", NULL },
		{ 0, " enforcement:", "Enforce", "Force",
		  "spec.enforcement has other names" },
		{ 0, " dns:", ", External", "", NULL },
		{ 0, " strength:", "1000\n", "100\n",
		  "spec.strength has another range" },
		{ 0, " message:", "told", "said",
		  "spec.rules.message is described otherwise" },
		{ 0, " classNames:", "type: string", "type: integer", NULL },
		{ 0, " ttl:", "type: string", "type: integer", NULL },
		{ 0, " max:", "x-kubernetes-int-or-string: true",
		  "type: string", NULL },
		{ 0, " from:", "Pod", "Pods", NULL },
		{ 0, " shutdownPolicies:", "Delete", "Remove", NULL },
		{ 0, " level:", "Baseline", "Basic", NULL },
		{ 0, " endPort:", "65535", "5", NULL },
		{ 0, " operator:", "DoesNotExist", "Absent", NULL },
		{ 0, " description:\n", "type: string",
		  "nullable: true\n                type: string",
		  "spec.description keeps null, which counts as absent" },
		{ 0, "list-map-keys: [id]", "[id]", "[path]",
		  "spec.rules has other keys" },
		{ 0, " allow:\n                        description: what",
		  "list-type: atomic", "list-type: map", NULL },
		{ 1, " defaultTier:", "minLength: 1", "minLength: 0", NULL },
		{ 1, " allowed:", "minItems: 1", "minItems: 0", NULL },
		{ 1, "[name, namespaceSelector]", ", namespaceSelector", "",
		  NULL },
		{ 2, " namespace:", "minLength: 1", "minLength: 0", NULL },
		{ 2, " reason:", "why", "why not",
		  "spec.reason is described otherwise" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct crd *crd = &crds[rows[i].crd];
		struct findings d = { .arena = &a };
		struct str text = read_crd(&a, crd);

		text = replaced(&a, text, rows[i].after, rows[i].from,
				rows[i].to);
		compare(&d, crd, text);
		if (!d.n)
			fail_msg("row %zu: %s: not found", i, rows[i].after);
		if (rows[i].found && !str_is(d.first, rows[i].found))
			fail_msg("row %zu: %.*s", i, STR_ARG(d.first));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schemas_and_decoders_say_the_same),
		cmocka_unit_test(a_schema_that_says_something_else_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
