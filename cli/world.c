/* Reading everything a verb judges with, and judging one document. */
#include "cli/world.h"

#include <stdio.h>

#include "cli/live.h"
#include "cli/reports/escape.h"
#include "cli/world_cluster.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/map.h"
#include "lib/timestamp.h"
#include "lib/yamldoc.h"
#include "policies/load.h"

enum {
	FILE_BYTES_MAX = 64 << 20,
	LINE_MAX_BYTES = 1 << 20,
};

static const char *const manifest_suffixes[] = { ".yaml", ".yml", ".json",
						 NULL };

const struct json_limits world_file_limits = {
	.bytes = FILE_BYTES_MAX,
	.depth = 100,
	.nodes = 400000,
};

/* ---- problems ---- */

void world_add_problem(struct world *w, struct str path, struct json_mark at,
		       struct str msg)
{
	w->problems = arena_grow(&w->arena, w->problems, w->n_problems,
				 &w->problems_cap, sizeof(*w->problems));
	w->problems[w->n_problems++] = (struct input_problem){
		.path = path,
		.at = at,
		.msg = arena_str(&w->arena, msg),
	};
}

static void add_problem(struct world *w, struct str path,
			const struct error *err)
{
	world_add_problem(w, path, (struct json_mark){ err->line, err->column },
			  str_of(err->msg));
}

/* ---- documents ---- */

static struct subject subject_of(const struct json *doc, struct str ns)
{
	struct subject s = subject_from_file(doc);

	if (!s.ns.n)
		s.ns = ns;
	if (!s.name.n)
		s.name = json_str(json_at(doc, "metadata", "generateName"));
	return s;
}

bool world_is_cluster_scoped(const struct subject *s)
{
	return str_is(s->kind, "Namespace") ||
	       str_is(s->kind, "RuntimeClass") ||
	       str_is(s->group, GROUP_BULKHEAD);
}

/* For those who work on the files only: never applied. */
static bool is_local(const struct json *doc)
{
	return json_str_is(json_at(doc, "metadata", "annotations",
				   "config.kubernetes.io/local-config"),
			   STR("true"));
}

bool world_is_list(const struct json *doc)
{
	return json_str_is(json_get(doc, STR("kind")), STR("List")) &&
	       !is_local(doc);
}

static struct document *new_document(struct world *w)
{
	w->documents = arena_grow(&w->arena, w->documents, w->n_documents,
				  &w->documents_cap, sizeof(*w->documents));
	return &w->documents[w->n_documents++];
}

static struct document *add_document(struct world *w, const struct file *file,
				     const struct json *doc, struct str ns)
{
	struct document *d = new_document(w);

	*d = (struct document){ .file = file, .written = *doc };
	d->local = is_local(doc);
	if (d->local)
		d->spelling.doc = *doc;
	else
		spelling_rewrite(&w->arena, doc, &d->spelling);
	d->subject = subject_of(&d->spelling.doc, ns);
	if (world_is_cluster_scoped(&d->subject))
		d->subject.ns = STR("");
	if (!d->local)
		d->kind = kind_find(d->subject.group, d->subject.kind);
	return d;
}

static void add_object(struct world *w, struct file *file,
		       const struct json *doc, struct str ns, unsigned depth)
{
	const struct json *items = json_get(doc, STR("items"));
	size_t first = w->n_documents;

	if (world_is_list(doc) && depth < WORLD_LIST_DEPTH_MAX) {
		json_each_item(item, items)
			add_object(w, file, item, ns, depth + 1);
		for (size_t i = first; i < w->n_documents; i++)
			w->documents[i].in_list = true;
		return;
	}
	add_document(w, file, doc, ns);
}

void world_add(struct world *w, struct file *file, const struct json *doc,
	       struct str ns)
{
	struct error err = ERROR_INIT;

	if (json_is(doc, JSON_OBJECT)) {
		add_object(w, file, doc, ns, 0);
		return;
	}
	error_at(&err, ERR_INPUT, doc->start.line, doc->start.column,
		 "is no Kubernetes object, wanted a mapping with "
		 "apiVersion and kind");
	add_problem(w, file->path, &err);
	file->broken = true;
}

static void read_documents(struct world *w, struct file *file, struct str ns)
{
	struct yamldoc *y =
		yamldoc_open(&w->arena, file->text, &world_file_limits);
	struct error err = ERROR_INIT;
	struct json doc;
	int got;

	while ((got = yamldoc_next(y, &w->arena, &doc, &err)) != 0) {
		if (got > 0) {
			world_add(w, file, &doc, ns);
			continue;
		}
		add_problem(w, file->path, &err);
		file->broken = true;
		if (!yamldoc_can_continue(y))
			break;
	}
	yamldoc_close(&y);
}

static int read_file(struct world *w, struct file *file, struct str path,
		     struct str ns)
{
	struct error err = ERROR_INIT;

	*file = (struct file){ .path = path };
	if (file_read(&w->arena, path.p, FILE_BYTES_MAX, &file->text, &err) <
	    0) {
		add_problem(w, path, &err);
		file->broken = true;
		return -1;
	}
	read_documents(w, file, ns);
	return 0;
}

void world_read(struct world *w, const struct texts *paths, struct str ns)
{
	struct file_list list = { .n = 0 };
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < paths->n; i++)
		if (file_list(&w->arena, paths->v[i].p, manifest_suffixes,
			      &list, &err) < 0)
			add_problem(w, paths->v[i], &err);
	w->files = arena_new(&w->arena, struct file, list.n);
	for (; w->n_files < list.n; w->n_files++)
		read_file(w, &w->files[w->n_files], list.paths[w->n_files], ns);
}

/* ---- the inventory ---- */

void world_know(struct world *w, const struct file *file,
		const struct json *doc, struct str ns)
{
	struct document d = { .file = file, .subject = subject_of(doc, ns) };

	if (world_is_cluster_scoped(&d.subject))
		d.subject.ns = STR("");
	world_cluster_enter(w, &d, doc);
}

/*
 * Only --cluster-objects claims to be all that the cluster has: a RuntimeClass
 * among the manifests does not mean that there is no other.
 */
static void mark_known(struct world *w, bool cluster_given)
{
	inventory_set_known(w->inventory, STR("node.k8s.io"),
			    STR("RuntimeClass"), cluster_given);
	inventory_set_known(w->inventory, STR(""), STR("Namespace"),
			    cluster_given);
}

/* A claim in the guides' spelling names a template: today that takes a pool. */
static void add_generated(struct world *w)
{
	size_t n = w->n_documents;

	for (size_t i = 0; i < n; i++) {
		const struct document *d = &w->documents[i];
		const struct json *extra = &d->spelling.extra;
		const struct inventory_object *known;
		struct document *pool;
		struct json doc;

		if (!json_exists(extra))
			continue;
		known = inventory_get(
			w->inventory, STR(GROUP_EXTENSIONS),
			STR("SandboxWarmPool"), d->subject.ns,
			json_str(json_at(extra, "metadata", "name")));
		if (known) {
			inventory_object_unref(&known);
			continue;
		}
		doc = *extra;
		doc.start = d->written.start; /* the claim stands for it */
		pool = add_document(w, d->file, &doc, d->subject.ns);
		pool->generated = true;
		world_cluster_enter(w, pool, &pool->spelling.doc);
	}
}

/* Notes hang on documents, which no longer move once all are read. */
static void attach_spelling(struct world *w)
{
	for (size_t i = 0; i < w->n_documents; i++) {
		w->documents[i].subject.spelling = &w->documents[i].spelling;
		w->documents[i].subject.object = &w->documents[i].spelling.doc;
	}
}

/* ---- options ---- */

static int set_now(struct world *w, const struct settings *s, struct error *err)
{
	w->now_given = s->now.n > 0;
	if (!w->now_given || str_is(s->now, "now")) {
		w->engine.now = clock_wall_seconds();
		return 0;
	}
	if (timestamp_parse(s->now, &w->engine.now, err) < 0)
		return error_wrap(err, "--now");
	return 0;
}

int world_begin(struct world *w, const struct settings *s,
		struct snapshot *snapshot, struct error *err)
{
	*w = (struct world){ .snapshot = snapshot };
	if (set_now(w, s, err) < 0 ||
	    (!snapshot && load_policies(s->tiers, &w->snapshot, err) < 0))
		return -1;
	w->inventory = inventory_new();
	w->engine.snapshot = w->snapshot;
	w->engine.inventory = w->inventory;
	world_cluster_read(w, s);
	return 0;
}

int world_settle(struct world *w, const struct settings *s, struct error *err)
{
	attach_spelling(w);
	if (!w->live)
		mark_known(w, s->cluster_objects.n > 0);
	world_cluster_enter_documents(w);
	if (world_cluster_label(w, s, err) < 0)
		return -1;
	world_cluster_fill_templates(w);
	add_generated(w);
	attach_spelling(w);
	return 0;
}

static void put_place(struct buf *out, const struct document *d)
{
	escape_line(out, d->file->path);
	buf_printf(out, ":%u:%u", d->written.start.line,
		   d->written.start.column);
}

/* The cluster would keep the one that is applied last. */
static void tell_repetition(struct arena *a, const struct document *d,
			    const struct document *other)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(LINE_MAX_BYTES);

	put_place(&line, d);
	buf_puts(&line, ": warning: ");
	escape_line(&line, document_title(a, d));
	buf_puts(&line, " stands at ");
	put_place(&line, other);
	buf_puts(&line,
		 " too: both are judged, a cluster keeps the later one\n");
	fprintf(stderr, "%.*s", STR_ARG(buf_str(&line)));
}

/* What names the object in the cluster; p NULL when nothing does. */
static struct str identity_of(struct arena *a, const struct document *d)
{
	const struct subject *s = &d->subject;

	if (!d->kind || d->local || d->generated ||
	    !json_str(json_at(&d->written, "metadata", "name")).n)
		return STR_NONE;
	return arena_printf(a, "%.*s/%.*s/%.*s/%.*s", STR_ARG(s->group),
			    STR_ARG(s->kind), STR_ARG(s->ns), STR_ARG(s->name));
}

static void tell_repetitions(struct arena *a, const struct world *w)
{
	struct map seen = MAP_INIT(a);

	for (size_t i = 0; i < w->n_documents; i++) {
		struct document *d = &w->documents[i];
		struct str identity = identity_of(a, d);
		const struct document *other;

		if (!identity.p)
			continue;
		other = map_get(&seen, identity);
		if (other)
			tell_repetition(a, d, other);
		map_set(&seen, identity, d);
	}
}

enum exit_code world_load(struct world *w, const struct settings *s,
			  const struct texts *paths)
{
	struct error err = ERROR_INIT;
	enum exit_code code;

	if (live_is_wanted(s)) {
		code = live_begin(w, s);
		if (code != EXIT_CLEAN)
			return code;
	} else if (world_begin(w, s, NULL, &err) < 0) {
		return verb_fail(EXIT_USAGE, &err);
	}
	world_read(w, paths, live_namespace(w, s));
	if (w->live)
		live_know(w, s);
	if (world_settle(w, s, &err) < 0)
		return verb_fail(EXIT_USAGE, &err);
	tell_repetitions(&w->arena, w);
	return EXIT_CLEAN;
}

void world_release(struct world *w)
{
	live_free(&w->live);
	snapshot_unref(&w->snapshot);
	inventory_free(&w->inventory);
	arena_release(&w->arena);
}

void world_tell_problems(const struct world *w)
{
	for (size_t i = 0; i < w->n_problems; i++) {
		const struct input_problem *p = &w->problems[i];

		fprintf(stderr, "%.*s:", STR_ARG(p->path));
		if (p->at.line)
			fprintf(stderr, "%u:%u:", p->at.line, p->at.column);
		fprintf(stderr, " %.*s\n", STR_ARG(p->msg));
	}
}

void world_judge(struct arena *a, const struct world *w,
		 const struct document *d, struct judgement *out)
{
	struct subject filled = d->subject;

	*out = (struct judgement){ .document = d };
	out->mutation.filled = *d->subject.object;
	out->validation.filled = *d->subject.object;
	if (d->local)
		return;
	if (d->live) {
		/* Nobody applies it: what it lacks is what is wrong with it. */
		engine_validate(a, &w->engine, &filled, &out->validation);
		out->mutation.selection = out->validation.selection;
		out->mutation.governed = out->validation.governed;
		return;
	}
	engine_mutate(a, &w->engine, &d->subject, &out->mutation);
	filled.object = &out->mutation.filled;
	engine_validate(a, &w->engine, &filled, &out->validation);
}

struct str document_title(struct arena *a, const struct document *d)
{
	const struct subject *s = &d->subject;
	struct str kind = s->kind.n ? s->kind : STR("object");

	return arena_printf(a, "%.*s %.*s%s%.*s", STR_ARG(kind), STR_ARG(s->ns),
			    s->ns.n ? "/" : "", STR_ARG(s->name));
}
