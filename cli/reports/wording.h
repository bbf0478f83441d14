/*
 * The words that the formats for people share: verdicts, titles, places and
 * findings. All output is one line of safe text (escape_line).
 */
#ifndef CLI_REPORTS_WORDING_H
#define CLI_REPORTS_WORDING_H

#include "cli/report.h"

/* What became of an object of a known kind. */
enum fate {
	FATE_PASS,
	FATE_NO_TIER, /* no tier governs it, and nothing else was found */
	FATE_WARN,
	FATE_DENY,
};

enum fate wording_fate(const struct report_object *o);
const char *wording_fate_name(enum fate fate); /* "no tier" */

struct tally {
	size_t judged, other;	     /* of known kinds, and all else */
	size_t fates[FATE_DENY + 1]; /* of judged objects */
	size_t filled;		     /* values */
};

struct tally wording_tally(const struct report *r);

/* "Sandbox team-a/agent-1" */
void wording_title(struct buf *out, const struct report_object *o);

/* "dir/file.yaml:12:7", "dir/file.yaml", "<stdin>:3:1" */
void wording_place(struct buf *out, struct str path, struct json_mark at);

/* Where a finding points to: its field, or the object's start. */
struct json_mark wording_mark(const struct report_object *o,
			      const struct finding *f);

/* "[rule] origin: field: found" */
void wording_found(struct buf *out, const struct finding *f);

/* " (tier ... by ...)" when it is not the object's own tier that finds it. */
void wording_who(struct buf *out, const struct report_object *o,
		 const struct finding *f);

/* "fix: ...", or which exception covers it; nothing when there is neither. */
void wording_cure(struct buf *out, const struct finding *f);

/* "place: deny [rule] field: found, wanted ..." */
void wording_finding(struct buf *out, const struct report_object *o,
		     const struct finding *f);

/* "3 objects judged: 1 denied, ...", without a newline. */
void wording_summary(struct buf *out, const struct report *r);

#endif
