/* kube/transport.c: failures, and what it refuses */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "kube/transport.h"
#include "lib/buf.h"
#include "tests/fake/script.h"

#define SECRET "eyJhbGciOi-secret-token"
/* What a slow machine needs at most, and what must not be waited out. */
#define ENOUGH_MS 60000

static struct kube_stop *stop;
static struct arena arena;

static struct kube_transport *open_at(const char *url, const char *token)
{
	const struct kube_config config = {
		.server = str_of(url),
		.token = str_of(token),
		.source = STR("test.conf"),
	};
	struct kube_transport *t;
	struct error err = ERROR_INIT;

	if (kube_transport_new(&config, stop, "test/1", &t, &err) < 0)
		fail_msg("%s", err.msg);
	return t;
}

static void check_script(struct fake_script **script)
{
	const char *complaint = fake_script_stop(script);

	if (complaint)
		fail_msg("%s", complaint);
}

static struct kube_transport_request get(const char *path)
{
	return (struct kube_transport_request){ .method = "GET",
						.path = str_of(path),
						.timeout_ms = ENOUGH_MS };
}

static int set_up(void **state)
{
	(void)state;
	stop = kube_stop_new();
	arena = (struct arena)ARENA_INIT;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	kube_stop_free(&stop);
	arena_release(&arena);
	return 0;
}

#define HEAD "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"

static void tells_what_is_known_of_a_failure(void **state)
{
	static const struct {
		const char *name;
		struct fake_step step;
		int64_t timeout_ms;
		enum kube_transport_outcome want;
		const char *says;
	} rows[] = {
		{ "refused",
		  { .refuse = true, .hold_ms = ENOUGH_MS },
		  ENOUGH_MS,
		  TRANSPORT_NOT_SENT,
		  "no connection" },
		{ "no answer",
		  { .answer = NULL },
		  ENOUGH_MS,
		  TRANSPORT_UNKNOWN,
		  "closed without an answer" },
		{ "cut in the status line",
		  { .answer = "HTTP/1.", .close = true },
		  ENOUGH_MS,
		  TRANSPORT_UNKNOWN,
		  "" },
		{ "cut in the head",
		  { .answer = "HTTP/1.1 200 OK\r\nContent-Ty", .close = true },
		  ENOUGH_MS,
		  TRANSPORT_UNKNOWN,
		  "in the middle of the answer" },
		{ "cut behind the last header",
		  { .answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
		    .close = true },
		  ENOUGH_MS,
		  TRANSPORT_UNKNOWN,
		  "in the middle of the answer" },
		{ "cut in the body",
		  { .answer = HEAD "abc", .close = true },
		  ENOUGH_MS,
		  TRANSPORT_UNKNOWN,
		  "in the middle of the answer" },
		{ "cut between chunks",
		  { .answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"
			      "\r\n\r\n3\r\nabc\r\n",
		    .close = true },
		  ENOUGH_MS,
		  TRANSPORT_UNKNOWN,
		  "in the middle of the answer" },
		{ "bad chunk",
		  { .answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"
			      "\r\n\r\nxyz\r\nabc\r\n",
		    .close = true },
		  ENOUGH_MS,
		  TRANSPORT_UNKNOWN,
		  "" },
		{ "no HTTP",
		  { .answer = "\x15\x03\x01\x00\x02\x02\x16",
		    .length = 7,
		    .close = true },
		  ENOUGH_MS,
		  TRANSPORT_UNKNOWN,
		  "whether it wants https" },
		{ "never answered",
		  { .answer = HEAD, .hold_ms = ENOUGH_MS },
		  200,
		  TRANSPORT_UNKNOWN,
		  "no answer within 200 ms" },
		{ "never finished",
		  { .answer = HEAD "abc", .linger = true },
		  200,
		  TRANSPORT_UNKNOWN,
		  "no whole answer within 200 ms" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fake_step steps[2] = { rows[i].step };
		struct kube_transport_request request = get("/a/b?token=c");
		struct kube_transport_answer answer;
		struct error err = ERROR_INIT;
		struct fake_script *script;
		struct kube_transport *t;
		enum kube_transport_outcome got;

		steps[0].expect = "GET /a/b?token=c ";
		request.timeout_ms = rows[i].timeout_ms;
		script = fake_script_start(steps);
		t = open_at(fake_script_url(script), SECRET);
		got = kube_transport_send(t, &arena, &request, &answer, &err);
		if (got != rows[i].want ||
		    err.code != (rows[i].step.refuse ? ERR_AWAY : ERR_IO) ||
		    !strstr(err.msg, rows[i].says) ||
		    !strstr(err.msg, "GET /a/b at http://127.0.0.1:") ||
		    strstr(err.msg, "token=c") || strstr(err.msg, SECRET))
			fail_msg("%s: %d, \"%s\"", rows[i].name, got, err.msg);
		kube_transport_free(&t);
		if (!rows[i].step.refuse)
			check_script(&script);
		else
			(void)fake_script_stop(&script);
	}
}

/* head, n times piece, tail */
static struct str repeated(const char *head, const char *piece, size_t n,
			   const char *tail)
{
	struct buf b = BUF_INIT(8 << 20);
	struct str whole;

	buf_puts(&b, head);
	for (size_t i = 0; i < n; i++)
		buf_puts(&b, piece);
	buf_puts(&b, tail);
	whole = arena_str(&arena, buf_str(&b));
	buf_release(&b);
	return whole;
}

static void refuses_answers_beyond_the_caps(void **state)
{
	static const char sized[] =
		"HTTP/1.1 200 OK\r\nContent-Length: 3145728\r\n\r\n";
	static const char sizeless[] = "HTTP/1.1 500 No\r\n\r\n";
	static const char piece[] = "0123456789abcdef";
	static const size_t pieces = (3 << 20) / 16;
	const struct {
		struct str answer;
		size_t max;
		enum kube_transport_outcome want;
	} rows[] = {
		{ repeated(sized, piece, pieces, ""), 1 << 20,
		  TRANSPORT_REFUSED },
		{ repeated(sized, piece, pieces, ""), (3 << 20) - 1,
		  TRANSPORT_REFUSED },
		{ repeated(sized, piece, pieces, ""), 3 << 20,
		  TRANSPORT_ANSWERED },
		{ repeated(sized, piece, pieces, ""), 0, TRANSPORT_ANSWERED },
		{ repeated(sizeless, piece, pieces, ""), 1 << 20,
		  TRANSPORT_REFUSED },
		{ repeated("HTTP/1.1 200 OK\r\n", "X-A: 0123456789\r\n", 9999,
			   "Content-Length: 0\r\n\r\n"),
		  0, TRANSPORT_REFUSED },
		{ repeated("HTTP/1.1 200 OK\r\nX-A: ", piece, 5000,
			   "\r\nContent-Length: 0\r\n\r\n"),
		  0, TRANSPORT_REFUSED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct fake_step steps[] = {
			{ .expect = "GET /",
			  .answer = rows[i].answer.p,
			  .length = rows[i].answer.n,
			  .close = true },
			{ .expect = NULL },
		};
		struct fake_script *script = fake_script_start(steps);
		struct kube_transport *t =
			open_at(fake_script_url(script), NULL);
		struct kube_transport_request request = get("/");
		struct kube_transport_answer answer;
		struct error err = ERROR_INIT;
		enum kube_transport_outcome got;

		request.answer_max = rows[i].max;
		got = kube_transport_send(t, &arena, &request, &answer, &err);
		if (got != rows[i].want ||
		    (got == TRANSPORT_REFUSED && err.code != ERR_LIMIT))
			fail_msg("row %zu: %d %s", i, got, err.msg);
		if (got == TRANSPORT_ANSWERED)
			assert_int_equal(answer.body.n, 3 << 20);
		kube_transport_free(&t);
		check_script(&script);
	}
}

static void an_http_server_has_no_tls(void **state)
{
	static const struct fake_step steps[] = { { .expect = NULL } };
	struct fake_script *script = fake_script_start(steps);
	const char *port = strrchr(fake_script_url(script), ':');
	struct str url = arena_printf(&arena, "https://127.0.0.1%s", port);
	struct kube_transport *t = open_at(url.p, SECRET);
	struct kube_transport_request request = get("/");
	struct kube_transport_answer answer;
	struct error err = ERROR_INIT;

	(void)state;
	/* It waits for a request, and we for its half of the handshake. */
	request.timeout_ms = 300;
	assert_int_equal(
		kube_transport_send(t, &arena, &request, &answer, &err),
		TRANSPORT_NOT_SENT);
	kube_transport_free(&t);
	check_script(&script);
}

static void refuses_addresses_and_paths(void **state)
{
	static const char *const servers[] = { "",
					       "127.0.0.1:80",
					       "ftp://127.0.0.1",
					       "https://",
					       "https://a:",
					       "http://10.0.0.1",
					       "http://a",
					       "http://127.a.com",
					       "http://localhost.a",
					       "http:///etc",
					       "http://127.0.0.1@a" };
	static const char *const paths[] = { "",     "a",     "/a b",
					     "/a#b", "/a\nb", "/\xc3\xa4" };
	struct error err = ERROR_INIT;
	struct kube_transport *t = open_at("http://127.0.0.1:1", NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct kube_transport_request request = get(paths[i]);
		struct kube_transport_answer answer;

		assert_int_equal(
			kube_transport_send(t, &arena, &request, &answer, &err),
			TRANSPORT_REFUSED);
		assert_int_equal(err.code, ERR_INPUT);
	}
	kube_transport_free(&t);
	/* A start that fails closes nothing of others: 0 is as good as any. */
	if (fcntl(STDIN_FILENO, F_GETFD) < 0)
		assert_int_equal(open("/dev/null", O_RDONLY), STDIN_FILENO);
	for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
		const struct kube_config config = { .server = str_of(
							    servers[i]) };

		assert_int_equal(
			kube_transport_new(&config, stop, "test/1", &t, &err),
			-1);
		assert_null(t);
		assert_int_equal(err.code, ERR_CONFIG);
		assert_true(fcntl(STDIN_FILENO, F_GETFD) >= 0);
	}
}

/* Nothing may be sent without what shall go with it. */
static void without_a_token_from_its_file_nothing_is_sent(void **state)
{
	static const char *const texts[] = { "", " \n", SECRET " " SECRET,
					     SECRET "\r\nX: y", NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		char path[] = "/tmp/test_transport.XXXXXX";
		int fd = mkstemp(path);
		const struct kube_config config = {
			.server = STR("http://127.0.0.1:1"),
			.token_file = str_of(path),
		};
		struct kube_transport_request request = get("/");
		struct kube_transport_answer answer;
		struct kube_transport *t;
		struct error err = ERROR_INIT;

		assert_true(fd >= 0);
		assert_int_equal(
			kube_transport_new(&config, stop, "test/1", &t, &err),
			0);
		if (texts[i])
			assert_int_equal(write(fd, texts[i], strlen(texts[i])),
					 strlen(texts[i]));
		else
			(void)unlink(path);
		assert_int_equal(
			kube_transport_send(t, &arena, &request, &answer, &err),
			TRANSPORT_REFUSED);
		assert_int_equal(err.code, ERR_CONFIG);
		assert_non_null(strstr(err.msg, path));
		assert_null(strstr(err.msg, SECRET));
		(void)unlink(path);
		(void)close(fd);
		kube_transport_free(&t);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_what_is_known_of_a_failure),
		TEST(refuses_answers_beyond_the_caps),
		TEST(an_http_server_has_no_tls),
		TEST(refuses_addresses_and_paths),
		TEST(without_a_token_from_its_file_nothing_is_sent),
	};

	return cmocka_run_group_tests_name("kube/transport.c", tests, NULL,
					   NULL) != 0;
}
