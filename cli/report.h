/*
 * What "check" has to tell, and the formats it is told in. A report is the same
 * data for every format; each format is one file (reports/<name>.c) and one row
 * in report.c.
 *
 * Order is fixed: by file, document, then verdict_sort. Nothing depends on
 * time, locale or memory addresses.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/world.h"
#include "lib/buf.h"

/* One object that was judged, or looked at and left alone. */
struct report_object {
	struct str path; /* file */
	struct str api_version, kind, ns, name;
	struct json_mark at;	   /* where the document starts */
	bool governed;		   /* a tier applies */
	bool known;		   /* a kind that rules know */
	struct str tier, tier_who; /* effective, and who said so */
	enum action action;	   /* the strongest among its findings */
	const struct finding *findings;
	size_t n_findings;
	const struct filled *fills;
	size_t n_fills;
};

struct report {
	const struct report_object *objects;
	size_t n_objects;
	const struct input_problem *problems; /* sorted by path and place */
	size_t n_problems;
	struct str policy_digest;
	bool color;	/* the format may use colours (table only) */
	unsigned width; /* of the terminal; 0: unknown */
	/* counts of findings by action, of objects by fate */
	size_t denied, warned, excepted, audited;
	size_t objects_denied, objects_governed;
};

struct report_format {
	const char *name; /* "table" */
	const char *doc;
	void (*write)(struct buf *out, const struct report *r);
};

extern const struct report_format *const report_formats[]; /* ends with NULL */
const struct report_format *report_format_find(struct str name);

enum { REPORT_BYTES_MAX = 1 << 30 };

#endif
