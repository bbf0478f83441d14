/*
 * What the rules found, as data. A rule reports and cannot fail; nothing here
 * is an error. Append only; everything lives in the arena of the decision.
 */
#ifndef POLICIES_VERDICT_H
#define POLICIES_VERDICT_H

#include "lib/path.h"

struct rule;
struct tier;
struct exception;

/* What a finding does, weakest first. */
enum action {
	ACTION_EXCEPTED, /* an IsolationException covers it: only shown */
	ACTION_AUDIT,	 /* only recorded */
	ACTION_WARN,	 /* told, let through */
	ACTION_DENY,
};

/* "excepted", "audit", "warn", "deny". */
const char *action_name(enum action action);

/*
 * One violation. As text: "[rule] field: found, wanted (who asked); fix".
 * found, wanted and fix are sentences' parts without capital or full stop.
 */
struct finding {
	enum action action;
	const char *rule;	 /* id, static text: "runtime.class" */
	struct str id;		 /* what to print: rule, or the team's own id */
	const struct tier *tier; /* whose wish it is; NULL when no tier's */
	const struct exception *exception; /* when excepted */
	struct str field;    /* "spec.podTemplate.spec.hostNetwork" */
	struct json_mark at; /* nearest place in the source, or 0:0 */
	/*
	 * Set when the field stands in another object (a claim's template):
	 * "SandboxTemplate team-a/python"; field is then a field of that.
	 */
	struct str origin;
	struct str found, wanted, fix;
	struct str who; /* tier "gvisor": floor from Namespace a */
	/* Not 0: it stands for so many more of its rule that are not told. */
	size_t rest;
};

/* One value that mutation filled in. */
struct filled {
	const char *rule;
	struct str field;   /* as path_field */
	struct str pointer; /* RFC 6901 */
	struct json value;
};

struct verdict {
	struct finding *findings;
	size_t n_findings, findings_cap;
	size_t in_a_row; /* of the rule that reported last */
	struct filled *fills;
	size_t n_fills, fills_cap;
	size_t checked; /* rules that looked at the object */
};

/* The strongest action among the findings; ACTION_EXCEPTED when clean. */
enum action verdict_action(const struct verdict *v);

/* Puts into words how many findings are not told; before verdict_sort. */
void verdict_tell_rest(struct arena *a, struct verdict *v);

/*
 * Order for people and for byte-for-byte tests: denials first, what is not
 * told last of an action; then field, then rule, then text: findings in the
 * same place are alike.
 */
void verdict_sort(struct verdict *v);

/* "[rule] origin: field: found, wanted ... (who); fix: ..." */
struct str finding_message(struct arena *a, const struct finding *f);

#endif
