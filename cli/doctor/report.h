/* What the checks found, told: a line for each, or a document for all. */
#ifndef CLI_DOCTOR_REPORT_H
#define CLI_DOCTOR_REPORT_H

#include "cli/doctor/check.h"

struct doctor_finding {
	const struct doctor_check *check;
	struct doctor_result result;
};

struct doctor_report {
	struct str context;
	bool unreachable;
	struct doctor_finding *v;
	size_t n;
	size_t counts[DOCTOR_FAIL + 1]; /* by enum doctor_status */
};

/* All checks, or those named by ids, over the facts. */
void doctor_examine(struct arena *a, const struct doctor_facts *f,
		    const struct texts *ids, struct doctor_report *out);

void doctor_report_text(struct buf *out, const struct doctor_report *r,
			bool titled, bool color);
struct json doctor_report_json(struct arena *a, const struct doctor_report *r);

/* What can be examined, and what people see that leads there. */
void doctor_list(struct buf *out);

#endif
