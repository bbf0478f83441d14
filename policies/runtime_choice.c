/* Which of a tier's runtime classes to use in this cluster. */
#include "policies/runtime_choice.h"

bool runtime_classes_known(const struct target *t)
{
	return t->inventory &&
	       inventory_is_known(t->inventory, STR("node.k8s.io"),
				  STR("RuntimeClass"));
}

bool runtime_class_exists(const struct target *t, struct str class)
{
	const struct inventory_object *object;

	if (!t->inventory)
		return false;
	object = inventory_get(t->inventory, STR("node.k8s.io"),
			       STR("RuntimeClass"), STR(""), class);
	if (!object)
		return false;
	inventory_object_unref(&object);
	return true;
}

bool runtime_class_listed(const struct tier *tier, struct str class)
{
	const struct strs *names = &tier->runtime.class_names;

	for (size_t i = 0; i < names->n; i++)
		if (str_eq(names->v[i], class))
			return true;
	return false;
}

struct str runtime_class_preferred(const struct target *t)
{
	const struct strs *names = &t->tier->runtime.class_names;

	if (!names->n || runtime_class_listed(t->tier, STR("")))
		return STR("");
	if (!runtime_classes_known(t))
		return names->v[0];
	for (size_t i = 0; i < names->n; i++)
		if (runtime_class_exists(t, names->v[i]))
			return names->v[i];
	return names->v[0];
}
