/* Reading everything a verb judges with, and judging one document. */
#include "cli/world.h"

#include <stdio.h>

#include "cli/policy.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/timestamp.h"
#include "lib/yamldoc.h"

enum {
	FILE_BYTES_MAX = 64 << 20,
	LIST_DEPTH_MAX = 2, /* a List of Lists is nobody's manifest */
};

static const char *const manifest_suffixes[] = { ".yaml", ".yml", ".json",
						 NULL };

const struct json_limits world_file_limits = {
	.bytes = FILE_BYTES_MAX,
	.depth = 100,
	.nodes = 400000,
};

/* ---- problems ---- */

static void add_problem(struct world *w, struct str path,
			const struct error *err)
{
	w->problems = arena_grow(&w->arena, w->problems, w->n_problems,
				 &w->problems_cap, sizeof(*w->problems));
	w->problems[w->n_problems++] = (struct input_problem){
		.path = path,
		.at = { err->line, err->column },
		.msg = arena_str(&w->arena, str_of(err->msg)),
	};
}

/* ---- documents ---- */

static struct subject subject_of(const struct json *doc, struct str ns)
{
	struct subject s = {
		.operation = OPERATION_CREATE,
		.kind = json_str(json_get(doc, STR("kind"))),
		.ns = json_str(json_at(doc, "metadata", "namespace")),
		.name = json_str(json_at(doc, "metadata", "name")),
		.user = { .groups = &json_missing },
		.object = doc,
		.old_object = &json_missing,
		.from_file = true,
	};

	kind_split_api_version(json_str(json_get(doc, STR("apiVersion"))),
			       &s.group, &s.version);
	if (!s.ns.n)
		s.ns = ns;
	if (!s.name.n)
		s.name = json_str(json_at(doc, "metadata", "generateName"));
	return s;
}

/* Cluster-scoped kinds that the rules look up, and our own. */
static bool is_cluster_scoped(const struct subject *s)
{
	return str_is(s->kind, "Namespace") ||
	       str_is(s->kind, "RuntimeClass") ||
	       str_is(s->group, GROUP_BULKHEAD);
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
	spelling_rewrite(&w->arena, doc, &d->spelling);
	d->subject = subject_of(&d->spelling.doc, ns);
	if (is_cluster_scoped(&d->subject))
		d->subject.ns = STR("");
	d->kind = kind_find(d->subject.group, d->subject.kind);
	return d;
}

static void add_object(struct world *w, struct file *file,
		       const struct json *doc, struct str ns, unsigned depth)
{
	const struct json *items = json_get(doc, STR("items"));
	size_t index = w->n_documents;

	if (json_str_is(json_get(doc, STR("kind")), STR("List")) &&
	    depth < LIST_DEPTH_MAX) {
		json_each_item(item, items)
			add_object(w, file, item, ns, depth + 1);
		for (size_t i = index; i < w->n_documents; i++)
			w->documents[i].in_list = true;
		return;
	}
	add_document(w, file, doc, ns)->index = index;
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

static void enter(struct world *w, const struct document *d,
		  const struct json *doc)
{
	struct arena *a;
	struct inventory_object *o = inventory_object_new(&a);

	o->group = arena_str(a, d->subject.group);
	o->kind = arena_str(a, d->subject.kind);
	o->ns = arena_str(a, d->subject.ns);
	o->name = arena_str(a, d->subject.name);
	o->source = arena_str(a, d->file->path);
	o->doc = json_copy(a, doc);
	inventory_put(w->inventory, o);
}

void world_know(struct world *w, const struct file *file,
		const struct json *doc, struct str ns)
{
	struct document d = { .file = file, .subject = subject_of(doc, ns) };

	if (is_cluster_scoped(&d.subject))
		d.subject.ns = STR("");
	enter(w, &d, doc);
}

/* A NetworkPolicy is judged where agents are: then all of them are entered. */
static unsigned looked_up_kinds(const struct world *w)
{
	for (size_t i = 0; i < w->n_documents; i++)
		if (w->documents[i].kind &&
		    w->documents[i].kind->subject == SUBJECT_NETWORK_POLICY)
			return SUBJECT_AGENT;
	return SUBJECT_TEMPLATE | SUBJECT_POOL;
}

static bool is_looked_up(const struct document *d, unsigned kinds)
{
	return is_cluster_scoped(&d->subject) ||
	       (d->kind && d->kind->subject & kinds);
}

/*
 * Templates are entered filled, as the cluster stores them: a claim is judged
 * by what its template will be.
 */
static void enter_all(struct world *w)
{
	unsigned kinds = looked_up_kinds(w);

	for (size_t i = 0; i < w->n_documents; i++)
		if (is_looked_up(&w->documents[i], kinds))
			enter(w, &w->documents[i],
			      &w->documents[i].spelling.doc);
	for (size_t i = 0; i < w->n_documents; i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct document *d = &w->documents[i];
		struct decision decision;

		if (!d->kind || d->kind->subject != SUBJECT_TEMPLATE)
			continue;
		engine_mutate(&a, &w->engine, &d->subject, &decision);
		enter(w, d, &decision.filled);
	}
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
		enter(w, pool, &pool->spelling.doc);
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

static int add_label(struct world *w, struct json *labels, struct str pair,
		     struct error *err)
{
	size_t equals = str_find(pair, '=');
	struct str key = str_sub(pair, 0, equals);

	if (equals == pair.n || !key.n)
		return error_set(err, ERR_CONFIG,
				 "--namespace-labels has \"%.*s\", wanted "
				 "KEY=VALUE,... or NAMESPACE:KEY=VALUE,...",
				 STR_ARG(pair));
	if (!json_member(labels, key))
		json_add(&w->arena, labels, key,
			 json_make_string(str_sub(pair, equals + 1, pair.n)));
	return 0;
}

/* "team-a:bulkhead.dev/enforce=gvisor,x=y"; without a name: of -n. */
static int enter_namespace(struct world *w, const struct settings *s,
			   struct str text, struct error *err)
{
	struct arena *a = &w->arena;
	size_t colon = str_find(text, ':');
	struct document d = { .subject = { .kind = STR("Namespace") } };
	struct file none = { .path = STR("--namespace-labels") };
	struct json doc = json_make_object(), labels = json_make_object();
	struct json metadata = json_make_object();
	struct str pair;

	d.file = &none;
	d.subject.name = s->namespace;
	if (colon < text.n) {
		d.subject.name = str_sub(text, 0, colon);
		text = str_sub(text, colon + 1, text.n);
	}
	while (str_split(&text, ',', &pair))
		if (add_label(w, &labels, pair, err) < 0)
			return -1;
	json_add(a, &metadata, STR("name"), json_make_string(d.subject.name));
	json_add(a, &metadata, STR("labels"), labels);
	json_add(a, &doc, STR("metadata"), metadata);
	enter(w, &d, &doc);
	return 0;
}

static void read_cluster_objects(struct world *w, const struct settings *s)
{
	struct world cluster = { .engine = w->engine };

	world_read(&cluster, &s->cluster_objects, s->namespace);
	for (size_t i = 0; i < cluster.n_documents; i++)
		enter(w, &cluster.documents[i],
		      &cluster.documents[i].spelling.doc);
	for (size_t i = 0; i < cluster.n_problems; i++) {
		struct error err = ERROR_INIT;
		const struct input_problem *p = &cluster.problems[i];

		error_at(&err, ERR_INPUT, p->at.line, p->at.column, "%.*s",
			 STR_ARG(p->msg));
		add_problem(w, arena_str(&w->arena, p->path), &err);
	}
	arena_release(&cluster.arena);
}

static int enter_namespaces(struct world *w, const struct settings *s,
			    struct error *err)
{
	for (size_t i = 0; i < s->namespace_labels.n; i++)
		if (enter_namespace(w, s, s->namespace_labels.v[i], err) < 0)
			return -1;
	return 0;
}

int world_begin(struct world *w, const struct settings *s,
		struct snapshot *snapshot, struct error *err)
{
	*w = (struct world){ .snapshot = snapshot };
	if (set_now(w, s, err) < 0 ||
	    (!snapshot && policy_load(s->tiers, &w->snapshot, err) < 0))
		return -1;
	w->inventory = inventory_new();
	w->engine.snapshot = w->snapshot;
	w->engine.inventory = w->inventory;
	read_cluster_objects(w, s);
	return 0;
}

int world_settle(struct world *w, const struct settings *s, struct error *err)
{
	if (enter_namespaces(w, s, err) < 0)
		return -1;
	attach_spelling(w);
	mark_known(w, s->cluster_objects.n > 0);
	enter_all(w);
	add_generated(w);
	attach_spelling(w);
	return 0;
}

enum exit_code world_load(struct world *w, const struct settings *s,
			  const struct texts *paths)
{
	struct error err = ERROR_INIT;

	if (world_begin(w, s, NULL, &err) < 0)
		return verb_fail(EXIT_USAGE, &err);
	world_read(w, paths, s->namespace);
	if (world_settle(w, s, &err) < 0)
		return verb_fail(EXIT_USAGE, &err);
	return EXIT_CLEAN;
}

void world_release(struct world *w)
{
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

	out->document = d;
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
