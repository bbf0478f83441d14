/*
 * Values as flow collections, {a: b, c: [d]}, in YAML's manner or in JSON's:
 * what can be put inside the brackets that an author wrote.
 */
#ifndef CLI_TEXT_FLOW_H
#define CLI_TEXT_FLOW_H

#include "lib/buf.h"
#include "lib/json.h"

struct flow_style {
	bool json;	   /* valid JSON: every key quoted */
	bool lines;	   /* a line for every member */
	struct str margin; /* blanks that begin these lines */
	size_t indent;	   /* spaces more */
	struct str eol;
};

/* The whole value, brackets included. */
void flow_write(struct buf *out, const struct json *v,
		const struct flow_style *style);

/*
 * What stands between the brackets, separated by commas. The first line's
 * indentation and the last line's end are left to the caller.
 */
void flow_write_inside(struct buf *out, const struct json *v,
		       const struct flow_style *style);

#endif
