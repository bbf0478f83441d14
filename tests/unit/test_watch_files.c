/* webhook/watch_files.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "webhook/watch_files.h"

static char folder[64];
static struct arena arena;

static const char *at(const char *name)
{
	return arena_printf(&arena, "%s/%s", folder, name).p;
}

static void put(const char *name, const char *text)
{
	struct error err = ERROR_INIT;

	if (file_write(at(name), str_of(text), &err) < 0)
		fail_msg("%s", err.msg);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/test_watch.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	static const char *const names[] = { "..1/f",  "..2/f", "..1", "..2",
					     "..data", "f",	"g" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)remove(at(names[i]));
	(void)rmdir(folder);
	arena_release(&arena);
	return 0;
}

/* The second look tells. */
static bool changes(struct watch_files *w)
{
	return watch_files_changed(w) || watch_files_changed(w);
}

static void a_change_is_told_once_and_when_it_is_over(void **state)
{
	struct watch_files w = { .paths = { at("f") } };

	(void)state;
	put("f", "1");
	watch_files_start(&w);
	assert_false(changes(&w));
	put("f", "22");
	assert_false(watch_files_changed(&w));
	put("f", "333");
	assert_false(watch_files_changed(&w));
	assert_true(watch_files_changed(&w));
	assert_false(changes(&w));
}

static void coming_and_going_are_changes(void **state)
{
	struct watch_files w = { .paths = { at("f") } };

	(void)state;
	watch_files_start(&w);
	assert_false(changes(&w));
	put("f", "1");
	assert_true(changes(&w));
	assert_int_equal(unlink(at("f")), 0);
	assert_true(changes(&w));
}

static void files_of_a_folder_count(void **state)
{
	struct watch_files w = { .paths = { folder } };

	(void)state;
	put("f", "1");
	watch_files_start(&w);
	put("g", "1");
	assert_true(changes(&w));
	assert_int_equal(rename(at("g"), at("f")), 0);
	assert_true(changes(&w));
	assert_int_equal(unlink(at("f")), 0);
	assert_true(changes(&w));
}

static void a_turned_link_is_a_change(void **state)
{
	struct watch_files file = { .paths = { at("f") } };
	struct watch_files all = { .paths = { folder } };

	(void)state;
	assert_int_equal(mkdir(at("..1"), 0755), 0);
	assert_int_equal(mkdir(at("..2"), 0755), 0);
	put("..1/f", "1");
	put("..2/f", "1");
	assert_int_equal(symlink("..1", at("..data")), 0);
	assert_int_equal(symlink("..data/f", at("f")), 0);
	watch_files_start(&file);
	watch_files_start(&all);
	assert_int_equal(symlink("..2", at("g")), 0);
	assert_int_equal(rename(at("g"), at("..data")), 0);
	assert_true(changes(&file));
	assert_true(changes(&all));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_change_is_told_once_and_when_it_is_over),
		TEST(coming_and_going_are_changes),
		TEST(files_of_a_folder_count),
		TEST(a_turned_link_is_a_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
