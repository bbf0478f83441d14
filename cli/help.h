/* Help texts, made from the verb and option tables. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stdio.h>

#include "cli/verb.h"

/* Just --help, for verbs without the shared options. */
extern const struct option help_options[];

void help_program(FILE *out);
void help_verb(FILE *out, const struct verb *verb);

#endif
