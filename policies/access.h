/* What the rules about connecting to a running Pod share. */
#ifndef POLICIES_ACCESS_H
#define POLICIES_ACCESS_H

#include "policies/rule.h"

/* One way into a Pod: the options' kind, and its words. */
struct access_way {
	const char *kind;	 /* PodExecOptions */
	const char *subresource; /* pods/exec */
	const char *does;	 /* runs a command in */
	const char *wanted;	 /* no exec */
	const char *fix;
};

/* Refuses the request when it goes this way. */
void access_deny(const struct check *c, const struct access_way *way);

#endif
