/* What the readers of network policy rules share: how they tell problems. */
#ifndef POLICIES_EGRESS_PARSE_H
#define POLICIES_EGRESS_PARSE_H

#include "policies/egress.h"

void egress_problem(struct egress_parse *p, const struct json *v,
		    const struct path *path, struct str found,
		    struct str wanted);

/* Is v of the type? If not, that is a problem. */
bool egress_wants(struct egress_parse *p, const struct json *v,
		  const struct path *path, enum json_type type,
		  struct str wanted);

/* Adds n to the count; true, and told once, when it is above max. */
bool egress_too_many(struct egress_parse *p, size_t *count, size_t n,
		     size_t max, const struct path *path);

/* Members whose names are not in names (ended by NULL) are problems. */
void egress_check_keys(struct egress_parse *p, const struct json *v,
		       const struct path *path, const char *const *names,
		       const char *wanted);

#endif
