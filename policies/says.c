/* Values and lists of names in the words of a finding. */
#include "policies/says.h"

enum { QUOTED_MAX = 160, NAMES_MAX = 12 };

/* Where to cut s so that no UTF-8 character is halved. */
static size_t cut(struct str s, size_t max)
{
	if (s.n <= max)
		return s.n;
	while (max && ((unsigned char)s.p[max] & 0xc0) == 0x80)
		max--;
	return max;
}

struct str says_quoted(struct arena *a, struct str s)
{
	size_t n = cut(s, QUOTED_MAX);
	struct str out = arena_printf(a, "\"%.*s%s\"", (int)n, s.p ? s.p : "",
				      n < s.n ? "..." : "");
	char *copy = arena_raw(a, out.n + 1, 1);

	/* printf stops at a NUL: what stands behind it is not worth showing. */
	memcpy(copy, out.p, out.n + 1);
	for (size_t i = 0; i < out.n; i++)
		if ((unsigned char)copy[i] < ' ' || copy[i] == 0x7f)
			copy[i] = '?';
	return (struct str){ copy, out.n };
}

struct str says_is(struct arena *a, const struct json *v)
{
	switch (json_type(v)) {
	case JSON_MISSING:
	case JSON_NULL:
		return STR("is not set");
	case JSON_BOOL:
		return json_is_true(v) ? STR("is true") : STR("is false");
	case JSON_NUMBER:
		return arena_printf(a, "is %.*s", (int)cut(v->u.text, 40),
				    v->u.text.p);
	case JSON_STRING:
		return arena_printf(a, "is %s", says_quoted(a, v->u.text).p);
	case JSON_ARRAY:
		return STR("is a list");
	case JSON_OBJECT:
		return STR("is an object");
	}
	BUG("unknown type of a value");
}

struct str says_names(struct arena *a, const struct strs *names)
{
	struct str out = STR("");
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < names->n; i++) {
		if (!names->v[i].n)
			continue;
		if (shown == NAMES_MAX) {
			more++;
			continue;
		}
		out = arena_printf(a, "%.*s%s%.*s", STR_ARG(out),
				   shown ? ", " : "", STR_ARG(names->v[i]));
		shown++;
	}
	return more ? arena_printf(a, "%.*s and %zu more", STR_ARG(out), more)
		    : out;
}

struct str says_one_of(struct arena *a, const struct strs *names)
{
	struct str list = says_names(a, names);

	if (str_find_str(list, STR(", ")) == list.n)
		return list;
	return arena_printf(a, "one of %.*s", STR_ARG(list));
}
