/* lib/json_patch.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/json_diff.h"
#include "lib/json_read.h"

static struct json parse(struct arena *a, const char *text)
{
	struct error err = ERROR_INIT;
	struct json doc;

	if (json_read(a, str_of(text), 0, NULL, &doc, &err) < 0)
		fail_msg("%s: %s", text, err.msg);
	return doc;
}

/* Operations in single quotes, for the eye. */
static struct json parse_quoted(struct arena *a, const char *text)
{
	struct str copy = arena_str(a, str_of(text));
	char *p = arena_raw(a, copy.n + 1, 1);

	memcpy(p, copy.p, copy.n + 1);
	for (size_t i = 0; i < copy.n; i++)
		if (p[i] == '\'')
			p[i] = '"';
	return parse(a, p);
}

static void operations_apply_as_the_standard_says(void **state)
{
	static const struct {
		const char *doc, *patch, *want;
	} rows[] = {
		/* RFC 6902, appendix A */
		{ "{'foo':'bar'}", "[{'op':'add','path':'/baz','value':'qux'}]",
		  "{'baz':'qux','foo':'bar'}" },
		{ "{'foo':['bar','baz']}",
		  "[{'op':'add','path':'/foo/1','value':'qux'}]",
		  "{'foo':['bar','qux','baz']}" },
		{ "{'baz':'qux','foo':'bar'}",
		  "[{'op':'remove','path':'/baz'}]", "{'foo':'bar'}" },
		{ "{'foo':['bar','qux','baz']}",
		  "[{'op':'remove','path':'/foo/1'}]",
		  "{'foo':['bar','baz']}" },
		{ "{'baz':'qux','foo':'bar'}",
		  "[{'op':'replace','path':'/baz','value':'boo'}]",
		  "{'baz':'boo','foo':'bar'}" },
		{ "{'foo':{'bar':'baz','waldo':'fred'},"
		  "'qux':{'corge':'grault'}}",
		  "[{'op':'move','from':'/foo/waldo','path':'/qux/thud'}]",
		  "{'foo':{'bar':'baz'},"
		  "'qux':{'corge':'grault','thud':'fred'}}" },
		{ "{'foo':['all','grass','cows','eat']}",
		  "[{'op':'move','from':'/foo/1','path':'/foo/3'}]",
		  "{'foo':['all','cows','eat','grass']}" },
		{ "{'baz':'qux','foo':['a',2,'c']}",
		  "[{'op':'test','path':'/baz','value':'qux'},"
		  "{'op':'test','path':'/foo/1','value':2}]",
		  "{'baz':'qux','foo':['a',2,'c']}" },
		{ "{'foo':'bar'}",
		  "[{'op':'add','path':'/child','value':{'grandchild':{}}}]",
		  "{'foo':'bar','child':{'grandchild':{}}}" },
		{ "{'foo':'bar'}",
		  "[{'op':'add','path':'/baz','value':'qux','xyz':123}]",
		  "{'foo':'bar','baz':'qux'}" },
		{ "{'/':9,'~1':10}", "[{'op':'test','path':'/~01','value':10}]",
		  "{'/':9,'~1':10}" },
		{ "{'foo':['bar']}",
		  "[{'op':'add','path':'/foo/-','value':['abc','def']}]",
		  "{'foo':['bar',['abc','def']]}" },
		/* more */
		{ "{}", "[]", "{}" },
		{ "{'a':1}", "[{'op':'add','path':'','value':[1]}]", "[1]" },
		{ "{'a':1}", "[{'op':'replace','path':'','value':null}]",
		  "null" },
		{ "{'a':1}", "[{'op':'replace','path':'/a','value':null}]",
		  "{'a':null}" },
		{ "{'':1}", "[{'op':'remove','path':'/'}]", "{}" },
		{ "{'a':{'':{'':1}}}", "[{'op':'remove','path':'/a//'}]",
		  "{'a':{'':{}}}" },
		{ "[1,2]", "[{'op':'add','path':'/2','value':3}]", "[1,2,3]" },
		{ "{'-':1,'0':2,'01':3}",
		  "[{'op':'remove','path':'/-'},{'op':'remove','path':'/01'}]",
		  "{'0':2}" },
		{ "{'a':{'b':1}}", "[{'op':'move','from':'/a','path':'/a'}]",
		  "{'a':{'b':1}}" },
		{ "{'a':1,'ab':{}}",
		  "[{'op':'move','from':'/a','path':'/ab/a'}]",
		  "{'ab':{'a':1}}" },
		{ "{'a':{'b':{'c':1}}}",
		  "[{'op':'move','from':'/a/b','path':'/a'}]",
		  "{'a':{'c':1}}" },
		{ "{'a':{'b':1}}",
		  "[{'op':'copy','from':'/a','path':'/a/c'},"
		  "{'op':'replace','path':'/a/b','value':2}]",
		  "{'a':{'b':2,'c':{'b':1}}}" },
		{ "{'a':1}", "[{'op':'copy','from':'','path':'/b'}]",
		  "{'a':1,'b':{'a':1}}" },
		{ "{'a':[1,{'x':2}],'b':{'y':3,'z':4}}",
		  "[{'op':'test','path':'','value':"
		  "{'b':{'z':4,'y':3},'a':[1,{'x':2}]}}]",
		  "{'a':[1,{'x':2}],'b':{'y':3,'z':4}}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct json doc = parse_quoted(&a, rows[i].doc);
		const struct json patch = parse_quoted(&a, rows[i].patch);
		const struct json want = parse_quoted(&a, rows[i].want);
		const struct json again = parse_quoted(&a, rows[i].doc);
		struct error err = ERROR_INIT;
		struct json result;

		if (json_patch(&a, &doc, &patch, &result, &err) < 0)
			fail_msg("%s: %s", rows[i].patch, err.msg);
		if (!json_equal(&result, &want))
			fail_msg("%s gives not %s", rows[i].patch,
				 rows[i].want);
		assert_true(json_equal(&doc, &again));
	}
}

static void what_does_not_apply_is_refused(void **state)
{
	static const struct {
		const char *doc, *patch, *want;
	} rows[] = {
		/* RFC 6902, appendix A */
		{ "{'baz':'qux'}",
		  "[{'op':'test','path':'/baz','value':'bar'}]",
		  "operation 0: test: \"/baz\" is not what" },
		{ "{'foo':'bar'}",
		  "[{'op':'add','path':'/baz/bat','value':'qux'}]",
		  "operation 0: add: \"/baz/bat\" has a parent that is not" },
		{ "{'/':9,'~1':10}",
		  "[{'op':'test','path':'/~01','value':'10'}]",
		  "operation 0: test: \"/~01\" is not what" },
		/* the patch itself */
		{ "{}", "{}", "a patch is an array of operations, found obj" },
		{ "{}", "[1]", "operation 0: \"op\" is missing" },
		{ "{}", "[{'path':'/a'}]", "operation 0: \"op\" is missing" },
		{ "{}", "[{'op':'Add','path':'/a','value':1}]",
		  "operation 0: \"op\" is \"Add\", want add, " },
		{ "{}", "[{'op':'add','path':'/a'}]",
		  "operation 0: add: \"value\" is missing" },
		{ "{}", "[{'op':'add','value':1}]",
		  "operation 0: add: \"path\" is nothing, want a JSON" },
		{ "{}", "[{'op':'add','path':5,'value':1}]",
		  "operation 0: add: \"path\" is number" },
		{ "{'a':1}", "[{'op':'copy','path':'/b'}]",
		  "operation 0: copy: \"from\" is nothing" },
		{ "{'a':1}", "[{'op':'move','from':'/a','path':[]}]",
		  "operation 0: move: \"path\" is array" },
		/* pointers */
		{ "{'a':1}", "[{'op':'remove','path':'a'}]",
		  "operation 0: remove: \"a\" does not begin with" },
		{ "{'a~':1}", "[{'op':'remove','path':'/a~'}]",
		  "operation 0: remove: \"/a~\" has a \"~\"" },
		{ "{'a~2':1}", "[{'op':'remove','path':'/a~2'}]",
		  "operation 0: remove: \"/a~2\" has a \"~\"" },
		{ "{}", "[{'op':'add','path':'/a\\u0000','value':1}]",
		  "operation 0: add: \"/a\" has a key that holds a NUL" },
		{ "{'a':1}", "[{'op':'remove','path':'/b'}]",
		  "operation 0: remove: \"/b\" is not there" },
		{ "{'a':1}", "[{'op':'replace','path':'/b','value':1}]",
		  "operation 0: replace: \"/b\" is not there" },
		{ "{'a':1}", "[{'op':'test','path':'/b','value':null}]",
		  "operation 0: test: \"/b\" is not there" },
		{ "{'a':1}", "[{'op':'add','path':'/a/b','value':1}]",
		  "operation 0: add: \"/a/b\" has a parent that is neither" },
		{ "{'a':null}", "[{'op':'add','path':'/a/b','value':1}]",
		  "operation 0: add: \"/a/b\" has a parent that is neither" },
		/* arrays */
		{ "[1]", "[{'op':'add','path':'/2','value':1}]",
		  "operation 0: add: \"/2\" points beyond" },
		{ "[1]",
		  "[{'op':'add','path':'/99999999999999999999',"
		  "'value':1}]",
		  "operation 0: add: \"/99999999999999999999\" has no" },
		{ "[1,2]", "[{'op':'remove','path':'/01'}]",
		  "operation 0: remove: \"/01\" has no array index" },
		{ "[1,2]", "[{'op':'remove','path':'/+1'}]",
		  "operation 0: remove: \"/+1\" has no array index" },
		{ "[1,2]", "[{'op':'remove','path':'/-1'}]",
		  "operation 0: remove: \"/-1\" has no array index" },
		{ "[1,2]", "[{'op':'remove','path':'/'}]",
		  "operation 0: remove: \"/\" has no array index" },
		{ "[1,2]", "[{'op':'remove','path':'/1e0'}]",
		  "operation 0: remove: \"/1e0\" has no array index" },
		{ "[1,2]", "[{'op':'remove','path':'/-'}]",
		  "operation 0: remove: \"/-\" is not there" },
		{ "[1,2]", "[{'op':'replace','path':'/2','value':0}]",
		  "operation 0: replace: \"/2\" is not there" },
		{ "[[1]]", "[{'op':'add','path':'/-/0','value':0}]",
		  "operation 0: add: \"/-/0\" has a parent that is not" },
		/* move and remove */
		{ "{'a':{'b':{}}}",
		  "[{'op':'move','from':'/a','path':'/a/b/c'}]",
		  "operation 0: move: \"/a\" cannot move into itself" },
		{ "{'a':1}", "[{'op':'move','from':'','path':'/a'}]",
		  "operation 0: move: \"\" cannot move into itself" },
		{ "{'a':1}", "[{'op':'move','from':'/b','path':'/b'}]",
		  "operation 0: move: \"/b\" is not there" },
		{ "[1,2]", "[{'op':'move','from':'/0','path':'/2'}]",
		  "operation 0: move: \"/2\" points beyond" },
		{ "{'a':1}", "[{'op':'remove','path':''}]",
		  "operation 0: remove: the whole document cannot" },
		/* the index counts */
		{ "{'a':1}",
		  "[{'op':'remove','path':'/a'},{'op':'remove','path':'/a'}]",
		  "operation 1: remove: \"/a\" is not there" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct json doc = parse_quoted(&a, rows[i].doc);
		const struct json patch = parse_quoted(&a, rows[i].patch);
		const struct json again = parse_quoted(&a, rows[i].doc);
		struct error err = ERROR_INIT;
		struct json result;

		assert_int_equal(json_patch(&a, &doc, &patch, &result, &err),
				 -1);
		assert_int_equal(err.code, ERR_INPUT);
		if (!str_starts(str_of(err.msg), str_of(rows[i].want)))
			fail_msg("%s: found \"%s\", want \"%s\"", rows[i].patch,
				 err.msg, rows[i].want);
		assert_true(json_equal(&doc, &again));
	}
}

/* The standard's A.13 is caught before: a key that stands twice. */
static void an_operation_with_two_ops_cannot_be_read(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct json doc;

	(void)state;
	assert_int_equal(json_read(&a,
				   STR("[{\"op\":\"add\",\"path\":\"/baz\","
				       "\"value\":1,\"op\":\"remove\"}]"),
				   0, NULL, &doc, &err),
			 -1);
}

static void copies_cannot_grow_a_document_without_end(void **state)
{
	static const char *const operations[] = {
		"{'op':'copy','from':'','path':'/a'}",
		"{'op':'copy','from':'','path':'/-'}",
	};
	static const char *const docs[] = { "{'a':1}", "[1]" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(docs); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct json doc = parse_quoted(&a, docs[i]);
		const struct json op = parse_quoted(&a, operations[i]);
		struct json patch = json_make_array(), result;
		struct error err = ERROR_INIT;

		for (int n = 0; n < 200; n++)
			json_append(&a, &patch, op);
		assert_int_equal(json_patch(&a, &doc, &patch, &result, &err),
				 -1);
		assert_int_equal(err.code, ERR_LIMIT);
	}
}

static void the_depth_of_a_result_is_capped(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct json doc = parse(&a, "{}");
	struct json value = json_make_array(), patch, op;
	struct error err = ERROR_INIT;
	struct json result;

	(void)state;
	for (int depth = 1; depth <= 100; depth++) {
		struct json up = json_make_array();

		op = json_make_object();
		patch = json_make_array();
		json_add(&a, &op, STR("op"), json_make_string(STR("add")));
		json_add(&a, &op, STR("path"), json_make_string(STR("/a")));
		json_add(&a, &op, STR("value"), value);
		json_append(&a, &patch, op);
		assert_int_equal(json_patch(&a, &doc, &patch, &result, &err),
				 depth < 100 ? 0 : -1);
		json_append(&a, &up, value);
		value = up;
	}
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations_apply_as_the_standard_says),
		cmocka_unit_test(what_does_not_apply_is_refused),
		cmocka_unit_test(an_operation_with_two_ops_cannot_be_read),
		cmocka_unit_test(copies_cannot_grow_a_document_without_end),
		cmocka_unit_test(the_depth_of_a_result_is_capped),
	};

	return cmocka_run_group_tests_name("lib/json_patch.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
