/*
 * Regular expressions, the only user of PCRE2. A scan of the text refuses
 * what RE2 does not have or reads differently; PCRE2 compiles the rest, by
 * JIT where the system lets it map executable memory, else for its
 * interpreter.
 */
#include "lib/pattern.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
	MATCH_LIMIT = 10000,
	DEPTH_LIMIT = 1000,
	HEAP_LIMIT_KIB = 1024,
	NEST_LIMIT = 50,
};

#define COMPILE_OPTIONS                                                        \
	(PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C)

struct pattern {
	pcre2_code *code;
	size_t n;
	char text[]; /* NUL-terminated behind its end */
};

/* ---- the scan ---- */

struct scan {
	struct str text;
	size_t at;
	bool in_class;
	bool repeated;	 /* what stands before at is a quantifier */
	const char *why; /* set: refused */
};

static char peek(const struct scan *s, size_t ahead)
{
	if (s->at + ahead >= s->text.n)
		return '\0';
	return s->text.p[s->at + ahead];
}

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c)
{
	return is_digit(c) || is_one_of(c, "abcdefABCDEF");
}

/* At "\Q": up to behind "\E", or to the end. */
static void scan_quote(struct scan *s)
{
	struct str rest = str_sub(s->text, s->at + 2, s->text.n);

	if (s->in_class)
		s->why = "\\Q inside [...]";
	s->at += 2 + str_find_str(rest, STR("\\E")) + 2;
}

/* At a backslash. Letters are refused unless RE2 has them too. */
static void scan_escape(struct scan *s)
{
	char c = peek(s, 1);

	if (c == 'Q') {
		scan_quote(s);
		return;
	}
	if (c >= '1' && c <= '9')
		s->why = "a back-reference";
	else if (is_letter(c) &&
		 !is_one_of(c, s->in_class ? "afnrtxdDsSwWpP"
					   : "afnrtxdDsSwWpPAbBz"))
		s->why = "an escape that RE2 does not have";
	else if (c == 'x' && peek(s, 2) != '{' &&
		 !(is_hex(peek(s, 2)) && is_hex(peek(s, 3))))
		s->why = "\\x without two hexadecimal digits";
	s->at += 2;
}

/* At "(": plain, (?:, (?flags:, (?flags), (?P<name> and (?<name> stay. */
static void scan_group(struct scan *s)
{
	size_t i = 2;

	s->at++;
	if (peek(s, 0) == '*')
		s->why = "a (*VERB)";
	if (peek(s, 0) != '?')
		return;
	if (peek(s, 1) == 'P' && peek(s, 2) == '<')
		i = 3;
	else if (peek(s, 1) == '<')
		i = 2;
	else
		i = 0;
	if (i) {
		if (!is_letter(peek(s, i)) && peek(s, i) != '_')
			s->why = "a look-around group";
		return;
	}
	for (i = 1; is_one_of(peek(s, i), "imsU-"); i++)
		;
	if (peek(s, i) != ':' && peek(s, i) != ')')
		s->why = "a (?...) group that RE2 does not have";
	else
		s->at++;
}

/* Length of the quantifier "{n}", "{n,}" or "{n,m}" at s, or 0. */
static size_t braces(const struct scan *s)
{
	size_t i = 1;

	if (!is_digit(peek(s, i)))
		return 0;
	while (is_digit(peek(s, i)))
		i++;
	if (peek(s, i) == ',')
		i++;
	while (is_digit(peek(s, i)))
		i++;
	return peek(s, i) == '}' ? i + 1 : 0;
}

/* At '[' of a class: a first ']' is a member of it. */
static void scan_class_open(struct scan *s)
{
	s->in_class = true;
	s->at++;
	if (peek(s, 0) == '^')
		s->at++;
	if (peek(s, 0) == ']')
		s->at++;
}

static void scan_in_class(struct scan *s)
{
	if (peek(s, 0) == ']')
		s->in_class = false;
	/* "[[:<:]]" and "[[:>:]]" are look-around in disguise. */
	else if (peek(s, 0) == '[' && peek(s, 1) == ':') {
		struct str rest = str_sub(s->text, s->at + 2, s->text.n);
		size_t n = str_find_str(rest, STR(":]"));

		if (is_one_of(peek(s, 2), "<>"))
			s->why = "a word boundary in [...]";
		else if (n < rest.n && str_find(rest, ']') == n + 1)
			s->at += n + 3;
	}
	s->at++;
}

static void scan_one(struct scan *s)
{
	bool after = s->repeated;
	char c = peek(s, 0);
	size_t n = c == '{' ? braces(s) : is_one_of(c, "*+?");

	s->repeated = n && !(after && c == '?');
	if (after && c == '+')
		s->why = "a possessive quantifier";
	else if (c == '\\')
		scan_escape(s);
	else if (s->in_class)
		scan_in_class(s);
	else if (c == '[')
		scan_class_open(s);
	else if (c == '(')
		scan_group(s);
	else
		s->at += n ? n : 1;
}

static int check_portable(struct str text, struct error *err)
{
	struct scan s = { .text = text };

	while (s.at < text.n) {
		size_t at = s.at;

		if (s.in_class)
			s.repeated = false;
		scan_one(&s);
		if (s.in_class)
			s.repeated = false;
		if (s.why)
			return error_set(err, ERR_CONFIG,
					 "pattern \"%.*s\" has %s at offset "
					 "%zu; only what RE2 also understands "
					 "is allowed",
					 STR_ARG(text), s.why, at);
	}
	return 0;
}

/* ---- compiling ---- */

static void *or_abort(void *p)
{
	if (!p) {
		fputs("fatal: out of memory\n", stderr);
		abort();
	}
	return p;
}

static pcre2_code *compile(struct str text, int *code, size_t *offset)
{
	pcre2_compile_context *context =
		or_abort(pcre2_compile_context_create(NULL));
	pcre2_code *compiled;

	/* The library's own defaults depend on how it was built. */
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	pcre2_set_bsr(context, PCRE2_BSR_UNICODE);
	pcre2_set_parens_nest_limit(context, NEST_LIMIT);
	pcre2_set_max_pattern_length(context, PATTERN_LENGTH_MAX);
	compiled = pcre2_compile((PCRE2_SPTR)text.p, text.n, COMPILE_OPTIONS,
				 code, offset, context);
	pcre2_compile_context_free(context);
	return compiled;
}

int pattern_compile(struct str text, struct pattern **out, struct error *err)
{
	char why[128];
	pcre2_code *compiled;
	struct pattern *p;
	size_t offset;
	int code;

	if (!text.p)
		text = STR("");
	if (text.n > PATTERN_LENGTH_MAX)
		return error_set(err, ERR_CONFIG,
				 "a pattern of %zu bytes; at most %d are "
				 "allowed",
				 text.n, PATTERN_LENGTH_MAX);
	if (check_portable(text, err) < 0)
		return -1;
	compiled = compile(text, &code, &offset);
	if (!compiled) {
		pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof(why));
		return error_set(err, ERR_CONFIG,
				 "pattern \"%.*s\" does not compile: %s at "
				 "offset %zu",
				 STR_ARG(text), why, offset);
	}
	/* Fails where no memory may be executable; the interpreter remains. */
	(void)pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
	p = or_abort(malloc(sizeof(*p) + text.n + 1));
	p->code = compiled;
	p->n = text.n;
	memcpy(p->text, text.p, text.n);
	p->text[text.n] = '\0';
	*out = p;
	return 0;
}

void pattern_free(struct pattern **p)
{
	if (!*p)
		return;
	pcre2_code_free((*p)->code);
	free(*p);
	*p = NULL;
}

struct str pattern_text(const struct pattern *p)
{
	return (struct str){ p->text, p->n };
}

/* ---- matching ---- */

struct scratch {
	pcre2_match_data *data;
	pcre2_match_context *context;
};

/* One scratch for each thread; written once, by make_key. */
static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;

static void scratch_free(void *p)
{
	struct scratch *s = p;

	pcre2_match_data_free(s->data);
	pcre2_match_context_free(s->context);
	free(s);
}

static void make_key(void)
{
	if (pthread_key_create(&scratch_key, scratch_free) != 0)
		BUG("pthread_key_create");
}

static struct scratch *scratch_new(void)
{
	struct scratch *s = or_abort(malloc(sizeof(*s)));

	s->data = or_abort(pcre2_match_data_create(1, NULL));
	s->context = or_abort(pcre2_match_context_create(NULL));
	pcre2_set_match_limit(s->context, MATCH_LIMIT);
	pcre2_set_depth_limit(s->context, DEPTH_LIMIT);
	pcre2_set_heap_limit(s->context, HEAP_LIMIT_KIB);
	if (pthread_setspecific(scratch_key, s) != 0)
		BUG("pthread_setspecific");
	return s;
}

static struct scratch *scratch_get(void)
{
	struct scratch *s;

	if (pthread_once(&scratch_once, make_key) != 0)
		BUG("pthread_once");
	s = pthread_getspecific(scratch_key);
	return s ? s : scratch_new();
}

enum pattern_result pattern_match(const struct pattern *p, struct str subject)
{
	const char *text = subject.p ? subject.p : "";
	struct scratch *s;
	int rc;

	if (subject.n > PATTERN_SUBJECT_MAX)
		return PATTERN_LIMIT;
	s = scratch_get();
	rc = pcre2_match(p->code, (PCRE2_SPTR)text, subject.n, 0, 0, s->data,
			 s->context);
	if (rc >= 0)
		return PATTERN_YES;
	return rc == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_LIMIT;
}
