/* Which IsolationExceptions cover a rule for an object right now. */
#ifndef POLICIES_EXCEPTION_H
#define POLICIES_EXCEPTION_H

#include "policies/snapshot.h"

/* Those that target one object and hold, in the order of the set. */
struct exceptions {
	const struct exception **v;
	size_t n, cap;
};

/*
 * Once per decision: costs what the object's namespace has, however many the
 * set holds. One holds until its expires_at, exclusive.
 */
struct exceptions exceptions_for(struct arena *a, const struct snapshot *s,
				 const struct subject *subject, int64_t now);

/*
 * The first that names the rule: by id, by the team's own id, or by
 * "prefix.*"; NULL when there is none. rule_id and own_id may be the same.
 */
const struct exception *exceptions_find(const struct exceptions *list,
					struct str rule_id, struct str own_id);

#endif
