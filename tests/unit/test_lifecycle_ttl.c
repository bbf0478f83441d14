/* policies/rules/lifecycle_ttl.c: what happens to an object that exists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/duration.h"
#include "lib/json_read.h"
#include "policies/lifetime.h"
#include "policies/rules/all.h"

enum { HOUR = 3600 };

/* 2026-11-21T06:00:00Z; the objects were created an hour earlier. */
static const int64_t now = 1795240800;

#define META "\"metadata\":{\"creationTimestamp\":\"2026-11-21T05:00:00Z\"}"

struct scene {
	struct arena arena;
	struct tier tier;
	struct subject subject;
	struct target target;
	struct json object, old_object;
	struct json_edit edit;
	struct verdict verdict;
};

static struct json read_json(struct arena *a, const char *text)
{
	struct error err = ERROR_INIT;
	struct json doc = json_missing;

	if (text && json_read(a, str_of(text), 0, NULL, &doc, &err) < 0)
		fail_msg("%s", err.msg);
	return doc;
}

/* An UPDATE from old_text to text under a tier of default 1h, max 8h. */
static void set_up(struct scene *s, const char *old_text, const char *text)
{
	*s = (struct scene){ .arena = ARENA_INIT };
	s->object = read_json(&s->arena, text);
	s->old_object = read_json(&s->arena, old_text);
	s->tier.lifecycle.ttl_default = HOUR * DURATION_SECOND;
	s->tier.lifecycle.ttl_max = 8 * HOUR * DURATION_SECOND;
	s->edit = json_edit_start(&s->arena, &s->object);
	s->subject = (struct subject){ .operation = OPERATION_UPDATE,
				       .object = &s->object,
				       .old_object = &s->old_object };
	s->target = (struct target){ .arena = &s->arena,
				     .subject = &s->subject,
				     .tier = &s->tier,
				     .now = now,
				     .kind = SUBJECT_SANDBOX,
				     .object = &s->object };
}

static void an_absent_time_is_found_again(void **state)
{
	static const struct {
		const char *old_object, *object;
		const char *want; /* "": not set */
	} rows[] = {
		/* the old object's, word for word */
		{ "{" META ",\"spec\":{\"shutdownTime\":"
		  "\"2026-11-21T08:00:00+01:00\"}}",
		  "{" META ",\"spec\":{}}", "2026-11-21T08:00:00+01:00" },
		{ "{" META ",\"spec\":{\"shutdownTime\":"
		  "\"2026-11-21T05:30:00Z\"}}",
		  "{" META ",\"spec\":{\"shutdownTime\":null}}",
		  "2026-11-21T05:30:00Z" },
		/* else from the creation, whatever the time is now */
		{ "{" META "}", "{" META ",\"spec\":{}}",
		  "2026-11-21T06:00:00Z" },
		{ "{" META ",\"spec\":{\"shutdownTime\":7}}",
		  "{" META ",\"spec\":{}}", "2026-11-21T06:00:00Z" },
		{ "{" META "}", "{\"spec\":{}}", "2026-11-21T06:00:00Z" },
		{ "{" META "}",
		  "{\"metadata\":{\"annotations\":{\"bulkhead.dev/ttl\":"
		  "\"2h\"}}}",
		  "2026-11-21T07:00:00Z" },
		/* a creation that cannot be is now */
		{ "{}", "{}", "2026-11-21T07:00:00Z" },
		{ "{}",
		  "{\"metadata\":{\"creationTimestamp\":"
		  "\"9999-12-31T23:59:59Z\"}}",
		  "2026-11-21T07:00:00Z" },
		{ "{}", "{\"metadata\":{\"creationTimestamp\":\"never\"}}",
		  "2026-11-21T07:00:00Z" },
		/* what is written stays */
		{ "{" META ",\"spec\":{\"shutdownTime\":"
		  "\"2026-11-21T08:00:00Z\"}}",
		  "{" META ",\"spec\":{\"shutdownTime\":"
		  "\"2026-11-21T09:00:00Z\"}}",
		  "2026-11-21T09:00:00Z" },
		/* a wish that is refused fills nothing */
		{ "{" META "}",
		  "{\"metadata\":{\"annotations\":{\"bulkhead.dev/ttl\":"
		  "\"9h\"}}}",
		  "" },
		{ "{" META "}",
		  "{\"metadata\":{\"annotations\":{\"bulkhead.dev/ttl\":"
		  "{}}}}",
		  "" },
		{ "{" META "}",
		  "{\"metadata\":{\"deletionTimestamp\":"
		  "\"2026-11-21T05:59:00Z\"}}",
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene s;
		struct fill f = { &s.target, &rule_lifecycle_ttl, &s.edit,
				  &s.verdict };
		struct str got;

		set_up(&s, rows[i].old_object, rows[i].object);
		rule_lifecycle_ttl.fill(&f);
		got = json_str(json_at(&s.edit.root, "spec", "shutdownTime"));
		if (!str_is(got, rows[i].want))
			fail_msg("row %zu: %.*s, wanted %s", i, STR_ARG(got),
				 rows[i].want);
		arena_release(&s.arena);
	}
}

#define CLAIM_META(annotations)                                                \
	"\"metadata\":{\"creationTimestamp\":\"2026-11-21T05:00:00Z\","        \
	"\"annotations\":{" annotations "}}"
#define STAMP(time) "\"bulkhead.dev/expires-at\":\"" time "\""

/* The first release of v1alpha1 drops the field and keeps the annotation. */
static void an_older_claim_is_stamped(void **state)
{
	static const struct {
		const char *version, *old_object, *object;
		const char *field, *stamp; /* "": not set */
	} rows[] = {
		/* dropped before: the stamp goes on */
		{ "v1alpha1", "{" CLAIM_META(STAMP("2026-11-21T05:30:00Z")) "}",
		  "{" CLAIM_META(STAMP("2026-11-21T05:30:00Z")) "}",
		  "2026-11-21T05:30:00Z", "2026-11-21T05:30:00Z" },
		/* ... and comes back */
		{ "v1alpha1", "{" CLAIM_META(STAMP("2026-11-21T05:30:00Z")) "}",
		  "{" META "}", "2026-11-21T05:30:00Z",
		  "2026-11-21T05:30:00Z" },
		{ "v1alpha1", "{" CLAIM_META(STAMP("soon")) "}",
		  "{" CLAIM_META(STAMP("2026-11-21T08:00:00Z")) "}", "soon",
		  "2026-11-21T08:00:00Z" },
		{ "v1alpha1", "{}", "{" META "}", "2026-11-21T06:00:00Z",
		  "2026-11-21T06:00:00Z" },
		/* kept: the field goes on, and needs no stamp */
		{ "v1alpha1",
		  "{\"spec\":{\"lifecycle\":{\"shutdownTime\":\"x\"}}}",
		  "{\"spec\":{\"lifecycle\":{\"shutdownTime\":\"x\"}}}", "x",
		  "" },
		{ "v1alpha1",
		  "{" CLAIM_META(STAMP("old")) ",\"spec\":{\"lifecycle\":{"
					       "\"shutdownTime\":\"x\"}}}",
		  "{" META "}", "x", "x" },
		/* later versions have the field */
		{ "v1beta1", "{" CLAIM_META(STAMP("2026-11-21T05:30:00Z")) "}",
		  "{" META "}", "2026-11-21T06:00:00Z", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene s;
		struct fill f = { &s.target, &rule_lifecycle_ttl, &s.edit,
				  &s.verdict };
		struct str field, stamp;

		set_up(&s, rows[i].old_object, rows[i].object);
		s.subject.version = str_of(rows[i].version);
		s.target.kind = SUBJECT_CLAIM;
		rule_lifecycle_ttl.fill(&f);
		field = json_str(json_at(&s.edit.root, "spec", "lifecycle",
					 "shutdownTime"));
		stamp = json_str(path_get(&s.edit.root, &lifetime_stamp));
		if (!str_is(field, rows[i].field) ||
		    !str_is(stamp, rows[i].stamp))
			fail_msg("row %zu: %.*s, %.*s", i, STR_ARG(field),
				 STR_ARG(stamp));
		arena_release(&s.arena);
	}
}

static void the_maximum_counts_from_the_creation(void **state)
{
	static const struct {
		const char *time;
		bool refused;
	} rows[] = {
		{ "2026-11-21T13:00:00Z", false },
		{ "2026-11-21T13:01:00Z", false }, /* clocks differ */
		{ "2026-11-21T13:01:01Z", true },
		{ "2026-11-21T14:00:00Z", true },
		{ "2026-11-21T05:30:00Z", false }, /* past, but it exists */
		{ "later", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene s;
		struct check c = { &s.target, &rule_lifecycle_ttl, &s.verdict,
				   ACTION_DENY };
		char text[256];

		snprintf(text, sizeof(text),
			 "{" META ",\"spec\":{\"shutdownTime\":\"%s\"}}",
			 rows[i].time);
		set_up(&s, "{" META "}", text);
		rule_lifecycle_ttl.check(&c);
		if (s.verdict.n_findings != rows[i].refused)
			fail_msg("%s: %zu findings", rows[i].time,
				 s.verdict.n_findings);
		if (rows[i].refused)
			assert_true(str_find_str(s.verdict.findings[0].wanted,
						 STR("2026-11-21T13:00:00Z")) <
				    s.verdict.findings[0].wanted.n);
		arena_release(&s.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_absent_time_is_found_again),
		cmocka_unit_test(an_older_claim_is_stamped),
		cmocka_unit_test(the_maximum_counts_from_the_creation),
	};

	return cmocka_run_group_tests_name("policies/rules/lifecycle_ttl.c",
					   tests, NULL, NULL)
		       ? 1
		       : 0;
}
