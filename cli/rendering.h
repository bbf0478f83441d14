/*
 * Manifest files with everything filled in that their tiers want: the author's
 * own text with additions where that can be, a document written anew where it
 * cannot (an older spelling, an anchor that several places share).
 *
 * A file is taken in parts, cut where kubectl cuts it: at each "---".
 */
#ifndef CLI_RENDERING_H
#define CLI_RENDERING_H

#include "cli/world.h"
#include "lib/buf.h"

struct rendering_part {
	struct str before;  /* as written, from its "---" on */
	struct str after;   /* with values added, or written anew */
	uint32_t line;	    /* in the file, of its first character */
	struct json filled; /* the document; missing: no readable one */
	bool is_json;
	bool respelled;	    /* it holds an older spelling of the API */
	bool rewritten;	    /* after is not the author's text */
	struct error why;   /* when rewritten; line is that of the file */
	struct json *extra; /* documents that this one now needs */
	size_t n_extra, extra_cap;
};

struct rendering {
	const struct file *file;
	struct rendering_part *parts;
	size_t n_parts, cap;
	size_t n_fills, n_left_out;	/* values */
	const struct document **denied; /* even when filled */
	size_t n_denied, denied_cap;
};

/* Goes through the files of a world in their order. */
struct renderer {
	const struct world *world;
	bool with_times; /* else what lifecycle.ttl fills in is left out */
	size_t file, document; /* the next ones */
};

/* The next file into *out, which lives in a; false behind the last one. */
bool rendering_next(struct arena *a, struct renderer *r, struct rendering *out);

/* The whole file as it would be. */
void rendering_text(struct buf *out, const struct rendering *r);

/* The first part that was written anew; NULL when there is none. */
const struct rendering_part *rendering_rewritten(const struct rendering *r);

/* Appends the documents of a part, a List's one by one. */
void rendering_documents(struct arena *a, const struct rendering_part *part,
			 struct json *array);

#endif
