/* lib/pattern.c, with and without JIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/pattern.h"

static struct pattern *compiled(const char *text)
{
	struct pattern *p;
	struct error err;

	if (pattern_compile(str_of(text), &p, &err) < 0)
		fail_msg("%s", err.msg);
	return p;
}

static void matching_knows_ends_lines_and_utf8(void **state)
{
	static const struct {
		const char *pattern;
		struct str subject;
		enum pattern_result want;
	} rows[] = {
		{ "^ok$", STR_INIT("ok"), PATTERN_YES },
		{ "^ok$", STR_INIT("ok\n"), PATTERN_NO },
		{ "^ok$", STR_INIT("ok\nevil"), PATTERN_NO },
		{ "(?m)^ok$", STR_INIT("ok\nevil"), PATTERN_YES },
		{ "^a.c$", STR_INIT("a\nc"), PATTERN_NO },
		{ "^a.c$", STR_INIT("a\rc"), PATTERN_YES },
		{ "^(?s:a.c)$", STR_INIT("a\nc"), PATTERN_YES },
		{ "^.$", STR_INIT("\xc3\xa9"), PATTERN_YES },
		{ "^.$", STR_INIT("\xe2\x82"), PATTERN_LIMIT },
		{ "a", STR_INIT("a\xff"), PATTERN_LIMIT },
		{ "a", STR_INIT("\xed\xa0\x80"), PATTERN_LIMIT },
		{ "b", STR_INIT("a\0b"), PATTERN_YES },
		{ "^$", STR_INIT(""), PATTERN_YES },
		{ "^$", { NULL, 0 }, PATTERN_YES },
		{ "", STR_INIT("x"), PATTERN_YES },
		{ "x", STR_INIT(""), PATTERN_NO },
		{ "^registry\\.io/", STR_INIT("registry-io/a"), PATTERN_NO },
		{ "(?i)ABC", STR_INIT("xabcx"), PATTERN_YES },
		{ "^\\d+$", STR_INIT("\xd9\xa1"), PATTERN_NO },
		{ "^(a+)+$", STR_INIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"),
		  PATTERN_LIMIT },
		{ "^(a|aa)+$", STR_INIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"),
		  PATTERN_LIMIT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pattern *p = compiled(rows[i].pattern);
		enum pattern_result got = pattern_match(p, rows[i].subject);

		if (got != rows[i].want)
			fail_msg("row %zu, %s: %d", i, rows[i].pattern, got);
		pattern_free(&p);
		assert_null(p);
	}
}

static void what_re2_has_is_accepted(void **state)
{
	static const char *const rows[] = {
		"a+b",
		"a*?b+?c??",
		"a{2,3}?",
		"(?:a|b)",
		"(?i-s:a)",
		"(?P<name>a)",
		"(?<name>a)",
		"[]a]+",
		"[^]a]+",
		"[+*]+",
		"[a+]+",
		"\\++",
		"\\(?\\*",
		"\\Qa++(?=\\E+",
		"\\Q(*ACCEPT)",
		"[[:alpha:]]+",
		"[[:^digit:]_]+",
		"\\x41\\x{1F600}",
		"\\pL\\p{Greek}",
		"\\A\\bx\\B\\z",
		"\\0\\012",
		"a{,5}+",
		"x{a}+",
		"[\\]+]+",
		"\\\\+",
		"a|(b)+",
		"\\.\\-\\_",
		"[(?=]",
		"[[]+",
		"\\?+",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pattern *p = compiled(rows[i]);

		assert_true(str_is(pattern_text(p), rows[i]));
		pattern_free(&p);
	}
}

static void what_re2_lacks_is_refused(void **state)
{
	static const char *const rows[] = {
		"(a)\\1",      "(?P<n>a)(?P=n)",
		"\\k<n>",      "\\g1",
		"(?=a)",       "(?!a)",
		"(?<=a)",      "(?<!a)",
		"(?>a)",       "a++",
		"a*+",	       "a?+",
		"a{2}+",       "a{2,}+",
		"(a)++",       "[a]++",
		"(?R)",	       "(?1)",
		"(?&n)",       "(?P>n)",
		"(?(1)a)",     "(?C1)",
		"(?#c)",       "(?|a)",
		"(*ACCEPT)a",  "(*UCP)a",
		"(*atomic:a)", "(?'n'a)",
		"(?x)a b",     "(?J)a",
		"(?^:a)",      "\\R",
		"\\X",	       "\\K",
		"\\G",	       "\\Z",
		"\\h",	       "\\v",
		"\\N",	       "\\C",
		"\\cA",	       "\\e",
		"\\o{12}",     "\\x4",
		"\\x",	       "[\\b]",
		"[\\Qa\\E]",   "[\\1]",
		"[[:<:]]a",    "a[[:>:]]",
		"\\E",	       "\\u0041",
		"\\Qa\\E++",   "\\+++",
		"[]]++",       "[^]]*+",
	};
	struct pattern *p = NULL;
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (pattern_compile(str_of(rows[i]), &p, &err) == 0)
			fail_msg("accepted %s", rows[i]);
		assert_int_equal(err.code, ERR_CONFIG);
		assert_non_null(strstr(err.msg, "offset"));
	}
}

static void broken_patterns_are_refused(void **state)
{
	static const struct str rows[] = {
		STR_INIT("("),
		STR_INIT(")"),
		STR_INIT("[a"),
		STR_INIT("*"),
		STR_INIT("a\\"),
		STR_INIT("\xff"),
		STR_INIT("a{3,2}"),
		STR_INIT("[z-a]"),
		STR_INIT("(?"),
		STR_INIT("(?P<"),
		STR_INIT("\\p{Klingon}"),
		STR_INIT("(((a{999}){999}){999})"),
	};
	struct pattern *p = NULL;
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (pattern_compile(rows[i], &p, &err) == 0)
			fail_msg("accepted row %zu", i);
		assert_int_equal(err.code, ERR_CONFIG);
	}
}

static void lengths_and_nesting_are_capped(void **state)
{
	static char text[PATTERN_SUBJECT_MAX + 1];
	struct pattern *p = compiled("z");
	struct pattern *none = NULL;
	struct error err;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(pattern_match(p, (struct str){ text, sizeof(text) }),
			 PATTERN_LIMIT);
	assert_int_equal(
		pattern_match(p, (struct str){ text, sizeof(text) - 1 }),
		PATTERN_NO);
	pattern_free(&p);
	assert_int_equal(
		pattern_compile((struct str){ text, 1025 }, &none, &err), -1);
	memset(text, '(', 51);
	memset(text + 51, ')', 51);
	assert_int_equal(
		pattern_compile((struct str){ text, 102 }, &none, &err), -1);
	assert_int_equal(err.code, ERR_CONFIG);
}

static void *match_often(void *arg)
{
	const struct pattern *p = arg;
	intptr_t bad = 0;

	for (int i = 0; i < 500; i++)
		bad += pattern_match(p, STR("team-a")) != PATTERN_YES;
	return (void *)bad;
}

static void one_pattern_serves_many_threads(void **state)
{
	struct pattern *p = compiled("^[a-z]+-[a-z]$");
	pthread_t threads[8];
	void *bad;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, match_often, p), 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		assert_int_equal(pthread_join(threads[i], &bad), 0);
		assert_null(bad);
	}
	pattern_free(&p);
}

/* What a hardened container does: no page may become executable. */
static bool forbid_executable_memory(void)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 13),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { ARRAY_LEN(program), program };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/* In the child: 0 when all is well, 2 when the filter cannot be set. */
static int match_interpreted(void)
{
	struct pattern *p, *evil;
	struct error err;

	if (!forbid_executable_memory())
		return 2;
	if (mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		return 3;
	if (pattern_compile(STR("^[a-z]+$"), &p, &err) < 0 ||
	    pattern_compile(STR("^(a+)+$"), &evil, &err) < 0)
		return 4;
	if (pattern_match(p, STR("abc")) != PATTERN_YES ||
	    pattern_match(p, STR("abc\n")) != PATTERN_NO ||
	    pattern_match(p, STR("\xff")) != PATTERN_LIMIT)
		return 5;
	if (pattern_match(evil, STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")) !=
	    PATTERN_LIMIT)
		return 6;
	return 0;
}

static void without_executable_memory_the_interpreter_matches(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	assert_true(child >= 0);
	if (child == 0)
		_exit(match_interpreted());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matching_knows_ends_lines_and_utf8),
		cmocka_unit_test(what_re2_has_is_accepted),
		cmocka_unit_test(what_re2_lacks_is_refused),
		cmocka_unit_test(broken_patterns_are_refused),
		cmocka_unit_test(lengths_and_nesting_are_capped),
		cmocka_unit_test(one_pattern_serves_many_threads),
		cmocka_unit_test(
			without_executable_memory_the_interpreter_matches),
	};

	return cmocka_run_group_tests_name("lib/pattern.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
