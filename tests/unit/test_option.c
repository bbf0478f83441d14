/* lib/option.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/option.h"

struct values {
	bool quiet, verbose;
	struct str file;
	struct texts outputs;
	int color;
};

static const char *const colors[] = { "auto", "always", "never", NULL };

static const struct option own[] = {
	OPTION(struct values, quiet, .name = "quiet", .letter = 'q',
	       .type = OPTION_FLAG),
	OPTION(struct values, outputs, .name = "output", .letter = 'o',
	       .type = OPTION_TEXTS, .argument = "FORMAT"),
	OPTION(struct values, color, .name = "color", .type = OPTION_CHOICE,
	       .argument = "WHEN", .choices = colors),
	OPTION_END,
};

static const struct option shared[] = {
	OPTION(struct values, verbose, .name = "verbose", .letter = 'v',
	       .type = OPTION_FLAG),
	OPTION(struct values, file, .name = "file", .letter = 'f',
	       .type = OPTION_TEXT, .argument = "PATH"),
	OPTION_END,
};

enum { ARGS_MAX = 8 };

struct run {
	struct arena arena;
	struct values values;
	struct texts operands;
	struct error err;
	int result;
};

static void parse(struct run *r, const char *const *args)
{
	char *argv[ARGS_MAX];
	int argc = 0;

	*r = (struct run){ .err = ERROR_INIT };
	for (; argc < ARGS_MAX && args[argc]; argc++) {
		struct str copy = arena_str(&r->arena, str_of(args[argc]));
		char *text = arena_raw(&r->arena, copy.n + 1, 1);

		memcpy(text, copy.p, copy.n + 1);
		argv[argc] = text;
	}
	r->result = option_parse(&r->arena, argc, argv, own, shared, &r->values,
				 &r->operands, &r->err);
}

/* The state as text: "q v f=x o=a,b c=1 operands". */
static struct str told(struct run *r)
{
	struct arena *a = &r->arena;
	const struct values *v = &r->values;
	struct str text = arena_printf(a, "%s%s", v->quiet ? "q " : "",
				       v->verbose ? "v " : "");

	if (v->file.p)
		text = arena_printf(a, "%sf=%s ", text.p, v->file.p);
	for (size_t i = 0; i < v->outputs.n; i++)
		text = arena_printf(a, "%so=%s ", text.p, v->outputs.v[i].p);
	if (v->color)
		text = arena_printf(a, "%sc=%d ", text.p, v->color);
	for (size_t i = 0; i < r->operands.n; i++)
		text = arena_printf(a, "%s%s ", text.p, r->operands.v[i].p);
	return text;
}

static void options_and_operands_stand_in_any_order(void **state)
{
	static const struct {
		const char *args[ARGS_MAX];
		const char *want;
	} rows[] = {
		{ { NULL }, "" },
		{ { "a", "--quiet", "b" }, "q a b " },
		{ { "--file", "x", "-q" }, "q f=x " },
		{ { "--file=x=y" }, "f=x=y " },
		{ { "--file=" }, "f= " },
		{ { "--file", "--quiet" }, "f=--quiet " },
		{ { "-fx", "-f", "y" }, "f=y " },
		{ { "-qvf", "x" }, "q v f=x " },
		{ { "-qvfx" }, "q v f=x " },
		{ { "-oa", "--output", "b" }, "o=a o=b " },
		{ { "--color", "never" }, "c=2 " },
		{ { "--", "--quiet", "-x", "--" }, "--quiet -x -- " },
		{ { "-", "" }, "-  " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct run r;

		parse(&r, rows[i].args);
		if (r.result < 0 || !str_is(told(&r), rows[i].want))
			fail_msg("row %zu: %s%s", i, told(&r).p, r.err.msg);
		arena_release(&r.arena);
	}
}

static void a_bad_option_is_told_with_what_is_wanted(void **state)
{
	static const struct {
		const char *args[ARGS_MAX];
		const char *want;
	} rows[] = {
		{ { "--quite" },
		  "unknown option --quite, did you mean --quiet?" },
		{ { "--QUIET" },
		  "unknown option --QUIET, did you mean --quiet?" },
		{ { "--nonsense" }, "unknown option --nonsense" },
		{ { "--"
		    "=x" },
		  "unknown option --=x" },
		{ { "---quiet" },
		  "unknown option ---quiet, did you mean --quiet?" },
		{ { "-x" }, "unknown option -x" },
		{ { "-qx" }, "unknown option -qx" },
		{ { "--quiet=yes" }, "--quiet takes no value" },
		{ { "--file" }, "--file wants PATH" },
		{ { "-qf" }, "--file wants PATH" },
		{ { "--color=red" },
		  "--color is \"red\", wanted one of auto, always, never" },
		{ { "--color=" },
		  "--color is \"\", wanted one of auto, always, never" },
		{ { "--color=Auto" },
		  "--color is \"Auto\", wanted one of auto, always, never" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct run r;

		parse(&r, rows[i].args);
		assert_int_equal(r.result, -1);
		assert_int_equal(r.err.code, ERR_CONFIG);
		assert_string_equal(r.err.msg, rows[i].want);
		arena_release(&r.arena);
	}
}

static void operands_are_refused_where_none_are_taken(void **state)
{
	static const struct {
		const char *arg;
		const char *want; /* NULL: fine */
	} rows[] = {
		{ "--quiet", NULL },
		{ "--", NULL },
		{ "a", "\"a\" is no option, and operands are not taken" },
		{ "", "\"\" is no option, and operands are not taken" },
		{ "--verbose", "unknown option --verbose" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		char *const argv[] = { (char *)(uintptr_t)rows[i].arg };
		struct values values = { .quiet = false };
		struct error err = ERROR_INIT;
		int got = option_parse_all(&a, 1, argv, own, &values, &err);

		assert_int_equal(got, rows[i].want ? -1 : 0);
		if (rows[i].want) {
			assert_int_equal(err.code, ERR_CONFIG);
			assert_string_equal(err.msg, rows[i].want);
		}
	}
}

static void numbers_are_whole_and_in_range(void **state)
{
	static const struct {
		const char *text;
		int64_t want; /* -1: refused */
	} rows[] = {
		{ "1", 1 },   { "64", 64 },  { "0", -1 },   { "65", -1 },
		{ "-1", -1 }, { "1.5", -1 }, { "", -1 },    { "1 ", -1 },
		{ "x", -1 },  { "+1", -1 },  { "0x1", -1 }, { "1e99", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		unsigned n = 0;
		int got = option_number("n", str_of(rows[i].text), 1, 64, &n,
					&err);

		if (got != (rows[i].want < 0 ? -1 : 0) ||
		    (got == 0 && n != rows[i].want) ||
		    (got < 0 && (err.code != ERR_CONFIG ||
				 !strstr(err.msg, "from 1 to 64"))))
			fail_msg("\"%s\": %u %s", rows[i].text, n, err.msg);
	}
}

static void durations_are_seconds_rounded_up_and_in_range(void **state)
{
	static const struct {
		const char *text;
		int64_t want; /* -1: refused */
		const char *says;
	} rows[] = {
		{ "0s", 0, "" },
		{ "1ns", 1, "" },
		{ "1.5s", 2, "" },
		{ "1h", 3600, "" },
		{ "1h1ns", -1, "--d is \"1h1ns\", wanted 0s to 1h" },
		{ "-1ns", -1, "wanted 0s to 1h" },
		{ "-1h", -1, "wanted 0s to 1h" },
		{ "soon", -1, "--d: " },
		{ "10", -1, "--d: " },
		{ "", -1, "--d: " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		int64_t n = -1;
		int got = option_seconds("d", str_of(rows[i].text), 0, 3600, &n,
					 &err);

		if (got != (rows[i].want < 0 ? -1 : 0) || n != rows[i].want ||
		    !strstr(err.msg, rows[i].says))
			fail_msg("\"%s\": %lld %s", rows[i].text, (long long)n,
				 err.msg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_and_operands_stand_in_any_order),
		cmocka_unit_test(a_bad_option_is_told_with_what_is_wanted),
		cmocka_unit_test(operands_are_refused_where_none_are_taken),
		cmocka_unit_test(numbers_are_whole_and_in_range),
		cmocka_unit_test(durations_are_seconds_rounded_up_and_in_range),
	};

	return cmocka_run_group_tests_name("lib/option.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
