/* cli/rendering.c: all manifests there are, filled in */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/rendering.h"
#include "cli/text_edit.h"
#include "lib/file.h"

#define CASES "tests/cases/rules"

/* Names a folder of manifests that are not ours to keep here. */
#define VARIABLE "BULKHEAD_MANIFESTS"

static struct json read_doc(struct arena *a, struct str text)
{
	struct error err = ERROR_INIT;
	struct json doc;

	if (text_read_one(a, text, NULL, &doc, &err) != 1)
		fail_msg("%.*s: %s", STR_ARG(text), err.msg);
	return doc;
}

/* Past a written null, which may have been replaced. */
static size_t skip_null(struct str text, size_t i)
{
	struct str rest = str_sub(text, i, text.n);

	if (str_starts(rest, STR(" null")))
		return i + 5;
	return i + (str_starts(rest, STR(" ~")) ? 2 : 0);
}

/* Every byte of before is in after, in order. */
static bool survives(struct str before, struct str after)
{
	size_t i = skip_null(before, 0);

	for (size_t k = 0; k < after.n && i < before.n; k++)
		if (before.p[i] == after.p[k])
			i = skip_null(before, i + 1);
	return i == before.n;
}

/* The lines of before that are not in after, in order. */
static size_t lines_touched(struct str before, struct str after)
{
	struct str old, now;
	size_t touched = 0;

	while (str_split(&before, '\n', &old)) {
		struct str rest = after;
		bool found = false;

		while (!found && str_split(&rest, '\n', &now))
			found = str_eq(old, now);
		if (found)
			after = rest;
		else
			touched++;
	}
	return touched;
}

struct totals {
	size_t files, parts, edited, rewritten, lines;
};

static void check_part(struct arena *a, const struct rendering *r,
		       const struct rendering_part *p, struct totals *t)
{
	struct error err = ERROR_INIT;
	struct json now;
	struct str again;

	t->parts++;
	if (p->rewritten) {
		t->rewritten++;
		assert_true(*p->why.msg);
		return;
	}
	if (str_eq(p->before, p->after))
		return;
	t->edited++;
	now = read_doc(a, p->after);
	if (!json_equal(&now, &p->filled) || !survives(p->before, p->after))
		fail_msg("%.*s", STR_ARG(r->file->path));
	t->lines += lines_touched(p->before, p->after);
	assert_int_equal(text_edit(a, p->after, &p->filled, NULL, &again, &err),
			 0);
	assert_true(str_eq(again, p->after));
}

static void check_world(const char *tiers, const char *path, struct totals *t)
{
	struct str operand = str_of(path);
	const struct texts paths = { &operand, 1, 1 };
	struct settings s = { .namespace = STR("default"),
			      .now = STR("2026-11-21T06:00:00Z"),
			      .tiers = str_of(tiers) };
	struct renderer r = { .with_times = true };
	struct rendering out;
	struct world w;

	assert_int_equal(world_load(&w, &s, &paths), EXIT_CLEAN);
	r.world = &w;
	for (bool more = true; more;) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;

		more = rendering_next(&a, &r, &out);
		for (size_t i = 0; more && i < out.n_parts; i++)
			if (json_exists(&out.parts[i].filled))
				check_part(&a, &out, &out.parts[i], t);
		t->files += more;
	}
	world_release(&w);
}

static void print_totals(const char *what, const struct totals *t)
{
	print_message("%s: %zu files, %zu documents, %zu edited (%zu lines "
		      "grew inside), %zu written anew\n",
		      what, t->files, t->parts, t->edited, t->lines,
		      t->rewritten);
}

/* "tests/cases/rules/<id>/" of a path below it. */
static struct str folder_of(struct str path)
{
	size_t n = sizeof(CASES "/") - 1;

	return str_sub(path, 0, n + str_find(str_sub(path, n, path.n), '/'));
}

static void fixtures_keep_their_text(void **state)
{
	static const char *const suffixes[] = { ".yaml", NULL };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct file_list list = { .n = 0 };
	struct error err = ERROR_INIT;
	struct totals t = { .files = 0 };
	struct str last = STR("");

	(void)state;
	assert_int_equal(file_list(&a, CASES, suffixes, &list, &err), 0);
	for (size_t i = 0; i < list.n; i++) {
		struct str folder = arena_str(&a, folder_of(list.paths[i]));
		struct str tiers =
			arena_printf(&a, "%.*s/tiers.yaml", STR_ARG(folder));

		if (str_eq(folder, last))
			continue;
		last = folder;
		check_world("", folder.p, &t);
		if (access(tiers.p, R_OK) == 0)
			check_world(tiers.p, folder.p, &t);
	}
	print_totals(CASES, &t);
	assert_true(t.edited > 100);
}

static void real_manifests_keep_their_text(void **state)
{
	const char *folder = getenv(VARIABLE); /* NOLINT: one thread */
	struct totals t = { .files = 0 };

	(void)state;
	if (!folder) {
		print_message("SKIP: " VARIABLE " names no folder\n");
		skip();
	}
	check_world("", folder, &t);
	print_totals(folder, &t);
	assert_true(t.edited > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixtures_keep_their_text),
		cmocka_unit_test(real_manifests_keep_their_text),
	};

	return cmocka_run_group_tests_name("cli/rendering.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
