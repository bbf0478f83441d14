/* What of a live cluster is looked up, and what is judged. */
#include "cli/live.h"

#include "kube/discovery.h"
#include "lib/json_pick.h"
#include "lib/map.h"

/* ---- kinds ---- */

static struct live_row *ask(struct live *live, const struct live_kind *kind)
{
	struct live_row *row = &live->rows[live_kind_index(kind)];
	int found;

	if (row->asked)
		return row;
	row->asked = true;
	row->err = (struct error)ERROR_INIT;
	row->resource = (struct kube_resource){
		kind->group, kind->versions[0], kind->plural,
		kind->kind,  kind->namespaced,
	};
	if (!kind->versions[1])
		return row;
	found = kube_discover(live->connection.client, &live->arena,
			      kind->group, kind->versions, kind->kind,
			      &row->resource, &row->err);
	if (found <= 0)
		row->outcome = found ? LIVE_FAILED : LIVE_NOT_SERVED;
	return row;
}

/* What was to be read and was not: nobody may take it for clean. */
static void tell(struct world *w, const char *plural, struct str ns,
		 const struct error *err)
{
	struct str path = arena_printf(&w->arena, "%.*s%s%s", STR_ARG(ns),
				       ns.n ? "/" : "", plural);

	world_add_problem(w, path, (struct json_mark){ 0, 0 },
			  str_of(err->msg));
}

/* ---- what is looked up ---- */

struct keeper {
	struct world *w;
	const struct live_kind *kind;
};

static bool keep(struct arena *a, const struct json *item, void *context)
{
	const struct keeper *k = context;
	struct arena *own;
	struct inventory_object *o = inventory_object_new(&own);

	(void)a;
	o->doc = json_pick(own, item, k->kind->kept);
	o->group = str_of(k->kind->group);
	o->kind = str_of(k->kind->kind);
	o->ns = json_str(json_at(&o->doc, "metadata", "namespace"));
	o->ns = o->ns.p ? o->ns : STR("");
	o->name = json_str(json_at(&o->doc, "metadata", "name"));
	o->source = STR("");
	inventory_put(k->w->inventory, o);
	return true;
}

/* False: told, and the kind is not known. */
static bool know_of(struct world *w, const struct live_kind *kind,
		    struct str ns)
{
	struct keeper keeper = { w, kind };
	struct live_row *row = ask(w->live, kind);
	struct live_query q = {
		.resource = &row->resource,
		.ns = ns,
		.metadata_only = kind->metadata_only,
		.label_selector = str_of(kind->label_selector),
		.item = keep,
		.context = &keeper,
	};
	enum live_outcome outcome = row->outcome;
	struct error err = row->err;

	if (outcome == LIVE_READ)
		outcome = live_pages(w->live->connection.client, &q, &err);
	if (outcome == LIVE_READ || outcome == LIVE_NOT_SERVED)
		return true;
	tell(w, kind->plural, ns, &err);
	row->told = !ns.n;
	return false;
}

/* By name: whoever may not list all may well look at its own. */
static bool know_namespace(struct world *w, const struct live_kind *kind,
			   struct str name)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct keeper keeper = { w, kind };
	const struct live_query q = {
		.resource = &ask(w->live, kind)->resource,
		.name = name,
		.metadata_only = true,
	};
	struct error err = ERROR_INIT;
	struct json doc;

	switch (live_get(w->live->connection.client, &a, &q, &doc, &err)) {
	case LIVE_READ:
		return keep(&a, &doc, &keeper);
	case LIVE_NOT_SERVED:
		return true;
	case LIVE_FORBIDDEN:
	case LIVE_FAILED:
		break;
	}
	tell(w, kind->plural, name, &err);
	return false;
}

static void know(struct world *w, const struct live_kind *kind,
		 const struct texts *namespaces)
{
	bool is_namespace =
		!kind->group[0] && str_is(str_of(kind->kind), "Namespace");
	bool known = true;

	if (!namespaces->n || (!kind->namespaced && !is_namespace))
		known = know_of(w, kind, STR(""));
	for (size_t i = 0; i < namespaces->n; i++) {
		if (is_namespace)
			known = know_namespace(w, kind, namespaces->v[i]) &&
				known;
		else if (kind->namespaced)
			known = know_of(w, kind, namespaces->v[i]) && known;
	}
	inventory_set_known(w->inventory, str_of(kind->group),
			    str_of(kind->kind), known);
}

/* The namespaces that documents are in. */
static struct texts namespaces_of(struct world *w)
{
	struct map seen = MAP_INIT(&w->arena);
	struct texts list = { .n = 0 };

	for (size_t i = 0; i < w->n_documents; i++) {
		struct str ns = w->documents[i].subject.ns;

		if (!ns.n || map_get(&seen, ns))
			continue;
		map_set(&seen, ns, &w->documents[i]);
		list.v = arena_grow(&w->arena, list.v, list.n, &list.cap,
				    sizeof(*list.v));
		list.v[list.n++] = ns;
	}
	return list;
}

void live_know(struct world *w, const struct settings *s)
{
	struct texts namespaces =
		w->n_documents ? namespaces_of(w) : s->namespaces;

	for (const struct live_kind *k = live_kinds; k->kind; k++)
		if (k->kept &&
		    (k->namespaced ? !w->n_documents || namespaces.n : true))
			know(w, k, &namespaces);
}

/* ---- what is judged ---- */

struct judged {
	struct world *w;
	const struct live_kind *kind;
	const struct live_visit *visit;
	struct str ns, name;
	size_t n;
};

/* Its owner is judged, and says the same of all of them. */
static bool is_of_a_workload(const struct json *doc)
{
	const struct json *owners = json_at(doc, "metadata", "ownerReferences");

	json_each_item(owner, owners) {
		struct str group, version;
		const struct kind *kind;

		kind_split_api_version(json_str(json_at(owner, "apiVersion")),
				       &group, &version);
		kind = kind_find(group, json_str(json_at(owner, "kind")));
		if (json_is_true(json_at(owner, "controller")) && kind &&
		    kind->subject == SUBJECT_WORKLOAD)
			return true;
	}
	return false;
}

static struct subject subject_of(const struct json *doc)
{
	struct subject s =
		subject_from_live(json_str(json_at(doc, "apiVersion")),
				  json_str(json_at(doc, "kind")), doc);

	s.ns = s.ns.p ? s.ns : STR("");
	return s;
}

static bool judge(struct arena *a, const struct json *item, void *context)
{
	struct judged *j = context;
	struct file file = { .broken = false };
	struct document d = {
		.file = &file,
		.written = *item,
		.subject = subject_of(item),
		.live = true,
	};

	d.kind = kind_find(d.subject.group, d.subject.kind);
	if (!d.kind || (d.kind->subject == SUBJECT_WORKLOAD && !j->name.n &&
			is_of_a_workload(item)))
		return true;
	d.spelling.doc = *item;
	file.path =
		arena_printf(a, "%.*s%s%.*s/%.*s", STR_ARG(d.subject.ns),
			     d.subject.ns.n ? "/" : "", STR_ARG(d.subject.kind),
			     STR_ARG(d.subject.name));
	j->n++;
	j->visit->fn(&d, j->visit->context);
	return true;
}

static void judge_in(struct judged *j, struct str ns)
{
	struct live_row *row = ask(j->w->live, j->kind);
	struct live_query q = {
		.resource = &row->resource,
		.ns = ns,
		.name = j->name,
		.item = judge,
		.context = j,
	};
	enum live_outcome outcome = row->outcome;
	struct error err = row->err;

	if (row->told)
		return;
	/* A namespace is in no namespace, but -n names it. */
	if (!j->kind->namespaced && ns.n) {
		if (j->name.n && !str_eq(j->name, ns))
			return;
		q.name = ns;
	}
	if (outcome == LIVE_READ)
		outcome = live_pages(j->w->live->connection.client, &q, &err);
	if (outcome != LIVE_READ && outcome != LIVE_NOT_SERVED)
		tell(j->w, j->kind->plural, ns, &err);
}

static void judge_kind(struct judged *j, const struct texts *namespaces)
{
	struct error err = ERROR_INIT;
	size_t problems = j->w->n_problems;

	for (size_t i = 0; i < namespaces->n; i++)
		judge_in(j, namespaces->v[i]);
	if (!namespaces->n)
		judge_in(j, STR(""));
	if (j->n || !j->name.n || j->w->n_problems != problems)
		return;
	error_set(&err, ERR_INPUT, "there is no %s \"%.*s\" in the cluster%s",
		  j->kind->kind, STR_ARG(j->name),
		  namespaces->n ? ", in the namespaces that -n names" : "");
	tell(j->w, j->kind->plural, STR(""), &err);
}

void live_each(struct world *w, const struct settings *s,
	       const struct live_visit *visit)
{
	for (size_t i = 0; i < visit->names->n; i++) {
		struct str operand = visit->names->v[i];
		size_t slash = str_find(operand, '/');
		struct judged j = {
			.w = w,
			.kind = live_kind_find(str_sub(operand, 0, slash)),
			.visit = visit,
			.name = str_sub(operand, slash + 1, operand.n),
		};

		judge_kind(&j, &s->namespaces);
	}
	for (const struct live_kind *k = live_kinds; k->kind; k++) {
		struct judged j = { .w = w, .kind = k, .visit = visit };

		if (k->judged && !visit->names->n)
			judge_kind(&j, &s->namespaces);
	}
}

bool live_is_agent(const struct document *d)
{
	const struct live_kind *kind = live_kind_find(d->subject.kind);

	return kind && kind->agent;
}
