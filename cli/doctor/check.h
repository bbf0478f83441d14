/*
 * One thing that the doctor looks at: a file or part of one, a const struct, a
 * row in table.c. A check is a pure function of the facts.
 */
#ifndef CLI_DOCTOR_CHECK_H
#define CLI_DOCTOR_CHECK_H

#include "cli/doctor/facts.h"
#include "lib/buf.h"

/* By weight. */
enum doctor_status {
	DOCTOR_PASS,
	DOCTOR_SKIP, /* cannot be told, and why */
	DOCTOR_WARN, /* works, but not as it should, or may not for long */
	DOCTOR_FAIL, /* sandboxes do not run, or not inside their tier */
};

struct doctor_result {
	enum doctor_status status;
	struct str found; /* one line; in the arena */
	struct str fix;	  /* what to do; empty: nothing */
};

struct doctor_check {
	const char *id;	   /* "runtime.classes" */
	const char *title; /* what is asked, as a statement */
	void (*run)(struct arena *a, const struct doctor_facts *f,
		    struct doctor_result *r);
};

/* Ended by NULL, in the order in which they are told. */
extern const struct doctor_check *const doctor_checks[];
const struct doctor_check *doctor_check_find(struct str id);

/* What people see, and the check that finds its cause. Ended by NULL. */
struct doctor_symptom {
	const char *symptom, *check;
};
extern const struct doctor_symptom doctor_symptoms[];

/* "pass", ... */
const char *doctor_status_name(enum doctor_status status);

/* ---- for checks ---- */

void doctor_pass(struct arena *a, struct doctor_result *r, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
void doctor_skip(struct arena *a, struct doctor_result *r, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/*
 * The heaviest counts; of two that weigh the same the first. What to do is
 * constant text, or lives in the arena.
 */
void doctor_warn(struct arena *a, struct doctor_result *r, const char *fix,
		 const char *fmt, ...) PRINTF_LIKE(4, 5);
void doctor_fail(struct arena *a, struct doctor_result *r, const char *fix,
		 const char *fmt, ...) PRINTF_LIKE(4, 5);

/* True, and r is a SKIP that says why, when the list was not read. */
bool doctor_unread(struct arena *a, const struct doctor_facts *f,
		   enum doctor_fact fact, struct doctor_result *r);

/* "a, b, c and 4 more" */
struct doctor_names {
	struct arena *arena;
	struct str text;
	size_t n;
};
void doctor_name(struct doctor_names *names, struct str name);
struct str doctor_names_str(const struct doctor_names *names);

/* "team-a/agent" */
struct str doctor_title(struct arena *a, const struct json *item);

/* The status of a condition: "True"; empty: there is none. */
struct str doctor_condition(const struct json *item, const char *type);

/* Text of an RFC 3339 time; false when it is none. */
bool doctor_time(const struct json *v, int64_t *seconds);

bool doctor_has(struct str text, const char *part);

#endif
