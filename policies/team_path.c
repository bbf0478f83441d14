/*
 * Compiles the path of a team's assertion into steps and walks a document
 * along them. Both are bounded by the number of steps.
 */
#include "policies/team_path.h"

enum step_type { STEP_KEY, STEP_INDEX, STEP_ALL };

struct step {
	enum step_type type;
	struct str key;
	size_t index;
};

struct team_path {
	struct step *steps;
	size_t n;
};

/* The text being compiled. */
struct reader {
	struct arena *arena;
	struct str text;
	size_t at;
	struct error *err;
};

static int refuse(const struct reader *r, size_t at, const char *what)
{
	return error_set(r->err, ERR_CONFIG, "path \"%.*s\", offset %zu: %s",
			 STR_ARG(r->text), at, what);
}

static char peek(const struct reader *r)
{
	if (r->at == r->text.n)
		return '\0';
	return r->text.p[r->at];
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       is_digit(c) || c == '_' || c == '-' || c == '$';
}

static int read_plain_key(struct reader *r, struct step *step)
{
	size_t start = r->at;

	if (peek(r) == '*') {
		r->at++;
		step->type = STEP_ALL;
		return 0;
	}
	while (r->at < r->text.n && is_plain(peek(r)))
		r->at++;
	if (r->at == start)
		return refuse(
			r, start,
			start == r->text.n
				? "a key is wanted"
				: "a key is wanted; quote one with other "
				  "characters: ['app.kubernetes.io/name']");
	if (r->at - start == 1 && r->text.p[start] == '$' && start == 0)
		return refuse(r, 0, "leave out the leading \"$\"");
	step->type = STEP_KEY;
	step->key = arena_str(r->arena, str_sub(r->text, start, r->at));
	return 0;
}

static int read_quoted_key(struct reader *r, struct step *step)
{
	size_t start = r->at;
	char quote = r->text.p[r->at++];
	char *key = arena_raw(r->arena, r->text.n - start, 1);
	size_t n = 0;

	while (r->at < r->text.n && peek(r) != quote) {
		if (peek(r) == '\\' && ++r->at < r->text.n &&
		    peek(r) != quote && peek(r) != '\\')
			return refuse(r, r->at - 1,
				      "a backslash stands only before a quote "
				      "or a backslash");
		if (r->at < r->text.n)
			key[n++] = r->text.p[r->at++];
	}
	if (r->at == r->text.n)
		return refuse(r, start, "this quote is never closed");
	r->at++;
	if (n == 0)
		return refuse(r, start, "the key is empty");
	step->type = STEP_KEY;
	step->key = (struct str){ key, n };
	return 0;
}

static int read_index(struct reader *r, struct step *step)
{
	size_t start = r->at, index = 0;

	for (; is_digit(peek(r)); r->at++) {
		index = index * 10 + (size_t)(peek(r) - '0');
		if (index > TEAM_PATH_INDEX_MAX)
			return refuse(r, start, "the index is too large");
	}
	if (r->at - start > 1 && r->text.p[start] == '0')
		return refuse(r, start, "the index has a leading zero");
	step->type = STEP_INDEX;
	step->index = index;
	return 0;
}

static int read_bracket(struct reader *r, struct step *step)
{
	size_t open = r->at++;
	char c = peek(r);
	int rc;

	if (c == '\'' || c == '"') {
		rc = read_quoted_key(r, step);
	} else if (is_digit(c)) {
		rc = read_index(r, step);
	} else if (c == '*') {
		r->at++;
		step->type = STEP_ALL;
		rc = 0;
	} else {
		rc = refuse(r, r->at,
			    "wanted an index, * or a quoted key behind \"[\"");
	}
	if (rc < 0)
		return -1;
	if (peek(r) != ']')
		return refuse(r, open, "this bracket is never closed");
	r->at++;
	return 0;
}

/* A step is a bracket, or a key behind a dot (the first has no dot). */
static int read_step(struct reader *r, struct step *step)
{
	if (peek(r) == '[')
		return read_bracket(r, step);
	if (r->at == 0)
		return read_plain_key(r, step);
	if (peek(r) == '.') {
		r->at++;
		return read_plain_key(r, step);
	}
	return refuse(r, r->at,
		      "wanted \".\" or \"[\"; quote a key with other "
		      "characters: ['app.kubernetes.io/name']");
}

int team_path_compile(struct arena *a, struct str text, struct team_path **out,
		      struct error *err)
{
	struct reader r = { .arena = a, .text = text, .err = err };
	struct team_path *p;

	if (text.n == 0)
		return error_set(err, ERR_CONFIG, "path is empty");
	if (text.n > TEAM_PATH_LENGTH_MAX)
		return error_set(err, ERR_CONFIG,
				 "path has %zu bytes, wanted at most %d",
				 text.n, (int)TEAM_PATH_LENGTH_MAX);
	if (memchr(text.p, '\0', text.n))
		return refuse(&r, str_find(text, '\0'), "a NUL byte");
	p = arena_new(a, struct team_path, 1);
	p->steps = arena_new(a, struct step, TEAM_PATH_STEPS_MAX);
	while (r.at < text.n) {
		if (p->n == TEAM_PATH_STEPS_MAX)
			return refuse(&r, r.at, "more than 32 steps");
		if (read_step(&r, &p->steps[p->n]) < 0)
			return -1;
		p->n++;
	}
	*out = p;
	return 0;
}

struct str team_path_first(const struct team_path *p)
{
	return p->steps[0].type == STEP_KEY ? p->steps[0].key : STR_NONE;
}

struct walk {
	const struct team_path *path;
	bool (*fn)(const struct team_match *match, void *context);
	void *context;
};

static bool report(const struct walk *w, enum team_reach reach,
		   const struct path *path, const struct json *v)
{
	return w->fn(&(struct team_match){ reach, path, v }, w->context);
}

static bool walk(const struct walk *w, size_t i, const struct path *path,
		 const struct json *v);

static bool walk_all(const struct walk *w, size_t i, const struct path *path,
		     const struct json *v)
{
	json_each_member(m, v) {
		struct path next = path_key(path, m->key);

		if (!walk(w, i, &next, &m->value))
			return false;
	}
	for (size_t item = 0; item < json_array_len(v); item++) {
		struct path next = path_index(path, item);

		if (!walk(w, i, &next, json_item(v, item)))
			return false;
	}
	return true;
}

/* Depth: the number of steps, at most TEAM_PATH_STEPS_MAX. */
static bool walk(const struct walk *w, size_t i, const struct path *path,
		 const struct json *v)
{
	const struct step *step = &w->path->steps[i];
	struct path next;

	if (i == w->path->n)
		return report(w,
			      json_is_set(v) ? TEAM_REACH_VALUE
					     : TEAM_REACH_MISSING,
			      path, v);
	if (step->type == STEP_ALL) {
		if (json_is_set(v) && !json_is(v, JSON_OBJECT) &&
		    !json_is(v, JSON_ARRAY))
			return report(w, TEAM_REACH_TYPE, path, v);
		return walk_all(w, i + 1, path, v);
	}
	if (json_is_set(v) &&
	    !json_is(v, step->type == STEP_KEY ? JSON_OBJECT : JSON_ARRAY))
		return report(w, TEAM_REACH_TYPE, path, v);
	if (step->type == STEP_KEY) {
		next = path_key(path, step->key);
		return walk(w, i + 1, &next, json_get(v, step->key));
	}
	next = path_index(path, step->index);
	return walk(w, i + 1, &next, json_item(v, step->index));
}

void team_path_each(const struct team_path *p, const struct path *up,
		    const struct json *root,
		    bool (*fn)(const struct team_match *match, void *context),
		    void *context)
{
	struct walk w = { p, fn, context };

	walk(&w, 0, up, root);
}
