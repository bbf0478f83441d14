/*
 * A team's own tests of its policy (kind PolicyTest, bulkhead.dev/v1alpha1):
 * objects, and what is expected of them. Files end in ".test.yaml" and may hold
 * several documents; paths in them are relative to the file.
 */
#ifndef CLI_POLICY_TEST_H
#define CLI_POLICY_TEST_H

#include "lib/decode.h"
#include "lib/option.h"
#include "policies/team_path.h"
#include "policies/tier.h"

enum expected_verdict { EXPECTED_PASS, EXPECTED_WARN, EXPECTED_DENY };
extern const char *const expected_verdict_names[];

/* A value that must have been filled in. */
struct expected_fill {
	struct str text; /* the path, for messages */
	struct team_path *path;
	const struct json *value; /* NULL: any */
};

struct expectation {
	int verdict;	   /* enum expected_verdict */
	struct strs rules; /* ids of what is denied or warned, exactly */
	bool has_rules;
	struct str tier;	    /* of every governed object; empty: any */
	struct decoded_list filled; /* struct expected_fill */
	struct pattern *message;    /* of one finding; NULL: any */
};

struct policy_case {
	struct str name;
	const struct json *objects; /* file names, or objects */
	struct expectation expect;
};

struct policy_test {
	struct str path, folder; /* of the file; where its paths begin */
	struct str tiers;	 /* as written; empty: the shipped ones */
	const struct json *cluster_objects; /* file names, or objects */
	struct texts namespace_labels;
	struct str now;
	struct decoded_list cases; /* struct policy_case */
};

struct policy_tests {
	struct arena *arena;
	struct policy_test *v;
	size_t n, cap;
	struct patterns patterns; /* compiled: policy_tests_release */
};

void policy_tests_release(struct policy_tests *tests);

/* Adds the tests of one file. ERR_INPUT with file, line, column and field. */
int policy_tests_read(struct policy_tests *tests, struct str path,
		      struct error *err) MUST_CHECK;

#endif
