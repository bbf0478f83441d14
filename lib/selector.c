/*
 * Label selectors. Matching checks the selector first, so that a malformed
 * one matches nothing, also where NotIn or DoesNotExist would say yes.
 */
#include "lib/selector.h"

#include "lib/buf.h"

enum {
	NAME_MAX_BYTES = 63,
	PREFIX_MAX_BYTES = 253,
	TEXT_MAX = 1024,
};

enum operator{ OP_IN, OP_NOT_IN, OP_EXISTS, OP_DOES_NOT_EXIST, OP_UNKNOWN };

static enum operator operator_of(const struct json *requirement)
{
	static const char *const names[] = {
		[OP_IN] = "In",
		[OP_NOT_IN] = "NotIn",
		[OP_EXISTS] = "Exists",
		[OP_DOES_NOT_EXIST] = "DoesNotExist",
	};
	struct str name = json_str(json_at(requirement, "operator"));

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_is(name, names[i]))
			return (enum operator)i;
	return OP_UNKNOWN;
}

static bool is_lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
	return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

/* Letters and digits at both ends; '-', '_' and '.' also between. */
static bool is_name(struct str s)
{
	if (!s.n || s.n > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_' &&
		    s.p[i] != '.')
			return false;
	return is_alnum(s.p[0]) && is_alnum(s.p[s.n - 1]);
}

static bool is_dns_label(struct str s)
{
	if (!s.n)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_lower_alnum(s.p[i]) && s.p[i] != '-')
			return false;
	return s.p[0] != '-' && s.p[s.n - 1] != '-';
}

/* RFC 1123, with Kubernetes' cap on the whole and none on its labels. */
static bool is_dns_subdomain(struct str s)
{
	struct str label;

	if (!s.n || s.n > PREFIX_MAX_BYTES)
		return false;
	while (str_split(&s, '.', &label))
		if (!is_dns_label(label))
			return false;
	return true;
}

bool selector_label_key_valid(struct str key)
{
	size_t slash = str_find(key, '/');

	if (slash == key.n)
		return is_name(key);
	return is_dns_subdomain(str_sub(key, 0, slash)) &&
	       is_name(str_sub(key, slash + 1, key.n));
}

bool selector_label_value_valid(struct str value)
{
	return value.n == 0 || is_name(value);
}

static int check_key(struct str key, struct error *err)
{
	if (selector_label_key_valid(key))
		return 0;
	return error_set(err, ERR_INPUT,
			 "\"%.*s\" is not a label key; write it like app or "
			 "example.com/app",
			 STR_ARG(key));
}

static int check_value(const struct json *value, struct error *err)
{
	if (!json_is(value, JSON_STRING))
		return error_set(err, ERR_INPUT,
				 "a label value is a %s; write a string (in "
				 "quotes)",
				 json_type_name(json_type(value)));
	if (selector_label_value_valid(json_str(value)))
		return 0;
	return error_set(err, ERR_INPUT,
			 "\"%.*s\" is not a label value: at most 63 letters, "
			 "digits, '-', '_' and '.', the first and the last a "
			 "letter or digit",
			 STR_ARG(json_str(value)));
}

static int check_labels(const struct json *labels, struct error *err)
{
	if (json_is_set(labels) && !json_is(labels, JSON_OBJECT))
		return error_set(err, ERR_INPUT,
				 "matchLabels is a %s; write a map of labels",
				 json_type_name(json_type(labels)));
	json_each_member(m, labels) {
		if (check_key(m->key, err) < 0 ||
		    check_value(&m->value, err) < 0)
			return error_wrap(err, "matchLabels");
	}
	return 0;
}

/* In and NotIn need values, the others may have none. */
static int check_values(const struct json *requirement, enum operator op,
			struct error *err)
{
	const struct json *values = json_at(requirement, "values");
	struct str name = json_str(json_at(requirement, "operator"));
	bool wanted = op == OP_IN || op == OP_NOT_IN;

	if (json_is_set(values) && !json_is(values, JSON_ARRAY))
		return error_set(err, ERR_INPUT,
				 "values is a %s; write a list of strings",
				 json_type_name(json_type(values)));
	if (wanted && !json_len(values))
		return error_set(err, ERR_INPUT,
				 "operator %.*s needs at least one entry in "
				 "values",
				 STR_ARG(name));
	if (!wanted && json_len(values))
		return error_set(err, ERR_INPUT,
				 "operator %.*s takes no values; remove them",
				 STR_ARG(name));
	json_each_item(value, values) {
		if (check_value(value, err) < 0)
			return -1;
	}
	return 0;
}

static int check_members(const struct json *object, const char *const *known,
			 size_t n, struct error *err)
{
	json_each_member(m, object) {
		size_t i = 0;

		while (i < n && !str_is(m->key, known[i]))
			i++;
		if (i == n)
			return error_set(err, ERR_INPUT,
					 "unknown field \"%.*s\" in a label "
					 "selector",
					 STR_ARG(m->key));
	}
	return 0;
}

static int check_requirement(const struct json *requirement, struct error *err)
{
	static const char *const known[] = { "key", "operator", "values" };
	enum operator op = operator_of(requirement);

	if (!json_is(requirement, JSON_OBJECT))
		return error_set(err, ERR_INPUT,
				 "an expression is a %s; write {key, operator, "
				 "values}",
				 json_type_name(json_type(requirement)));
	if (check_members(requirement, known, ARRAY_LEN(known), err) < 0 ||
	    check_key(json_str(json_at(requirement, "key")), err) < 0)
		return -1;
	if (op == OP_UNKNOWN)
		return error_set(
			err, ERR_INPUT,
			"operator \"%.*s\" is none of In, NotIn, "
			"Exists, DoesNotExist",
			STR_ARG(json_str(json_at(requirement, "operator"))));
	return check_values(requirement, op, err);
}

int selector_check(const struct json *selector, struct error *err)
{
	static const char *const known[] = { "matchLabels",
					     "matchExpressions" };
	const struct json *list = json_at(selector, "matchExpressions");

	if (!json_is(selector, JSON_OBJECT))
		return error_set(err, ERR_INPUT,
				 "a label selector is a %s; write a map with "
				 "matchLabels or matchExpressions",
				 json_type_name(json_type(selector)));
	if (check_members(selector, known, ARRAY_LEN(known), err) < 0 ||
	    check_labels(json_at(selector, "matchLabels"), err) < 0)
		return -1;
	if (json_is_set(list) && !json_is(list, JSON_ARRAY))
		return error_set(err, ERR_INPUT,
				 "matchExpressions is a %s; write a list",
				 json_type_name(json_type(list)));
	json_each_item(requirement, list) {
		if (check_requirement(requirement, err) < 0)
			return error_wrap(err, "matchExpressions");
	}
	return 0;
}

static bool is_among(struct str value, const struct json *values)
{
	json_each_item(v, values) {
		if (json_str_is(v, value))
			return true;
	}
	return false;
}

static bool requirement_matches(const struct json *requirement,
				const struct json *labels)
{
	const struct json *values = json_at(requirement, "values");
	const struct json *label =
		json_get(labels, json_str(json_at(requirement, "key")));

	if (json_exists(label) && !json_is(label, JSON_STRING))
		return false;
	switch (operator_of(requirement)) {
	case OP_IN:
		return json_exists(label) && is_among(json_str(label), values);
	case OP_NOT_IN:
		return !json_exists(label) ||
		       !is_among(json_str(label), values);
	case OP_EXISTS:
		return json_exists(label);
	case OP_DOES_NOT_EXIST:
		return !json_exists(label);
	case OP_UNKNOWN:
		return false;
	}
	BUG("selector operator");
}

bool selector_matches(const struct json *selector, const struct json *labels)
{
	struct error err;

	if (selector_check(selector, &err) < 0)
		return false;
	json_each_member(m, json_at(selector, "matchLabels")) {
		if (!json_str_is(json_get(labels, m->key), json_str(&m->value)))
			return false;
	}
	json_each_item(r, json_at(selector, "matchExpressions")) {
		if (!requirement_matches(r, labels))
			return false;
	}
	return true;
}

static void put_values(struct buf *b, const struct json *values)
{
	const char *comma = "";

	buf_putc(b, '(');
	json_each_item(v, values) {
		buf_puts(b, comma);
		buf_add(b, json_str(v));
		comma = ",";
	}
	buf_putc(b, ')');
}

static void put_requirement(struct buf *b, const struct json *requirement)
{
	enum operator op = operator_of(requirement);

	if (op == OP_DOES_NOT_EXIST)
		buf_putc(b, '!');
	buf_add(b, json_str(json_at(requirement, "key")));
	if (op == OP_EXISTS || op == OP_DOES_NOT_EXIST)
		return;
	if (op == OP_UNKNOWN) {
		buf_puts(b, " ?");
		return;
	}
	buf_puts(b, op == OP_IN ? " in " : " notin ");
	put_values(b, json_at(requirement, "values"));
}

struct str selector_str(struct arena *a, const struct json *selector)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(TEXT_MAX);
	const char *comma = "";

	if (!json_is(selector, JSON_OBJECT))
		return STR("<none>");
	json_each_member(m, json_at(selector, "matchLabels")) {
		buf_puts(&b, comma);
		buf_add(&b, m->key);
		buf_putc(&b, '=');
		buf_add(&b, json_str(&m->value));
		comma = ",";
	}
	json_each_item(r, json_at(selector, "matchExpressions")) {
		buf_puts(&b, comma);
		put_requirement(&b, r);
		comma = ",";
	}
	if (buf_failed(&b))
		return arena_printf(a, "%.*s...", STR_ARG(buf_str(&b)));
	if (!b.n)
		return STR("<all>");
	return arena_str(a, buf_str(&b));
}
