/*
 * Additions to an author's text, gathered first and applied together: each
 * takes its place from the marks of the value that it is added to, so all are
 * made with the old text in view.
 *
 * Children before their parent: of two additions in one place the one that was
 * made first comes first.
 */
#ifndef CLI_TEXT_CHANGE_H
#define CLI_TEXT_CHANGE_H

#include "cli/text_place.h"
#include "lib/error.h"

struct change {
	size_t at, remove; /* bytes of the old text */
	struct str text;
	size_t order; /* in which they were made */
};

struct text_changes {
	struct arena *arena;
	struct text_place place;
	struct change *v;
	size_t n, cap;
	struct error *err; /* why something cannot be added */
};

/* What a value's parent says about its surroundings. */
struct text_around {
	bool flow;	     /* inside {} or [] */
	bool json;	     /* in JSON's manner */
	bool member;	     /* of a mapping */
	size_t indent;	     /* of the parent's keys, in spaces */
	struct json_mark at; /* of the key; of the value in a list */
};

/* Members or items, as lines behind the last one of the block collection v. */
int text_change_add_block(struct text_changes *c, const struct json *v,
			  const struct json *added) MUST_CHECK;

/* The same before the closing bracket of the flow collection v. */
int text_change_add_flow(struct text_changes *c, const struct json *v,
			 const struct json *added, bool json) MUST_CHECK;

/* A value where null stands: "null", "~" or nothing at all. */
int text_change_replace_null(struct text_changes *c, const struct json *written,
			     const struct json *wanted,
			     const struct text_around *around) MUST_CHECK;

/* Of the block collection v; 0 when it cannot be told. */
size_t text_change_indent(struct text_changes *c, const struct json *v);

bool text_change_is_quoted(struct text_changes *c, struct json_mark at);

/* -1, with why and where. */
int text_change_refuse(struct text_changes *c, struct json_mark at,
		       const char *why);

/* The new text into *out; left alone when there are no changes. */
int text_change_apply(struct text_changes *c, struct str *out) MUST_CHECK;

#endif
