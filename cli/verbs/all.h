/* Every verb by name; the order of the help text stands in verbs.c. */
#ifndef CLI_VERBS_ALL_H
#define CLI_VERBS_ALL_H

#include "cli/verb.h"

extern const struct verb verb_check;
extern const struct verb verb_render;
extern const struct verb verb_diff;
extern const struct verb verb_explain;
extern const struct verb verb_tiers;
extern const struct verb verb_rules;
extern const struct verb verb_review;
extern const struct verb verb_test;
extern const struct verb verb_fn;
extern const struct verb verb_doctor;
extern const struct verb verb_certs;
extern const struct verb verb_completion;
extern const struct verb verb_man;

#endif
