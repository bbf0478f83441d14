/* Reading PolicyTest files. */
#include "cli/policy_test.h"

#include "cli/decode_texts.h"
#include "lib/file.h"
#include "lib/yamldoc.h"
#include "policies/document_fields.h"
#include "policies/kinds.h"

enum { TEST_BYTES_MAX = 8 << 20 };

const char *const expected_verdict_names[] = { "pass", "warn", "deny", NULL };

/* ---- decoders that only tests need ---- */

/* A list of file names and objects, not empty. */
static void decode_objects(struct decode *d, const struct json *v,
			   const struct path *path, const struct field *f,
			   void *out)
{
	size_t i = 0;

	(void)f;
	if (!json_is(v, JSON_ARRAY) || !v->n) {
		decode_wanted(d, v, path,
			      "a list of file names or objects, one at least");
		return;
	}
	json_each_item(item, v) {
		struct path at = path_index(path, i++);

		if (!json_is(item, JSON_STRING) && !json_is(item, JSON_OBJECT))
			decode_wanted(d, item, &at, "a file name or an object");
	}
	*(const struct json **)out = v;
}

static void decode_rules(struct decode *d, const struct json *v,
			 const struct path *path, const struct field *f,
			 void *out)
{
	struct expectation *e = out;

	decode_strs(d, v, path, f, &e->rules);
	e->has_rules = true;
}

static void decode_message(struct decode *d, const struct json *v,
			   const struct path *path, const struct field *f,
			   void *out)
{
	struct policy_tests *tests = d->context;
	struct patterns *owned = &tests->patterns;
	struct error err = ERROR_INIT;
	struct str text = STR("");
	struct pattern *p;

	decode_str(d, v, path, f, &text);
	if (!text.n)
		return;
	if (pattern_compile(text, &p, &err) < 0) {
		decode_problem(d, v, path, "%s", err.msg);
		return;
	}
	owned->v = arena_grow(tests->arena, owned->v, owned->n, &owned->cap,
			      sizeof(*owned->v));
	owned->v[owned->n++] = p;
	*(struct pattern **)out = p;
}

static void decode_path(struct decode *d, const struct json *v,
			const struct path *path, const struct field *f,
			void *out)
{
	struct expected_fill *fill = out;
	struct error err = ERROR_INIT;

	decode_str(d, v, path, f, &fill->text);
	if (fill->text.n &&
	    team_path_compile(d->arena, fill->text, &fill->path, &err) < 0)
		decode_problem(d, v, path, "%s", err.msg);
}

/* ---- tables ---- */

static const struct field fill_fields[] = {
	{ .name = "path", .decode = decode_path, .required = true },
	FIELD(struct expected_fill, value, "value", decode_json),
	FIELD_END,
};

static const struct decode_list fill_list = { fill_fields,
					      sizeof(struct expected_fill),
					      NULL };

static const struct field expect_fields[] = {
	FIELD(struct expectation, verdict, "verdict", decode_enum,
	      .required = true, .param = expected_verdict_names),
	{ .name = "rules", .decode = decode_rules },
	FIELD(struct expectation, tier, "tier", decode_str),
	FIELD(struct expectation, filled, "filled", decode_list,
	      .param = &fill_list),
	FIELD(struct expectation, message, "message", decode_message),
	FIELD_END,
};

static const struct field case_fields[] = {
	FIELD(struct policy_case, name, "name", decode_str, .required = true),
	FIELD(struct policy_case, objects, "objects", decode_objects,
	      .required = true),
	FIELD(struct policy_case, expect, "expect", decode_struct,
	      .required = true, .param = expect_fields),
	FIELD_END,
};

static const struct decode_list case_list = { case_fields,
					      sizeof(struct policy_case),
					      "name" };

static const struct field spec_fields[] = {
	FIELD(struct policy_test, tiers, "tiers", decode_str),
	FIELD(struct policy_test, cluster_objects, "clusterObjects",
	      decode_objects),
	FIELD(struct policy_test, namespace_labels, "namespaceLabels",
	      decode_texts),
	FIELD(struct policy_test, now, "now", decode_str),
	FIELD(struct policy_test, cases, "cases", decode_list, .required = true,
	      .param = &case_list),
	FIELD_END,
};

static const struct field test_fields[] = {
	{ .name = "apiVersion", .decode = decode_nothing, .required = true },
	{ .name = "kind", .decode = decode_nothing, .required = true },
	{ .name = "metadata", .decode = decode_nothing },
	{ .name = "spec",
	  .decode = decode_struct,
	  .required = true,
	  .param = spec_fields },
	FIELD_END,
};

/* ---- files ---- */

/* "a/b/c.yaml" -> "a/b/", "c.yaml" -> "" */
static struct str folder_of(struct str path)
{
	size_t n = path.n;

	while (n && path.p[n - 1] != '/')
		n--;
	return str_sub(path, 0, n);
}

static int read_test(struct policy_tests *tests, struct str path,
		     const struct json *doc, struct error *err)
{
	struct decode d = DECODE_INIT(tests->arena);
	struct policy_test *t;

	if (!json_str_is(json_get(doc, STR("kind")), STR("PolicyTest")) ||
	    !json_str_is(json_get(doc, STR("apiVersion")),
			 STR(GROUP_BULKHEAD "/v1alpha1")))
		return error_at(err, ERR_INPUT, doc->start.line,
				doc->start.column,
				"wanted kind PolicyTest of " GROUP_BULKHEAD
				"/v1alpha1");
	tests->v = arena_grow(tests->arena, tests->v, tests->n, &tests->cap,
			      sizeof(*tests->v));
	t = &tests->v[tests->n++];
	*t = (struct policy_test){ .path = path, .folder = folder_of(path) };
	t->cluster_objects = &json_missing;
	d.context = tests;
	decode_object(&d, doc, NULL, test_fields, t);
	if (decode_finish(&d, ERR_INPUT, err) == 0)
		return 0;
	tests->n--;
	return -1;
}

int policy_tests_read(struct policy_tests *tests, struct str path,
		      struct error *err)
{
	struct arena *a = tests->arena;
	struct yamldoc *y;
	struct str text;
	int got;

	if (file_read(a, path.p, TEST_BYTES_MAX, &text, err) < 0)
		return -1;
	y = yamldoc_open(a, text, NULL);
	do {
		struct json *doc = arena_new(a, struct json, 1);

		got = yamldoc_next(y, a, doc, err);
		if (got > 0 && read_test(tests, path, doc, err) < 0)
			got = -1;
	} while (got > 0);
	yamldoc_close(&y);
	if (got < 0)
		return error_wrap(err, "%.*s:%u:%u", STR_ARG(path), err->line,
				  err->column);
	return 0;
}

void policy_tests_release(struct policy_tests *tests)
{
	for (size_t i = 0; i < tests->patterns.n; i++)
		pattern_free(&tests->patterns.v[i]);
	tests->patterns.n = 0;
}
