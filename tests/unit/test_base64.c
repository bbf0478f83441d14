/*
 * lib/base64.c, by RFC 4648: the vectors of section 10, and what sections 3 and
 * 4 leave out.
 */
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

/* ---- reading ---- */

#define NONE "none of A-Z"
#define BEHIND "behind the padding"
#define CUT "within a group"
#define BITS "stand for nothing"

struct row {
	struct str in;
	const char *want; /* the bytes, or part of the error */
};

typedef int reader(struct arena *a, struct str text, struct str *out,
		   struct error *err);

static void check(reader *read, const struct row *row, int wanted)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str out = STR("before");
	struct error err = ERROR_INIT;
	int got = read(&a, row->in, &out, &err);
	bool as_wanted = wanted < 0 ? err.code == ERR_INPUT && !out.n &&
					      strstr(err.msg, row->want)
				    : str_is(out, row->want);

	if (got != wanted || !as_wanted)
		fail_msg("\"%.*s\": %d \"%.*s\" \"%s\", wanted %d \"%s\"",
			 STR_ARG(row->in), got, STR_ARG(out), err.msg, wanted,
			 row->want);
	if (got == 0)
		assert_int_equal(out.p[out.n], '\0');
}

static void decodes_the_vectors_of_the_rfc(void **state)
{
	static const struct row rows[] = {
		{ STR_INIT(""), "" },
		{ STR_INIT("Zg=="), "f" },
		{ STR_INIT("Zm8="), "fo" },
		{ STR_INIT("Zm9v"), "foo" },
		{ STR_INIT("Zm9vYg=="), "foob" },
		{ STR_INIT("Zm9vYmE="), "fooba" },
		{ STR_INIT("Zm9vYmFy"), "foobar" },
		{ STR_INIT("//79"), "\xff\xfe\xfd" },
		{ STR_INIT("++++"), "\xfb\xef\xbe" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		check(base64_decode, &rows[i], 0);
		check(base64_decode_wrapped, &rows[i], 0);
	}
}

static void what_no_encoder_writes_is_refused(void **state)
{
	static const struct row rows[] = {
		{ STR_INIT("Zg"), CUT },
		{ STR_INIT("Zg="), CUT },
		{ STR_INIT("Zm9vY"), CUT },
		{ STR_INIT("Zm9v="), CUT },
		{ STR_INIT("="), CUT },
		{ STR_INIT("===="), "ends in 4 =" },
		{ STR_INIT("Z==="), "ends in 3 =" },
		{ STR_INIT("Zm9v===="), "ends in 4 =" },
		{ STR_INIT("Zg==="), CUT },
		{ STR_INIT("Zg=a"), "character 4 stands " BEHIND },
		{ STR_INIT("Zg==Zg=="), "character 5 stands " BEHIND },
		{ STR_INIT("Zm8=Zm9v"), BEHIND },
		{ STR_INIT("=Zm9"), BEHIND },
		{ STR_INIT("Zm9-"), "character 4 is " NONE },
		{ STR_INIT("_m9v"), "character 1 is " NONE },
		{ STR_INIT(" Zg=="), NONE },
		{ STR_INIT("Zg== "), NONE },
		{ STR_INIT("Zm9v\tZm9v"), NONE },
		{ STR_INIT("Zm\0v"), NONE },
		{ STR_INIT("Zm9\xc3"), NONE },
		{ STR_INIT("Zm9@"), NONE },
		{ STR_INIT("Zm9["), NONE },
		{ STR_INIT("Zm9`"), NONE },
		{ STR_INIT("Zm9{"), NONE },
		{ STR_INIT("Zm9:"), NONE },
		{ STR_INIT("Zm9."), NONE },
		{ STR_INIT("Zh=="), BITS },
		{ STR_INIT("Zv=="), BITS },
		{ STR_INIT("Zm9="), BITS },
		{ STR_INIT("Zm9vZm+="), BITS },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		check(base64_decode, &rows[i], -1);
		check(base64_decode_wrapped, &rows[i], -1);
	}
}

static void lines_are_read_only_by_who_asks(void **state)
{
	static const struct row rows[] = {
		{ STR_INIT("Zm9v\nYmFy\n"), "foobar" },
		{ STR_INIT("Zm9v\r\nYmFy"), "foobar" },
		{ STR_INIT("\nZ\nm\n9\nv"), "foo" },
		{ STR_INIT("Zg=\n=\n"), "f" },
		{ STR_INIT("\r\n"), "" },
	};
	static const struct row bad[] = {
		{ STR_INIT("Zm9v\n YmFy"), "character 6 is " NONE },
		{ STR_INIT("Zg==\nZg=="), "character 6 stands " BEHIND },
		{ STR_INIT("Zm9v\nYm"), CUT },
		{ STR_INIT("Zm9v\vYmFy"), NONE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		check(base64_decode_wrapped, &rows[i], 0);
		check(base64_decode, &(struct row){ rows[i].in, NONE }, -1);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		check(base64_decode_wrapped, &bad[i], -1);
}

static void bytes_survive_the_round_trip(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	char bytes[300];

	(void)state;
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		struct error err = ERROR_INIT;
		struct str in = { bytes, n }, out;

		for (size_t i = 0; i < n; i++)
			bytes[i] = (char)(i * 89 + n);
		assert_int_equal(
			base64_decode(&a, base64_encode(&a, in), &out, &err),
			0);
		assert_true(str_eq(in, out));
		arena_reset(&a);
	}
}

/* Of all texts of two characters and padding. */
static void each_byte_has_one_text(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	size_t n = 0;

	(void)state;
	for (unsigned c = 0; c < 256 * 256; c++) {
		const char text[] = { (char)(c >> 8), (char)(c & 0xff), '=',
				      '=' };
		struct str in = { text, sizeof(text) }, out;
		struct error err = ERROR_INIT;

		if (base64_decode(&a, in, &out, &err) < 0)
			continue;
		n++;
		assert_int_equal(out.n, 1);
		assert_true(str_eq(base64_encode(&a, out), in));
	}
	assert_int_equal(n, 256);
}

static void text_beyond_the_cap_is_not_looked_at(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	char *text = arena_raw(&a, BASE64_MAX, 1);
	struct error err = ERROR_INIT;
	struct str out;

	(void)state;
	memset(text, 'A', BASE64_MAX);
	assert_int_equal(
		base64_decode(&a, (struct str){ text, BASE64_MAX }, &out, &err),
		0);
	assert_int_equal(out.n, BASE64_MAX / 4 * 3);
	assert_int_equal(base64_decode(&a, (struct str){ text, BASE64_MAX + 1 },
				       &out, &err),
			 -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(out.n, 0);
}

static void errors_do_not_quote(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	static const char *const rows[] = { "c2VjcmV0!", "c2VjcmV0=c2Vj",
					    "c2VjcmV0c", "c2VjcmV0c2Vjcm1=" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		struct str out;

		assert_int_equal(base64_decode(&a, str_of(rows[i]), &out, &err),
				 -1);
		assert_null(strstr(err.msg, "c2Vj"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_the_vectors_of_the_rfc),
		cmocka_unit_test(decodes_the_vectors_of_the_rfc),
		cmocka_unit_test(what_no_encoder_writes_is_refused),
		cmocka_unit_test(lines_are_read_only_by_who_asks),
		cmocka_unit_test(bytes_survive_the_round_trip),
		cmocka_unit_test(each_byte_has_one_text),
		cmocka_unit_test(text_beyond_the_cap_is_not_looked_at),
		cmocka_unit_test(errors_do_not_quote),
	};

	return cmocka_run_group_tests_name("lib/base64.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
