/* Walks document and copy side by side, one pointer after the other. */
#include "lib/json_pick.h"

enum { TOKEN_MAX = 256 };

/* The next token of a pointer, "~1" and "~0" decoded into buf. */
static bool next_token(const char **rest, char buf[TOKEN_MAX],
		       struct str *token)
{
	const char *p = *rest;
	size_t n = 0;

	if (*p != '/')
		return false;
	for (p++; *p && *p != '/'; p++) {
		if (n == TOKEN_MAX)
			BUG("a pointer with a token this long");
		buf[n] = *p;
		if (*p == '~' && (p[1] == '0' || p[1] == '1'))
			buf[n] = *++p == '1' ? '/' : '~';
		n++;
	}
	*rest = p;
	*token = (struct str){ buf, n };
	return true;
}

static struct json *find(struct json *object, struct str key)
{
	for (size_t i = 0; i < object->n; i++)
		if (str_eq(object->u.members[i].key, key))
			return &object->u.members[i].value;
	return NULL;
}

static void pick(struct arena *a, const struct json *from, struct json *to,
		 const char *pointer)
{
	char buf[TOKEN_MAX];
	struct str token;

	while (next_token(&pointer, buf, &token)) {
		const struct json *value = json_get(from, token);
		struct json *there = find(to, token);

		if (!json_exists(value))
			return;
		if (!*pointer && !there) {
			json_add(a, to, arena_str(a, token),
				 json_copy(a, value));
			return;
		}
		if (!json_is(value, JSON_OBJECT))
			return;
		if (!there)
			there = json_add(a, to, arena_str(a, token),
					 json_make_object());
		from = value;
		to = there;
	}
}

struct json json_pick(struct arena *a, const struct json *doc,
		      const char *const *pointers)
{
	struct json out = json_make_object();

	for (; *pointers; pointers++)
		pick(a, doc, &out, *pointers);
	return out;
}
