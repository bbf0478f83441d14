/* For tests of policies/egress.h: from YAML to a set, problems kept. */
#ifndef TESTS_UNIT_EGRESS_RULES_H
#define TESTS_UNIT_EGRESS_RULES_H

#include "policies/egress.h"
#include "tests/unit/load.h"

struct egress_problems {
	struct arena *arena;
	struct str first; /* "path: found, wanted" */
	size_t n;
};

static inline void egress_note(void *context, const struct json *v,
			       const struct path *path, struct str found,
			       struct str wanted)
{
	struct egress_problems *p = context;
	struct str field = path_field(p->arena, path);

	(void)v;
	if (p->n++ == 0)
		p->first = arena_printf(p->arena, "%.*s: %.*s, wanted %.*s",
					STR_ARG(field), STR_ARG(found),
					STR_ARG(wanted));
}

static inline struct egress_set egress_read(struct arena *a,
					    const struct json *rules,
					    struct str ns,
					    struct egress_problems *problems)
{
	struct path at = PATH_KEY(NULL, "egress");
	struct egress_parse p = {
		.arena = a,
		.ns = ns,
		.problem = egress_note,
		.context = problems,
	};
	struct egress_set set;

	problems->arena = a;
	egress_parse_rules(&p, rules, &at, &set);
	assert_int_equal(p.problems, problems->n);
	return set;
}

static inline struct egress_set egress_good(struct arena *a, const char *text,
					    const char *ns)
{
	struct egress_problems problems = { .n = 0 };
	struct egress_set set =
		egress_read(a, load_json(a, text), str_of(ns), &problems);

	if (problems.n)
		fail_msg("%s: %.*s", text, STR_ARG(problems.first));
	return set;
}

#endif
