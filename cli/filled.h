/*
 * A filled object as it can be kept in a file: without the values that hold
 * only from the moment of judging on (a shutdown time counted from now), unless
 * --now says which moment is meant.
 */
#ifndef CLI_FILLED_H
#define CLI_FILLED_H

#include "cli/world.h"

/* This fill is left out of files. */
bool filled_passes(const struct world *w, const struct filled *f);

/* Shares with the judgement; the document as judged when nothing is kept. */
struct json filled_lasting(struct arena *a, const struct world *w,
			   const struct judgement *j);

#endif
