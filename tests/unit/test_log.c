/* lib/log.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "lib/json_read.h"
#include "lib/log.h"

enum { LINE_CAP = 16 << 10 };

static char got[LINE_CAP + 64];

/* A datagram socket stands for stderr: one write(2) is one datagram. */
static void catch_stderr(int fds[2], int *saved)
{
	int size = 1 << 20;

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
	assert_int_equal(
		setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)),
		0);
	*saved = dup(STDERR_FILENO);
	assert_true(dup2(fds[1], STDERR_FILENO) >= 0);
}

static void restore_stderr(int fds[2], int saved)
{
	(void)dup2(saved, STDERR_FILENO);
	(void)close(saved);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static struct str receive(int fd)
{
	ssize_t n = recv(fd, got, sizeof(got), MSG_DONTWAIT);

	return (struct str){ got, n < 0 ? 0 : (size_t)n };
}

static struct str logged(enum log_level level, const char *msg,
			 struct log_field field)
{
	struct str line;
	int fds[2], saved;

	catch_stderr(fds, &saved);
	log_event(level, msg, field);
	line = receive(fds[0]);
	if (receive(fds[0]).n)
		line = STR("two writes");
	restore_stderr(fds, saved);
	return line;
}

/* The line is one JSON object, ended by the only newline. */
static struct json parsed(struct arena *a, struct str line)
{
	struct json doc;
	struct error err;

	assert_true(line.n > 0 && line.n <= LINE_CAP);
	assert_int_equal(str_find(line, '\n'), line.n - 1);
	line = arena_str(a, str_sub(line, 0, line.n - 1));
	if (json_read(a, line, 0, NULL, &doc, &err) < 0)
		fail_msg("%s: %.*s", err.msg, STR_ARG(line));
	return doc;
}

static void a_line_is_one_json_object(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json doc = parsed(&a, logged(LOG_WARN, "set \"refused\"\n",
					    LOG_INT("line", INT64_MIN)));

	(void)state;
	assert_true(json_str_is(json_at(&doc, "level"), STR("warn")));
	assert_true(
		json_str_is(json_at(&doc, "msg"), STR("set \"refused\"\n")));
	assert_true(str_is(json_text(json_at(&doc, "line")),
			   "-9223372036854775808"));
	assert_int_equal(json_str(json_at(&doc, "time")).n,
			 strlen("2026-11-21T06:00:00.000Z"));
}

static void text_is_escaped_and_bad_utf8_replaced(void **state)
{
	static const struct {
		struct str text, want;
	} rows[] = {
		{ STR_INIT("a\"b\\c\x01\x7f"), STR_INIT("a\"b\\c\x01\x7f") },
		{ STR_INIT("a\0b"), STR_INIT("a\0b") },
		{ STR_INIT("\xc3\xa9\xf0\x9f\x98\x80"),
		  STR_INIT("\xc3\xa9\xf0\x9f\x98\x80") },
		{ STR_INIT("\xff"), STR_INIT("\xef\xbf\xbd") },
		{ STR_INIT("\xc0\x80"), STR_INIT("\xef\xbf\xbd\xef\xbf\xbd") },
		{ STR_INIT("\xed\xa0\x80"),
		  STR_INIT("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") },
		{ STR_INIT("\xe2\x82"), STR_INIT("\xef\xbf\xbd\xef\xbf\xbd") },
		{ STR_INIT("\xf4\x90\x80\x80"),
		  STR_INIT(
			  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") },
		{ { NULL, 0 }, STR_INIT("") },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct json doc = parsed(
			&a, logged(LOG_ERROR, "m", LOG_STR("f", rows[i].text)));

		if (!json_str_is(json_at(&doc, "f"), rows[i].want))
			fail_msg("row %zu", i);
	}
}

static void long_text_is_cut_and_the_line_stays_json(void **state)
{
	static const char fill[] = { 'x', '"', '\x01', '\xff' };
	static char text[3 * LINE_CAP];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(fill); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct json doc;

		memset(text, fill[i], sizeof(text) - 1);
		doc = parsed(
			&a, logged(LOG_ERROR, "m", LOG_STR("f", str_of(text))));
		assert_true(str_ends(json_str(json_at(&doc, "f")), STR("...")));
		if (fill[i] == '\xff')
			continue;
		doc = parsed(&a, logged(LOG_ERROR, text, LOG_BOOL("f", true)));
		assert_true(
			str_ends(json_str(json_at(&doc, "msg")), STR("...")));
		assert_false(json_exists(json_at(&doc, "f")));
	}
}

static void lines_below_the_level_are_dropped(void **state)
{
	(void)state;
	assert_int_equal(logged(LOG_DEBUG, "m", LOG_BOOL("f", false)).n, 0);
	log_set_level(LOG_DEBUG);
	assert_true(logged(LOG_DEBUG, "m", LOG_BOOL("f", false)).n > 0);
	log_set_level(LOG_ERROR);
	assert_int_equal(logged(LOG_WARN, "m", LOG_BOOL("f", false)).n, 0);
	log_set_level(LOG_INFO);
}

static void no_fields_are_fine(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str line;
	int fds[2], saved;

	(void)state;
	catch_stderr(fds, &saved);
	log_event(LOG_INFO, "started");
	line = receive(fds[0]);
	restore_stderr(fds, saved);
	(void)parsed(&a, line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_one_json_object),
		cmocka_unit_test(text_is_escaped_and_bad_utf8_replaced),
		cmocka_unit_test(long_text_is_cut_and_the_line_stays_json),
		cmocka_unit_test(lines_below_the_level_are_dropped),
		cmocka_unit_test(no_fields_are_fine),
	};

	return cmocka_run_group_tests_name("lib/log.c", tests, NULL, NULL) ? 1
									   : 0;
}
