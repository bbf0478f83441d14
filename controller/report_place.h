/*
 * The report of a namespace in the API server: finding it, and writing it where
 * it has changed.
 */
#ifndef CONTROLLER_REPORT_PLACE_H
#define CONTROLLER_REPORT_PLACE_H

#include "controller/reconcilers.h"
#include "controller/report.h"

struct report_place {
	struct str ns;
	/* The API of reports that is served; NULL: none. */
	const struct kube_resource *api;
	struct json there; /* as it is; missing: there is none */
};

/* What is found lives in the arena of r. 0 also where no API is served. */
int report_find(const struct reconcile *r, struct str ns,
		struct report_place *out, struct error *err) MUST_CHECK;

/*
 * Applies the report when it says something else than what is there, and
 * deletes what is there (by uid and resourceVersion, and only when it has our
 * label) when it says nothing.
 */
int report_write(const struct reconcile *r, const struct report_place *place,
		 const struct report *report, struct error *err) MUST_CHECK;

#endif
