/* What the terminal that results go to can show. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include "lib/base.h"

/* The choices of --color, in the order of the option's names. */
enum terminal_color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
extern const char *const terminal_color_names[]; /* ended by NULL */

/* Auto: standard output is a terminal, and NO_COLOR is not set. */
bool terminal_wants_color(enum terminal_color choice);

/* Columns of the terminal that standard output is; 0: it is none. */
unsigned terminal_width(void);

#endif
