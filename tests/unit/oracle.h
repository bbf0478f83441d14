/*
 * Reads tests/unit/quantity_oracle.tsv, which tests/oracle/quantity prints:
 * what Go and Kubernetes themselves make of a text.
 */
#ifndef TESTS_UNIT_ORACLE_H
#define TESTS_UNIT_ORACLE_H

#include "lib/file.h"

enum { ORACLE_COLUMNS = 6, ORACLE_BYTES = 4 << 20 };

struct oracle {
	struct arena arena;
	struct str rest;
};

static inline struct oracle oracle_open(void)
{
	struct oracle o = { .arena = ARENA_INIT };
	struct error err;

	if (file_read(&o.arena, "tests/unit/quantity_oracle.tsv", ORACLE_BYTES,
		      &o.rest, &err) < 0)
		BUG(err.msg);
	return o;
}

static inline void oracle_close(struct oracle *o)
{
	arena_release(&o->arena);
}

/* The next row of the section, without its first column; "" when absent. */
static inline bool oracle_next(struct oracle *o, const char *section,
			       struct str column[ORACLE_COLUMNS])
{
	struct str line, field;

	while (str_split(&o->rest, '\n', &line)) {
		size_t n = 0;

		if (!str_split(&line, '\t', &field) || !str_is(field, section))
			continue;
		for (size_t i = 0; i < ORACLE_COLUMNS; i++)
			column[i] = STR("");
		while (n < ORACLE_COLUMNS && str_split(&line, '\t', &field))
			column[n++] = field;
		return true;
	}
	return false;
}

/* Whether the row was refused; fails when it should be the other way round. */
static inline bool oracle_refused(const struct str *column, int rc,
				  const struct error *err)
{
	bool wanted = str_is(column[1], "!");

	if (wanted && rc == 0)
		fail_msg("accepted %.*s", STR_ARG(column[0]));
	if (!wanted && rc < 0)
		fail_msg("%s", err->msg);
	if (wanted)
		assert_int_equal(err->code, ERR_INPUT);
	return wanted;
}

#endif
