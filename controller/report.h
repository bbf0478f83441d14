/*
 * What an audit found, gathered with a bound, and the report that tells it:
 * one object "bulkhead" in the namespace, openreports.io/v1alpha1 Report or
 * wgpolicyk8s.io/v1alpha2 PolicyReport, which are alike in all that is used
 * here.
 *
 * Equal findings make equal reports: results are sorted, nothing holds a time,
 * and what is in order is not counted, so that Pods that come and go change
 * nothing. Its owner is nobody: it tells about many objects and several tiers,
 * and would go with any one of them; the namespace takes it along when it goes.
 *
 * Pure.
 */
#ifndef CONTROLLER_REPORT_H
#define CONTROLLER_REPORT_H

#include "controller/audit_judge.h"
#include "kube/resource.h"

#define REPORT_NAME "bulkhead"

enum {
	REPORT_RESULTS_MAX = 500,
	REPORT_MESSAGE_MAX = 512, /* bytes; cut with "..." */
	REPORT_APIS = 2,
};

/* The newer one first: what is served of them is used. */
extern const struct kube_resource report_apis[REPORT_APIS];

/*
 * The first REPORT_RESULTS_MAX findings in the order of the report: fail before
 * warn before skip, then by kind, name, rule and message.
 */
struct report {
	struct arena *arena; /* what is kept is copied there */
	struct audit_finding *findings;
	size_t n;
	size_t counts[AUDIT_RESULTS]; /* of all that were added */
};

void report_init(struct arena *a, struct report *r);

/*
 * Adds what was found at one object. The arena grows by what is kept only;
 * adding in the order of the names keeps the least.
 */
void report_add(struct report *r, const struct audit_verdict *v);

static inline bool report_is_empty(const struct report *r)
{
	return r->n == 0;
}

/* The whole object as it is applied. It borrows from r. */
struct json report_object(struct arena *a, const struct report *r,
			  const struct kube_resource *api, struct str ns);

/* Does the object of the API server say the same, under our label. */
bool report_is_same(const struct json *desired, const struct json *there);
bool report_is_ours(const struct json *there);

#endif
