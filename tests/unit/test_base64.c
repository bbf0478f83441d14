/* lib/base64.c, by the vectors of RFC 4648 section 10. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base64.h"

static void encodes_the_vectors_of_the_rfc(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	static const struct {
		struct str in;
		const char *want;
	} rows[] = {
		{ STR_INIT(""), "" },
		{ STR_INIT("f"), "Zg==" },
		{ STR_INIT("fo"), "Zm8=" },
		{ STR_INIT("foo"), "Zm9v" },
		{ STR_INIT("foob"), "Zm9vYg==" },
		{ STR_INIT("fooba"), "Zm9vYmE=" },
		{ STR_INIT("foobar"), "Zm9vYmFy" },
		{ STR_INIT("\0\xff\xfe"), "AP/+" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_true(
			str_is(base64_encode(&a, rows[i].in), rows[i].want));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_the_vectors_of_the_rfc),
	};

	return cmocka_run_group_tests_name("lib/base64.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
