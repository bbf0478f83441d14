/*
 * Options by table: one row says everything (name, argument, default, help),
 * and parsing, help texts, completions and the man page all come from it.
 *
 * GNU style: "--name VALUE", "--name=VALUE", "-n VALUE", options and operands
 * in any order, "--" ends options. An unknown option names the nearest known.
 */
#ifndef LIB_OPTION_H
#define LIB_OPTION_H

#include <stdio.h>

#include "lib/arena.h"
#include "lib/error.h"

enum option_type {
	OPTION_FLAG,   /* bool */
	OPTION_TEXT,   /* struct str; the last one given counts */
	OPTION_TEXTS,  /* struct texts; may be given more than once */
	OPTION_CHOICE, /* int: index in choices */
};

struct texts {
	struct str *v;
	size_t n, cap;
};

struct option {
	const char *name; /* without "--"; NULL ends a table */
	char letter;	  /* 0: none */
	enum option_type type;
	size_t offset;		    /* of the value in the struct parsed into */
	const char *argument;	    /* "DIR", "TIME", ...; NULL for a flag */
	const char *const *choices; /* ended by NULL; also for completion */
	const char *help;	    /* one sentence, no full stop */
};

#define OPTION(struct_type, member, ...)                                       \
	{                                                                      \
		.offset = offsetof(struct_type, member), __VA_ARGS__           \
	}
#define OPTION_END                                                             \
	{                                                                      \
		.name = NULL                                                   \
	}

/*
 * Parses argv[0..argc) into out by up to two tables (more may be NULL). What
 * is no option goes to *operands. Text borrows argv. ERR_CONFIG with the
 * option and what is wanted.
 */
int option_parse(struct arena *a, int argc, char *const *argv,
		 const struct option *table, const struct option *more,
		 void *out, struct texts *operands,
		 struct error *err) MUST_CHECK;

/* The same by one table, for a program that takes no operands. */
int option_parse_all(struct arena *a, int argc, char *const *argv,
		     const struct option *table, void *out,
		     struct error *err) MUST_CHECK;

/*
 * The text of an option as a whole number from min to max. ERR_CONFIG with the
 * option's name, what was given and what is wanted.
 */
int option_number(const char *name, struct str text, int64_t min, int64_t max,
		  unsigned *out, struct error *err) MUST_CHECK;

/*
 * The text of an option as a duration (lib/duration.h) in seconds from min to
 * max, a part of a second counted as a whole one. ERR_CONFIG likewise,
 * ERR_INPUT for what is no duration.
 */
int option_seconds(const char *name, struct str text, int64_t min, int64_t max,
		   int64_t *out, struct error *err) MUST_CHECK;

/* A line or two for each row of the table, for a help text; NULL has none. */
void option_print(FILE *out, const struct option *table);

#endif
