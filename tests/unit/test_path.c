/* lib/path.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/json_read.h"
#include "lib/path.h"

enum { STEPS_MAX = 8 };

/* Keys and, where the key is NULL, indexes; ended by a NULL key of index -1. */
struct step {
	const char *key;
	long index;
};

#define END                                                                    \
	{                                                                      \
		NULL, -1                                                       \
	}
#define AT(i)                                                                  \
	{                                                                      \
		NULL, (i)                                                      \
	}

static const struct path *chain(struct path *to, const struct step *steps)
{
	const struct path *up = NULL;

	for (size_t i = 0; steps[i].key || steps[i].index >= 0; i++) {
		to[i] = steps[i].key ? path_key(up, str_of(steps[i].key))
				     : path_index(up, (size_t)steps[i].index);
		up = &to[i];
	}
	return up;
}

static void text_is_as_kubernetes_and_rfc_6901_write_it(void **state)
{
	static const struct {
		struct step steps[STEPS_MAX];
		const char *field, *pointer;
	} rows[] = {
		{ { END }, "", "" },
		{ { { "spec", 0 }, END }, "spec", "/spec" },
		{ { { "spec", 0 },
		    { "containers", 0 },
		    AT(10),
		    { "image", 0 },
		    END },
		  "spec.containers[10].image",
		  "/spec/containers/10/image" },
		{ { { "metadata", 0 },
		    { "labels", 0 },
		    { "app.kubernetes.io/name", 0 },
		    END },
		  "metadata.labels[app.kubernetes.io/name]",
		  "/metadata/labels/app.kubernetes.io~1name" },
		{ { { "limits", 0 }, { "ephemeral-storage", 0 }, END },
		  "limits[ephemeral-storage]",
		  "/limits/ephemeral-storage" },
		{ { AT(0), AT(1), { "a", 0 }, END }, "[0][1].a", "/0/1/a" },
		{ { { "0", 0 }, { "a1", 0 }, { "_", 0 }, END },
		  "[0].a1._",
		  "/0/a1/_" },
		{ { { "", 0 }, { "x", 0 }, END }, "[].x", "//x" },
		{ { { "~", 0 }, { "/~1", 0 }, END }, "[~][/~1]", "/~0/~1~01" },
		{ { { "a.b", 0 }, { "c d", 0 }, END },
		  "[a.b][c d]",
		  "/a.b/c d" },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct path steps[STEPS_MAX];
		const struct path *p = chain(steps, rows[i].steps);

		assert_string_equal(path_field(&a, p).p, rows[i].field);
		assert_int_equal(path_field(&a, p).n, strlen(rows[i].field));
		assert_string_equal(path_pointer(&a, p).p, rows[i].pointer);
	}
}

static void a_copy_outlives_its_frames(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	char key[] = "spec";
	struct path spec = path_key(NULL, str_of(key));
	struct path item = path_index(&spec, 7);
	const struct path *copy = path_copy(&a, &item);

	(void)state;
	memset(key, 'X', 4);
	memset(&spec, 0, sizeof(spec));
	memset(&item, 0, sizeof(item));
	assert_string_equal(path_field(&a, copy).p, "spec[7]");
	assert_null(path_copy(&a, NULL));
}

static const char source[] = "{\"spec\":\n"
			     " {\"list\": [1,\n"
			     "   {\"x\": null}], \"0\": true}}";

static void get_follows_keys_and_indexes(void **state)
{
	static const struct {
		struct step steps[STEPS_MAX];
		enum json_type want;
		uint32_t nearest; /* line */
	} rows[] = {
		{ { END }, JSON_OBJECT, 1 },
		{ { { "spec", 0 }, END }, JSON_OBJECT, 2 },
		{ { { "spec", 0 }, { "list", 0 }, AT(0), END },
		  JSON_NUMBER,
		  2 },
		{ { { "spec", 0 }, { "list", 0 }, AT(1), { "x", 0 }, END },
		  JSON_NULL,
		  3 },
		{ { { "spec", 0 }, { "0", 0 }, END }, JSON_BOOL, 3 },
		{ { { "spec", 0 }, AT(0), END }, JSON_MISSING, 2 },
		{ { { "spec", 0 }, { "list", 0 }, { "0", 0 }, END },
		  JSON_MISSING,
		  2 },
		{ { { "spec", 0 }, { "list", 0 }, AT(2), END },
		  JSON_MISSING,
		  2 },
		{ { { "spec", 0 },
		    { "list", 0 },
		    AT(1),
		    { "x", 0 },
		    { "y", 0 },
		    END },
		  JSON_MISSING,
		  3 },
		{ { { "none", 0 }, { "spec", 0 }, END }, JSON_MISSING, 1 },
		{ { AT(0), END }, JSON_MISSING, 1 },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err;
	struct json root;

	(void)state;
	assert_int_equal(
		json_read(&a, STR(source), JSON_READ_MARKS, NULL, &root, &err),
		0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct path steps[STEPS_MAX];
		const struct path *p = chain(steps, rows[i].steps);
		const char *name = path_field(&a, p).p;

		if (json_type(path_get(&root, p)) != rows[i].want)
			fail_msg("get %s", name);
		if (path_nearest(&root, p)->start.line != rows[i].nearest)
			fail_msg("nearest %s", name);
	}
}

static void nearest_skips_what_code_made(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json root = json_make_object();
	struct path spec = PATH_KEY(NULL, "spec"), x = PATH_KEY(&spec, "x");

	(void)state;
	json_add(&a, &root, STR("spec"), json_make_object());
	assert_ptr_equal(path_nearest(&root, &x), &root);
	root.u.members[0].value.start.line = 4;
	assert_ptr_equal(path_nearest(&root, &x), &root.u.members[0].value);
}

static void a_path_of_any_length_is_no_stack_overflow(void **state)
{
	enum { N = 1000000 };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct path *steps = arena_new(&a, struct path, N);
	struct json root = json_make_object();

	(void)state;
	for (size_t i = 0; i < N; i++)
		steps[i] = PATH_KEY(i ? &steps[i - 1] : NULL, "a");
	json_add(&a, &root, STR("a"), json_make_bool(true));
	assert_false(json_exists(path_get(&root, &steps[N - 1])));
	assert_int_equal(path_pointer(&a, &steps[N - 1]).n, 2 * N);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_as_kubernetes_and_rfc_6901_write_it),
		cmocka_unit_test(a_copy_outlives_its_frames),
		cmocka_unit_test(get_follows_keys_and_indexes),
		cmocka_unit_test(nearest_skips_what_code_made),
		cmocka_unit_test(a_path_of_any_length_is_no_stack_overflow),
	};

	return cmocka_run_group_tests_name("lib/path.c", tests, NULL, NULL) ? 1
									    : 0;
}
