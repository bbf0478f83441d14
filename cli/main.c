/* bulkhead: finds the verb, parses its options, runs it. */
#include <stdio.h>

#include "cli/help.h"
#include "cli/verb.h"
#include "lib/decode.h"

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; verbs[i]; i++)
		if (str_is(str_of(name), verbs[i]->name))
			return verbs[i];
	return NULL;
}

static int unknown_verb(const char *name)
{
	const char *names[32];
	const char *near;
	size_t n = 0;

	for (; verbs[n] && n + 1 < ARRAY_LEN(names); n++)
		names[n] = verbs[n]->name;
	names[n] = NULL;
	near = decode_nearest(str_of(name), names);
	fprintf(stderr, "bulkhead: unknown command \"%s\"%s%s%s\n", name,
		near ? ", did you mean \"" : "", near ? near : "",
		near ? "\"?" : "");
	fputs("Try 'bulkhead --help'.\n", stderr);
	return EXIT_USAGE;
}

static int run(const struct verb *verb, int argc, char *const *argv)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct settings settings = { .namespace = STR("default") };
	struct texts operands = { .n = 0 };
	struct error err = ERROR_INIT;

	if (option_parse(&a, argc, argv, verb->options,
			 verb->reads_objects ? shared_options : help_options,
			 &settings, &operands, &err) < 0)
		return verb_usage(verb, "%s", err.msg);
	if (settings.namespaces.n)
		settings.namespace =
			settings.namespaces.v[settings.namespaces.n - 1];
	if (settings.help) {
		help_verb(stdout, verb);
		return EXIT_CLEAN;
	}
	return verb->run(&a, &settings, &operands);
}

/* What was printed must have arrived: a full disk is not a clean result. */
static int flushed(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	perror("bulkhead: standard output");
	return EXIT_INTERNAL;
}

int main(int argc, char **argv)
{
	struct str first = str_of(argc > 1 ? argv[1] : "");
	const struct verb *verb;

	if (!first.n) {
		help_program(stderr);
		return EXIT_USAGE;
	}
	if (str_is(first, "--help") || str_is(first, "-h") ||
	    str_is(first, "help")) {
		verb = argc > 2 ? find_verb(argv[2]) : NULL;
		if (verb)
			help_verb(stdout, verb);
		else
			help_program(stdout);
		return flushed(EXIT_CLEAN);
	}
	if (str_is(first, "--version")) {
		puts("bulkhead " BULKHEAD_VERSION);
		return flushed(EXIT_CLEAN);
	}
	verb = find_verb(argv[1]);
	if (!verb)
		return unknown_verb(argv[1]);
	return flushed(run(verb, argc - 2, argv + 2));
}
