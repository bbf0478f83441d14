/* kube/credentials.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "kube/credentials.h"
#include "lib/file.h"

#define SECOND INT64_C(1000000000)

static void put(const char *path, const char *text)
{
	struct error err = ERROR_INIT;

	if (text && file_write(path, str_of(text), &err) < 0)
		fail_msg("%s", err.msg);
	if (!text)
		(void)unlink(path);
}

static void a_token_file_is_read_once_a_minute(void **state)
{
	static const struct {
		int64_t at; /* seconds */
		const char *file;
		bool distrusted;
		const char *want;
	} rows[] = {
		{ 5, "one", false, "one" },
		{ 6, "two", false, "one" },
		{ 64, "two", false, "one" },
		{ 65, "two\n", false, "two" },
		{ 66, "three", true, "three" },
		{ 67, "four", false, "three" },
		{ 125, "four", false, "three" },
		{ 126, " four ", false, "four" },
		/* What cannot be used does not cost us what we have. */
		{ 200, NULL, false, "four" },
		{ 300, "", true, "four" },
		{ 400, "fi ve", false, "four" },
		{ 500, "six", false, "six" },
	};
	char path[] = "/tmp/test_credentials.XXXXXX";
	int fd = mkstemp(path);
	const struct kube_config config = { .token_file = str_of(path) };
	struct kube_credentials c;
	struct error err = ERROR_INIT;

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(kube_credentials_init(&c, &config, &err), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str token;

		put(path, rows[i].file);
		if (rows[i].distrusted)
			kube_credentials_distrust(&c);
		if (kube_credentials_token(&c, rows[i].at * SECOND, &token,
					   &err) < 0 ||
		    !str_is(token, rows[i].want))
			fail_msg("row %zu: %.*s %s", i, STR_ARG(token),
				 err.msg);
	}
	kube_credentials_release(&c);
	(void)unlink(path);
}

static void without_a_first_token_it_fails_until_there_is_one(void **state)
{
	char path[] = "/tmp/test_credentials.XXXXXX";
	int fd = mkstemp(path);
	const struct kube_config config = { .token_file = str_of(path) };
	struct kube_credentials c;
	struct error err = ERROR_INIT;
	struct str token;

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(kube_credentials_init(&c, &config, &err), 0);
	assert_int_equal(kube_credentials_token(&c, 0, &token, &err), -1);
	assert_int_equal(err.code, ERR_CONFIG);
	put(path, NULL);
	assert_int_equal(kube_credentials_token(&c, 0, &token, &err), -1);
	assert_int_equal(err.code, ERR_CONFIG);
	put(path, "one");
	assert_int_equal(kube_credentials_token(&c, 0, &token, &err), 0);
	assert_true(str_is(token, "one"));
	kube_credentials_release(&c);
	(void)unlink(path);
}

static void a_token_of_the_configuration_is_kept_or_refused(void **state)
{
	static const struct {
		struct str token;
		bool good;
	} rows[] = {
		{ STR_INIT(""), true },
		{ STR_INIT("abc.DEF-_~+/="), true },
		{ STR_INIT("a b"), false },
		{ STR_INIT("a\r\nX: y"), false },
		{ STR_INIT("a\n"), false },
		{ STR_INIT("a\0b"), false },
		{ STR_INIT("\xc3\xa4"), false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct kube_config config = { .token = rows[i].token };
		struct kube_credentials c;
		struct error err = ERROR_INIT;
		struct str token = STR_NONE;
		bool good = kube_credentials_init(&c, &config, &err) == 0 &&
			    kube_credentials_token(&c, 0, &token, &err) == 0;

		if (good != rows[i].good ||
		    (good && !str_eq(token, rows[i].token)))
			fail_msg("row %zu: %s", i, err.msg);
		kube_credentials_release(&c);
	}
}

static void data_can_be_read_as_a_file_again_and_again(void **state)
{
	const struct kube_config config = {
		.ca_data = STR("the authority"),
		.cert_file = STR("/x/cert"),
		.key_data = STR("the key"),
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct kube_credentials c;
	struct error err = ERROR_INIT;
	struct str text;

	(void)state;
	assert_int_equal(kube_credentials_init(&c, &config, &err), 0);
	assert_string_equal(c.cert, "/x/cert");
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(file_read(&a, c.ca, 100, &text, &err), 0);
		assert_true(str_is(text, "the authority"));
		assert_int_equal(file_read(&a, c.key, 100, &text, &err), 0);
		assert_true(str_is(text, "the key"));
	}
	kube_credentials_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_file_is_read_once_a_minute),
		cmocka_unit_test(
			without_a_first_token_it_fails_until_there_is_one),
		cmocka_unit_test(
			a_token_of_the_configuration_is_kept_or_refused),
		cmocka_unit_test(data_can_be_read_as_a_file_again_and_again),
	};

	return cmocka_run_group_tests_name("kube/credentials.c", tests, NULL,
					   NULL) != 0;
}
