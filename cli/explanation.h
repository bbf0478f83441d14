/*
 * A judgement in full: the steps to the tier, and the word of every rule of the
 * table, also of those that had nothing to say. The order is that of the table;
 * nothing depends on time or addresses.
 */
#ifndef CLI_EXPLANATION_H
#define CLI_EXPLANATION_H

#include "cli/world.h"
#include "lib/buf.h"

void explanation_text(struct arena *a, struct buf *out,
		      const struct judgement *j);

struct json explanation_json(struct arena *a, const struct judgement *j);

#endif
