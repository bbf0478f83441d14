/* lib/buf.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/buf.h"

static void writes_are_put_one_after_another(void **state)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(100);

	(void)state;
	assert_true(str_is(buf_str(&b), ""));
	buf_puts(&b, "a");
	buf_putc(&b, '\0');
	buf_add(&b, STR("bc"));
	buf_add(&b, STR_NONE);
	buf_fill(&b, '-', 3);
	buf_printf(&b, "%d%s", 12, "x");
	assert_true(str_eq(buf_str(&b), STR("a\0bc---12x")));
	assert_int_equal(b.p[b.n], '\0');
	assert_false(buf_failed(&b));
}

static void a_full_buffer_takes_exactly_its_cap(void **state)
{
	static const size_t caps[] = { 0, 1, 255, 256, 257, 4096, 10000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(caps); i++) {
		CLEANUP(buf_release) struct buf b = BUF_INIT(caps[i]);

		for (size_t n = 0; n < caps[i]; n++)
			buf_putc(&b, 'x');
		assert_false(buf_failed(&b));
		assert_int_equal(b.n, caps[i]);
		buf_putc(&b, 'y');
		assert_true(buf_failed(&b));
		assert_int_equal(b.n, caps[i]);
	}
}

static void a_failure_is_sticky_until_cleared(void **state)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(4);

	(void)state;
	buf_puts(&b, "ab");
	buf_printf(&b, "%s", "cde");
	assert_true(buf_failed(&b));
	buf_puts(&b, "x");
	buf_fill(&b, 'x', 1);
	assert_true(str_is(buf_str(&b), "ab"));
	buf_clear(&b);
	assert_false(buf_failed(&b));
	buf_puts(&b, "abcd");
	assert_true(str_is(buf_str(&b), "abcd"));
	assert_false(buf_failed(&b));
}

static void each_kind_of_write_can_overflow(void **state)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(0);

	(void)state;
	buf_add(&b, STR(""));
	assert_false(buf_failed(&b));
	buf_fill(&b, 'x', SIZE_MAX);
	assert_true(buf_failed(&b));
	buf_clear(&b);
	buf_printf(&b, "x");
	assert_true(buf_failed(&b));
	buf_clear(&b);
	buf_add(&b, STR("x"));
	assert_true(buf_failed(&b));
	assert_true(str_is(buf_str(&b), ""));
}

static void release_keeps_the_cap(void **state)
{
	struct buf b = BUF_INIT(3);

	(void)state;
	buf_puts(&b, "abcd");
	buf_release(&b);
	assert_false(buf_failed(&b));
	buf_puts(&b, "abc");
	assert_false(buf_failed(&b));
	buf_puts(&b, "d");
	assert_true(buf_failed(&b));
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_are_put_one_after_another),
		cmocka_unit_test(a_full_buffer_takes_exactly_its_cap),
		cmocka_unit_test(a_failure_is_sticky_until_cleared),
		cmocka_unit_test(each_kind_of_write_can_overflow),
		cmocka_unit_test(release_keeps_the_cap),
	};

	return cmocka_run_group_tests_name("lib/buf.c", tests, NULL, NULL) ? 1
									   : 0;
}
