/* lib/decode.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/decode.h"
#include "lib/duration.h"
#include "lib/json_read.h"
#include "lib/quantity.h"

struct rule {
	struct str id;
	int64_t weight;
};

struct egress {
	int mode;
	struct strs allow;
};

struct tier {
	struct str name;
	bool dry;
	int64_t strength;
	struct quantity cpu;
	int64_t ttl;
	int64_t expires;
	const struct json *selector;
	struct egress egress;
	struct decoded_list rules;
};

static const char *const modes[] = { "None", "AllowList", "Internet", NULL };

static const struct decode_range strengths = { 0, 1000 };

static const struct field egress_fields[] = {
	FIELD(struct egress, mode, "mode", decode_enum, .required = true,
	      .param = modes),
	FIELD(struct egress, allow, "allow", decode_strs),
	FIELD_END,
};

static const struct field rule_fields[] = {
	FIELD(struct rule, id, "id", decode_str, .required = true),
	FIELD(struct rule, weight, "weight", decode_int),
	FIELD_END,
};

static const struct decode_list rule_list = { .fields = rule_fields,
					      .size = sizeof(struct rule),
					      .key = "id" };

static const struct field tier_fields[] = {
	FIELD(struct tier, name, "name", decode_str, .required = true),
	FIELD(struct tier, dry, "dryRun", decode_bool),
	FIELD(struct tier, strength, "strength", decode_int,
	      .param = &strengths),
	FIELD(struct tier, cpu, "cpu", decode_quantity),
	FIELD(struct tier, ttl, "ttl", decode_duration),
	FIELD(struct tier, expires, "expiresAt", decode_time),
	FIELD(struct tier, selector, "selector", decode_json),
	FIELD(struct tier, egress, "egress", decode_struct,
	      .param = egress_fields),
	FIELD(struct tier, rules, "rules", decode_list, .param = &rule_list),
	FIELD_END,
};

static struct json parse(struct arena *a, const char *text)
{
	struct error err = ERROR_INIT;
	struct json doc;

	if (json_read(a, str_of(text), JSON_READ_MARKS, NULL, &doc, &err) < 0)
		fail_msg("%s: %s", text, err.msg);
	return doc;
}

static void every_field_finds_its_place(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct json doc = parse(
		&a, "{\"name\":\"gvisor\",\"dryRun\":true,\"strength\":200,"
		    "\"cpu\":\"500m\",\"ttl\":\"90m\","
		    "\"expiresAt\":\"1970-01-02T00:00:00Z\","
		    "\"selector\":{\"a\":1},"
		    "\"egress\":{\"mode\":\"AllowList\","
		    "\"allow\":[\"x\",\"y\"]},"
		    "\"rules\":[{\"id\":\"r1\",\"weight\":-3},"
		    "{\"id\":\"r2\"}]}");
	struct decode d = DECODE_INIT(&a);
	struct tier t = { .strength = 1 };
	struct error err = ERROR_INIT;
	const struct rule *rules;

	(void)state;
	decode_object(&d, &doc, NULL, tier_fields, &t);
	assert_int_equal(decode_finish(&d, ERR_CONFIG, &err), 0);
	assert_true(str_is(t.name, "gvisor"));
	assert_true(t.dry);
	assert_int_equal(t.strength, 200);
	assert_true(t.cpu.nano == 500000000);
	assert_int_equal(t.ttl, 5400 * DURATION_SECOND);
	assert_int_equal(t.expires, 86400);
	assert_int_equal(json_len(t.selector), 1);
	assert_int_equal(t.egress.mode, 1);
	assert_int_equal(t.egress.allow.n, 2);
	assert_true(str_is(t.egress.allow.v[1], "y"));
	assert_int_equal(t.rules.n, 2);
	rules = t.rules.v;
	assert_true(str_is(rules[1].id, "r2"));
	assert_int_equal(rules[0].weight, -3);
	assert_int_equal(rules[1].weight, 0);
}

static void null_and_absent_leave_the_default(void **state)
{
	static const char *const rows[] = {
		"{\"name\":\"x\"}",
		"{\"name\":\"x\",\"strength\":null,\"egress\":null,"
		"\"rules\":null}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct json doc = parse(&a, rows[i]);
		struct decode d = DECODE_INIT(&a);
		struct tier t = { .strength = 7, .egress.mode = 2 };
		struct error err = ERROR_INIT;

		decode_object(&d, &doc, NULL, tier_fields, &t);
		assert_int_equal(decode_finish(&d, ERR_CONFIG, &err), 0);
		assert_int_equal(t.strength, 7);
		assert_int_equal(t.egress.mode, 2);
	}
}

static void problems_say_what_was_found_and_what_is_wanted(void **state)
{
	static const struct {
		const char *text, *want;
		uint32_t column;
	} rows[] = {
		{ "{\"name\":\"x\",\"egres\":{}}",
		  "egres: unknown field \"egres\", did you mean \"egress\"?",
		  13 },
		{ "{\"name\":\"x\",\"Strength\":1}",
		  "Strength: unknown field \"Strength\", did you mean "
		  "\"strength\"?",
		  13 },
		{ "{\"name\":\"x\",\"network\":{}}",
		  "network: unknown field \"network\"", 13 },
		{ "{\"name\":\"x\",\"egress\":{\"mode\":\"None\","
		  "\"blockPrivate\":true}}",
		  "egress.blockPrivate: unknown field \"blockPrivate\", want "
		  "mode or allow",
		  37 },
		{ "{\"name\":\"x\",\"egress\":{}}", "egress.mode: is missing",
		  22 },
		{ "{}", "name: is missing", 1 },
		{ "{\"name\":null}", "name: is missing", 1 },
		{ "null", "name: is missing", 1 },
		{ "[]", "found array, want an object", 1 },
		{ "{\"name\":5}",
		  "name: found number 5, want a string: put it in quotes", 9 },
		{ "{\"name\":true}",
		  "name: found true, want a string: put it in quotes", 9 },
		{ "{\"name\":{}}", "name: found object, want a string", 9 },
		{ "{\"name\":\"x\",\"dryRun\":\"yes\"}",
		  "dryRun: found string \"yes\", want true or false", 22 },
		{ "{\"name\":\"x\",\"strength\":\"5\"}",
		  "strength: found string \"5\", want a whole number", 24 },
		{ "{\"name\":\"x\",\"strength\":1.5}",
		  "strength: found number 1.5, want a whole number", 24 },
		{ "{\"name\":\"x\",\"strength\":1001}",
		  "strength: found number 1001, want 0 to 1000", 24 },
		{ "{\"name\":\"x\",\"strength\":-1}",
		  "strength: found number -1, want 0 to 1000", 24 },
		{ "{\"name\":\"x\",\"cpu\":[]}",
		  "cpu: found array, want a quantity such as \"500m\"", 19 },
		{ "{\"name\":\"x\",\"cpu\":\"-1\"}",
		  "cpu: found string \"-1\", want none below zero", 19 },
		{ "{\"name\":\"x\",\"ttl\":90}",
		  "ttl: found number 90, want a duration such as \"90m\"", 19 },
		{ "{\"name\":\"x\",\"ttl\":\"-1h\"}",
		  "ttl: found string \"-1h\", want none below zero", 19 },
		{ "{\"name\":\"x\",\"expiresAt\":5}",
		  "expiresAt: found number 5, want a time such as "
		  "\"2026-11-21T06:00:00Z\"",
		  25 },
		{ "{\"name\":\"x\",\"egress\":{\"mode\":\"allowlist\"}}",
		  "egress.mode: found string \"allowlist\", want None, "
		  "AllowList or Internet; did you mean \"AllowList\"?",
		  30 },
		{ "{\"name\":\"x\",\"egress\":{\"mode\":4}}",
		  "egress.mode: found number 4, want None, AllowList or "
		  "Internet",
		  30 },
		{ "{\"name\":\"x\",\"egress\":{\"mode\":\"None\","
		  "\"allow\":[\"a\",1]}}",
		  "egress.allow[1]: found number 1, want a string: put it in "
		  "quotes",
		  50 },
		{ "{\"name\":\"x\",\"rules\":{}}",
		  "rules: found object, want a list of objects", 21 },
		{ "{\"name\":\"x\",\"rules\":[null]}",
		  "rules[0]: found null, want an object", 22 },
		{ "{\"name\":\"x\",\"rules\":[{\"weight\":1}]}",
		  "rules[0].id: is missing", 22 },
		{ "{\"name\":\"x\",\"rules\":[{\"id\":\"a\"},{\"id\":\"a\"}"
		  "]}",
		  "rules[1].id: found string \"a\", want another id than in "
		  "line 1",
		  39 },
		{ "{\"nam\":1,\"dryRun\":2}",
		  "nam: unknown field \"nam\", did you mean \"name\"? (and 2 "
		  "more problems)",
		  2 },
		{ "{\"dryRun\":2}",
		  "dryRun: found number 2, want true or false (and 1 more "
		  "problem)",
		  11 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct json doc = parse(&a, rows[i].text);
		struct decode d = DECODE_INIT(&a);
		struct tier t = { .strength = 0 };
		struct error err = ERROR_INIT;

		decode_object(&d, &doc, NULL, tier_fields, &t);
		assert_int_equal(decode_finish(&d, ERR_CONFIG, &err), -1);
		assert_int_equal(err.code, ERR_CONFIG);
		assert_string_equal(err.msg, rows[i].want);
		assert_int_equal(err.line, 1);
		assert_int_equal(err.column, rows[i].column);
	}
}

static void what_a_text_parser_says_is_passed_on(void **state)
{
	static const char *const rows[] = {
		"{\"name\":\"x\",\"cpu\":\"5 apples\"}",
		"{\"name\":\"x\",\"ttl\":\"5 apples\"}",
		"{\"name\":\"x\",\"expiresAt\":\"5 apples\"}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct json doc = parse(&a, rows[i]);
		struct decode d = DECODE_INIT(&a);
		struct tier t = { .strength = 0 };

		decode_object(&d, &doc, NULL, tier_fields, &t);
		assert_int_equal(d.n_problems, 1);
		assert_true(d.problems[0].msg.n > 0);
		assert_int_equal(t.cpu.set, false);
		assert_int_equal(t.ttl, 0);
		assert_int_equal(t.expires, 0);
	}
}

static void an_absent_value_is_reported_where_it_would_stand(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct json doc = parse(&a, "{\"spec\":{\"egress\":{}}}");
	const struct path spec = PATH_KEY(NULL, "spec");
	const struct path egress = PATH_KEY(&spec, "egress");
	const struct path dns = PATH_KEY(&egress, "dns");
	struct decode d = DECODE_INIT(&a);

	(void)state;
	decode_problem(&d, &json_missing, &dns, "want one");
	assert_int_equal(d.problems[0].at.line, 0);
	d.root = &doc;
	decode_problem(&d, &json_missing, &dns, "want %s", "one");
	assert_int_equal(d.problems[1].at.column, 19);
	assert_true(str_is(d.problems[1].path, "spec.egress.dns"));
	assert_true(str_is(d.problems[1].msg, "want one"));
}

static void problems_beyond_the_maximum_are_counted(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct json doc = parse(&a, "5");
	struct decode d = DECODE_INIT(&a);
	struct error err = ERROR_INIT;

	(void)state;
	for (int i = 0; i < 50; i++)
		decode_problem(&d, &doc, NULL, "bad\nline");
	assert_int_equal(d.n_problems, DECODE_PROBLEMS_MAX);
	assert_int_equal(d.dropped, 50 - DECODE_PROBLEMS_MAX);
	assert_int_equal(decode_finish(&d, ERR_INPUT, &err), -1);
	assert_string_equal(err.msg, "bad line (and 49 more problems)");
}

static void a_long_text_is_quoted_in_part(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	char text[1000];
	struct json v;

	(void)state;
	memset(text, 'x', sizeof(text));
	v = json_make_string((struct str){ text, sizeof(text) });
	assert_true(decode_found(&a, &v).n < 110);
	assert_true(str_ends(decode_found(&a, &v), STR("xxx...\"")));
}

static void the_nearest_name_is_one_that_may_be_meant(void **state)
{
	static const char *const names[] = {
		"ttl", "max", "mode", "egress", "runtimeClassName", NULL
	};
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "egres", "egress" },
		{ "ergess", "egress" },
		{ "EGRESS", "egress" },
		{ "runtimeclassname", "runtimeClassName" },
		{ "runtimeClasName", "runtimeClassName" },
		{ "runtimeClass", NULL },
		{ "tl", "ttl" },
		{ "min", NULL },
		{ "m", NULL },
		{ "", NULL },
		{ "node", "mode" },
		{ "ingress", "egress" },
		{ "somethingElse", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *found = decode_nearest(str_of(rows[i].text), names);

		if (!rows[i].want)
			assert_null(found);
		else
			assert_string_equal(found ? found : "none",
					    rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_finds_its_place),
		cmocka_unit_test(null_and_absent_leave_the_default),
		cmocka_unit_test(
			problems_say_what_was_found_and_what_is_wanted),
		cmocka_unit_test(what_a_text_parser_says_is_passed_on),
		cmocka_unit_test(
			an_absent_value_is_reported_where_it_would_stand),
		cmocka_unit_test(problems_beyond_the_maximum_are_counted),
		cmocka_unit_test(a_long_text_is_quoted_in_part),
		cmocka_unit_test(the_nearest_name_is_one_that_may_be_meant),
	};

	return cmocka_run_group_tests_name("lib/decode.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
