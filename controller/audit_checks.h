/*
 * What only the running cluster shows of an object; see audit_judge.h.
 */
#ifndef CONTROLLER_AUDIT_CHECKS_H
#define CONTROLLER_AUDIT_CHECKS_H

#include "controller/audit_judge.h"
#include "policies/verdict.h"

struct audit_check {
	struct arena *arena;
	const struct audit_judge *judge;
	const struct subject *subject;
	const struct json *doc;
	const struct tier *tier; /* the effective one, never NULL */
	struct verdict *verdict; /* findings are appended */
};

/*
 * Appends f with the action and the tier of the check; an exception that is set
 * makes it excepted.
 */
void audit_check_add(const struct audit_check *c, struct finding f);

void audit_check_pod(const struct audit_check *c);
void audit_check_lifetime(const struct audit_check *c);

#endif
