/*
 * A structural schema against a value: every keyword that deploy/crds/ uses,
 * by walking both.
 */
#include "tests/fake/schema.h"

#include "lib/pattern.h"

int64_t schema_number(const struct json *schema, const char *key,
		      int64_t otherwise)
{
	int64_t n = otherwise;

	(void)json_int(json_at(schema, key), &n);
	return n;
}

static bool within(const struct json *schema, const char *least,
		   const char *most, size_t n)
{
	return (int64_t)n >= schema_number(schema, least, 0) &&
	       (int64_t)n <= schema_number(schema, most, INT64_MAX);
}

bool schema_lists(const struct json *list, const struct json *v)
{
	json_each_item(one, list) {
		if (json_equal(one, v))
			return true;
	}
	return false;
}

static bool is_type(const struct json *v, const struct json *schema)
{
	struct str type = json_str(json_at(schema, "type"));
	int64_t whole;

	if (json_is_true(json_at(schema, "x-kubernetes-int-or-string")))
		return json_is(v, JSON_STRING) || json_int(v, &whole);
	if (!type.n || str_is(type, json_type_name(json_type(v))))
		return true;
	return str_is(type, "integer") && json_int(v, &whole);
}

static bool matches(const struct json *schema, struct str text)
{
	struct str source = json_str(json_at(schema, "pattern"));
	struct error err = ERROR_INIT;
	struct pattern *p;
	bool yes;

	if (!source.n)
		return true;
	if (pattern_compile(source, &p, &err) < 0)
		BUG(err.msg);
	yes = pattern_match(p, text) == PATTERN_YES;
	pattern_free(&p);
	return yes;
}

static bool fits(const struct json *schema, const struct json *v, int depth);

static bool members_fit(const struct json *schema, const struct json *v,
			int depth)
{
	const struct json *known = json_at(schema, "properties");
	const struct json *rest = json_at(schema, "additionalProperties");
	size_t n = 0;

	json_each_item(name, json_at(schema, "required")) {
		if (!json_is_set(json_get(v, json_str(name))))
			return false;
	}
	json_each_member(m, v) {
		const struct json *one = json_get(known, m->key);

		/* The server drops nulls before it looks. */
		n += json_is_set(&m->value);
		if (json_exists(one) && json_is(&m->value, JSON_NULL))
			continue;
		if (!json_exists(one))
			one = rest;
		if (json_exists(known) != json_exists(rest) &&
		    !json_exists(one))
			return false;
		if (!fits(one, &m->value, depth + 1))
			return false;
	}
	return within(schema, "minProperties", "maxProperties", n);
}

static bool keys_differ(const struct json *schema, const struct json *v)
{
	struct str key = json_str(
		json_item(json_at(schema, "x-kubernetes-list-map-keys"), 0));

	for (size_t i = 0; key.n && i < v->n; i++)
		for (size_t j = 0; j < i; j++)
			if (json_equal(json_get(json_item(v, i), key),
				       json_get(json_item(v, j), key)))
				return false;
	return true;
}

static bool items_fit(const struct json *schema, const struct json *v,
		      int depth)
{
	json_each_item(item, v) {
		if (!fits(json_at(schema, "items"), item, depth + 1))
			return false;
	}
	return within(schema, "minItems", "maxItems", v->n) &&
	       keys_differ(schema, v);
}

static bool number_fits(const struct json *schema, const struct json *v)
{
	int64_t n;

	/* Fractions stand nowhere but where any type may. */
	if (!json_int(v, &n))
		return !json_exists(json_at(schema, "maximum"));
	return n >= schema_number(schema, "minimum", INT64_MIN) &&
	       n <= schema_number(schema, "maximum", INT64_MAX);
}

static bool junctions_fit(const struct json *schema, const struct json *v,
			  int depth)
{
	const struct json *any = json_at(schema, "anyOf");
	const struct json *no = json_at(schema, "not");
	bool found = !json_exists(any);

	json_each_item(all, json_at(schema, "allOf")) {
		if (!fits(all, v, depth + 1))
			return false;
	}
	json_each_item(one, any) {
		found = found || fits(one, v, depth + 1);
	}
	return found && (!json_exists(no) || !fits(no, v, depth + 1));
}

static bool fits(const struct json *schema, const struct json *v, int depth)
{
	const struct json *names = json_at(schema, "enum");

	if (depth > SCHEMA_DEPTH_MAX)
		BUG("a schema too deep");
	if (json_is(v, JSON_NULL))
		return !json_exists(schema);
	if (!is_type(v, schema) || !junctions_fit(schema, v, depth) ||
	    (json_exists(names) && !schema_lists(names, v)))
		return false;
	switch (json_type(v)) {
	case JSON_OBJECT:
		return members_fit(schema, v, depth);
	case JSON_ARRAY:
		return items_fit(schema, v, depth);
	case JSON_NUMBER:
		return number_fits(schema, v);
	case JSON_STRING:
		return within(schema, "minLength", "maxLength",
			      json_str(v).n) &&
		       matches(schema, json_str(v));
	case JSON_MISSING:
	case JSON_NULL:
	case JSON_BOOL:
		break;
	}
	return true;
}

bool schema_fits(const struct json *schema, const struct json *v)
{
	return fits(schema, v, 0);
}
