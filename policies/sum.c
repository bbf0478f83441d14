/* A sum and its parts in the words of a finding. */
#include "policies/sum.h"

static bool is_name(struct str name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";

	for (size_t i = 0; i < name.n; i++)
		if (!memchr(allowed, name.p[i], sizeof(allowed) - 1))
			return false;
	return name.n > 0 && name.n <= 63;
}

void sum_add(struct sum *sum, struct str name, const char *what, size_t index,
	     struct quantity q)
{
	struct arena *a = sum->arena;

	if (!q.set || !q.nano || sum->n > SUM_PARTS_SHOWN)
		return;
	if (++sum->n > SUM_PARTS_SHOWN) {
		sum->text = arena_printf(a, "%.*s + ...", STR_ARG(sum->text));
		return;
	}
	if (!is_name(name))
		name = arena_printf(a, "%s[%zu]", what, index);
	sum->text = arena_printf(a, "%.*s%s%.*s %.*s", STR_ARG(sum->text),
				 sum->n > 1 ? " + " : "", STR_ARG(name),
				 STR_ARG(quantity_str(a, q)));
}

struct str sum_found(const struct sum *sum, struct quantity total)
{
	struct str text = quantity_str(sum->arena, total);

	if (sum->n < 2)
		return arena_printf(sum->arena, "is %.*s", STR_ARG(text));
	return arena_printf(sum->arena, "is %.*s (%.*s)", STR_ARG(text),
			    STR_ARG(sum->text));
}

struct str sum_wanted(struct arena *a, const struct named_quantity *max)
{
	return arena_printf(a, "at most %.*s", STR_ARG(max->text));
}

struct str sum_fix(struct arena *a, struct quantity total,
		   const struct named_quantity *max)
{
	struct quantity above = total;

	above.nano -= max->quantity.nano;
	above.format = max->quantity.format;
	return arena_printf(a,
			    "lower it by %.*s, or use a tier that allows more",
			    STR_ARG(quantity_str(a, above)));
}
