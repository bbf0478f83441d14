/*
 * Two texts line by line, as a unified diff that patch -p1 and git apply take:
 * three lines of context, a/ and b/ before the path.
 *
 * The shortest script (Myers) up to DIFF_STEPS_MAX changed lines; with more of
 * them it is put together from such pieces, right but not always the shortest.
 */
#ifndef CLI_TEXT_DIFF_H
#define CLI_TEXT_DIFF_H

#include "lib/arena.h"
#include "lib/buf.h"

enum { DIFF_STEPS_MAX = 1000 };

/* Appends to out; nothing, and false, when the texts are the same. */
bool text_diff(struct arena *a, struct buf *out, struct str path,
	       struct str before, struct str after, bool color);

#endif
