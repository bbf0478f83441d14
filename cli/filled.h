/*
 * A filled object as it can be kept in a file: without the values that hold
 * only from the moment of judging on (a shutdown time counted from now).
 */
#ifndef CLI_FILLED_H
#define CLI_FILLED_H

#include "cli/world.h"

/* It is counted from the moment of judging. */
bool filled_is_time(const struct filled *f);

/* Shares with the judgement; as filled when nothing is to be left out. */
struct json filled_without_times(struct arena *a, const struct judgement *j);

#endif
