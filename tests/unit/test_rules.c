/*
 * The fixtures of every rule (tests/cases/rules/<id>/): see docs/development.md
 * for what the names mean. With arguments: only these rule ids.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/file.h"
#include "lib/json_diff.h"
#include "lib/json_write.h"
#include "policies/rules.h"
#include "tests/unit/load.h"

enum { FILE_MAX = 1 << 20 };

#define CASES "tests/cases/rules"

struct fixture {
	struct scene scene;
	struct str path, text;
	const struct rule *rule;
	size_t failures;
};

PRINTF_LIKE(2, 3)
static void complain(struct fixture *f, const char *fmt, ...)
{
	va_list args;

	f->failures++;
	fprintf(stderr, "%.*s: ", STR_ARG(f->path));
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

static bool read_docs(struct fixture *f, const char *path, struct str *text,
		      struct docs *docs)
{
	struct arena *a = &f->scene.arena;
	struct error err = ERROR_INIT;

	if (file_read(a, path, FILE_MAX, text, &err) < 0) {
		complain(f, "%s", err.msg);
		return false;
	}
	if (load_docs(a, *text, docs, &err) < 0) {
		complain(f, "%s:%u:%u: %s", path, err.line, err.column,
			 err.msg);
		return false;
	}
	return true;
}

/* Its own tiers, else those of the folder, else the shipped ones. */
static bool load_tiers(struct fixture *f)
{
	struct scene *s = &f->scene;
	struct docs *tiers = arena_new(&s->arena, struct docs, 1);
	struct str path =
		arena_printf(&s->arena, CASES "/%s/tiers.yaml", f->rule->id);
	struct error err = ERROR_INIT;
	struct str text;
	int loaded = load_policy(s->docs, f->path, &s->snapshot, &err);

	if (loaded == 0 && !s->snapshot && access(path.p, R_OK) == 0) {
		if (!read_docs(f, path.p, &text, tiers))
			return false;
		loaded = load_policy(tiers, path, &s->snapshot, &err);
	}
	if (loaded == 0 && !s->snapshot)
		loaded = snapshot_load_shipped(&s->snapshot, &err);
	if (loaded < 0)
		complain(f, "%s", err.msg);
	return loaded == 0;
}

/* The rest of the first line that begins with key; empty when none does. */
static struct str comment(const struct fixture *f, struct str key)
{
	struct str rest = f->text, line;

	while (str_split(&rest, '\n', &line))
		if (str_starts(line, key))
			return str_trim(str_sub(line, key.n, line.n));
	return STR("");
}

/*
 * "# operation: UPDATE": the document before the last is the old object;
 * "# operation: CONNECT exec": the last one holds the options.
 */
static void set_operation(struct fixture *f)
{
	struct str rest = comment(f, STR("# operation:")), word;
	const struct docs *docs = f->scene.docs;
	struct subject *s = &f->scene.subject;

	if (!rest.n || !str_split(&rest, ' ', &word))
		return;
	if (str_is(word, "UPDATE") && docs->n > 1) {
		s->operation = OPERATION_UPDATE;
		s->old_object = &docs->v[docs->n - 2];
	} else if (str_is(word, "DELETE")) {
		s->operation = OPERATION_DELETE;
		s->old_object = s->object;
		s->object = &json_missing;
	} else if (str_is(word, "CONNECT")) {
		s->operation = OPERATION_CONNECT;
	} else {
		complain(f, "operation \"%.*s\"", STR_ARG(word));
	}
	s->subresource = rest.p ? rest : STR("");
}

/* "# requester: NAME": not text, but what this user asks the API server. */
static void set_requester(struct fixture *f)
{
	struct str name = comment(f, STR("# requester:"));
	struct subject *s = &f->scene.subject;

	if (!name.n)
		return;
	s->from_file = false;
	s->resource = STR("of-a-request");
	s->user.name = name;
}

static bool open_fixture(struct fixture *f, const struct rule *rule,
			 struct str path)
{
	struct docs *docs;

	*f = (struct fixture){ .path = path, .rule = rule };
	docs = f->scene.docs = arena_new(&f->scene.arena, struct docs, 1);
	if (!read_docs(f, path.p, &f->text, docs))
		return false;
	if (docs->n && rule->kinds & SUBJECT_CONFIG)
		docs->subject = &docs->v[docs->n - 1];
	if (!load_tiers(f))
		return false;
	if (!load_objects(&f->scene)) {
		complain(f, "no subject");
		return false;
	}
	set_operation(f);
	set_requester(f);
	return true;
}

static void close_fixture(struct fixture *f)
{
	scene_close(&f->scene);
}

/* ---- what is checked ---- */

static void check_patch(struct fixture *f, const struct json *filled)
{
	struct error err = ERROR_INIT;
	struct json patched, patch = json_diff(&f->scene.arena,
					       f->scene.subject.object, filled);

	if (json_patch(&f->scene.arena, f->scene.subject.object, &patch,
		       &patched, &err) < 0)
		complain(f, "patch does not apply: %s", err.msg);
	else if (!json_equal(&patched, filled))
		complain(f, "patch gives another object");
}

/* Fills, and proves that filling again changes nothing. */
static struct json mutate(struct fixture *f)
{
	struct scene *s = &f->scene;
	struct subject again = s->subject;
	struct decision first, second;
	struct json patch;

	engine_mutate(&s->arena, &s->engine, &s->subject, &first);
	if (s->subject.operation > OPERATION_UPDATE)
		return first.filled;
	check_patch(f, &first.filled);
	again.object = &first.filled;
	engine_mutate(&s->arena, &s->engine, &again, &second);
	patch = json_diff(&f->scene.arena, &first.filled, &second.filled);
	if (json_len(&patch))
		complain(f, "second mutation: %s",
			 json_to_str(&f->scene.arena, &patch).p);
	return first.filled;
}

static void check_expectations(struct fixture *f, const struct verdict *v)
{
	struct str rest = f->text, line;

	while (str_split(&rest, '\n', &line)) {
		struct str want = str_trim(str_sub(line, 9, line.n));
		bool found = false;

		if (!str_starts(line, STR("# expect:")))
			continue;
		for (size_t i = 0; i < v->n_findings; i++)
			found |= str_is(str_of(v->findings[i].rule),
					f->rule->id) &&
				 str_find_str(finding_message(&f->scene.arena,
							      &v->findings[i]),
					      want) <
					 finding_message(&f->scene.arena,
							 &v->findings[i])
						 .n;
		if (!found)
			complain(f, "no message with \"%.*s\"", STR_ARG(want));
	}
}

static void check_count(struct fixture *f, size_t n)
{
	struct str rest = f->text, line;

	while (str_split(&rest, '\n', &line)) {
		struct json number =
			json_make_number(str_trim(str_sub(line, 8, line.n)));
		int64_t want;

		if (str_starts(line, STR("# count:")) &&
		    json_int(&number, &want) && (size_t)want != n)
			complain(f, "%zu findings, wanted %d", n, (int)want);
	}
}

static void validate(struct fixture *f, const struct json *object, bool fails)
{
	struct subject s = f->scene.subject;
	struct decision d;
	size_t n = 0;

	s.object = object;
	engine_validate(&f->scene.arena, &f->scene.engine, &s, &d);
	for (size_t i = 0; i < d.verdict.n_findings; i++)
		n += strcmp(d.verdict.findings[i].rule, f->rule->id) == 0;
	if (fails && !n)
		complain(f, "no finding of %s", f->rule->id);
	if (!fails || f->failures || getenv("FIXTURE_VERBOSE"))
		for (size_t i = 0; i < d.verdict.n_findings; i++)
			if (strcmp(d.verdict.findings[i].rule, f->rule->id) ==
			    0) {
				f->failures += !fails;
				fprintf(stderr, "%.*s: %.*s\n",
					STR_ARG(f->path),
					STR_ARG(finding_message(
						&f->scene.arena,
						&d.verdict.findings[i])));
			}
	check_count(f, n);
	check_expectations(f, &d.verdict);
}

static void check_filled(struct fixture *f, const struct json *filled)
{
	struct docs *docs = arena_new(&f->scene.arena, struct docs, 1);
	struct str text,
		path = arena_printf(&f->scene.arena, "%.*s.expect.yaml",
				    (int)f->path.n - 5, f->path.p);

	if (!read_docs(f, path.p, &text, docs))
		return;
	if (docs->n != 1 || !json_equal(&docs->v[0], filled))
		complain(f, "filled: %s",
			 json_to_str(&f->scene.arena, filled).p);
}

static size_t run_fixture(const struct rule *rule, struct str path)
{
	struct str name = path;
	struct fixture f;
	struct json filled;
	size_t slash;

	while ((slash = str_find(name, '/')) < name.n)
		name = str_sub(name, slash + 1, name.n);
	if (open_fixture(&f, rule, path)) {
		filled = mutate(&f);
		if (str_starts(name, STR("pass-")))
			validate(&f, &filled, false);
		else if (str_starts(name, STR("fail-")))
			validate(&f, &filled, true);
		else if (str_starts(name, STR("bare-pass-")))
			validate(&f, f.scene.subject.object, false);
		else if (str_starts(name, STR("bare-fail-")))
			validate(&f, f.scene.subject.object, true);
		else if (str_starts(name, STR("fill-")))
			check_filled(&f, &filled);
		else
			complain(&f, "a name that says nothing");
	}
	close_fixture(&f);
	return f.failures;
}

static size_t fixtures_run;
static char *const *only;

static bool wanted(const struct rule *rule)
{
	if (!only || !*only)
		return true;
	for (size_t i = 0; only[i]; i++)
		if (strcmp(only[i], rule->id) == 0)
			return true;
	return false;
}

static size_t run_rule(const struct rule *rule)
{
	static const char *const suffixes[] = { ".yaml", NULL };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str folder = arena_printf(&a, CASES "/%s", rule->id);
	struct file_list list = { .n = 0 };
	struct error err = ERROR_INIT;
	size_t failures = 0;

	if (file_list(&a, folder.p, suffixes, &list, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	for (size_t i = 0; i < list.n; i++) {
		if (str_ends(list.paths[i], STR(".expect.yaml")) ||
		    str_ends(list.paths[i], STR("/tiers.yaml")))
			continue;
		failures += run_fixture(rule, list.paths[i]);
		fixtures_run++;
	}
	return failures;
}

static void every_fixture_is_judged_as_its_name_says(void **state)
{
	size_t failures = 0;

	(void)state;
	for (size_t i = 0; rules[i]; i++)
		if (wanted(rules[i]))
			failures += run_rule(rules[i]);
	print_message("%zu fixtures\n", fixtures_run);
	assert_int_equal(failures, 0);
	assert_true(fixtures_run > 0);
}

static void the_table_is_sound(void **state)
{
	(void)state;
	for (size_t i = 0; rules[i]; i++) {
		assert_non_null(rules[i]->title);
		assert_non_null(rules[i]->doc);
		assert_non_null(rules[i]->fields);
		assert_true(rules[i]->fill || rules[i]->check);
		assert_true(rules[i]->kinds != 0);
		assert_ptr_equal(rules_find(str_of(rules[i]->id)), rules[i]);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(every_fixture_is_judged_as_its_name_says),
	};

	only = argc > 1 ? argv + 1 : NULL;
	return cmocka_run_group_tests_name("policies/rules.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
