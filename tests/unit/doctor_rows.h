/*
 * For the tests of cli/doctor: documents in YAML, as the API server lists them,
 * and rows of what one check says of them.
 */
#ifndef TESTS_UNIT_DOCTOR_ROWS_H
#define TESTS_UNIT_DOCTOR_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/doctor/all.h"
#include "lib/timestamp.h"
#include "lib/yamldoc.h"

#define NOW "2026-11-21T12:00:00Z"

/* A list in YAML for one fact. */
struct given {
	enum doctor_fact fact;
	const char *items;
};

static inline struct json read_items(struct arena *a, const char *text)
{
	struct yamldoc *y = yamldoc_open(a, str_of(text), NULL);
	struct error err = ERROR_INIT;
	struct json doc = json_make_array();

	if (yamldoc_next(y, a, &doc, &err) < 0)
		fail_msg("%s: %s", text, err.msg);
	yamldoc_close(&y);
	return doc;
}

static inline int64_t seconds(const char *text)
{
	struct error err = ERROR_INIT;
	int64_t at = 0;

	if (timestamp_parse(str_of(text), &at, &err) < 0)
		fail_msg("%s", err.msg);
	return at;
}

static inline void facts_fill(struct arena *a, struct doctor_facts *f,
			      const struct given *given, size_t n)
{
	*f = (struct doctor_facts){ .version = STR("v1.36.3"),
				    .now = seconds(NOW) };
	for (size_t i = 0; i < FACTS; i++)
		f->lists[i].items = json_make_array();
	for (size_t i = 0; i < n; i++)
		if (given[i].items)
			f->lists[given[i].fact].items =
				read_items(a, given[i].items);
	doctor_facts_settle(a, f);
}

/* One case of one check: documents, and what is said of them. */
struct row {
	const struct doctor_check *check;
	struct given given[4];
	enum doctor_status want;
	const char *part; /* of what was found */
};

static inline void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct doctor_result r = { .status = DOCTOR_PASS };
		struct doctor_facts f;

		facts_fill(&a, &f, rows[i].given, ARRAY_LEN(rows[i].given));
		rows[i].check->run(&a, &f, &r);
		if (r.status != rows[i].want ||
		    !doctor_has(r.found, rows[i].part))
			fail_msg("row %zu, %s: %s: %.*s", i, rows[i].check->id,
				 doctor_status_name(r.status),
				 STR_ARG(r.found));
		if ((r.status >= DOCTOR_WARN) != (r.fix.n > 0))
			fail_msg("row %zu: what to do is missing, or too much",
				 i);
		doctor_facts_release(&f);
	}
}

#define TIER(name, strength, classes)                                          \
	"{apiVersion: bulkhead.dev/v1alpha1, kind: IsolationTier, metadata: "  \
	"{name: " name "}, spec: {strength: " strength                         \
	", runtime: {classNames: [" classes "]}}}"
#define TIERS "[" TIER("g", "1", "gvisor") ", " TIER("k", "2", "kata-fc") "]"
#define NAMED(name, more) "{metadata: {name: " name "}, " more "}"

#endif
