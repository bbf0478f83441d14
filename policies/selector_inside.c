/*
 * Containment of label selectors. Nothing here allocates: the requirements are
 * read from the selector's document each time, because selectors are short.
 */
#include "policies/selector_inside.h"

static size_t labels_count(const struct requirements *r)
{
	return json_object_len(json_at(r->selector, "matchLabels"));
}

size_t requirements_count(const struct requirements *r)
{
	return (r->extra.key.p ? 1 : 0) + labels_count(r) +
	       json_array_len(json_at(r->selector, "matchExpressions"));
}

static struct requirement of_expression(const struct json *e)
{
	const struct json *op = json_at(e, "operator");
	struct requirement r = {
		.key = json_str(json_at(e, "key")),
		.type = REQUIREMENT_UNKNOWN,
		.values = json_at(e, "values"),
	};

	if (json_str_is(op, STR("In")))
		r.type = REQUIREMENT_IN;
	else if (json_str_is(op, STR("NotIn")))
		r.type = REQUIREMENT_NOT_IN;
	else if (json_str_is(op, STR("Exists")))
		r.type = REQUIREMENT_EXISTS;
	else if (json_str_is(op, STR("DoesNotExist")))
		r.type = REQUIREMENT_ABSENT;
	return r;
}

struct requirement requirements_at(const struct requirements *r, size_t i)
{
	size_t labels = labels_count(r);
	const struct json_member *m;

	if (r->extra.key.p) {
		if (i == 0)
			return r->extra;
		i--;
	}
	if (i >= labels)
		return of_expression(json_item(
			json_at(r->selector, "matchExpressions"), i - labels));
	m = &json_at(r->selector, "matchLabels")->u.members[i];
	return (struct requirement){
		.key = m->key,
		.type = json_is(&m->value, JSON_STRING) ? REQUIREMENT_IN
							: REQUIREMENT_UNKNOWN,
		.value = json_str(&m->value),
	};
}

static size_t values_count(const struct requirement *r)
{
	return r->values ? json_array_len(r->values) : 1;
}

static struct str values_at(const struct requirement *r, size_t i)
{
	return r->values ? json_str(json_item(r->values, i)) : r->value;
}

static bool values_hold(const struct requirement *r, struct str value)
{
	for (size_t i = 0; i < values_count(r); i++)
		if (str_eq(values_at(r, i), value))
			return true;
	return false;
}

/* How many of x's values are among y's. */
static size_t values_shared(const struct requirement *x,
			    const struct requirement *y)
{
	size_t shared = 0;

	for (size_t i = 0; i < values_count(x); i++)
		shared += values_hold(y, values_at(x, i)) ? 1 : 0;
	return shared;
}

/* Labels that satisfy a also satisfy b; both are about the same key. */
static bool implies(const struct requirement *a, const struct requirement *b)
{
	bool has_value = a->type == REQUIREMENT_IN && values_count(a) > 0;

	switch (b->type) {
	case REQUIREMENT_IN:
		return has_value && values_shared(a, b) == values_count(a);
	case REQUIREMENT_NOT_IN:
		if (a->type == REQUIREMENT_NOT_IN)
			return values_shared(b, a) == values_count(b);
		return a->type == REQUIREMENT_ABSENT ||
		       (has_value && values_shared(a, b) == 0);
	case REQUIREMENT_EXISTS:
		return has_value || a->type == REQUIREMENT_EXISTS;
	case REQUIREMENT_ABSENT:
		return a->type == REQUIREMENT_ABSENT;
	case REQUIREMENT_UNKNOWN:
		return false;
	}
	return false;
}

static bool follows(const struct requirements *from,
		    const struct requirement *b)
{
	for (size_t i = 0; i < requirements_count(from); i++) {
		struct requirement a = requirements_at(from, i);

		if (str_eq(a.key, b->key) && implies(&a, b))
			return true;
	}
	return false;
}

static bool excludes(const struct requirement *r, struct str value)
{
	switch (r->type) {
	case REQUIREMENT_IN:
		return values_count(r) > 0 && !values_hold(r, value);
	case REQUIREMENT_NOT_IN:
		return values_hold(r, value);
	case REQUIREMENT_ABSENT:
		return true;
	case REQUIREMENT_EXISTS:
	case REQUIREMENT_UNKNOWN:
		return false;
	}
	return false;
}

bool requirements_exclude(const struct requirements *r, struct str key,
			  struct str value)
{
	for (size_t i = 0; i < requirements_count(r); i++) {
		struct requirement one = requirements_at(r, i);

		if (str_eq(one.key, key) && excludes(&one, value))
			return true;
	}
	return false;
}

bool requirements_inside(const struct requirements *inner,
			 const struct requirements *outer)
{
	for (size_t i = 0; i < requirements_count(outer); i++) {
		struct requirement b = requirements_at(outer, i);

		if (!follows(inner, &b))
			return false;
	}
	return true;
}
