/*
 * Completion scripts, made from the tables of verbs and options: verbs,
 * options, the choices of options, files where files are wanted.
 */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include "cli/verb.h"

void completion_bash(struct buf *out);
void completion_zsh(struct buf *out);

/* The option's argument is a file or a folder. */
bool completion_wants_path(const struct option *o);

#endif
