/* Parsing arguments by the option tables. */
#include "lib/option.h"

#include "lib/decode.h"
#include "lib/duration.h"
#include "lib/json.h"

struct parse {
	struct arena *arena;
	const struct option *tables[2];
	void *out;
	struct error *err;
	char *const *argv;
	int argc, at; /* at: the next argument to read */
};

enum { NAMES_MAX = 128 };

static const struct option *find(const struct parse *p, struct str name,
				 char letter)
{
	for (size_t t = 0; t < ARRAY_LEN(p->tables); t++)
		for (const struct option *o = p->tables[t]; o && o->name; o++)
			if (letter ? o->letter == letter
				   : str_is(name, o->name))
				return o;
	return NULL;
}

static int unknown(struct parse *p, struct str given, struct str name)
{
	const char *names[NAMES_MAX + 1];
	const char *near;
	size_t n = 0;

	for (size_t t = 0; t < ARRAY_LEN(p->tables); t++)
		for (const struct option *o = p->tables[t];
		     o && o->name && n < NAMES_MAX; o++)
			names[n++] = o->name;
	names[n] = NULL;
	near = decode_nearest(name, names);
	return error_set(p->err, ERR_CONFIG, "unknown option %.*s%s%s%s",
			 STR_ARG(given), near ? ", did you mean --" : "",
			 near ? near : "", near ? "?" : "");
}

static int set_choice(struct parse *p, const struct option *o, struct str value)
{
	struct str all = STR("");
	int i = 0;

	for (; o->choices[i]; i++) {
		if (str_is(value, o->choices[i])) {
			*(int *)((char *)p->out + o->offset) = i;
			return 0;
		}
		all = arena_printf(p->arena, "%.*s%s%s", STR_ARG(all),
				   i ? ", " : "", o->choices[i]);
	}
	return error_set(p->err, ERR_CONFIG,
			 "--%s is \"%.*s\", wanted one of %.*s", o->name,
			 STR_ARG(value), STR_ARG(all));
}

static int set_value(struct parse *p, const struct option *o, struct str value)
{
	void *place = (char *)p->out + o->offset;
	struct texts *list = place;

	switch (o->type) {
	case OPTION_FLAG:
		*(bool *)place = true;
		return 0;
	case OPTION_TEXT:
		*(struct str *)place = value;
		return 0;
	case OPTION_TEXTS:
		list->v = arena_grow(p->arena, list->v, list->n, &list->cap,
				     sizeof(*list->v));
		list->v[list->n++] = value;
		return 0;
	case OPTION_CHOICE:
		return set_choice(p, o, value);
	}
	BUG("option type");
}

static int next_value(struct parse *p, const struct option *o,
		      struct str *value)
{
	if (p->at == p->argc)
		return error_set(p->err, ERR_CONFIG, "--%s wants %s", o->name,
				 o->argument);
	*value = str_of(p->argv[p->at++]);
	return 0;
}

static int parse_long(struct parse *p, struct str given)
{
	struct str name = str_sub(given, 2, given.n);
	size_t equals = str_find(name, '=');
	bool has_value = equals < name.n;
	struct str value = str_sub(name, equals + 1, name.n);
	const struct option *o;

	name = str_sub(name, 0, equals);
	o = find(p, name, 0);
	if (!o)
		return unknown(p, given, name);
	if (o->type == OPTION_FLAG && has_value)
		return error_set(p->err, ERR_CONFIG, "--%s takes no value",
				 o->name);
	if (o->type != OPTION_FLAG && !has_value &&
	    next_value(p, o, &value) < 0)
		return -1;
	return set_value(p, o, value);
}

/* "-o json", "-ojson"; flags may be bundled. */
static int parse_letters(struct parse *p, struct str given)
{
	for (size_t i = 1; i < given.n; i++) {
		const struct option *o = find(p, STR_NONE, given.p[i]);
		struct str value = str_sub(given, i + 1, given.n);

		if (!o)
			return unknown(p, given, str_sub(given, 1, given.n));
		if (o->type == OPTION_FLAG) {
			if (set_value(p, o, STR_NONE) < 0)
				return -1;
			continue;
		}
		if (!value.n && next_value(p, o, &value) < 0)
			return -1;
		return set_value(p, o, value);
	}
	return 0;
}

static void add_operand(struct arena *a, struct texts *operands, struct str s)
{
	operands->v = arena_grow(a, operands->v, operands->n, &operands->cap,
				 sizeof(*operands->v));
	operands->v[operands->n++] = s;
}

/* NOLINTNEXTLINE(readability-function-size): all of it is needed at once */
int option_parse(struct arena *a, int argc, char *const *argv,
		 const struct option *table, const struct option *more,
		 void *out, struct texts *operands, struct error *err)
{
	struct parse p = {
		.arena = a,
		.tables = { table, more },
		.out = out,
		.err = err,
		.argv = argv,
		.argc = argc,
	};
	bool only_operands = false;

	while (p.at < argc) {
		struct str given = str_of(argv[p.at++]);

		if (only_operands || given.n < 2 || given.p[0] != '-')
			add_operand(a, operands, given);
		else if (str_is(given, "--"))
			only_operands = true;
		else if (given.p[1] == '-' ? parse_long(&p, given) < 0
					   : parse_letters(&p, given) < 0)
			return -1;
	}
	return 0;
}

int option_parse_all(struct arena *a, int argc, char *const *argv,
		     const struct option *table, void *out, struct error *err)
{
	struct texts operands = { .n = 0 };

	if (option_parse(a, argc, argv, table, NULL, out, &operands, err) < 0)
		return -1;
	if (operands.n)
		return error_set(err, ERR_CONFIG,
				 "\"%.*s\" is no option, and operands are not "
				 "taken",
				 STR_ARG(operands.v[0]));
	return 0;
}

enum { COLUMN = 30 }; /* where help texts begin */

static void put_option(FILE *out, const struct option *o)
{
	char left[128];
	int n;

	n = snprintf(left, sizeof(left), "  %c%c%s--%s%s%s",
		     o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
		     o->letter ? ", " : "  ", o->name, o->argument ? " " : "",
		     o->argument ? o->argument : "");
	if (n < COLUMN)
		fprintf(out, "%-*s%s\n", COLUMN, left, o->help);
	else
		fprintf(out, "%s\n%*s%s\n", left, COLUMN, "", o->help);
	if (!o->choices)
		return;
	fprintf(out, "%*s(", COLUMN, "");
	for (size_t i = 0; o->choices[i]; i++)
		fprintf(out, "%s%s", i ? ", " : "", o->choices[i]);
	fputs(")\n", out);
}

void option_print(FILE *out, const struct option *table)
{
	for (; table && table->name; table++)
		put_option(out, table);
}

int option_number(const char *name, struct str text, int64_t min, int64_t max,
		  unsigned *out, struct error *err)
{
	const struct json number = json_make_number(text);
	int64_t n;

	if (!json_int(&number, &n) || n < min || n > max)
		return error_set(err, ERR_CONFIG,
				 "--%s is \"%.*s\", wanted a number from %lld "
				 "to %lld",
				 name, STR_ARG(text), (long long)min,
				 (long long)max);
	*out = (unsigned)n;
	return 0;
}

int option_seconds(const char *name, struct str text, int64_t min, int64_t max,
		   int64_t *out, struct error *err)
{
	int64_t ns, seconds;

	if (duration_parse(text, &ns, err) < 0)
		return error_wrap(err, "--%s", name);
	seconds = ns / DURATION_SECOND + (ns % DURATION_SECOND > 0);
	if (ns < 0 || seconds < min || seconds > max)
		return error_set(err, ERR_CONFIG,
				 "--%s is \"%.*s\", wanted %llds to %lldh",
				 name, STR_ARG(text), (long long)min,
				 (long long)max / 3600);
	*out = seconds;
	return 0;
}
