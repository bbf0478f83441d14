/* Objects that are looked up while others are judged. */
#include "cli/world_cluster.h"

#include "lib/json_edit.h"

void world_cluster_enter(struct world *w, const struct document *d,
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

void world_cluster_read(struct world *w, const struct settings *s)
{
	struct world cluster = { .engine = w->engine };

	world_read(&cluster, &s->cluster_objects, s->namespace);
	for (size_t i = 0; i < cluster.n_documents; i++)
		if (!cluster.documents[i].local)
			world_cluster_enter(w, &cluster.documents[i],
					    &cluster.documents[i].spelling.doc);
	for (size_t i = 0; i < cluster.n_problems; i++) {
		const struct input_problem *p = &cluster.problems[i];

		world_add_problem(w, arena_str(&w->arena, p->path), p->at,
				  p->msg);
	}
	arena_release(&cluster.arena);
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
	return !d->local && (world_is_cluster_scoped(&d->subject) ||
			     (d->kind && d->kind->subject & kinds));
}

void world_cluster_enter_documents(struct world *w)
{
	unsigned kinds = looked_up_kinds(w);

	for (size_t i = 0; i < w->n_documents; i++)
		if (is_looked_up(&w->documents[i], kinds))
			world_cluster_enter(w, &w->documents[i],
					    &w->documents[i].spelling.doc);
}

void world_cluster_fill_templates(struct world *w)
{
	for (size_t i = 0; i < w->n_documents; i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct document *d = &w->documents[i];
		struct decision decision;

		if (!d->kind || d->kind->subject != SUBJECT_TEMPLATE)
			continue;
		engine_mutate(&a, &w->engine, &d->subject, &decision);
		world_cluster_enter(w, d, &decision.filled);
	}
}

/* ---- --namespace-labels ---- */

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

/* "a=b,c=d" over the labels that known has, if it is there. */
static int label(struct world *w, const struct document *d,
		 const struct inventory_object *known, struct str pairs,
		 struct error *err)
{
	struct path metadata = PATH_KEY(NULL, "metadata");
	struct path name_at = PATH_KEY(&metadata, "name");
	struct path labels_at = PATH_KEY(&metadata, "labels");
	struct json none = json_make_object(), labels = json_make_object();
	struct json_edit edit =
		json_edit_start(&w->arena, known ? &known->doc : &none);
	struct str pair;

	while (str_split(&pairs, ',', &pair))
		if (add_label(w, &labels, pair, err) < 0)
			return -1;
	json_each_member(m, path_get(&edit.root, &labels_at)) {
		if (!json_member(&labels, m->key))
			json_add(&w->arena, &labels, m->key, m->value);
	}
	json_edit_set(&edit, &name_at, json_make_string(d->subject.name));
	json_edit_set(&edit, &labels_at, labels);
	world_cluster_enter(w, d, &edit.root);
	return 0;
}

/* "team-a:bulkhead.dev/enforce=gvisor,x=y"; without a name: of -n. */
static int label_namespace(struct world *w, const struct settings *s,
			   struct str text, struct error *err)
{
	size_t colon = str_find(text, ':');
	struct document d = { .subject = { .kind = STR("Namespace") } };
	struct file none = { .path = STR("--namespace-labels") };
	const struct inventory_object *known;
	int result;

	d.file = &none;
	d.subject.name = s->namespace;
	if (colon < text.n) {
		d.subject.name = str_sub(text, 0, colon);
		text = str_sub(text, colon + 1, text.n);
	}
	known = inventory_get(w->inventory, STR(""), d.subject.kind, STR(""),
			      d.subject.name);
	result = label(w, &d, known, text, err);
	if (known)
		inventory_object_unref(&known);
	return result;
}

int world_cluster_label(struct world *w, const struct settings *s,
			struct error *err)
{
	for (size_t i = 0; i < s->namespace_labels.n; i++)
		if (label_namespace(w, s, s->namespace_labels.v[i], err) < 0)
			return -1;
	return 0;
}
