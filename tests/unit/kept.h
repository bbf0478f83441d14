/*
 * For the tests of what is kept of an object: documents of YAML, the whole one
 * and what is left of it.
 */
#ifndef TESTS_UNIT_KEPT_H
#define TESTS_UNIT_KEPT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/json_write.h"
#include "tests/unit/load.h"

/* What every object of the API may have and no rule reads. */
#define NOISE_OF_METADATA                                                      \
	", finalizers: [f], managedFields: [{manager: m}], selfLink: s, "      \
	"generateName: g, deletionGracePeriodSeconds: 30"
#define NOISE_OF_ANNOTATIONS                                                   \
	"kubectl.kubernetes.io/last-applied-configuration: '{}', "             \
	"agents.x-k8s.io: one, bulkhead.dev/other: two"

/* True when it is so; nothing of the whole may be borrowed. */
static bool is_kept(void (*keep)(struct arena *a, const struct json *doc,
				 struct json *out),
		    const char *whole, const char *want)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct arena scratch = ARENA_INIT;
	const struct json *wanted = load_json(&a, want);
	struct json out;
	bool same;

	keep(&a, load_json(&scratch, whole), &out);
	arena_release(&scratch);
	same = json_equal(&out, wanted);
	if (!same)
		print_error("kept %s,\nwanted %s\n", json_to_str(&a, &out).p,
			    json_to_str(&a, wanted).p);
	return same;
}

#endif
