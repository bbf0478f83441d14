/*
 * Trees to structs by tables of fields: walks the members in the order of the
 * source, so that problems come in the order in which a person reads the file,
 * then looks for required fields that were not there.
 */
#include "lib/decode.h"

#include <strings.h>

enum {
	KNOWN_SHOWN_MAX = 8, /* fields listed when none is near */
	QUOTED_MAX = 80,     /* bytes of input in a message */
};

/* Several alternatives in a message: "a, b or c". */
struct listing {
	struct str text;
	size_t left;
};

static PRINTF_LIKE(4, 0) void add_problem_v(struct decode *d,
					    struct json_mark at,
					    const struct path *path,
					    const char *fmt, va_list args)
{
	struct decode_problem *problem;
	struct error text;

	if (d->n_problems == DECODE_PROBLEMS_MAX) {
		d->dropped++;
		return;
	}
	d->problems = arena_grow(d->arena, d->problems, d->n_problems, &d->cap,
				 sizeof(*d->problems));
	problem = &d->problems[d->n_problems++];
	error_vset(&text, ERR_INPUT, fmt, args);
	problem->path = path_field(d->arena, path);
	problem->at = at;
	problem->msg = arena_str(d->arena, str_of(text.msg));
}

static PRINTF_LIKE(4, 5) void add_problem(struct decode *d, struct json_mark at,
					  const struct path *path,
					  const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	add_problem_v(d, at, path, fmt, args);
	va_end(args);
}

void decode_problem(struct decode *d, const struct json *v,
		    const struct path *path, const char *fmt, ...)
{
	va_list args;

	if (!json_exists(v) && d->root)
		v = path_nearest(d->root, path);
	va_start(args, fmt);
	add_problem_v(d, v->start, path, fmt, args);
	va_end(args);
}

int decode_finish(const struct decode *d, enum error_code code,
		  struct error *err)
{
	const struct decode_problem *first = d->problems;
	size_t more;
	int r;

	if (d->n_problems == 0)
		return 0;
	more = d->n_problems - 1 + d->dropped;
	r = error_at(err, code, first->at.line, first->at.column, "%.*s",
		     STR_ARG(first->msg));
	if (more)
		r = error_at(err, code, first->at.line, first->at.column,
			     "%s (and %zu more problem%s)", err->msg, more,
			     more == 1 ? "" : "s");
	return first->path.n ? error_wrap(err, "%.*s", STR_ARG(first->path))
			     : r;
}

struct str decode_found(struct arena *a, const struct json *v)
{
	const char *type = json_type_name(json_type(v));
	struct str text = json_text(v);
	const char *dots = text.n > QUOTED_MAX ? "..." : "";

	text = str_sub(text, 0, QUOTED_MAX);
	switch (json_type(v)) {
	case JSON_BOOL:
		return str_of(v->u.boolean ? "true" : "false");
	case JSON_NUMBER:
		return arena_printf(a, "number %.*s%s", STR_ARG(text), dots);
	case JSON_STRING:
		return arena_printf(a, "string \"%.*s%s\"", STR_ARG(text),
				    dots);
	case JSON_MISSING:
	case JSON_NULL:
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	return str_of(type);
}

void decode_wanted(struct decode *d, const struct json *v,
		   const struct path *path, const char *fmt, ...)
{
	const struct str found = decode_found(d->arena, v);
	struct error wanted;
	va_list args;

	va_start(args, fmt);
	error_vset(&wanted, ERR_INPUT, fmt, args);
	va_end(args);
	decode_problem(d, v, path, "found %.*s, want %s", STR_ARG(found),
		       wanted.msg);
}

static void list_name(struct arena *a, struct listing *l, const char *name)
{
	const char *between = l->left == 0 ? " or " : ", ";

	if (l->text.n == 0)
		l->text = str_of(name);
	else
		l->text = arena_printf(a, "%.*s%s%s", STR_ARG(l->text), between,
				       name);
}

struct str decode_names(struct arena *a, const char *const *names)
{
	struct listing l = { .left = 0 };

	while (names[l.left])
		l.left++;
	for (size_t i = 0; names[i]; i++) {
		l.left--;
		list_name(a, &l, names[i]);
	}
	return l.text;
}

/* Edits that may lie between what was written and what was meant. */
static unsigned near_enough(size_t length)
{
	if (length < 4)
		return 1;
	return length < 8 ? 2 : 3;
}

const char *decode_nearest(struct str s, const char *const *names)
{
	unsigned best = near_enough(s.n) + 1;
	const char *nearest = NULL;

	for (size_t i = 0; names[i]; i++) {
		const size_t n = strlen(names[i]);
		unsigned far;

		if (s.n == n && strncasecmp(s.p, names[i], n) == 0)
			return names[i];
		far = str_distance(s, str_of(names[i]), best);
		if (far < best && far < n && far < s.n) {
			best = far;
			nearest = names[i];
		}
	}
	return nearest;
}

static const char **field_names(struct arena *a, const struct field *fields)
{
	const char **names;
	size_t n = 0;

	while (fields[n].name)
		n++;
	names = arena_new(a, const char *, n + 1);
	for (size_t i = 0; i < n; i++)
		names[i] = fields[i].name;
	return names;
}

/* What an unknown field may have meant, as the end of a message. */
static struct str hint(struct arena *a, struct str key,
		       const struct field *fields)
{
	const char **names = field_names(a, fields);
	const char *meant = decode_nearest(key, names);
	struct str known;
	size_t n = 0;

	if (meant)
		return arena_printf(a, ", did you mean \"%s\"?", meant);
	while (names[n])
		n++;
	if (n == 0 || n > KNOWN_SHOWN_MAX)
		return STR("");
	known = decode_names(a, names);
	return arena_printf(a, ", want %.*s", STR_ARG(known));
}

static void report_unknown(struct decode *d, const struct json_member *m,
			   const struct path *path, const struct field *fields)
{
	const struct str key = str_sub(m->key, 0, QUOTED_MAX);
	const struct str end = hint(d->arena, m->key, fields);

	add_problem(d, m->at, path, "unknown field \"%.*s\"%.*s", STR_ARG(key),
		    STR_ARG(end));
}

static const struct field *field_named(const struct field *fields,
				       struct str name)
{
	const struct field *f = fields;

	while (f->name && !str_is(name, f->name))
		f++;
	return f->name ? f : NULL;
}

void decode_object(struct decode *d, const struct json *v,
		   const struct path *path, const struct field *fields,
		   void *out)
{
	if (!path || !d->root)
		d->root = v;
	if (json_is_set(v) && !json_is(v, JSON_OBJECT)) {
		decode_wanted(d, v, path, "an object");
		return;
	}
	json_each_member(m, v) {
		const struct path here = path_key(path, m->key);
		const struct field *f = field_named(fields, m->key);

		if (!f)
			report_unknown(d, m, &here, fields);
		else if (json_is_set(&m->value))
			f->decode(d, &m->value, &here, f,
				  (char *)out + f->offset);
	}
	for (const struct field *f = fields; f->name; f++) {
		const struct path here = path_key(path, str_of(f->name));

		if (f->required && !json_is_set(json_get(v, here.key)))
			add_problem(d, v->start, &here, "is missing");
	}
}
