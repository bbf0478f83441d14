/*
 * The path of a team's own assertion (IsolationTier.spec.rules[].path):
 *
 *	metadata.labels.team
 *	metadata.labels['app.kubernetes.io/name']    or ["..."]
 *	spec.containers[0].image
 *	spec.containers[*].image                     every item of a list
 *	metadata.annotations.*                       every value of a map
 *
 * A plain key is letters, digits, "_", "-" and "$"; any other key is quoted,
 * where a backslash stands before a quote or a backslash. "*" and "[*]" mean
 * the same. No "..", no filters, no negative index: what a path reaches is
 * plain from its text.
 *
 * Compiled once, read-only afterwards; any thread.
 */
#ifndef POLICIES_TEAM_PATH_H
#define POLICIES_TEAM_PATH_H

#include "lib/error.h"
#include "lib/path.h"

enum {
	TEAM_PATH_STEPS_MAX = 32,
	TEAM_PATH_LENGTH_MAX = 1024,  /* bytes of the text */
	TEAM_PATH_INDEX_MAX = 100000, /* of a list */
};

struct team_path;

/* ERR_CONFIG names the offset in the text, from 0. The text is copied. */
int team_path_compile(struct arena *a, struct str text, struct team_path **out,
		      struct error *err) MUST_CHECK;

/* The first key, or p NULL when the path starts with a "*" or an index. */
struct str team_path_first(const struct team_path *p);

/* Where one branch of a path ends. */
enum team_reach {
	TEAM_REACH_VALUE,   /* value is there, not null */
	TEAM_REACH_MISSING, /* nothing, or null, stands at path or above it */
	TEAM_REACH_TYPE,    /* value, at path, is of a type that has no such
			       part: the rest of the path cannot be told */
};

struct team_match {
	enum team_reach reach;
	const struct path *path; /* on the stack of the walk */
	const struct json *value;
};

/*
 * Calls fn for every branch of the path in root, in the order of the source,
 * until fn returns false. A missing end is reported once per branch; "*" over
 * something missing, null or empty has no branch. up is the path of root, or
 * NULL.
 */
void team_path_each(const struct team_path *p, const struct path *up,
		    const struct json *root,
		    bool (*fn)(const struct team_match *match, void *context),
		    void *context);

#endif
