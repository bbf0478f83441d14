/* runtime.class: the Pod runs under a runtime as strong as its tier's. */
#include "policies/rules/all.h"
#include "policies/runtime_choice.h"
#include "policies/says.h"

static const struct path class_path = { NULL, STR_INIT("runtimeClassName"), 0 };

static void fill(const struct fill *f)
{
	const struct target *t = f->target;
	struct str class;

	if (!json_is(t->pod_spec, JSON_OBJECT) ||
	    json_is_set(json_get(t->pod_spec, class_path.key)))
		return;
	class = runtime_class_preferred(t);
	if (class.n)
		fill_pod(f, &class_path, json_make_string(class));
}

/* A runtime of a stronger tier satisfies a weaker one. */
static bool acceptable(const struct target *t, struct str class,
		       const struct tier *weakest)
{
	return runtime_class_listed(t->tier, class) ||
	       (weakest && weakest->strength >= t->tier->strength);
}

static bool is_debug(struct str class)
{
	return str_ends(class, STR("-debug")) ||
	       str_ends(class, STR("-devkit"));
}

static struct str tell_found(struct arena *a, const struct json *class,
			     const struct tier *weakest)
{
	struct str is = says_is(a, class);

	if (!json_str(class).n || weakest)
		return is;
	return arena_printf(a, "%.*s, %s", STR_ARG(is),
			    is_debug(json_str(class))
				    ? "a debug class, which opens the guest"
				    : "which no tier lists");
}

static struct str tell_wanted(const struct target *t)
{
	const struct strs *names = &t->tier->runtime.class_names;
	struct str list = says_one_of(t->arena, names);

	if (!runtime_class_listed(t->tier, STR("")))
		return list;
	return list.n ? arena_printf(t->arena, "%.*s, or none", STR_ARG(list))
		      : STR("none");
}

static struct str tell_fix(const struct target *t, const struct json *class)
{
	struct str preferred = runtime_class_preferred(t);

	if (!json_is_set(class))
		return arena_printf(t->arena, "set it to %.*s",
				    STR_ARG(preferred));
	if (!preferred.n)
		return STR("remove it");
	return arena_printf(t->arena, "remove it, then %.*s is filled in",
			    STR_ARG(preferred));
}

static void check(const struct check *c)
{
	const struct target *t = c->target;
	const struct json *class = json_get(t->pod_spec, class_path.key);
	const struct tier *weakest = NULL;
	struct str name = target_runtime_class(t);

	if (!json_exists(t->pod_spec) || !t->tier->runtime.class_names.n)
		return;
	/* Filled in on the Pods that it makes. */
	if (t->kind == SUBJECT_WORKLOAD && !json_is_set(class))
		return;
	if (!json_is_set(class) || json_is(class, JSON_STRING)) {
		weakest = map_get(&t->snapshot->by_class, name);
		if (acceptable(t, name, weakest))
			return;
	}
	check_pod(c, &class_path,
		  (struct says){ tell_found(t->arena, class, weakest),
				 tell_wanted(t), tell_fix(t, class) });
}

const struct rule rule_runtime_class = {
	.id = "runtime.class",
	.kinds = SUBJECT_ALL,
	.title = "The runtime is the tier's, or a stronger one",
	.doc = "`runtimeClassName` must be one of the tier's "
	       "`runtime.classNames`, or a class that only tiers of at least "
	       "the same strength list. Where it is unset, the first of the "
	       "tier's classes that the cluster has is filled in; an empty "
	       "name in the list means that none is needed. A class that no "
	       "tier lists is refused, whatever it is called: nobody has said "
	       "how strong it is. The `-debug` and `-devkit` variants of Kata "
	       "classes give access into the guest and count as unlisted "
	       "unless a tier names them.\n\n"
	       "The runtime is what stands between code that nobody reviewed "
	       "and the kernel of the node. An exception makes sense for a "
	       "workload that was reviewed and cannot run under the tier's "
	       "runtime; prefer a tier of its own.",
	.fields = "spec.runtimeClassName",
	.fill = fill,
	.check = check,
};
