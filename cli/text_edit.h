/*
 * A manifest's own text with values added: every byte of the author's stays
 * (comments, layout, quoting, line ends), lines are added behind the last line
 * of the mapping or list they belong to, and inside {} and [] text is added.
 * Only a written null ("null", "~", nothing) is replaced.
 *
 * The result is read back and compared: what cannot be edited so that it reads
 * as the wanted document is an error, never a wrong text.
 */
#ifndef CLI_TEXT_EDIT_H
#define CLI_TEXT_EDIT_H

#include "lib/error.h"
#include "lib/json_build.h"

/*
 * text is a stream of one document, wanted what it should read as. *out is
 * text itself when nothing is to be added. ERR_INPUT with the line in text, or
 * 0, when the document would have to be changed otherwise.
 */
int text_edit(struct arena *a, struct str text, const struct json *wanted,
	      const struct json_limits *limits, struct str *out,
	      struct error *err) MUST_CHECK;

/* The only document of a stream: 1; 0 when there is none. */
int text_read_one(struct arena *a, struct str text,
		  const struct json_limits *limits, struct json *doc,
		  struct error *err) MUST_CHECK;

#endif
