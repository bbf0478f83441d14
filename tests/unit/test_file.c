/* lib/file.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"

struct place {
	char folder[64];
	struct arena arena;
	struct error err;
};

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int make_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	snprintf(p->folder, sizeof(p->folder), "/tmp/test-file-XXXXXX");
	*state = p;
	return mkdtemp(p->folder) ? 0 : -1;
}

static int drop_place(void **state)
{
	struct place *p = *state;
	int rc = nftw(p->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);

	arena_release(&p->arena);
	free(p);
	return rc;
}

static const char *in(struct place *p, const char *name)
{
	return arena_printf(&p->arena, "%s/%s", p->folder, name).p;
}

static void put(struct place *p, const char *name, const char *text)
{
	if (file_write(in(p, name), str_of(text), &p->err) < 0)
		fail_msg("%s", p->err.msg);
}

static void make_folder(struct place *p, const char *name)
{
	assert_int_equal(mkdir(in(p, name), 0755), 0);
}

static mode_t mode_of(struct place *p, const char *name)
{
	struct stat st;

	assert_int_equal(stat(in(p, name), &st), 0);
	return st.st_mode & 07777;
}

/* "." and ".." included. */
static int entries(const char *folder)
{
	DIR *dir = opendir(folder);
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void assert_file(struct place *p, const char *name, const char *want)
{
	struct str text;

	if (file_read(&p->arena, in(p, name), 1 << 20, &text, &p->err) < 0)
		fail_msg("%s", p->err.msg);
	assert_string_equal(text.p, want);
	assert_int_equal(text.n, strlen(want));
}

/* The failure names the path. */
static void assert_failed(struct place *p, int rc, enum error_code code,
			  const char *name)
{
	assert_int_equal(rc, -1);
	assert_int_equal(p->err.code, code);
	if (!strstr(p->err.msg, name))
		fail_msg("%s does not name %s", p->err.msg, name);
}

static void reading_is_whole_or_an_error(void **state)
{
	struct place *p = *state;
	struct str text;
	const char *path;

	put(p, "five", "12345");
	put(p, "empty", "");
	path = in(p, "five");
	assert_file(p, "five", "12345");
	assert_file(p, "empty", "");
	assert_int_equal(file_read(&p->arena, path, 5, &text, &p->err), 0);
	assert_failed(p, file_read(&p->arena, path, 4, &text, &p->err),
		      ERR_LIMIT, path);
	assert_failed(p, file_read(&p->arena, path, 0, &text, &p->err),
		      ERR_LIMIT, path);
	assert_int_equal(
		file_read(&p->arena, in(p, "empty"), 0, &text, &p->err), 0);
	assert_failed(p, file_read(&p->arena, p->folder, 9, &text, &p->err),
		      ERR_IO, p->folder);
	path = in(p, "none");
	assert_failed(p, file_read(&p->arena, path, 9, &text, &p->err), ERR_IO,
		      path);
	path = in(p, "five/none");
	assert_failed(p, file_read(&p->arena, path, 9, &text, &p->err), ERR_IO,
		      path);
}

static void files_without_a_size_are_read_whole(void **state)
{
	struct place *p = *state;
	struct str text;

	assert_int_equal(file_read(&p->arena, "/proc/self/status", 1 << 20,
				   &text, &p->err),
			 0);
	assert_true(text.n > 100);
	assert_failed(p,
		      file_read(&p->arena, "/dev/zero", 100000, &text, &p->err),
		      ERR_LIMIT, "/dev/zero");
}

static void large_text_comes_back_unchanged(void **state)
{
	struct place *p = *state;
	size_t n = 300001;
	char *big = arena_raw(&p->arena, n, 1);
	struct str text;

	for (size_t i = 0; i < n; i++)
		big[i] = (char)(i * 7);
	assert_int_equal(
		file_write(in(p, "big"), (struct str){ big, n }, &p->err), 0);
	assert_int_equal(file_read(&p->arena, in(p, "big"), n, &text, &p->err),
			 0);
	assert_true(str_eq(text, (struct str){ big, n }));
}

static void writing_keeps_the_mode_and_leaves_nothing_behind(void **state)
{
	static const char *const any[] = { "", NULL };
	struct place *p = *state;
	struct file_list list = { .n = 0 };

	put(p, "a", "old");
	assert_int_equal(mode_of(p, "a"), 0644);
	assert_int_equal(chmod(in(p, "a"), 0600), 0);
	put(p, "a", "new");
	assert_int_equal(mode_of(p, "a"), 0600);
	assert_file(p, "a", "new");
	assert_int_equal(symlink("a", in(p, "link")), 0);
	put(p, "link", "newer");
	assert_file(p, "a", "newer");
	assert_int_equal(unlink(in(p, "link")), 0);
	assert_int_equal(file_list(&p->arena, p->folder, any, &list, &p->err),
			 0);
	assert_int_equal(list.n, 1);
	assert_int_equal(entries(p->folder), 3);
}

static void private_writing_sets_the_mode_of_old_and_new_files(void **state)
{
	struct place *p = *state;

	put(p, "old", "x");
	assert_int_equal(chmod(in(p, "old"), 0666), 0);
	assert_int_equal(file_write_private(in(p, "old"), STR("y"), &p->err),
			 0);
	assert_int_equal(mode_of(p, "old"), 0600);
	assert_file(p, "old", "y");
	assert_int_equal(file_write_private(in(p, "new"), STR("z"), &p->err),
			 0);
	assert_int_equal(mode_of(p, "new"), 0600);
	assert_failed(p, file_write_private(in(p, "none/a"), STR("x"), &p->err),
		      ERR_IO, in(p, "none/a"));
}

static void writing_where_no_file_can_be_is_an_error(void **state)
{
	struct place *p = *state;
	const char *path;

	put(p, "file", "x");
	assert_failed(p, file_write(p->folder, STR("x"), &p->err), ERR_IO,
		      p->folder);
	path = in(p, "none/a");
	assert_failed(p, file_write(path, STR("x"), &p->err), ERR_IO, path);
	path = in(p, "file/a");
	assert_failed(p, file_write(path, STR("x"), &p->err), ERR_IO, path);
	assert_failed(p, file_write("/dev/full", STR("x"), &p->err), ERR_IO,
		      "/dev/full");
	assert_int_equal(file_write("/dev/null", STR("x"), &p->err), 0);
}

static const char *const yaml[] = { ".yaml", ".yml", NULL };

static void listing_is_sorted_and_only_regular_files(void **state)
{
	static const char *const want[] = { "B.yaml", "a.yaml", "link.yaml",
					    "sub.yaml/x.yml", "sub/z.yaml" };
	struct place *p = *state;
	struct file_list list = { .n = 0 };

	make_folder(p, "sub");
	make_folder(p, "sub.yaml");
	make_folder(p, ".git");
	put(p, "sub/z.yaml", "");
	put(p, "sub.yaml/x.yml", "");
	put(p, ".git/h.yaml", "");
	put(p, ".h.yaml", "");
	put(p, "a.yaml", "");
	put(p, "B.yaml", "");
	put(p, "a.txt", "");
	assert_int_equal(mkfifo(in(p, "fifo.yaml"), 0600), 0);
	assert_int_equal(symlink("a.txt", in(p, "link.yaml")), 0);
	assert_int_equal(symlink("sub", in(p, "dirlink.yaml")), 0);
	assert_int_equal(symlink("..", in(p, "loop")), 0);
	assert_int_equal(symlink("fifo.yaml", in(p, "fifolink.yaml")), 0);
	assert_int_equal(file_list(&p->arena, p->folder, yaml, &list, &p->err),
			 0);
	assert_int_equal(list.n, ARRAY_LEN(want));
	for (size_t i = 0; i < list.n; i++)
		assert_string_equal(list.paths[i].p, in(p, want[i]));
}

static void listing_adds_to_what_is_there(void **state)
{
	struct place *p = *state;
	struct file_list list = { .n = 0 };
	const char *slash = in(p, "");

	put(p, "z.txt", "");
	put(p, "a.yaml", "");
	assert_int_equal(
		file_list(&p->arena, in(p, "z.txt"), yaml, &list, &p->err), 0);
	assert_int_equal(file_list(&p->arena, slash, yaml, &list, &p->err), 0);
	assert_int_equal(file_list(&p->arena, "-", yaml, &list, &p->err), 0);
	assert_int_equal(list.n, 3);
	assert_string_equal(list.paths[0].p, in(p, "z.txt"));
	assert_string_equal(list.paths[1].p, in(p, "a.yaml"));
	assert_string_equal(list.paths[2].p, "-");
}

static void listing_names_what_it_cannot_read(void **state)
{
	struct place *p = *state;
	struct file_list list = { .n = 0 };
	const char *path = in(p, "none");

	assert_failed(p, file_list(&p->arena, path, yaml, &list, &p->err),
		      ERR_IO, path);
	assert_int_equal(symlink("gone", in(p, "dead.yaml")), 0);
	assert_failed(p, file_list(&p->arena, p->folder, yaml, &list, &p->err),
		      ERR_IO, "dead.yaml");
}

static void listing_is_capped_in_depth_and_number(void **state)
{
	struct place *p = *state;
	struct file_list list = { .n = FILE_LIST_MAX, .cap = FILE_LIST_MAX };
	char path[1024];
	int n = snprintf(path, sizeof(path), "%s", p->folder);

	put(p, "a.yaml", "");
	assert_failed(p, file_list(&p->arena, p->folder, yaml, &list, &p->err),
		      ERR_LIMIT, "100000");
	assert_int_equal(unlink(in(p, "a.yaml")), 0);
	list = (struct file_list){ .n = 0 };
	for (int i = 0; i < 70; i++) {
		n += snprintf(path + n, sizeof(path) - (size_t)n, "/d");
		assert_int_equal(mkdir(path, 0755), 0);
	}
	assert_failed(p, file_list(&p->arena, p->folder, yaml, &list, &p->err),
		      ERR_LIMIT, p->folder);
}

#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, make_place, drop_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(reading_is_whole_or_an_error),
		IN_PLACE(files_without_a_size_are_read_whole),
		IN_PLACE(large_text_comes_back_unchanged),
		IN_PLACE(writing_keeps_the_mode_and_leaves_nothing_behind),
		IN_PLACE(private_writing_sets_the_mode_of_old_and_new_files),
		IN_PLACE(writing_where_no_file_can_be_is_an_error),
		IN_PLACE(listing_is_sorted_and_only_regular_files),
		IN_PLACE(listing_adds_to_what_is_there),
		IN_PLACE(listing_names_what_it_cannot_read),
		IN_PLACE(listing_is_capped_in_depth_and_number),
	};

	return cmocka_run_group_tests_name("lib/file.c", tests, NULL, NULL) ? 1
									    : 0;
}
