/* policies/team_path.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/json_read.h"
#include "policies/team_path.h"

static const char doc_text[] =
	"{\"metadata\":{\"labels\":{\"team\":\"a\",\"x.y/z\":\"b\","
	"\"it's\":\"c\",\"q\\\"\\\\\":\"d\",\"gone\":null},\"name\":7},"
	"\"list\":[{\"image\":\"i\",\"ports\":[1,2]},{\"ports\":[]},{\"image\":"
	"null}],\"empty\":[],\"none\":{},\"text\":\"t\",\"1\":\"digit\"}";

struct seen {
	struct arena *arena;
	struct str text; /* "path=reach;" for each branch */
	size_t stop;	 /* after so many; 0: never */
	size_t n;
};

static bool note(const struct team_match *m, void *context)
{
	static const char *const reach[] = { "value", "missing", "type" };
	struct seen *s = context;

	s->text =
		arena_printf(s->arena, "%.*s%s=%s;", STR_ARG(s->text),
			     path_field(s->arena, m->path).p, reach[m->reach]);
	return ++s->n != s->stop;
}

static struct str walk(struct arena *a, const char *path_text, size_t stop)
{
	struct seen seen = { .arena = a, .text = STR(""), .stop = stop };
	struct error err = ERROR_INIT;
	struct team_path *path;
	struct json doc;

	if (json_read(a, str_of(doc_text), 0, NULL, &doc, &err) < 0 ||
	    team_path_compile(a, str_of(path_text), &path, &err) < 0)
		fail_msg("%s: %s", path_text, err.msg);
	team_path_each(path, NULL, &doc, note, &seen);
	return seen.text;
}

static void every_branch_is_visited(void **state)
{
	static const struct {
		const char *path, *want;
	} rows[] = {
		{ "metadata.labels.team", "metadata.labels.team=value;" },
		{ "metadata['labels'].team", "metadata.labels.team=value;" },
		{ "['metadata'][\"labels\"]['team']",
		  "metadata.labels.team=value;" },
		{ "metadata.labels['x.y/z']", "metadata.labels[x.y/z]=value;" },
		{ "metadata.labels[\"it's\"]", "metadata.labels[it's]=value;" },
		{ "metadata.labels['it\\'s']", "metadata.labels[it's]=value;" },
		{ "metadata.labels['q\"\\\\']",
		  "metadata.labels[q\"\\]=value;" },
		{ "metadata.labels.*",
		  "metadata.labels.team=value;metadata.labels[x.y/z]=value;"
		  "metadata.labels[it's]=value;metadata.labels[q\"\\]=value;"
		  "metadata.labels.gone=missing;" },
		{ "metadata.labels.gone", "metadata.labels.gone=missing;" },
		{ "metadata.labels.gone.x", "metadata.labels.gone.x=missing;" },
		{ "nothing.at.all", "nothing.at.all=missing;" },
		{ "list[0].image", "list[0].image=value;" },
		{ "list[9].image", "list[9].image=missing;" },
		{ "list[*].image", "list[0].image=value;list[1].image=missing;"
				   "list[2].image=missing;" },
		{ "list.*.image", "list[0].image=value;list[1].image=missing;"
				  "list[2].image=missing;" },
		{ "list[*].ports[*]",
		  "list[0].ports[0]=value;list[0].ports[1]=value;" },
		{ "empty[*].x", "" },
		{ "none.*", "" },
		{ "nothing[*].x", "" },
		{ "text.x", "text=type;" },
		{ "text[0]", "text=type;" },
		{ "text[*]", "text=type;" },
		{ "list.image", "list=type;" },
		{ "metadata[0]", "metadata=type;" },
		{ "metadata.name.x.y", "metadata.name=type;" },
		{ "list[*].image.x",
		  "list[0].image=type;list[1].image.x=missing;"
		  "list[2].image.x=missing;" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;

		assert_string_equal(walk(&a, rows[i].path, 0).p, rows[i].want);
	}
}

static void the_walk_stops_when_told(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	assert_string_equal(walk(&a, "list[*].ports[*]", 1).p,
			    "list[0].ports[0]=value;");
	assert_string_equal(walk(&a, "metadata.labels.*", 2).p,
			    "metadata.labels.team=value;"
			    "metadata.labels[x.y/z]=value;");
}

static void a_bad_path_is_refused_with_its_offset(void **state)
{
	static const struct {
		struct str path;
		const char *says;
	} rows[] = {
		{ STR_INIT(""), "empty" },
		{ STR_INIT("."), "offset 0" },
		{ STR_INIT(".metadata"), "offset 0" },
		{ STR_INIT("$.metadata"), "leading \"$\"" },
		{ STR_INIT("metadata."), "offset 9" },
		{ STR_INIT("metadata..name"), "offset 9" },
		{ STR_INIT("metadata labels"), "offset 8" },
		{ STR_INIT("metadata.labels.a/b"),
		  "['app.kubernetes.io/name']" },
		{ STR_INIT("/metadata/labels"), "offset 0" },
		{ STR_INIT("a["), "offset 2" },
		{ STR_INIT("a[]"), "offset 2" },
		{ STR_INIT("a[0"), "offset 1" },
		{ STR_INIT("a[-1]"), "offset 2" },
		{ STR_INIT("a[01]"), "leading zero" },
		{ STR_INIT("a[100001]"), "too large" },
		{ STR_INIT("a[99999999999999999999999]"), "too large" },
		{ STR_INIT("a[x]"), "offset 2" },
		{ STR_INIT("a[ 0]"), "offset 2" },
		{ STR_INIT("a[0]b"), "offset 4" },
		{ STR_INIT("a[*"), "offset 1" },
		{ STR_INIT("a**"), "offset 1" },
		{ STR_INIT("a.*b"), "offset 3" },
		{ STR_INIT("a['x"), "never closed" },
		{ STR_INIT("a['x\\"), "never closed" },
		{ STR_INIT("a['x\\n']"), "backslash" },
		{ STR_INIT("a['x'"), "never closed" },
		{ STR_INIT("a['']"), "empty" },
		{ STR_INIT("a[?(@.x)]"), "offset 2" },
		{ STR_INIT("a\0b"), "NUL" },
		{ STR_INIT("a['\0']"), "NUL" },
		{ STR_INIT("\xc3\xa9"), "offset 0" },
		{ STR_INIT("a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."
			   "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a"),
		  "32 steps" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct error err = ERROR_INIT;
		struct team_path *path = NULL;

		if (team_path_compile(&a, rows[i].path, &path, &err) == 0)
			fail_msg("compiled: %.*s", STR_ARG(rows[i].path));
		assert_int_equal(err.code, ERR_CONFIG);
		if (!strstr(err.msg, rows[i].says))
			fail_msg("%s: wanted %s", err.msg, rows[i].says);
	}
}

static void a_long_path_is_refused(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	char text[TEAM_PATH_LENGTH_MAX + 1];
	struct error err = ERROR_INIT;
	struct team_path *path;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(team_path_compile(&a,
					   (struct str){ text, sizeof(text) },
					   &path, &err),
			 -1);
	assert_int_equal(
		team_path_compile(&a, (struct str){ text, sizeof(text) - 1 },
				  &path, &err),
		0);
}

static void the_first_key_is_known(void **state)
{
	static const struct {
		const char *path, *first; /* NULL: none */
	} rows[] = {
		{ "spec.containers[*]", "spec" },
		{ "['metadata'].labels", "metadata" },
		{ "*.labels", NULL },
		{ "[0]", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct error err = ERROR_INIT;
		struct team_path *path;

		assert_int_equal(team_path_compile(&a, str_of(rows[i].path),
						   &path, &err),
				 0);
		assert_true(
			str_eq(team_path_first(path), str_of(rows[i].first)));
		assert_int_equal(!team_path_first(path).p, !rows[i].first);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_branch_is_visited),
		cmocka_unit_test(the_walk_stops_when_told),
		cmocka_unit_test(a_bad_path_is_refused_with_its_offset),
		cmocka_unit_test(a_long_path_is_refused),
		cmocka_unit_test(the_first_key_is_known),
	};

	return cmocka_run_group_tests_name("policies/team_path.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
