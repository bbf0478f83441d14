/* Floor, wish, effective: which tier governs, and who said so. */
#include "policies/selection.h"

#include "lib/selector.h"
#include "policies/kinds.h"
#include "policies/references.h"

struct choice {
	struct arena *arena;
	const struct snapshot *snapshot;
	const struct inventory *inventory;
	const struct subject *subject;
	const struct references *refs;
	enum subject_kind kind;
	const struct json *namespace_labels;
	/* What the object's own label asks for; NULL: nothing. */
	const struct tier *own;
	struct selection *out;
};

#define NAMESPACE_NAME "kubernetes.io/metadata.name"
#define OWN_LABEL "its label " LABEL_TIER

static void add_step(struct selection *s, const char *what, struct str tier,
		     struct str who)
{
	if (s->n_steps < SELECTION_STEPS_MAX)
		s->steps[s->n_steps++] =
			(struct selection_step){ what, tier, who };
}

static const struct tier *stronger(const struct tier *x, const struct tier *y)
{
	if (!x || !y)
		return x ? x : y;
	return y->strength > x->strength ? y : x;
}

static void problem(struct selection *s, enum selection_problem what,
		    struct str tier, struct str who)
{
	if (s->problem == SELECTION_UNKNOWN_TIER)
		return;
	s->problem = what;
	s->problem_tier = tier;
	s->problem_who = who;
}

static void raise_floor(struct selection *s, const struct tier *tier,
			struct str who)
{
	add_step(s, "floor", tier->name, who);
	if (stronger(s->floor, tier) == s->floor)
		return;
	s->floor = tier;
	s->floor_who = who;
}

/* The tier that a label names; NULL, and a problem, when there is no such. */
static const struct tier *named(struct choice *c, const struct json *labels,
				const char *key, struct str who)
{
	struct str name = json_text(json_get(labels, str_of(key)));
	const struct tier *tier;

	tier = snapshot_tier(c->snapshot, name);
	if (tier)
		return tier;
	name = arena_str(c->arena, name);
	add_step(c->out, "unknown", name, who);
	problem(c->out, SELECTION_UNKNOWN_TIER, name, who);
	return NULL;
}

static struct str namespace_who(struct choice *c, const char *key)
{
	return arena_printf(c->arena, "label %s of Namespace %.*s", key,
			    STR_ARG(c->subject->ns));
}

static void floor_of_namespace(struct choice *c)
{
	const struct tier *tier;
	struct str who;

	if (!json_exists(json_get(c->namespace_labels, STR(LABEL_ENFORCE))))
		return;
	who = namespace_who(c, LABEL_ENFORCE);
	tier = named(c, c->namespace_labels, LABEL_ENFORCE, who);
	if (tier)
		raise_floor(c->out, tier, who);
}

/*
 * The API server gives every Namespace a label of its name, whatever is
 * written; manifests seldom have it.
 */
static const struct json *
labels_with_name(struct arena *a, const struct json *labels, struct str name)
{
	struct json *all;

	if (!name.n || json_str_is(json_get(labels, STR(NAMESPACE_NAME)), name))
		return labels;
	all = arena_new(a, struct json, 1);
	*all = json_make_object();
	json_add(a, all, STR(NAMESPACE_NAME), json_make_string(name));
	json_each_member(m, labels) {
		if (!str_is(m->key, NAMESPACE_NAME))
			json_add(a, all, m->key, m->value);
	}
	return all;
}

static bool rule_matches(const struct choice *c, const struct policy_rule *r)
{
	return selector_matches(r->namespace_selector, c->namespace_labels);
}

static bool stop_at_first(const struct inventory_object *object, void *context)
{
	bool *found = context;

	(void)object;
	*found = true;
	return false;
}

/* Do Pods of agents come into being in the subject's namespace? */
static bool holds_agents(const struct choice *c)
{
	size_t n;
	const struct kind *table = kind_table(&n);
	bool found = false;

	for (size_t i = 0; c->inventory && !found && i < n; i++)
		if (table[i].subject & SUBJECT_AGENT)
			inventory_each(c->inventory, str_of(table[i].group),
				       str_of(table[i].kind), c->subject->ns,
				       stop_at_first, &found);
	return found;
}

/*
 * Plain Pods are ours only where a namespace has a tier; one whose Sandbox is
 * not known (any more) is no plain Pod.
 */
static bool defaults_apply(const struct choice *c)
{
	return (c->kind & SUBJECT_AGENT) ||
	       (c->refs->sandbox_name.n && !c->refs->sandbox) ||
	       (c->kind == SUBJECT_NETWORK_POLICY && holds_agents(c));
}

static void floor_of_policies(struct choice *c)
{
	bool defaults = defaults_apply(c);

	for (size_t i = 0; i < c->snapshot->n_policies; i++) {
		const struct policy *p = &c->snapshot->policies[i];

		if (p->default_tier && defaults)
			raise_floor(c->out, p->default_tier, p->who);
		for (size_t r = 0; r < p->n_rules; r++)
			if (p->rules[r].floor && rule_matches(c, &p->rules[r]))
				raise_floor(c->out, p->rules[r].floor,
					    p->rules[r].who);
	}
}

static void add_wish(struct selection *s, const struct tier *tier,
		     struct str who)
{
	add_step(s, "wish", tier->name, who);
	if (stronger(s->wish, tier) == s->wish)
		return;
	s->wish = tier;
	s->wish_who = who;
}

static const struct tier *wish_of_label(struct choice *c,
					const struct json *object,
					const char *what, struct str name)
{
	const struct json *labels = json_at(object, "metadata", "labels");
	const struct tier *tier;
	struct str who;

	if (!json_exists(json_get(labels, STR(LABEL_TIER))))
		return NULL;
	who = what ? arena_printf(c->arena, "label " LABEL_TIER " of %s %.*s",
				  what, STR_ARG(name))
		   : STR(OWN_LABEL);
	tier = named(c, labels, LABEL_TIER, who);
	if (tier)
		add_wish(c->out, tier, who);
	return tier;
}

/*
 * A Pod gets what its Sandbox got; its own label is only the stamp of that.
 * The Sandbox was told already whether it may have it.
 */
static void wish_of_sandbox(struct choice *c)
{
	const struct inventory_object *sandbox = c->refs->sandbox;
	struct selection *theirs = arena_new(c->arena, struct selection, 1);
	struct subject subject = {
		.operation = c->subject->operation,
		.group = STR(GROUP_AGENTS),
		.kind = STR("Sandbox"),
		.ns = sandbox->ns,
		.name = sandbox->name,
		.object = &sandbox->doc,
		.old_object = &json_missing,
	};

	selection_make(c->arena, c->snapshot, c->inventory, &subject, theirs);
	if (theirs->effective)
		add_wish(c->out, theirs->effective,
			 arena_printf(c->arena, "its Sandbox %.*s",
				      STR_ARG(sandbox->name)));
	if (theirs->problem == SELECTION_UNKNOWN_TIER)
		problem(c->out, theirs->problem, theirs->problem_tier,
			arena_printf(c->arena, "its Sandbox %.*s: %.*s",
				     STR_ARG(sandbox->name),
				     STR_ARG(theirs->problem_who)));
}

static void find_wishes(struct choice *c)
{
	if (c->refs->sandbox) {
		wish_of_sandbox(c);
		return;
	}
	c->own = wish_of_label(c, c->subject->object, NULL, STR_NONE);
	if (c->refs->pool)
		wish_of_label(c, &c->refs->pool->doc, "SandboxWarmPool",
			      c->refs->pool->name);
	if (c->refs->template)
		wish_of_label(c, &c->refs->template->doc, "SandboxTemplate",
			      c->refs->template->name);
}

static bool listed(const struct strs *names, struct str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq(names->v[i], name))
			return true;
	return false;
}

static void check_allowed(struct choice *c)
{
	struct selection *s = c->out;

	for (size_t i = 0; i < c->snapshot->n_policies; i++) {
		const struct policy *p = &c->snapshot->policies[i];

		for (size_t r = 0; r < p->n_rules; r++)
			if (p->rules[r].allowed.n &&
			    rule_matches(c, &p->rules[r]) &&
			    !listed(&p->rules[r].allowed, s->wish->name)) {
				problem(s, SELECTION_NOT_ALLOWED, s->wish->name,
					p->rules[r].who);
				return;
			}
	}
}

/*
 * A person's own wish counts against the floor also when the template asks for
 * more: else it would be raised silently.
 */
static void check_strength(struct choice *c)
{
	struct selection *s = c->out;
	const struct tier *wish = c->own ? c->own : s->wish;

	if (s->floor && wish->strength < s->floor->strength)
		problem(s, SELECTION_TOO_WEAK, wish->name,
			c->own ? STR(OWN_LABEL) : s->wish_who);
	else
		check_allowed(c);
}

static void settle(struct choice *c)
{
	struct selection *s = c->out;

	s->effective = stronger(s->floor, s->wish);
	if (!s->effective)
		return;
	s->effective_who = s->effective == s->wish ? s->wish_who : s->floor_who;
	if (s->wish && !c->refs->sandbox)
		check_strength(c);
}

static const struct tier *beside(struct choice *c, const char *key,
				 const char *what)
{
	const struct tier *tier;
	struct str name;

	if (!json_exists(json_get(c->namespace_labels, str_of(key))))
		return NULL;
	name = json_text(json_get(c->namespace_labels, str_of(key)));
	tier = snapshot_tier(c->snapshot, name);
	add_step(c->out, tier ? what : "unknown", arena_str(c->arena, name),
		 namespace_who(c, key));
	return tier;
}

void selection_make_with(struct arena *a, const struct snapshot *snapshot,
			 const struct inventory *inventory,
			 const struct subject *subject,
			 const struct references *refs, struct selection *out)
{
	const struct kind *kind = kind_find(subject->group, subject->kind);
	struct choice c = {
		.arena = a,
		.snapshot = snapshot,
		.inventory = inventory,
		.subject = subject,
		.refs = refs,
		.kind = kind ? kind->subject : SUBJECT_OTHER,
		.namespace_labels = &json_missing,
		.out = out,
	};

	*out = (struct selection){ .floor = NULL };
	if (!(c.kind & (SUBJECT_ALL | SUBJECT_NETWORK_POLICY)))
		return;
	if (refs->namespace)
		c.namespace_labels =
			json_at(&refs->namespace->doc, "metadata", "labels");
	c.namespace_labels =
		labels_with_name(a, c.namespace_labels, subject->ns);
	floor_of_policies(&c);
	floor_of_namespace(&c);
	if (c.kind & SUBJECT_ALL)
		find_wishes(&c);
	settle(&c);
	out->warn = beside(&c, LABEL_WARN, "warn");
	out->audit = beside(&c, LABEL_AUDIT, "audit");
}

void selection_make(struct arena *a, const struct snapshot *snapshot,
		    const struct inventory *inventory,
		    const struct subject *subject, struct selection *out)
{
	struct references refs;

	references_find(&refs, inventory, subject);
	selection_make_with(a, snapshot, inventory, subject, &refs, out);
	references_release(&refs);
}
