/* How rules report and fill: paths to text and places, never overriding. */
#include "policies/rule.h"

#include "policies/authored.h"
#include "policies/changes.h"

/* ---- reporting ---- */

enum action action_of_enforcement(int mode)
{
	switch ((enum enforcement)mode) {
	case ENFORCEMENT_AUDIT:
		return ACTION_AUDIT;
	case ENFORCEMENT_WARN:
		return ACTION_WARN;
	case ENFORCEMENT_ENFORCE:
		return ACTION_DENY;
	}
	BUG("enforcement");
}

/*
 * A hostile object breaks a rule at a hundred thousand places: the first are
 * told, one finding more stands for all others and goes as far as the one of
 * them that goes furthest.
 */
enum {
	TOLD_MAX = 100,
	COMPARED_MAX = 1000, /* with what the object was before an update */
};

static bool of_one_rule(const struct finding *x, const struct finding *y)
{
	return x->rule == y->rule && x->tier == y->tier && str_eq(x->id, y->id);
}

/*
 * Nearly all of a Pod's spec is immutable: a change of it is refused only for
 * what it brings itself.
 */
static bool is_spared(const struct target *t, const struct path *path)
{
	return path && t->kind == SUBJECT_POD &&
	       t->subject->operation == OPERATION_UPDATE &&
	       json_exists(t->subject->old_object) &&
	       !changes_touch(t->subject, path);
}

static struct finding *append(const struct target *t, struct verdict *v,
			      struct finding f)
{
	v->findings = arena_grow(t->arena, v->findings, v->n_findings,
				 &v->findings_cap, sizeof(*v->findings));
	v->findings[v->n_findings] = f;
	return &v->findings[v->n_findings++];
}

static void add_rest(const struct target *t, struct verdict *v,
		     struct finding f)
{
	struct finding *rest;

	f.at = t->object->start;
	rest = v->in_a_row == TOLD_MAX + 1 ? append(t, v, f)
					   : &v->findings[v->n_findings - 1];
	rest->rest++;
	if (f.action > rest->action)
		rest->action = f.action;
}

/* Its first part: the caller says where. NULL when it is one of the rest. */
static struct finding *add_finding(const struct check *c, enum action action,
				   struct str id, const struct path *path,
				   struct says says)
{
	const struct target *t = c->target;
	struct verdict *v = c->verdict;
	struct finding f = {
		.action = action < c->action ? action : c->action,
		.rule = c->rule->id,
		.id = id.p ? id : str_of(c->rule->id),
		.tier = c->rule->always ? NULL : t->tier,
	};

	if (!v->n_findings || !of_one_rule(&v->findings[v->n_findings - 1], &f))
		v->in_a_row = 0;
	v->in_a_row++;
	if (f.action > ACTION_WARN && v->in_a_row <= COMPARED_MAX &&
	    is_spared(t, path))
		f.action = ACTION_WARN;
	if (v->in_a_row > TOLD_MAX) {
		add_rest(t, v, f);
		return NULL;
	}
	f.found = arena_str(t->arena, says.found);
	f.wanted = arena_str(t->arena, says.wanted);
	f.fix = arena_str(t->arena, says.fix);
	return append(t, v, f);
}

void check_object_as(const struct check *c, enum action action, struct str id,
		     const struct path *path, struct says says)
{
	const struct target *t = c->target;
	struct finding *f = add_finding(c, action, id, path, says);

	if (!f)
		return;
	f->field = path_field(t->arena, path);
	f->at = path_nearest(t->object, path)->start;
}

void check_object(const struct check *c, const struct path *path,
		  struct says says)
{
	check_object_as(c, c->action, STR_NONE, path, says);
}

enum { STEPS_MAX = 64 };

/*
 * path continued below base: the same steps with the topmost one hung onto
 * base. steps must hold STEPS_MAX.
 */
static const struct path *join(const struct path *base, const struct path *path,
			       struct path *steps)
{
	const struct path *chain[STEPS_MAX];
	size_t n = 0;

	for (const struct path *p = path; p; p = p->parent) {
		if (n == STEPS_MAX)
			BUG("path too deep");
		chain[n++] = p;
	}
	for (size_t i = 0; i < n; i++) {
		steps[i] = *chain[n - 1 - i];
		steps[i].parent = i ? &steps[i - 1] : base;
	}
	return n ? &steps[n - 1] : base;
}

/* A field of the Pod's holder: in the object, or in the one it refers to. */
static void check_below(const struct check *c, enum action action,
			struct str id, const struct path *path,
			struct says says)
{
	const struct target *t = c->target;
	struct path steps[STEPS_MAX];
	const struct path *whole = join(t->pod_path, path, steps);
	bool elsewhere = t->pod_origin.n > 0;
	struct finding *f =
		add_finding(c, action, id, elsewhere ? NULL : whole, says);

	if (!f)
		return;
	f->field = path_field(t->arena, whole);
	f->origin = t->pod_origin;
	f->at = path_nearest(t->object, elsewhere ? t->pod_ref : whole)->start;
}

void check_template(const struct check *c, const struct path *path,
		    struct says says)
{
	check_below(c, c->action, STR_NONE, path, says);
}

void check_pod_as(const struct check *c, enum action action, struct str id,
		  const struct path *path, struct says says)
{
	struct path spec = PATH_KEY(NULL, "spec");
	struct path steps[STEPS_MAX];

	check_below(c, action, id, join(&spec, path, steps), says);
}

void check_pod(const struct check *c, const struct path *path, struct says says)
{
	check_pod_as(c, c->action, STR_NONE, path, says);
}

void check_container_as(const struct check *c, enum action action,
			const struct container *container,
			const struct path *path, struct says says)
{
	struct path item = path_index(&container->list, container->index);
	struct path steps[STEPS_MAX];

	check_pod_as(c, action, STR_NONE, join(&item, path, steps), says);
}

void check_container(const struct check *c, const struct container *container,
		     const struct path *path, struct says says)
{
	check_container_as(c, c->action, container, path, says);
}

void check_template_as(const struct check *c, enum action action, struct str id,
		       const struct path *path, struct says says)
{
	check_below(c, action, id, path, says);
}

void check_note(const struct check *c, enum action action, struct str field,
		struct json_mark at, struct says says)
{
	struct finding *f = add_finding(c, action, STR_NONE, NULL, says);

	if (!f)
		return;
	f->field = field;
	f->at = at;
}

/* ---- filling ---- */

static void set(const struct fill *f, const struct path *path,
		struct json value)
{
	struct arena *a = f->target->arena;
	struct verdict *v = f->verdict;

	json_edit_set(f->edit, path, value);
	v->fills = arena_grow(a, v->fills, v->n_fills, &v->fills_cap,
			      sizeof(*v->fills));
	v->fills[v->n_fills++] = (struct filled){
		.rule = f->rule->id,
		.field = path_field(a, path),
		.pointer = path_pointer(a, path),
		.value = value,
	};
}

void fill_object(const struct fill *f, const struct path *path,
		 struct json value)
{
	const struct json *root = &f->edit->root;

	if (json_is_set(path_get(root, path)) || !json_edit_reaches(root, path))
		return;
	set(f, path, value);
}

void fill_pod(const struct fill *f, const struct path *path, struct json value)
{
	struct path spec = PATH_KEY(f->target->pod_path, "spec");
	struct path steps[STEPS_MAX];

	if (f->target->pod_origin.n ||
	    json_is_set(path_get(f->target->pod_spec, path)))
		return;
	fill_object(f, join(&spec, path, steps), value);
}

void fill_pod_item(const struct fill *f, const struct path *list,
		   struct json value)
{
	const struct json *there = path_get(f->target->pod_spec, list);
	struct path spec = PATH_KEY(f->target->pod_path, "spec");
	struct path end = path_index(list, json_len(there));
	struct path steps[STEPS_MAX];
	struct json items = json_make_array();

	if (f->target->pod_origin.n)
		return;
	if (json_is(there, JSON_ARRAY)) {
		set(f, join(&spec, &end, steps), value);
		return;
	}
	json_append(f->target->arena, &items, value);
	fill_pod(f, list, items);
}

void fill_container(const struct fill *f, const struct container *container,
		    const struct path *path, struct json value)
{
	struct path item = path_index(&container->list, container->index);
	struct path steps[STEPS_MAX];

	if (json_is_set(path_get(container->json, path)))
		return;
	fill_pod(f, join(&item, path, steps), value);
}

void fill_object_over_default(const struct fill *f, const struct path *path,
			      struct str crd_default, struct json value)
{
	const struct json *now = path_get(&f->edit->root, path);

	if (!json_is_set(now)) {
		fill_object(f, path, value);
		return;
	}
	if (!json_str_is(now, crd_default) || json_equal(now, &value) ||
	    authored(f->target->subject, path))
		return;
	set(f, path, value);
}
