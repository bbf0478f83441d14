/* bulkhead test: a team's own expectations of its policy. */
#include <stdio.h>

#include "cli/policy_test_run.h"
#include "cli/reports/escape.h"
#include "cli/verbs/all.h"
#include "lib/file.h"

enum format { TEXT, TAP };

struct tally {
	size_t passed, failed;
	size_t broken; /* files and cases that cannot be run */
};

struct test_run {
	struct arena *arena;
	enum format format;
	struct buf *out;
	struct tally tally;
};

/* ---- output ---- */

static void put_name(struct test_run *s, const struct policy_test *t,
		     const struct policy_case *c)
{
	escape_line(s->out, t->path);
	buf_puts(s->out, ": ");
	escape_line(s->out, c->name);
	buf_putc(s->out, '\n');
}

static void put_case(struct test_run *s, const struct policy_test *t,
		     const struct policy_case *c,
		     const struct texts *complaints)
{
	bool passed = !complaints->n;

	switch (s->format) {
	case TEXT:
		buf_puts(s->out, passed ? "--- PASS: " : "--- FAIL: ");
		break;
	case TAP:
		buf_printf(s->out, "%s %zu - ", passed ? "ok" : "not ok",
			   s->tally.passed + s->tally.failed);
		break;
	}
	put_name(s, t, c);
	for (size_t i = 0; i < complaints->n; i++) {
		buf_puts(s->out, s->format == TAP ? "# " : "    ");
		escape_line(s->out, complaints->v[i]);
		buf_putc(s->out, '\n');
	}
}

static void put_end(struct test_run *s)
{
	const struct tally *t = &s->tally;

	if (s->format == TAP)
		buf_printf(s->out, "1..%zu\n# ", t->passed + t->failed);
	buf_printf(s->out, "%zu passed, %zu failed\n", t->passed, t->failed);
}

/* ---- running ---- */

static void tell(struct test_run *s, const struct error *err)
{
	fprintf(stderr, "bulkhead test: %s\n", err->msg);
	s->tally.broken++;
}

static void run_case(struct test_run *s, const struct policy_test *t,
		     const struct policy_case *c, struct snapshot *set)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct texts complaints = { .n = 0 };
	struct error err = ERROR_INIT;

	if (policy_case_run(&a, t, c, set, &complaints, &err) < 0) {
		error_wrap(&err, "%.*s", STR_ARG(t->path));
		tell(s, &err);
		return;
	}
	if (complaints.n)
		s->tally.failed++;
	else
		s->tally.passed++;
	put_case(s, t, c, &complaints);
}

static void run_test(struct test_run *s, const struct policy_test *t)
{
	const struct policy_case *cases = t->cases.v;
	struct error err = ERROR_INIT;
	struct snapshot *set = NULL;

	if (policy_test_load(s->arena, t, &set, &err) < 0) {
		tell(s, &err);
		return;
	}
	for (size_t i = 0; i < t->cases.n; i++)
		run_case(s, t, &cases[i], set);
	snapshot_unref(&set);
}

static void run_file(struct test_run *s, struct str path)
{
	struct policy_tests tests = { .arena = s->arena };
	struct error err = ERROR_INIT;

	/* A file that is half wrong is wrong: nothing of it is run. */
	if (policy_tests_read(&tests, path, &err) < 0)
		tell(s, &err);
	else
		for (size_t i = 0; i < tests.n; i++)
			run_test(s, &tests.v[i]);
	policy_tests_release(&tests);
}

static int outcome(const struct test_run *s)
{
	const struct tally *t = &s->tally;

	if (t->broken)
		return EXIT_UNREADABLE;
	if (t->passed + t->failed == 0) {
		fputs("bulkhead test: no tests: wanted files that end in "
		      ".test.yaml\n",
		      stderr);
		return EXIT_FINDINGS;
	}
	return t->failed ? EXIT_FINDINGS : EXIT_CLEAN;
}

static int run(struct arena *a, const struct settings *settings,
	       const struct texts *operands)
{
	static const char *const suffixes[] = { ".test.yaml", ".test.yml",
						NULL };
	CLEANUP(buf_release) struct buf out = BUF_INIT(VERB_OUTPUT_MAX);
	struct test_run s = { .arena = a,
			      .format = (enum format)settings->format,
			      .out = &out };
	struct file_list files = { .n = 0 };
	struct error err = ERROR_INIT;

	if (!operands->n)
		return verb_usage(&verb_test, "no path given");
	for (size_t i = 0; i < operands->n; i++)
		if (file_list(a, operands->v[i].p, suffixes, &files, &err) < 0)
			return verb_fail(EXIT_UNREADABLE, &err);
	if (s.format == TAP)
		buf_puts(&out, "TAP version 13\n");
	for (size_t i = 0; i < files.n; i++)
		run_file(&s, files.paths[i]);
	put_end(&s);
	if (verb_print(&out))
		return EXIT_INTERNAL;
	return outcome(&s);
}

static const char *const format_names[] = { "text", "tap", NULL };

static const struct option options[] = {
	OPTION(struct settings, format, .name = "output", .letter = 'o',
	       .type = OPTION_CHOICE, .argument = "FORMAT",
	       .choices = format_names,
	       .help = "how it is told (default: text)"),
	OPTION_END,
};

const struct verb verb_test = {
	.name = "test",
	.operands = "PATH...",
	.title = "Run a team's tests of its tiers and policies",
	.doc = "Runs the PolicyTest documents of all files below PATH that end "
	       "in .test.yaml: each case\n"
	       "has objects (file names or the objects themselves) and what is "
	       "expected: verdict\n"
	       "(pass, warn or deny), and if wanted rules (the ids that deny "
	       "or warn, exactly), tier,\n"
	       "filled (paths and values) and message (a pattern). spec.tiers "
	       "names the policy's folder,\n"
	       "spec.clusterObjects, namespaceLabels and now are as the "
	       "options of check. Exit status:\n"
	       "1 when a case fails or there is none, 3 when a file cannot be "
	       "read.",
	.examples = "  bulkhead test policy/\n"
		    "  bulkhead test -o tap policy/agents.test.yaml",
	.options = options,
	.completes_paths = true,
	.run = run,
};
