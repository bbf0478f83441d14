/* lib/inventory.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "lib/inventory.h"

static struct inventory_object *make(const char *group, const char *kind,
				     const char *ns, const char *name,
				     int64_t version)
{
	struct arena *a;
	struct inventory_object *o = inventory_object_new(&a);

	o->group = arena_str(a, str_of(group));
	o->kind = arena_str(a, str_of(kind));
	o->ns = arena_str(a, str_of(ns));
	o->name = arena_str(a, str_of(name));
	o->doc = json_make_int(a, version);
	return o;
}

static int64_t version_of(const struct inventory_object *o)
{
	int64_t n = -1;

	assert_true(json_int(&o->doc, &n));
	return n;
}

static int64_t version_at(const struct inventory *inv, struct str group,
			  struct str kind, struct str ns, struct str name)
{
	const struct inventory_object *o =
		inventory_get(inv, group, kind, ns, name);
	int64_t n = o ? version_of(o) : -1;

	inventory_object_unref(&o);
	assert_null(o);
	return n;
}

static void objects_are_found_by_their_whole_key(void **state)
{
	static const char *const keys[][4] = {
		{ "", "Pod", "a", "b" },  { "", "Pod", "", "ab" },
		{ "", "Pod", "ab", "" },  { "", "Pod", "a", "bc" },
		{ "", "Pod", "ab", "c" }, { "P", "od", "a", "b" },
		{ "x", "Pod", "a", "b" }, { "", "Node", "", "b" },
		{ "a", "Pod", "", "b" },  { "", "Pod", "a-", "b" },
	};
	struct inventory *inv = inventory_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		inventory_put(inv, make(keys[i][0], keys[i][1], keys[i][2],
					keys[i][3], (int64_t)i));
	assert_int_equal(inventory_count(inv), ARRAY_LEN(keys));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		assert_int_equal(
			version_at(inv, str_of(keys[i][0]), str_of(keys[i][1]),
				   str_of(keys[i][2]), str_of(keys[i][3])),
			i);
	assert_int_equal(
		version_at(inv, STR(""), STR("Pod"), STR("a"), STR("x")), -1);
	assert_int_equal(
		version_at(inv, STR(""), STR("None"), STR("a"), STR("b")), -1);
	assert_int_equal(
		version_at(inv, STR(""), STR("Node"), STR_NONE, STR("b")), 7);
	inventory_free(&inv);
	assert_null(inv);
	inventory_free(&inv);
}

static void a_replaced_object_lives_on_with_its_reader(void **state)
{
	struct inventory *inv = inventory_new();
	const struct inventory_object *old, *more;

	(void)state;
	inventory_put(inv, make("", "Pod", "a", "b", 1));
	old = inventory_get(inv, STR(""), STR("Pod"), STR("a"), STR("b"));
	more = inventory_object_ref(old);
	inventory_put(inv, make("", "Pod", "a", "b", 2));
	assert_int_equal(inventory_count(inv), 1);
	assert_int_equal(version_of(old), 1);
	inventory_object_unref(&old);
	assert_int_equal(version_of(more), 1);
	assert_int_equal(
		version_at(inv, STR(""), STR("Pod"), STR("a"), STR("b")), 2);
	inventory_free(&inv);
	assert_int_equal(version_of(more), 1);
	inventory_object_unref(&more);
	inventory_object_unref(&more);
}

static void removal_says_whether_there_was_one(void **state)
{
	struct inventory *inv = inventory_new();

	(void)state;
	assert_false(
		inventory_remove(inv, STR(""), STR("Pod"), STR("a"), STR("b")));
	inventory_put(inv, make("", "Pod", "a", "b", 1));
	inventory_put(inv, make("", "Pod", "a", "c", 2));
	assert_false(
		inventory_remove(inv, STR(""), STR("Pod"), STR("a"), STR("d")));
	assert_true(
		inventory_remove(inv, STR(""), STR("Pod"), STR("a"), STR("b")));
	assert_false(
		inventory_remove(inv, STR(""), STR("Pod"), STR("a"), STR("b")));
	assert_int_equal(inventory_count(inv), 1);
	assert_int_equal(
		version_at(inv, STR(""), STR("Pod"), STR("a"), STR("c")), 2);
	inventory_free(&inv);
}

static void a_kind_is_unknown_until_it_is_said(void **state)
{
	struct inventory *inv = inventory_new();

	(void)state;
	assert_false(inventory_is_known(inv, STR(""), STR("Pod")));
	inventory_put(inv, make("", "Pod", "a", "b", 1));
	assert_false(inventory_is_known(inv, STR(""), STR("Pod")));
	inventory_set_known(inv, STR(""), STR("Pod"), true);
	inventory_set_known(inv, STR(""), STR("Node"), true);
	assert_true(inventory_is_known(inv, STR(""), STR("Pod")));
	assert_true(inventory_is_known(inv, STR(""), STR("Node")));
	assert_false(inventory_is_known(inv, STR("x"), STR("Pod")));
	inventory_set_known(inv, STR(""), STR("Pod"), false);
	assert_false(inventory_is_known(inv, STR(""), STR("Pod")));
	assert_int_equal(inventory_count(inv), 1);
	inventory_free(&inv);
}

struct walk {
	char text[100];
	size_t n, stop_after;
};

static bool note(const struct inventory_object *o, void *context)
{
	struct walk *w = context;

	for (size_t i = 0; i < o->ns.n; i++)
		w->text[w->n++] = o->ns.p[i];
	w->text[w->n++] = '/';
	for (size_t i = 0; i < o->name.n; i++)
		w->text[w->n++] = o->name.p[i];
	w->text[w->n++] = ' ';
	return --w->stop_after > 0;
}

static void each_walks_in_order_and_stops_when_told(void **state)
{
	static const struct {
		struct str ns;
		size_t stop_after;
		const char *want;
	} rows[] = {
		{ { NULL, 0 }, 99, "/x a/a a/b a-/a b/a " },
		{ { NULL, 0 }, 2, "/x a/a " },
		{ STR_INIT(""), 99, "/x " },
		{ STR_INIT("a"), 99, "a/a a/b " },
		{ STR_INIT("a"), 1, "a/a " },
		{ STR_INIT("b"), 99, "b/a " },
		{ STR_INIT("c"), 99, "" },
		{ STR_INIT("aa"), 99, "" },
	};
	struct inventory *inv = inventory_new();
	struct walk none = { .stop_after = 99 };

	(void)state;
	inventory_put(inv, make("", "Pod", "b", "a", 1));
	inventory_put(inv, make("", "Pod", "a", "b", 1));
	inventory_put(inv, make("", "Pod", "a-", "a", 1));
	inventory_put(inv, make("", "Pod", "", "x", 1));
	inventory_put(inv, make("", "Pod", "a", "a", 1));
	inventory_put(inv, make("", "Node", "", "other", 1));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct walk w = { .stop_after = rows[i].stop_after };

		inventory_each(inv, STR(""), STR("Pod"), rows[i].ns, note, &w);
		assert_string_equal(w.text, rows[i].want);
	}
	inventory_each(inv, STR(""), STR("None"), STR_NONE, note, &none);
	assert_int_equal(none.n, 0);
	inventory_free(&inv);
}

/* Every way to fill and empty an array, against a plain table. */
static void many_puts_and_removals_stay_in_step(void **state)
{
	enum { NAMES = 97, STEPS = 20000 };
	struct inventory *inv = inventory_new();
	int64_t want[NAMES];
	size_t count = 0;
	uint32_t random = 1;

	(void)state;
	memset(want, -1, sizeof(want));
	for (int step = 0; step < STEPS; step++) {
		char name[] = { 'n', 0, 0 };
		size_t i;

		random = random * 1103515245u + 12345u;
		i = (random >> 16) % NAMES;
		name[1] = (char)(' ' + i);
		if (random >> 30 == 0) {
			assert_int_equal(inventory_remove(inv, STR("g"),
							  STR("K"), STR("ns"),
							  str_of(name)),
					 want[i] >= 0);
			want[i] = -1;
		} else {
			inventory_put(inv, make("g", "K", "ns", name, step));
			want[i] = step;
		}
	}
	for (size_t i = 0; i < NAMES; i++) {
		const char name[] = { 'n', (char)(' ' + i), 0 };

		assert_int_equal(version_at(inv, STR("g"), STR("K"), STR("ns"),
					    str_of(name)),
				 want[i]);
		count += want[i] >= 0;
	}
	assert_int_equal(inventory_count(inv), count);
	inventory_free(&inv);
}

enum { ROUNDS = 3000 };

static void *write_again_and_again(void *context)
{
	struct inventory *inv = context;

	for (int64_t i = 1; i <= ROUNDS; i++) {
		inventory_put(inv, make("", "Pod", "a", "b", i));
		inventory_put(inv, make("", "Pod", "a", "c", i));
		inventory_remove(inv, STR(""), STR("Pod"), STR("a"), STR("c"));
		inventory_set_known(inv, STR(""), STR("Pod"), i % 2 == 0);
	}
	return NULL;
}

static bool add_up(const struct inventory_object *o, void *context)
{
	int64_t n = 0;

	if (!json_int(&o->doc, &n))
		BUG("document changed under a reader");
	*(int64_t *)context += n;
	return true;
}

/* No cmocka here: assertions belong to the thread of the test. */
static void *read_again_and_again(void *context)
{
	const struct inventory *inv = context;
	int64_t last = 0;

	while (last < ROUNDS) {
		const struct inventory_object *o = inventory_get(
			inv, STR(""), STR("Pod"), STR("a"), STR("b"));
		int64_t now = 0, sum = 0;

		if (!o || !json_int(&o->doc, &now) || now < last)
			BUG("a reader saw the past");
		last = now;
		inventory_each(inv, STR(""), STR("Pod"), STR("a"), add_up,
			       &sum);
		if (sum < last || inventory_count(inv) > 2)
			BUG("a reader saw half a write");
		inventory_is_known(inv, STR(""), STR("Pod"));
		inventory_object_unref(&o);
	}
	return NULL;
}

static void readers_and_a_writer_do_not_disturb_each_other(void **state)
{
	struct inventory *inv = inventory_new();
	pthread_t writer, readers[2];

	(void)state;
	inventory_put(inv, make("", "Pod", "a", "b", 0));
	for (size_t i = 0; i < ARRAY_LEN(readers); i++)
		assert_int_equal(pthread_create(&readers[i], NULL,
						read_again_and_again, inv),
				 0);
	assert_int_equal(
		pthread_create(&writer, NULL, write_again_and_again, inv), 0);
	pthread_join(writer, NULL);
	for (size_t i = 0; i < ARRAY_LEN(readers); i++)
		pthread_join(readers[i], NULL);
	assert_int_equal(
		version_at(inv, STR(""), STR("Pod"), STR("a"), STR("b")),
		ROUNDS);
	inventory_free(&inv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_found_by_their_whole_key),
		cmocka_unit_test(a_replaced_object_lives_on_with_its_reader),
		cmocka_unit_test(removal_says_whether_there_was_one),
		cmocka_unit_test(a_kind_is_unknown_until_it_is_said),
		cmocka_unit_test(each_walks_in_order_and_stops_when_told),
		cmocka_unit_test(many_puts_and_removals_stay_in_step),
		cmocka_unit_test(
			readers_and_a_writer_do_not_disturb_each_other),
	};

	return cmocka_run_group_tests_name("lib/inventory.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
