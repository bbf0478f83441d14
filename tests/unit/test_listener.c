/* lib/listener.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "lib/listener.h"

static void addresses_are_read_as_documented(void **state)
{
	static const struct {
		const char *text;
		const char *starts; /* of the address; NULL: refused */
	} rows[] = {
		{ "127.0.0.1:0", "127.0.0.1:" },
		{ ":0", "" },
		{ "", NULL },
		{ ":", NULL },
		{ "127.0.0.1", NULL },
		{ "127.0.0.1:", NULL },
		{ "127.0.0.1:http", NULL },
		{ "127.0.0.1:70000", NULL },
		{ "localhost:0", NULL },
		{ "::1:0", NULL },
		{ "999.0.0.1:0", NULL },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		int fd, got = listener_open(str_of(rows[i].text), &fd, &err);

		if ((got == 0) != (rows[i].starts != NULL))
			fail_msg("\"%s\": %s", rows[i].text, err.msg);
		if (got < 0) {
			assert_int_equal(err.code, ERR_CONFIG);
			continue;
		}
		if (!str_starts(listener_address(&a, fd),
				str_of(rows[i].starts)))
			fail_msg("\"%s\": %s", rows[i].text,
				 listener_address(&a, fd).p);
		(void)close(fd);
	}
}

static void a_port_in_use_is_told(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct error err = ERROR_INIT;
	int one, two;

	(void)state;
	assert_int_equal(listener_open(STR("127.0.0.1:0"), &one, &err), 0);
	assert_int_equal(listener_open(listener_address(&a, one), &two, &err),
			 -1);
	assert_int_equal(err.code, ERR_IO);
	assert_non_null(strstr(err.msg, "Address already in use"));
	(void)close(one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_as_documented),
		cmocka_unit_test(a_port_in_use_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
