/* lib/json_edit.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/json_edit.h"
#include "lib/json_read.h"
#include "lib/json_write.h"

static struct json parse(struct arena *a, const char *text)
{
	struct error err = ERROR_INIT;
	struct json doc;

	if (json_read(a, str_of(text), 0, NULL, &doc, &err) < 0)
		fail_msg("%s: %s", text, err.msg);
	return doc;
}

/* RFC 6901 without escapes: digits are an index. */
static const struct path *path_to(struct arena *a, const char *pointer)
{
	const struct path *path = NULL;
	struct str rest = str_of(pointer), token;

	str_split(&rest, '/', &token);
	while (str_split(&rest, '/', &token)) {
		struct path *step = arena_new(a, struct path, 1);

		*step = path_key(path, token);
		if (token.n && token.p[0] >= '0' && token.p[0] <= '9')
			*step = path_index(path, (size_t)(token.p[0] - '0'));
		path = step;
	}
	return path;
}

static void assert_text(struct arena *a, const struct json *v, const char *want)
{
	struct str text = json_to_str(a, v);

	assert_string_equal(arena_str(a, text).p, want);
}

enum action { SET, INSERT, REMOVE };

static void one_edit_changes_one_place_and_not_the_original(void **state)
{
	static const struct {
		const char *doc;
		enum action action;
		const char *path, *value, *want;
	} rows[] = {
		{ "{}", SET, "/a", "1", "{\"a\":1}" },
		{ "{}", SET, "/a/b/c", "1", "{\"a\":{\"b\":{\"c\":1}}}" },
		{ "{\"a\":null}", SET, "/a/b", "1", "{\"a\":{\"b\":1}}" },
		{ "null", SET, "/a", "1", "{\"a\":1}" },
		{ "5", SET, "", "[]", "[]" },
		{ "{\"a\":1,\"b\":2}", SET, "/a", "{}", "{\"a\":{},\"b\":2}" },
		{ "[1,2]", SET, "/0", "9", "[9,2]" },
		{ "[1,2]", SET, "/2", "9", "[1,2,9]" },
		{ "[1,2,3,4]", SET, "/4", "9", "[1,2,3,4,9]" },
		{ "{\"a\":[{\"b\":1}]}", SET, "/a/0/c", "2",
		  "{\"a\":[{\"b\":1,\"c\":2}]}" },
		{ "{}", SET, "/a/0", "1", "{\"a\":[1]}" },
		{ "[1,2]", INSERT, "/0", "9", "[9,1,2]" },
		{ "[1,2]", INSERT, "/1", "9", "[1,9,2]" },
		{ "[1,2,3,4]", INSERT, "/2", "9", "[1,2,9,3,4]" },
		{ "{\"a\":1}", INSERT, "/a", "9", "{\"a\":9}" },
		{ "{\"a\":1,\"b\":2,\"c\":3}", REMOVE, "/b", NULL,
		  "{\"a\":1,\"c\":3}" },
		{ "{\"a\":1}", REMOVE, "/a", NULL, "{}" },
		{ "{\"a\":{\"b\":[1,2,3]}}", REMOVE, "/a/b/2", NULL,
		  "{\"a\":{\"b\":[1,2]}}" },
		{ "{\"a\":1}", REMOVE, "/b", NULL, "{\"a\":1}" },
		{ "{\"a\":1}", REMOVE, "/a/b", NULL, "{\"a\":1}" },
		{ "{\"a\":1}", REMOVE, "/0", NULL, "{\"a\":1}" },
		{ "[1]", REMOVE, "/1", NULL, "[1]" },
		{ "[1]", REMOVE, "/a", NULL, "[1]" },
		{ "\"x\"", REMOVE, "/a", NULL, "\"x\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		const struct json doc = parse(&a, rows[i].doc);
		const struct path *path = path_to(&a, rows[i].path);
		struct json_edit e = json_edit_start(&a, &doc);

		if (rows[i].action == SET)
			json_edit_set(&e, path, parse(&a, rows[i].value));
		else if (rows[i].action == INSERT)
			json_edit_insert(&e, path, parse(&a, rows[i].value));
		else
			json_edit_remove(&e, path);
		assert_text(&a, &e.root, rows[i].want);
		assert_text(&a, &doc, rows[i].doc);
	}
}

static void what_was_not_edited_stays_shared(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct json doc =
		parse(&a, "{\"a\":{\"x\":{\"y\":1}},\"b\":{\"z\":[1,2]}}");
	struct json_edit e = json_edit_start(&a, &doc);

	(void)state;
	assert_ptr_equal(e.root.u.members, doc.u.members);
	json_edit_remove(&e, path_to(&a, "/a/none"));
	assert_ptr_equal(e.root.u.members, doc.u.members);
	json_edit_set(&e, path_to(&a, "/a/n"), json_make_bool(true));
	assert_ptr_not_equal(e.root.u.members, doc.u.members);
	assert_ptr_equal(json_at(&e.root, "b")->u.members,
			 json_at(&doc, "b")->u.members);
	assert_ptr_equal(json_at(&e.root, "a", "x")->u.members,
			 json_at(&doc, "a", "x")->u.members);
}

static void a_second_edit_copies_nothing_again(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct json doc = parse(&a, "{\"a\":{\"x\":1}}");
	struct json_edit e = json_edit_start(&a, &doc);
	const struct json_member *members;

	(void)state;
	json_edit_set(&e, path_to(&a, "/a/x"), json_make_bool(true));
	members = json_at(&e.root, "a")->u.members;
	json_edit_set(&e, path_to(&a, "/a/x"), json_make_bool(false));
	assert_ptr_equal(json_at(&e.root, "a")->u.members, members);
	assert_text(&a, &doc, "{\"a\":{\"x\":1}}");
}

static void an_edit_of_an_edit_leaves_the_first_alone(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct json doc = parse(&a, "{\"a\":{\"x\":1}}");
	struct json_edit one = json_edit_start(&a, &doc), two;

	(void)state;
	json_edit_set(&one, path_to(&a, "/a/x"), parse(&a, "2"));
	two = json_edit_start(&a, &one.root);
	json_edit_set(&two, path_to(&a, "/a/x"), parse(&a, "3"));
	json_edit_set(&two, path_to(&a, "/a/y"), parse(&a, "4"));
	assert_text(&a, &one.root, "{\"a\":{\"x\":2}}");
	assert_text(&a, &two.root, "{\"a\":{\"x\":3,\"y\":4}}");
	assert_text(&a, &doc, "{\"a\":{\"x\":1}}");
}

static void a_node_set_elsewhere_no_longer_follows_its_origin(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct json doc = parse(&a, "{\"a\":{\"x\":{\"y\":[1]}}}");
	struct json_edit e = json_edit_start(&a, &doc);

	(void)state;
	json_edit_set(&e, path_to(&a, "/a/x/y/0"), parse(&a, "2"));
	json_edit_set(&e, path_to(&a, "/b"), *json_at(&e.root, "a"));
	json_edit_set(&e, path_to(&a, "/a/x/y/0"), parse(&a, "3"));
	json_edit_set(&e, path_to(&a, "/b/x/y/1"), parse(&a, "4"));
	assert_text(&a, &e.root,
		    "{\"a\":{\"x\":{\"y\":[3]}},\"b\":{\"x\":{\"y\":[2,4]}}}");
	assert_text(&a, &doc, "{\"a\":{\"x\":{\"y\":[1]}}}");
}

static void a_built_value_is_not_changed_by_later_edits(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct json doc = json_make_object();
	struct json_edit e = json_edit_start(&a, &doc);
	struct json value = json_make_array();

	(void)state;
	json_append(&a, &value, json_make_bool(true));
	json_edit_set(&e, path_to(&a, "/a"), value);
	json_edit_set(&e, path_to(&a, "/b"), value);
	json_edit_set(&e, path_to(&a, "/a/1"), json_make_bool(false));
	json_append(&a, &value, json_make_object());
	assert_text(&a, &value, "[true,{}]");
	assert_text(&a, &e.root, "{\"a\":[true,false],\"b\":[true]}");
}

static void growing_and_shrinking_keeps_order(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct json doc = parse(&a, "{\"list\":[],\"map\":{}}");
	struct json_edit e = json_edit_start(&a, &doc);
	const struct path list = PATH_KEY(NULL, "list");
	const struct path map = PATH_KEY(NULL, "map");

	(void)state;
	for (int64_t i = 0; i < 100; i++) {
		const struct path item = path_index(&list, (size_t)i);
		const struct path member =
			path_key(&map, arena_printf(&a, "k%d", (int)i));

		json_edit_set(&e, &item, json_make_int(&a, i));
		json_edit_set(&e, &member, json_make_int(&a, i));
	}
	for (size_t i = 0; i < 50; i++) {
		const struct path item = path_index(&list, i);
		const struct path member =
			path_key(&map, arena_printf(&a, "k%zu", 2 * i));

		json_edit_remove(&e, &item);
		json_edit_remove(&e, &member);
	}
	for (size_t i = 0; i < 50; i++) {
		int64_t n = -1;

		assert_true(
			json_int(json_item(json_at(&e.root, "list"), i), &n));
		assert_int_equal(n, 2 * i + 1);
		assert_true(json_int(
			&json_at(&e.root, "map")->u.members[i].value, &n));
		assert_int_equal(n, 2 * i + 1);
	}
	assert_int_equal(json_len(json_at(&e.root, "list")), 50);
	assert_text(&a, &doc, "{\"list\":[],\"map\":{}}");
}

static void keys_of_new_members_are_copied(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	const struct json doc = json_make_object();
	struct json_edit e = json_edit_start(&a, &doc);
	char text[] = "key";
	const struct path path = path_key(NULL, str_of(text));

	(void)state;
	json_edit_set(&e, &path, json_make_bool(true));
	text[0] = 'x';
	assert_text(&a, &e.root, "{\"key\":true}");
}

static void what_may_be_set_is_told_before(void **state)
{
	static const struct {
		const char *doc;
		bool member, item; /* of a.b, of a[1] */
	} rows[] = {
		{ "{}", true, false },
		{ "{\"a\":null}", true, false },
		{ "{\"a\":{\"b\":1}}", true, false },
		{ "{\"a\":[0,null]}", false, true },
		{ "{\"a\":[0]}", false, false },
		{ "{\"a\":\"b\"}", false, false },
		{ "{\"a\":false}", false, false },
		{ "[]", false, false },
		{ "null", false, false },
	};
	struct path a = PATH_KEY(NULL, "a"), member = PATH_KEY(&a, "b");
	struct path item = path_index(&a, 1), below = PATH_KEY(&item, "c");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena arena = ARENA_INIT;
		struct error err = ERROR_INIT;
		struct json doc;

		assert_int_equal(json_read(&arena, str_of(rows[i].doc), 0, NULL,
					   &doc, &err),
				 0);
		assert_int_equal(json_edit_reaches(&doc, &member),
				 rows[i].member);
		assert_int_equal(json_edit_reaches(&doc, &item), rows[i].item);
		assert_false(json_edit_reaches(&doc, &below));
		arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_be_set_is_told_before),
		cmocka_unit_test(
			one_edit_changes_one_place_and_not_the_original),
		cmocka_unit_test(what_was_not_edited_stays_shared),
		cmocka_unit_test(a_second_edit_copies_nothing_again),
		cmocka_unit_test(an_edit_of_an_edit_leaves_the_first_alone),
		cmocka_unit_test(
			a_node_set_elsewhere_no_longer_follows_its_origin),
		cmocka_unit_test(a_built_value_is_not_changed_by_later_edits),
		cmocka_unit_test(growing_and_shrinking_keeps_order),
		cmocka_unit_test(keys_of_new_members_are_copied),
	};

	return cmocka_run_group_tests_name("lib/json_edit.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
