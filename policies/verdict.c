/* Findings: order and text. */
#include "policies/verdict.h"

#include <stdlib.h>

#include "policies/tier.h"

const char *action_name(enum action action)
{
	switch (action) {
	case ACTION_EXCEPTED:
		return "excepted";
	case ACTION_AUDIT:
		return "audit";
	case ACTION_WARN:
		return "warn";
	case ACTION_DENY:
		return "deny";
	}
	BUG("action");
}

enum action verdict_action(const struct verdict *v)
{
	enum action worst = ACTION_EXCEPTED;

	for (size_t i = 0; i < v->n_findings; i++)
		if (v->findings[i].action > worst)
			worst = v->findings[i].action;
	return worst;
}

void verdict_tell_rest(struct arena *a, struct verdict *v)
{
	for (size_t i = 0; i < v->n_findings; i++) {
		struct finding *f = &v->findings[i];

		if (!f->rest)
			continue;
		f->found = arena_printf(a,
					"and %zu more of this rule, which are "
					"not told one by one",
					f->rest);
		f->fix = STR("cure those that are told, then judge again");
	}
}

static struct str tier_name(const struct finding *f)
{
	return f->tier ? f->tier->name : STR_NONE;
}

static int compare(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int c;

	if (x->action != y->action)
		return x->action > y->action ? -1 : 1;
	c = (x->rest > 0) - (y->rest > 0);
	if (!c)
		c = str_cmp(x->origin, y->origin);
	if (!c)
		c = str_cmp(x->field, y->field);
	if (!c)
		c = str_cmp(x->id, y->id);
	if (!c)
		c = str_cmp(x->found, y->found);
	if (!c)
		c = str_cmp(x->wanted, y->wanted);
	if (!c)
		c = str_cmp(tier_name(x), tier_name(y));
	return c;
}

void verdict_sort(struct verdict *v)
{
	if (v->n_findings > 1)
		qsort(v->findings, v->n_findings, sizeof(*v->findings),
		      compare);
}

/* text, before and part; text when there is no part. */
static struct str with(struct arena *a, struct str text, const char *before,
		       struct str part, const char *after)
{
	if (!part.n)
		return text;
	return arena_printf(a, "%.*s%s%.*s%s", STR_ARG(text), before,
			    STR_ARG(part), after);
}

struct str finding_message(struct arena *a, const struct finding *f)
{
	struct str text = with(a, STR(""), "[", f->id, "] ");

	text = with(a, text, "", f->origin, ": ");
	text = with(a, text, "", f->field, ": ");
	text = with(a, text, "", f->found, "");
	text = with(a, text, ", wanted ", f->wanted, "");
	text = with(a, text, " (", f->who, ")");
	return with(a, text, "; fix: ", f->fix, "");
}
