/*
 * AdmissionReviews, whole: every folder of tests/cases/review holds
 *
 *	request.json  what the API server sends
 *	tiers/        the policy; absent: the shipped one
 *	cluster/      what the cluster has
 *	expect.json   the answers of all three phases, byte for byte, the patch
 *	              decoded; or the error
 *
 * With REVIEW_UPDATE set, expect.json is written: read it before you keep it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <dirent.h>
#include <unistd.h>

#include "lib/base64.h"
#include "lib/file.h"
#include "lib/json_diff.h"
#include "lib/json_read.h"
#include "lib/json_write.h"
#include "policies/review.h"
#include "tests/unit/load.h"

#define CASES "tests/cases/review"

enum { FILE_MAX = 1 << 20, CASES_MIN = 30 };

static const char *const suffixes[] = { ".yaml", NULL };

struct fixture {
	struct arena arena;
	struct str folder;
	struct str body;
	struct snapshot *snapshot;
	struct inventory *inventory;
	struct engine engine;
	bool shipped;
	size_t failures;
};

PRINTF_LIKE(2, 3)
static void complain(struct fixture *f, const char *fmt, ...)
{
	va_list args;

	f->failures++;
	fprintf(stderr, "%.*s: ", STR_ARG(f->folder));
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

/* ---- the folder ---- */

static bool read_folder(struct fixture *f, const char *name, struct docs *docs)
{
	struct str path =
		arena_printf(&f->arena, "%.*s/%s", STR_ARG(f->folder), name);
	struct file_list list = { .n = 0 };
	struct error err = ERROR_INIT;
	struct str text;

	docs->n = 0;
	if (access(path.p, R_OK) != 0)
		return false;
	if (file_list(&f->arena, path.p, suffixes, &list, &err) < 0 ||
	    list.n != 1)
		fail_msg("%s: wanted one file", path.p);
	if (file_read(&f->arena, list.paths[0].p, FILE_MAX, &text, &err) < 0 ||
	    load_docs(&f->arena, text, docs, &err) < 0)
		fail_msg("%s: %s", list.paths[0].p, err.msg);
	return true;
}

static void load_tiers(struct fixture *f)
{
	struct docs *docs = arena_new(&f->arena, struct docs, 1);
	struct error err = ERROR_INIT;

	f->shipped = !read_folder(f, "tiers", docs);
	if (f->shipped && snapshot_load_shipped(&f->snapshot, &err) < 0)
		fail_msg("%s", err.msg);
	if (!f->shipped &&
	    load_policy(docs, STR("tiers"), &f->snapshot, &err) < 0)
		fail_msg("%s: %s", f->folder.p, err.msg);
}

static void load_cluster(struct fixture *f)
{
	struct docs *docs = arena_new(&f->arena, struct docs, 1);

	f->inventory = inventory_new();
	read_folder(f, "cluster", docs);
	for (size_t i = 0; i < docs->n; i++) {
		struct arena *a;
		struct inventory_object *o = inventory_object_new(&a);
		struct str version;

		o->doc = json_copy(a, &docs->v[i]);
		kind_split_api_version(
			json_str(json_get(&o->doc, STR("apiVersion"))),
			&o->group, &version);
		o->kind = json_str(json_get(&o->doc, STR("kind")));
		o->ns = arena_str(
			a, json_str(json_at(&o->doc, "metadata", "namespace")));
		o->name = json_str(json_at(&o->doc, "metadata", "name"));
		inventory_put(f->inventory, o);
	}
}

static void open_fixture(struct fixture *f, const char *name)
{
	struct error err = ERROR_INIT;
	struct str path;

	*f = (struct fixture){ .snapshot = NULL };
	f->folder = arena_printf(&f->arena, CASES "/%s", name);
	path = arena_printf(&f->arena, "%.*s/request.json", STR_ARG(f->folder));
	if (file_read(&f->arena, path.p, FILE_MAX, &f->body, &err) < 0)
		fail_msg("%s", err.msg);
	load_tiers(f);
	load_cluster(f);
	f->engine = (struct engine){ f->snapshot, f->inventory, load_now };
}

static void close_fixture(struct fixture *f)
{
	snapshot_unref(&f->snapshot);
	inventory_free(&f->inventory);
	arena_release(&f->arena);
}

/* ---- what is told ---- */

static struct json decode_patch(struct fixture *f, const struct json *response)
{
	struct str text = json_str(json_get(response, STR("patch")));
	struct error err = ERROR_INIT;
	struct json patch = json_make_array();

	if (text.n && (base64_decode(&f->arena, text, &text, &err) < 0 ||
		       json_read(&f->arena, text, 0, NULL, &patch, &err) < 0))
		complain(f, "patch: %s", err.msg);
	return patch;
}

/* The answer, with a patch that can be read and no digest that drifts. */
static struct json readable(struct fixture *f, const struct json *answer)
{
	struct json_edit edit = json_edit_start(&f->arena, answer);
	struct path response = PATH_KEY(NULL, "response");
	struct path patch = PATH_KEY(&response, "patch");
	struct path notes = PATH_KEY(&response, "auditAnnotations");
	struct path digest = PATH_KEY(&notes, "digest");

	if (json_exists(path_get(answer, &patch)))
		json_edit_set(&edit, &patch,
			      decode_patch(f, path_get(answer, &response)));
	if (f->shipped)
		json_edit_set(&edit, &digest,
			      json_make_string(STR("(shipped)")));
	return edit.root;
}

static void check_filled(struct fixture *f, const struct review *review,
			 const struct json *response)
{
	struct json patch = decode_patch(f, response), filled, again;
	struct review second = *review;
	struct error err = ERROR_INIT;

	if (!json_exists(review->subject.object))
		return;
	if (json_patch(&f->arena, review->subject.object, &patch, &filled,
		       &err) < 0) {
		complain(f, "patch: %s", err.msg);
		return;
	}
	second.subject.object = &filled;
	again = review_answer(&f->arena, &f->engine, &second, REVIEW_MUTATE,
			      NULL);
	if (json_exists(json_at(&again, "response", "patch")))
		complain(f, "a second mutation patches again");
}

static struct json answer_all(struct fixture *f, const struct review *review)
{
	static const struct {
		const char *name;
		enum review_phase phase;
	} phases[] = { { "mutate", REVIEW_MUTATE },
		       { "validate", REVIEW_VALIDATE },
		       { "both", REVIEW_BOTH } };
	struct json all = json_make_object();

	for (size_t i = 0; i < ARRAY_LEN(phases); i++) {
		bool allowed = false;
		struct json answer =
			review_answer(&f->arena, &f->engine, review,
				      phases[i].phase, &allowed);
		const struct json *response =
			json_get(&answer, STR("response"));

		if (json_is_true(json_get(response, STR("allowed"))) != allowed)
			complain(f, "%s: says two things", phases[i].name);
		if (!json_str_is(json_get(response, STR("uid")), review->uid))
			complain(f, "%s: another uid", phases[i].name);
		if (phases[i].phase == REVIEW_MUTATE)
			check_filled(f, review, response);
		json_add(&f->arena, &all, str_of(phases[i].name),
			 readable(f, &answer));
	}
	return all;
}

static struct json tell(struct fixture *f)
{
	struct error err = ERROR_INIT;
	struct json all = json_make_object();
	struct review review;

	if (review_parse(&f->arena, f->body, &review, &err) == 0)
		return answer_all(f, &review);
	json_add(&f->arena, &all, STR("error"),
		 json_make_string(arena_str(&f->arena, str_of(err.msg))));
	return all;
}

static void compare(struct fixture *f, struct str got)
{
	struct str path =
		arena_printf(&f->arena, "%.*s/expect.json", STR_ARG(f->folder));
	struct error err = ERROR_INIT;
	struct str wanted;
	size_t same = 0;

	if (getenv("REVIEW_UPDATE") && file_write(path.p, got, &err) < 0)
		fail_msg("%s", err.msg);
	if (file_read(&f->arena, path.p, FILE_MAX, &wanted, &err) < 0) {
		complain(f, "%s", err.msg);
		return;
	}
	if (str_eq(got, wanted))
		return;
	while (same < got.n && same < wanted.n && got.p[same] == wanted.p[same])
		same++;
	same -= same < 60 ? same : 60;
	complain(f, "differs:\n got    ...%.200s\n wanted ...%.200s",
		 got.p + same, wanted.p + same);
}

static size_t run_case(const char *name)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(FILE_MAX);
	struct fixture f;
	struct json told;
	size_t failures;

	open_fixture(&f, name);
	told = tell(&f);
	json_write_pretty(&out, &told);
	compare(&f, buf_str(&out));
	failures = f.failures;
	close_fixture(&f);
	return failures;
}

static void every_case_is_answered_as_expected(void **state)
{
	struct dirent **entries;
	int n = scandir(CASES, &entries, NULL, alphasort);
	size_t failures = 0, cases = 0;

	(void)state;
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.') {
			failures += run_case(entries[i]->d_name);
			cases++;
		}
		free(entries[i]);
	}
	free(entries);
	assert_true(cases >= CASES_MIN);
	assert_int_equal(failures, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_is_answered_as_expected),
	};

	return cmocka_run_group_tests_name("policies/review.c", tests, NULL,
					   NULL) != 0;
}
