/* Fills applied once more, without those that depend on the time. */
#include "cli/filled.h"

#include "lib/json_edit.h"
#include "policies/rules/all.h"

bool filled_is_time(const struct filled *f)
{
	return str_is(str_of(f->rule), rule_lifecycle_ttl.id);
}

/* "~1" is "/", "~0" is "~" (RFC 6901). */
static struct str unescape(struct arena *a, struct str s)
{
	char *copy = arena_raw(a, s.n + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		copy[n] = s.p[i];
		if (s.p[i] == '~' && i + 1 < s.n)
			copy[n] = s.p[++i] == '1' ? '/' : '~';
		n++;
	}
	return (struct str){ copy, n };
}

static size_t index_of(struct str step)
{
	size_t n = 0;

	for (size_t i = 0; i < step.n; i++)
		n = n * 10 + (size_t)(step.p[i] - '0');
	return n;
}

/* A pointer that a fill made: its steps below a list are indexes. */
static const struct path *path_of(struct arena *a, const struct json *root,
				  struct str pointer)
{
	struct str rest = str_sub(pointer, 1, pointer.n), step;
	const struct path *up = NULL;

	while (str_split(&rest, '/', &step)) {
		struct path *p = arena_new(a, struct path, 1);

		*p = json_is(path_get(root, up), JSON_ARRAY)
			     ? path_index(up, index_of(step))
			     : path_key(up, unescape(a, step));
		up = p;
	}
	return up;
}

struct json filled_without_times(struct arena *a, const struct judgement *j)
{
	const struct verdict *v = &j->mutation.verdict;
	struct json_edit edit = json_edit_start(a, j->document->subject.object);
	bool has_time = false;

	for (size_t i = 0; i < v->n_fills; i++) {
		const struct filled *f = &v->fills[i];

		if (filled_is_time(f))
			has_time = true;
		else
			json_edit_set(&edit, path_of(a, &edit.root, f->pointer),
				      f->value);
	}
	return has_time ? edit.root : j->mutation.filled;
}
