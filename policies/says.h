/*
 * The parts of a finding's message that many rules need: how a value that was
 * found is told, how names are listed. Long and unprintable text is tamed:
 * it comes from the object that is refused.
 */
#ifndef POLICIES_SAYS_H
#define POLICIES_SAYS_H

#include "lib/decode.h"
#include "lib/json.h"

/* "is not set", `is "runc"`, "is 5", "is a list". */
struct str says_is(struct arena *a, const struct json *v);

/* In double quotes, cut after some hundred bytes. */
struct str says_quoted(struct arena *a, struct str s);

/* "a, b and 3 more"; "" when there is none. Empty names are left out. */
struct str says_names(struct arena *a, const struct strs *names);

/* "gvisor", or "one of kata-qemu, kata-clh". */
struct str says_one_of(struct arena *a, const struct strs *names);

#endif
