/* lib/status_port.c: loopback, plain */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "lib/status_port.h"
#include "tests/unit/loopback.h"

enum { ANSWER_MAX = 1 << 16, HUGE_HELP = 5 << 20 };

/* What the program says of itself. */
struct program {
	bool ready;
	unsigned measured;
	struct metrics *metrics;
};

static bool says_ready(void *context, struct arena *a, struct str *text)
{
	const struct program *p = context;

	*text = arena_printf(a, "[%c]all\n", p->ready ? '+' : '-');
	return p->ready;
}

static void measure(void *context)
{
	struct program *p = context;

	metrics_set(p->metrics, 0, METRIC_NO_LABELS, ++p->measured);
}

/* The whole answer to a request of HTTP/1.0, after which the server closes. */
static void ask(const struct http_server *s, const char *request,
		char answer[ANSWER_MAX])
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str text = arena_printf(&a, "%s HTTP/1.0\r\n\r\n", request);
	int fd = loopback_dial(http_server_address(s));
	size_t n = 0;
	ssize_t part;

	assert_int_equal(send(fd, text.p, text.n, MSG_NOSIGNAL), text.n);
	while ((part = recv(fd, answer + n, ANSWER_MAX - 1 - n, 0)) > 0)
		n += (size_t)part;
	answer[n] = '\0';
	assert_int_equal(part, 0);
	assert_int_equal(close(fd), 0);
}

static struct http_server *start(const struct status_port *port)
{
	struct http_server *s = NULL;
	struct error err = ERROR_INIT;

	if (status_port_start(port, &s, &err) < 0)
		fail_msg("%s", err.msg);
	return s;
}

static const struct metric asked[] = {
	{ .name = "asked", .help = "Times", .type = METRIC_GAUGE },
};

#define TEXT "Content-Type: text/plain; charset=utf-8\r\n"
#define NUMBERS "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"

static void it_tells_life_readiness_and_numbers(void **state)
{
	static const struct {
		bool ready;
		const char *request, *status, *type, *body;
	} rows[] = {
		{ true, "GET /healthz", " 200 ", TEXT, "\r\n\r\nok\n" },
		{ false, "GET /healthz", " 200 ", TEXT, "\r\n\r\nok\n" },
		{ true, "GET /readyz", " 200 ", TEXT, "\r\n\r\n[+]all\n" },
		{ false, "GET /readyz", " 503 ", TEXT, "\r\n\r\n[-]all\n" },
		{ false, "GET /metrics", " 200 ", NUMBERS, "\nasked 1\n" },
		{ false, "GET /metrics", " 200 ", NUMBERS, "\nasked 2\n" },
		{ true, "HEAD /readyz", " 200 ", TEXT, "" },
		{ false, "HEAD /readyz", " 503 ", TEXT, "" },
		{ true, "POST /readyz", " 405 ", "", "" },
		{ true, "GET /", " 404 ", "", "" },
		{ true, "GET /healthz/", " 404 ", "", "" },
		{ true, "GET /mutate", " 404 ", "", "" },
	};
	struct program p = { .metrics = metrics_new(asked, 1) };
	const struct status_port port = {
		.listen = STR("127.0.0.1:0"),
		.metrics = p.metrics,
		.ready = says_ready,
		.measure = measure,
		.context = &p,
	};
	static char answer[ANSWER_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_server *s;

		p.ready = rows[i].ready;
		s = start(&port);
		ask(s, rows[i].request, answer);
		http_server_stop(&s, 5);
		if (!strstr(answer, rows[i].status) ||
		    !strstr(answer, rows[i].type) ||
		    !strstr(answer, rows[i].body))
			fail_msg("row %zu: %s", i, answer);
	}
	assert_int_equal(p.measured, 2);
	metrics_free(&p.metrics);
}

static void half_of_the_numbers_is_never_told(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	char *help = arena_raw(&a, HUGE_HELP + 1, 1);
	const struct metric table[] = {
		{ .name = "asked", .help = help, .type = METRIC_GAUGE },
	};
	struct program p = { .metrics = metrics_new(table, 1) };
	const struct status_port port = {
		.listen = STR("127.0.0.1:0"),
		.metrics = p.metrics,
		.ready = says_ready,
		.measure = measure,
		.context = &p,
	};
	static char answer[ANSWER_MAX];
	struct http_server *s;

	(void)state;
	memset(help, 'x', HUGE_HELP);
	help[HUGE_HELP] = '\0';
	s = start(&port);
	ask(s, "GET /metrics", answer);
	http_server_stop(&s, 5);
	assert_non_null(strstr(answer, " 500 "));
	assert_non_null(strstr(answer, TEXT));
	assert_null(strstr(answer, "asked"));
	metrics_free(&p.metrics);
}

static void an_address_that_is_none_is_an_error(void **state)
{
	static const char *const rows[] = { "", "here", "127.0.0.1",
					    "127.0.0.1:70000" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct status_port port = { .listen = str_of(rows[i]) };
		struct http_server *s = NULL;
		struct error err = ERROR_INIT;

		assert_int_equal(status_port_start(&port, &s, &err), -1);
		assert_int_equal(err.code, ERR_CONFIG);
		assert_null(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_tells_life_readiness_and_numbers),
		cmocka_unit_test(half_of_the_numbers_is_never_told),
		cmocka_unit_test(an_address_that_is_none_is_an_error),
	};

	return cmocka_run_group_tests_name("lib/status_port.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
