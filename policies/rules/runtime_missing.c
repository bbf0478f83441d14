/* runtime.missing: the class that a Pod asks for is there in the cluster. */
#include "policies/rules/all.h"
#include "policies/runtime_choice.h"
#include "policies/says.h"

enum { NAMES_MAX = 32 };

struct names {
	struct arena *arena;
	struct str v[NAMES_MAX];
	size_t n;
};

static bool add_name(const struct inventory_object *object, void *context)
{
	struct names *names = context;

	if (names->n == NAMES_MAX)
		return false;
	names->v[names->n++] = arena_str(names->arena, object->name);
	return true;
}

static struct str tell_found(const struct target *t, struct str class)
{
	struct names names = { .arena = t->arena };
	struct str list;

	inventory_each(t->inventory, STR("node.k8s.io"), STR("RuntimeClass"),
		       STR_NONE, add_name, &names);
	list = says_names(t->arena, &(struct strs){ names.v, names.n });
	return arena_printf(t->arena,
			    "is %s, which does not exist (the cluster has %s)",
			    says_quoted(t->arena, class).p,
			    list.n ? list.p : "no RuntimeClass");
}

/* The tier's classes that could be used instead. */
static struct str alternatives(const struct target *t)
{
	const struct strs *all = &t->tier->runtime.class_names;
	struct strs there = { arena_new(t->arena, struct str, all->n + 1), 0 };

	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].n && runtime_class_exists(t, all->v[i]))
			there.v[there.n++] = all->v[i];
	return says_one_of(t->arena, &there);
}

/* The handler that nodes usually call this runtime by; n 0: not known. */
static struct str usual_handler(struct str class)
{
	if (str_is(class, "gvisor"))
		return STR("runsc");
	if (str_is(class, "kata-vm-isolation"))
		return STR("kata");
	if (str_starts(class, STR("kata-")) || str_starts(class, STR("runsc")))
		return class;
	return STR("");
}

static struct str tell_fix(const struct target *t, struct str class,
			   struct str instead)
{
	struct str handler = usual_handler(class);
	struct str create = arena_printf(
		t->arena, "install the runtime and create the RuntimeClass %s",
		says_quoted(t->arena, class).p);

	if (handler.n)
		create = arena_printf(t->arena, "%s with handler %s", create.p,
				      says_quoted(t->arena, handler).p);
	if (!instead.n)
		return create;
	return arena_printf(t->arena, "use %.*s, or %s", STR_ARG(instead),
			    create.p);
}

static struct str tell_wanted(const struct target *t, struct str instead)
{
	if (instead.n)
		return instead;
	return arena_printf(
		t->arena, "%s in the cluster",
		says_one_of(t->arena, &t->tier->runtime.class_names).p);
}

static void check(const struct check *c)
{
	const struct target *t = c->target;
	struct str class = target_runtime_class(t), instead;
	enum action action = t->tier->runtime.on_missing == ON_MISSING_WARN
				     ? ACTION_WARN
				     : ACTION_DENY;

	if (!class.n || !runtime_classes_known(t) ||
	    runtime_class_exists(t, class))
		return;
	instead = alternatives(t);
	check_pod_as(c, action, STR_NONE, &PATH_KEY(NULL, "runtimeClassName"),
		     (struct says){ tell_found(t, class),
				    tell_wanted(t, instead),
				    tell_fix(t, class, instead) });
}

const struct rule rule_runtime_missing = {
	.id = "runtime.missing",
	.kinds = SUBJECT_ALL,
	.title = "The runtime class exists in the cluster",
	.doc = "The class that the Pod asks for, or that was filled in, must "
	       "exist as a RuntimeClass. A Sandbox is accepted without it and "
	       "its Pod is refused later, where nobody looks: so this says it "
	       "at once. Only judged when the cluster's RuntimeClasses are "
	       "known.\n\n"
	       "`runtime.onMissing: Warn` in the tier lets such objects in "
	       "with a warning, for clusters where the runtime is installed "
	       "after the workloads.",
	.fields = "spec.runtimeClassName",
	.check = check,
};
