/* Reading what tests judge, and with what. */
#include "tests/unit/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/yamldoc.h"

const int64_t load_now = 1795240800;

int load_docs(struct arena *a, struct str text, struct docs *out,
	      struct error *err)
{
	struct yamldoc *y = yamldoc_open(a, text, NULL);
	int got = 0;

	out->n = 0;
	while (out->n < DOCS_MAX &&
	       (got = yamldoc_next(y, a, &out->v[out->n], err)) > 0)
		out->n++;
	yamldoc_close(&y);
	return got < 0 ? -1 : 0;
}

static bool is_ours(const struct json *doc)
{
	return str_starts(json_str(json_get(doc, STR("apiVersion"))),
			  STR(GROUP_BULKHEAD "/"));
}

int load_policy(const struct docs *docs, struct str name, struct snapshot **out,
		struct error *err)
{
	struct snapshot_source sources[DOCS_MAX];
	size_t n = 0;

	*out = NULL;
	for (size_t i = 0; i < docs->n; i++)
		if (is_ours(&docs->v[i]) && &docs->v[i] != docs->subject)
			sources[n++] =
				(struct snapshot_source){ &docs->v[i], name };
	return n ? snapshot_load(sources, n, out, err) : 0;
}

static void put_object(struct inventory *inventory, const struct json *written)
{
	struct arena *a;
	struct inventory_object *o = inventory_object_new(&a);
	struct spelling spelling;
	const struct json *doc = &spelling.doc;
	struct str version;

	spelling_rewrite(a, written, &spelling);
	kind_split_api_version(json_str(json_get(doc, STR("apiVersion"))),
			       &o->group, &version);
	o->group = arena_str(a, o->group);
	o->kind = arena_str(a, json_str(json_get(doc, STR("kind"))));
	o->ns = arena_str(a, json_str(json_at(doc, "metadata", "namespace")));
	o->name = arena_str(a, json_str(json_at(doc, "metadata", "name")));
	o->source = STR("");
	o->doc = json_copy(a, doc);
	inventory_set_known(inventory, o->group, o->kind, true);
	inventory_put(inventory, o);
}

static void make_subject(struct scene *s, const struct json *written)
{
	s->spelling = arena_new(&s->arena, struct spelling, 1);
	spelling_rewrite(&s->arena, written, s->spelling);
	s->subject = subject_from_file(&s->spelling->doc);
	s->subject.spelling = s->spelling;
}

bool load_objects(struct scene *s)
{
	const struct json *subject = s->docs->subject;

	s->inventory = inventory_new();
	s->engine = (struct engine){ s->snapshot, s->inventory, load_now };
	for (size_t i = 0; i < s->docs->n; i++)
		if (!s->docs->subject && !is_ours(&s->docs->v[i]))
			subject = &s->docs->v[i];
	for (size_t i = 0; i < s->docs->n; i++)
		if (!is_ours(&s->docs->v[i]) && &s->docs->v[i] != subject)
			put_object(s->inventory, &s->docs->v[i]);
	if (subject)
		make_subject(s, subject);
	return subject != NULL;
}

void scene_open(struct scene *s, const char *text)
{
	struct error err = ERROR_INIT;

	*s = (struct scene){ .arena = ARENA_INIT };
	s->docs = arena_new(&s->arena, struct docs, 1);
	if (load_docs(&s->arena, str_of(text), s->docs, &err) < 0 ||
	    load_policy(s->docs, STR("test"), &s->snapshot, &err) < 0 ||
	    (!s->snapshot && snapshot_load_shipped(&s->snapshot, &err) < 0))
		fail_msg("%s\n%s", err.msg, text);
	if (!load_objects(s))
		fail_msg("no subject in\n%s", text);
}

void scene_close(struct scene *s)
{
	snapshot_unref(&s->snapshot);
	inventory_free(&s->inventory);
	arena_release(&s->arena);
}

const struct json *load_json(struct arena *a, const char *text)
{
	struct docs *docs = arena_new(a, struct docs, 1);
	struct error err = ERROR_INIT;

	if (!text)
		return &json_missing;
	if (load_docs(a, str_of(text), docs, &err) < 0 || docs->n != 1)
		fail_msg("%s\n%s", err.msg, text);
	return &docs->v[0];
}

size_t count_findings(const struct verdict *v, const char *rule,
		      enum action action)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n_findings; i++)
		n += v->findings[i].action == action &&
		     (!rule || str_is(str_of(v->findings[i].rule), rule));
	return n;
}

/* ---- requests ---- */

static void make_request(struct scene *s, const struct request *row)
{
	const struct json *now = load_json(&s->arena, row->now);
	const struct json *old = load_json(&s->arena, row->old);
	const struct json *doc = json_exists(now) ? now : old;

	s->subject = (struct subject){
		.operation = row->operation,
		.kind = json_str(json_at(doc, "kind")),
		.resource = str_of(row->user ? row->resource : ""),
		.subresource = str_of(row->subresource),
		.ns = json_str(json_at(doc, "metadata", "namespace")),
		.name = json_str(json_at(doc, "metadata", "name")),
		.user = { .name = str_of(row->user ? row->user : ""),
			  .groups = &json_missing },
		.object = now,
		.old_object = old,
	};
	kind_split_api_version(json_str(json_at(doc, "apiVersion")),
			       &s->subject.group, &s->subject.version);
}

static bool run_request(const char *world, const struct request *row)
{
	struct decision d;
	struct scene s;
	size_t denied, warned;

	scene_open(&s, world);
	make_request(&s, row);
	engine_validate(&s.arena, &s.engine, &s.subject, &d);
	denied = count_findings(&d.verdict, row->rule, ACTION_DENY);
	warned = count_findings(&d.verdict, row->rule, ACTION_WARN);
	if (denied != row->denied || warned != row->warned) {
		print_error("%s: %zu denied, %zu warned; wanted %zu and %zu\n",
			    row->name, denied, warned, row->denied,
			    row->warned);
		for (size_t i = 0; i < d.verdict.n_findings; i++)
			print_error("  %s %s\n",
				    action_name(d.verdict.findings[i].action),
				    finding_message(&s.arena,
						    &d.verdict.findings[i])
					    .p);
	}
	scene_close(&s);
	return denied != row->denied || warned != row->warned;
}

void requests_run(const char *world, const struct request *rows, size_t n)
{
	size_t wrong = 0;

	for (size_t i = 0; i < n; i++)
		wrong += run_request(world, &rows[i]);
	assert_int_equal(wrong, 0);
}
