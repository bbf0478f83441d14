/* One loop over the rules, twice: to fill, and to judge. */
#include "policies/engine.h"

#include "policies/exception.h"
#include "policies/parent.h"
#include "policies/references.h"
#include "policies/requester.h"
#include "policies/rules.h"

static enum action least(enum action x, enum action y)
{
	return x < y ? x : y;
}

/* On its way out: nothing is filled in any more. */
static bool being_deleted(const struct subject *s)
{
	const char *const at[] = { "metadata", "deletionTimestamp", NULL };

	return json_is_set(json_at_keys(s->object, at)) ||
	       json_is_set(json_at_keys(s->old_object, at));
}

static struct target make_target(struct arena *a, const struct engine *e,
				 const struct subject *subject,
				 const struct selection *selection)
{
	return (struct target){
		.arena = a,
		.snapshot = e->snapshot,
		.inventory = e->inventory,
		.subject = subject,
		.selection = selection,
		.now = e->now,
	};
}

static bool same(const struct subject *s, const char *map, const char *key)
{
	return json_equal(json_at(s->object, "metadata", map, key),
			  json_at(s->old_object, "metadata", map, key));
}

/*
 * An update that leaves alone what the rules judge is never refused for what
 * was let in before: else a tightened tier would block the clean-up it asks
 * for (finalizers, foreign labels, deletion).
 */
static bool nothing_changed(const struct subject *s)
{
	return s->operation == OPERATION_UPDATE && json_exists(s->old_object) &&
	       json_equal(json_get(s->object, STR("spec")),
			  json_get(s->old_object, STR("spec"))) &&
	       same(s, "labels", LABEL_TIER) &&
	       same(s, "annotations", ANNOTATION_TTL) &&
	       same(s, "annotations", ANNOTATION_EXPIRES_AT);
}

/*
 * The reconciler changes an agent's object only to end it, whatever else may be
 * wrong with what is there.
 */
static bool is_ended_by_us(const struct subject *s)
{
	return s->operation == OPERATION_UPDATE &&
	       requester_of(s) == REQUESTER_BULKHEAD;
}

/* ---- mutation ---- */

static bool may_fill(const struct subject *s, const struct kind *kind)
{
	if (!kind || s->subresource.n || !json_is(s->object, JSON_OBJECT) ||
	    being_deleted(s))
		return false;
	switch (s->operation) {
	case OPERATION_CREATE:
		return (kind->subject & (SUBJECT_AGENT | SUBJECT_POD)) != 0;
	case OPERATION_UPDATE:
		/*
		 * A Pod's spec is immutable: patching it would wedge it. And an
		 * update that changes nothing of ours must not change the spec
		 * on its way, or it would be refused for what that brings up.
		 */
		return (kind->subject & SUBJECT_AGENT) && !nothing_changed(s) &&
		       !is_ended_by_us(s);
	case OPERATION_DELETE:
	case OPERATION_CONNECT:
		return false;
	}
	BUG("operation");
}

static void fill_all(const struct engine *e, const struct references *refs,
		     struct target *t, struct json_edit *edit,
		     struct decision *d)
{
	const struct exceptions exceptions =
		exceptions_for(t->arena, e->snapshot, t->subject, e->now);

	target_view(t, refs);
	for (size_t i = 0; rules[i]; i++) {
		struct fill f = { t, rules[i], edit, &d->verdict };
		size_t before = d->verdict.n_fills;
		struct str id = str_of(rules[i]->id);

		if (!rules[i]->fill || !(rules[i]->kinds & t->kind) ||
		    exceptions_find(&exceptions, id, id))
			continue;
		rules[i]->fill(&f);
		if (d->verdict.n_fills != before)
			target_view(t, refs);
	}
}

void engine_mutate(struct arena *a, const struct engine *e,
		   const struct subject *subject, struct decision *d)
{
	const struct kind *kind = kind_find(subject->group, subject->kind);
	struct subject working = *subject;
	struct references refs;
	struct json_edit edit;
	struct target t;

	*d = (struct decision){ .filled = *subject->object };
	references_find(&refs, e->inventory, subject);
	selection_make_with(a, e->snapshot, e->inventory, subject, &refs,
			    &d->selection);
	d->governed = d->selection.effective != NULL;
	if (d->governed && may_fill(subject, kind)) {
		edit = json_edit_start(a, subject->object);
		working.object = &edit.root;
		t = make_target(a, e, &working, &d->selection);
		t.tier = d->selection.effective;
		fill_all(e, &refs, &t, &edit, d);
		d->filled = edit.root;
	}
	references_release(&refs);
}

/* ---- validation ---- */

static void run_rules(struct target *t, bool always, enum action action,
		      struct verdict *v)
{
	if (t->kind == SUBJECT_WORKLOAD)
		action = least(action, ACTION_WARN);
	for (size_t i = 0; rules[i]; i++) {
		struct check c = { t, rules[i], v, action };

		if (!rules[i]->check || !(rules[i]->kinds & t->kind) ||
		    rules[i]->always != always)
			continue;
		v->checked++;
		rules[i]->check(&c);
	}
}

/* tier "gvisor" by defaultTier of IsolationPolicy default */
static void name_tiers(struct arena *a, struct verdict *v, size_t from,
		       struct str who)
{
	for (size_t i = from; i < v->n_findings; i++)
		if (v->findings[i].tier)
			v->findings[i].who =
				arena_printf(a, "tier \"%.*s\" by %.*s",
					     STR_ARG(v->findings[i].tier->name),
					     STR_ARG(who));
}

static void run_tier(struct target *t, const struct tier *tier, struct str who,
		     enum action action, struct verdict *v)
{
	size_t from = v->n_findings;

	if (t->unchanged)
		action = least(action, ACTION_WARN);
	t->tier = tier;
	run_rules(t, false, action, v);
	name_tiers(t->arena, v, from, who);
}

/*
 * Rules that are no tier's, once. They go as far as the tier in force does;
 * when a name is no tier nobody can tell how far that would be.
 */
static void run_always(struct target *t, struct verdict *v)
{
	const struct selection *s = t->selection;
	enum action action = ACTION_DENY;

	if (s->effective && s->problem != SELECTION_UNKNOWN_TIER)
		action = action_of_enforcement(s->effective->enforcement);
	t->tier = s->effective;
	run_rules(t, true, action, v);
}

static void run_tiers(struct target *t, struct verdict *v)
{
	const struct selection *s = t->selection;
	struct str ns = t->subject->ns;
	struct arena *a = t->arena;

	run_always(t, v);
	if (s->effective)
		run_tier(t, s->effective, s->effective_who,
			 action_of_enforcement(s->effective->enforcement), v);
	if (s->warn && s->warn != s->effective)
		run_tier(t, s->warn,
			 arena_printf(a,
				      "label " LABEL_WARN " of Namespace %.*s",
				      STR_ARG(ns)),
			 least(ACTION_WARN,
			       action_of_enforcement(s->warn->enforcement)),
			 v);
	if (s->audit && s->audit != s->effective && s->audit != s->warn)
		run_tier(t, s->audit,
			 arena_printf(a,
				      "label " LABEL_AUDIT " of Namespace %.*s",
				      STR_ARG(ns)),
			 ACTION_AUDIT, v);
}

static void apply_exceptions(struct arena *a, const struct engine *e,
			     const struct subject *subject, struct verdict *v)
{
	const struct exceptions exceptions =
		exceptions_for(a, e->snapshot, subject, e->now);

	for (size_t i = 0; exceptions.n && i < v->n_findings; i++) {
		struct finding *f = &v->findings[i];

		f->exception =
			exceptions_find(&exceptions, str_of(f->rule), f->id);
		if (f->exception)
			f->action = ACTION_EXCEPTED;
	}
}

static bool is_judged_subresource(const struct subject *s,
				  enum subject_kind kind)
{
	if (kind == SUBJECT_SCALE)
		return str_is(s->resource, "sandboxes") ||
		       str_is(s->resource, "sandboxwarmpools");
	return kind == SUBJECT_POD &&
	       (str_is(s->subresource, "ephemeralcontainers") ||
		str_is(s->subresource, "resize"));
}

/* What is cleaned up goes; status and the like say nothing that we judge. */
static bool is_judged(const struct subject *s, enum subject_kind kind)
{
	switch (s->operation) {
	case OPERATION_CREATE:
	case OPERATION_UPDATE:
		if (s->subresource.n || kind == SUBJECT_SCALE)
			return is_judged_subresource(s, kind);
		return kind != SUBJECT_CONNECT && json_exists(s->object);
	case OPERATION_DELETE:
		return kind & (SUBJECT_NETWORK_POLICY | SUBJECT_CONFIG) &&
		       requester_of(s) != REQUESTER_CONTROLLER;
	case OPERATION_CONNECT:
		return kind == SUBJECT_CONNECT;
	}
	BUG("operation");
}

void engine_validate(struct arena *a, const struct engine *e,
		     const struct subject *subject, struct decision *d)
{
	struct references refs;
	struct parent parent;
	struct target t;

	*d = (struct decision){ .filled = *subject->object };
	parent_find(&parent, e->inventory, subject);
	references_find(&refs, e->inventory, &parent.subject);
	selection_make_with(a, e->snapshot, e->inventory, &parent.subject,
			    &refs, &d->selection);
	d->governed = d->selection.effective != NULL;
	t = make_target(a, e, subject, &d->selection);
	target_view(&t, &refs);
	/* Of a Pod each field is looked at for itself: see rule.c. */
	t.unchanged = t.kind != SUBJECT_POD && nothing_changed(subject);
	if ((t.kind & SUBJECT_AGENT) && is_ended_by_us(subject))
		t.unchanged = true;
	if (t.kind != SUBJECT_OTHER && is_judged(subject, t.kind))
		run_tiers(&t, &d->verdict);
	/* What was not looked into is not let off either. */
	if (!t.too_many)
		apply_exceptions(a, e, &parent.subject, &d->verdict);
	verdict_tell_rest(a, &d->verdict);
	verdict_sort(&d->verdict);
	references_release(&refs);
	parent_release(&parent);
}
