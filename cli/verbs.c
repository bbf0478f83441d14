/* The table of verbs, in the order of the help text. */
#include "cli/verbs/all.h"

const struct verb *const verbs[] = {
	&verb_check, &verb_render, &verb_diff,	&verb_explain,
	&verb_tiers, &verb_rules,  &verb_test,	&verb_review,
	&verb_fn,    &verb_doctor, &verb_certs, &verb_completion,
	&verb_man,   NULL,
};
