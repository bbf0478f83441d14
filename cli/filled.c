/* Fills applied once more, without those that pass with time. */
#include "cli/filled.h"

#include "lib/json_edit.h"

bool filled_passes(const struct world *w, const struct filled *f)
{
	return !w->now_given && str_is(str_of(f->rule), "lifecycle.ttl");
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

struct json filled_lasting(struct arena *a, const struct world *w,
			   const struct judgement *j)
{
	const struct verdict *v = &j->mutation.verdict;
	struct json_edit edit = json_edit_start(a, j->document->subject.object);
	bool passing = false;

	for (size_t i = 0; i < v->n_fills; i++) {
		const struct filled *f = &v->fills[i];

		if (filled_passes(w, f))
			passing = true;
		else
			json_edit_set(&edit, path_of(a, &edit.root, f->pointer),
				      f->value);
	}
	return passing ? edit.root : j->mutation.filled;
}
