/* webhook/tls.c: pairs from files; the handshakes are in tests/webhook */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "webhook/tls.h"

static char folder[] = "/tmp/test_tls.XXXXXX";

/* "-keyout name.key -out name.crt", by the openssl program. */
static void make(const char *name, const char *more)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str command = arena_printf(
		&a,
		"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
		"-nodes -days 2 -subj /CN=%s -keyout %s/%s.key -out %s/%s.crt "
		"%s 2>/dev/null",
		name, folder, name, folder, name, more);

	if (system(command.p)) /* NOLINT */
		fail_msg("%s", command.p);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	make("good", "-addext subjectAltName=DNS:a.b.svc");
	make("other", "-addext subjectAltName=DNS:a.b.svc");
	make("bare", "");
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = { "good", "other", "bare", "live" };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		(void)unlink(arena_printf(&a, "%s/%s.crt", folder, names[i]).p);
		(void)unlink(arena_printf(&a, "%s/%s.key", folder, names[i]).p);
	}
	return rmdir(folder);
}

static struct str at(struct arena *a, const char *name, const char *suffix)
{
	return arena_printf(a, "%s/%s.%s", folder, name, suffix);
}

static void copy(struct arena *a, const char *from, const char *suffix)
{
	struct error err = ERROR_INIT;
	struct str text;

	if (file_read(a, at(a, from, suffix).p, 1 << 20, &text, &err) < 0 ||
	    file_write(at(a, "live", suffix).p, text, &err) < 0)
		fail_msg("%s", err.msg);
}

static struct tls *open_tls(struct arena *a, const char *cert, const char *key,
			    struct str ca)
{
	const struct tls_files files = { .cert = at(a, cert, "crt"),
					 .key = at(a, key, "key"),
					 .client_ca = ca };

	return tls_new(&files);
}

static void pairs_that_do_not_serve_are_refused(void **state)
{
	static const struct {
		const char *cert, *key;
		int64_t later; /* seconds from now */
		const char *says;
		enum error_code code;
	} rows[] = {
		{ "good", "good", 0, NULL, ERR_NONE },
		{ "good", "other", 0, "does not belong", ERR_CONFIG },
		{ "bare", "bare", 0, "subject alternative name", ERR_CONFIG },
		{ "good", "good", 3 * 86400, "expired", ERR_CONFIG },
		{ "good", "good", -86400, "not valid yet", ERR_CONFIG },
		{ "absent", "good", 0, "absent.crt", ERR_IO },
		{ "good", "absent", 0, "absent.key", ERR_IO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct tls *tls =
			open_tls(&a, rows[i].cert, rows[i].key, STR_NONE);
		struct error err = ERROR_INIT;
		int got = tls_load(tls, clock_wall_seconds() + rows[i].later,
				   &err);

		if ((got == 0) != !rows[i].says || err.code != rows[i].code ||
		    (rows[i].says && !strstr(err.msg, rows[i].says)))
			fail_msg("row %zu: %s", i, err.msg);
		assert_int_equal(tls_expires_at(tls) > 0, got == 0);
		tls_free(&tls);
		assert_null(tls);
	}
}

static void nonsense_is_refused_with_the_file(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct tls *tls = open_tls(&a, "live", "live", STR_NONE);
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(file_write(at(&a, "live", "crt").p, STR("x\n"), &err),
			 0);
	copy(&a, "good", "key");
	assert_int_equal(tls_load(tls, clock_wall_seconds(), &err), -1);
	assert_non_null(strstr(err.msg, "live.crt: holds no certificate"));
	copy(&a, "good", "crt");
	assert_int_equal(file_write(at(&a, "live", "key").p, STR("x\n"), &err),
			 0);
	assert_int_equal(tls_load(tls, clock_wall_seconds(), &err), -1);
	assert_non_null(strstr(err.msg, "live.key: holds no private key"));
	assert_int_equal(tls_expires_at(tls), 0);
	tls_free(&tls);
}

static void a_bad_new_pair_leaves_the_old_one(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct tls *tls = open_tls(&a, "live", "live", STR_NONE);
	int64_t now = clock_wall_seconds(), expires_at;
	struct error err = ERROR_INIT;

	(void)state;
	copy(&a, "good", "crt");
	copy(&a, "good", "key");
	assert_int_equal(tls_load(tls, now, &err), 0);
	expires_at = tls_expires_at(tls);
	assert_true(expires_at > now + 86400 && expires_at < now + 3 * 86400);
	copy(&a, "other", "crt");
	assert_int_equal(tls_load(tls, now, &err), -1);
	assert_int_equal(tls_expires_at(tls), expires_at);
	copy(&a, "other", "key");
	assert_int_equal(tls_load(tls, now, &err), 0);
	tls_free(&tls);
}

static void a_client_ca_must_be_one(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct tls *tls = open_tls(&a, "good", "good", at(&a, "other", "key"));
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(tls_load(tls, clock_wall_seconds(), &err), -1);
	assert_non_null(strstr(err.msg, "holds no CA certificate"));
	tls_free(&tls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_that_do_not_serve_are_refused),
		cmocka_unit_test(nonsense_is_refused_with_the_file),
		cmocka_unit_test(a_bad_new_pair_leaves_the_old_one),
		cmocka_unit_test(a_client_ca_must_be_one),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down) ? 1 : 0;
}
