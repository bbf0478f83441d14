/*
 * The report as data (docs/report.schema.json), in pieces, so that a large
 * report is never a tree as a whole: json.c and yaml.c write the head, then
 * each object, then each problem.
 */
#ifndef CLI_REPORTS_DOCUMENT_H
#define CLI_REPORTS_DOCUMENT_H

#include "cli/report.h"

/* All members before "objects". */
struct json document_head(struct arena *a, const struct report *r);

/* An item of "objects"; o is of a known kind. */
struct json document_object(struct arena *a, const struct report_object *o);

/* An item of "problems". */
struct json document_problem(struct arena *a, const struct input_problem *p);

#endif
