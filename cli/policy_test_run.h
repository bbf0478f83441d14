/* Running a PolicyTest: each case is a world of its own. */
#ifndef CLI_POLICY_TEST_RUN_H
#define CLI_POLICY_TEST_RUN_H

#include "cli/policy_test.h"
#include "cli/verb.h"
#include "policies/snapshot.h"

/*
 * The policy that the test names, for all its cases; ERR_CONFIG when it cannot
 * be loaded.
 */
int policy_test_load(struct arena *a, const struct policy_test *t,
		     struct snapshot **out, struct error *err) MUST_CHECK;

/*
 * What was not as expected, a line each; none: passed. ERR_INPUT when an object
 * cannot be read (told to standard error) or the surroundings are wrong.
 */
int policy_case_run(struct arena *a, const struct policy_test *t,
		    const struct policy_case *c, struct snapshot *set,
		    struct texts *complaints, struct error *err) MUST_CHECK;

#endif
