/* The table of all rules, in the order in which they fill and check. */
#ifndef POLICIES_RULES_H
#define POLICIES_RULES_H

#include "policies/rule.h"

extern const struct rule *const rules[]; /* ended by NULL */

/* NULL when there is none. */
const struct rule *rules_find(struct str id);

#endif
