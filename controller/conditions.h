/*
 * Conditions by the Kubernetes API conventions (metav1.Condition), built on
 * those that are there: pure.
 */
#ifndef CONTROLLER_CONDITIONS_H
#define CONTROLLER_CONDITIONS_H

#include "lib/json.h"

enum condition_status { CONDITION_FALSE, CONDITION_TRUE, CONDITION_UNKNOWN };

struct condition {
	const char *type; /* CamelCase */
	enum condition_status status;
	const char *reason; /* CamelCase, never empty */
	struct str message;
};

/*
 * The array of conditions, in the order given. lastTransitionTime is that of
 * the observed condition of this type when its status is the same, else now
 * (seconds).
 */
struct json conditions_make(struct arena *a, const struct condition *list,
			    size_t n, const struct json *observed,
			    int64_t generation, int64_t now);

#endif
