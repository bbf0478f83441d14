/* cli/report.c and cli/reports: escaping, and reports of nothing and of odd
 * data. That readers take the whole is tests/cli/formats.sh's to show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/report.h"
#include "cli/reports/escape.h"
#include "cli/reports/wording.h"
#include "lib/json_build.h"
#include "lib/yamldoc.h"

struct row {
	struct str in;
	const char *want;
};

static void expect(void (*escape)(struct buf *, struct str),
		   const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 16);

		escape(&out, rows[i].in);
		assert_string_equal(buf_str(&out).p, rows[i].want);
	}
}

static void xml_holds_any_text(void **state)
{
	static const struct row rows[] = {
		{ STR_INIT(""), "" },
		{ STR_INIT("plain text"), "plain text" },
		{ STR_INIT("<a href=\"b\">&'"),
		  "&lt;a href=&quot;b&quot;&gt;&amp;&#39;" },
		{ STR_INIT("]]>"), "]]&gt;" },
		{ STR_INIT("&amp;"), "&amp;amp;" },
		{ STR_INIT("a\tb\nc\rd"), "a&#9;b&#10;c&#13;d" },
		{ STR_INIT("\0\x01\x1b[31m"), "\ufffd\ufffd\ufffd[31m" },
		{ STR_INIT("\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd"),
		  "\ufffd\ufffd\ufffd" },
		{ STR_INIT("\xff\xc3"), "\ufffd\ufffd" },
		{ STR_INIT("\xed\xa0\x80"), "\ufffd\ufffd\ufffd" },
		{ STR_INIT("äöü 船 \xf0\x9f\x9a\xa2"),
		  "äöü 船 \xf0\x9f\x9a\xa2" },
	};

	(void)state;
	expect(escape_xml, rows, ARRAY_LEN(rows));
}

static void github_messages_stay_one_command(void **state)
{
	static const struct row rows[] = {
		{ STR_INIT(""), "" },
		{ STR_INIT("a: b, c"), "a: b, c" },
		{ STR_INIT("100%"), "100%25" },
		{ STR_INIT("%0A"), "%250A" },
		{ STR_INIT("a\r\n::error::b"), "a%0D%0A::error::b" },
		{ STR_INIT("船\xfe"), "船\ufffd" },
	};

	(void)state;
	expect(escape_github_message, rows, ARRAY_LEN(rows));
}

static void github_properties_end_where_they_should(void **state)
{
	static const struct row rows[] = {
		{ STR_INIT("dir/a b.yaml"), "dir/a b.yaml" },
		{ STR_INIT("a,line=9::x"), "a%2Cline=9%3A%3Ax" },
		{ STR_INIT("50%\n"), "50%25%0A" },
		{ STR_INIT("\xc3"), "\ufffd" },
	};

	(void)state;
	expect(escape_github_property, rows, ARRAY_LEN(rows));
}

static void paths_become_uri_references(void **state)
{
	static const struct row rows[] = {
		{ STR_INIT("dir/a.yaml"), "dir/a.yaml" },
		{ STR_INIT("././dir/a.yaml"), "dir/a.yaml" },
		{ STR_INIT("../a.yaml"), "../a.yaml" },
		{ STR_INIT("/etc/a.yaml"), "file:///etc/a.yaml" },
		{ STR_INIT("a b#c?d%e:f"), "a%20b%23c%3Fd%25e%3Af" },
		{ STR_INIT("é\xff"), "%C3%A9%FF" },
		{ STR_INIT("a\0b\n"), "a%00b%0A" },
		{ STR_INIT("-"), "-" },
	};

	(void)state;
	expect(escape_uri, rows, ARRAY_LEN(rows));
}

static void a_line_stays_a_line_without_colours(void **state)
{
	static const struct row rows[] = {
		{ STR_INIT("team-a/船"), "team-a/船" },
		{ STR_INIT("a\nb\r\tc\0d"), "a?b??c?d" },
		{ STR_INIT("\x1b[31m\x7f"), "?[31m?" },
		{ STR_INIT("\xc2\x9b"
			   "31m"),
		  "?31m" },
		{ STR_INIT("\xe2\x80\xa8\xe2\x80\xa9"), "??" },
		{ STR_INIT("\xe2\x80\xae"
			   "txt.exe"),
		  "?txt.exe" },
		{ STR_INIT("\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c"), "???" },
		{ STR_INIT("\xf0\x9f"), "\ufffd\ufffd" },
	};

	(void)state;
	expect(escape_line, rows, ARRAY_LEN(rows));
}

static void bad_bytes_are_replaced_and_good_text_is_not_copied(void **state)
{
	static const struct row rows[] = {
		{ STR_INIT("a\xff"
			   "b"),
		  "a\ufffdb" },
		{ STR_INIT("\xc3\x28"), "\ufffd(" },
		{ STR_INIT("\xf8\x88\x80\x80\x80"),
		  "\ufffd\ufffd\ufffd\ufffd\ufffd" },
		{ STR_INIT("船\xe8"), "船\ufffd" },
	};
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct str good = STR("船");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_true(str_is(escape_utf8(&a, rows[i].in), rows[i].want));
	assert_ptr_equal(escape_utf8(&a, good).p, good.p);
	assert_true(str_is(escape_utf8(&a, STR_NONE), ""));
}

static void formats_are_found_by_name_alone(void **state)
{
	(void)state;
	for (size_t i = 0; report_formats[i]; i++)
		assert_ptr_equal(
			report_format_find(str_of(report_formats[i]->name)),
			report_formats[i]);
	assert_null(report_format_find(STR("JSON")));
	assert_null(report_format_find(STR("jso")));
	assert_null(report_format_find(STR("")));
}

static struct str written(struct buf *out, const char *format,
			  const struct report *r)
{
	report_format_find(str_of(format))->write(out, r);
	assert_false(buf_failed(out));
	return buf_str(out);
}

static void reports_of_nothing_are_whole(void **state)
{
	static const struct {
		const char *format, *want;
	} rows[] = {
		{ "table", "0 objects judged\n" },
		{ "github", "0 objects judged\n" },
		{ "tap", "TAP version 13\n1..0 # SKIP no objects to judge\n"
			 "# 0 objects judged\n" },
		{ "junit", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			   "<testsuites name=\"bulkhead\" tests=\"0\" "
			   "failures=\"0\" errors=\"0\" skipped=\"0\">\n"
			   "</testsuites>\n" },
	};
	const struct report nothing = { .n_objects = 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 16);

		assert_string_equal(written(&out, rows[i].format, &nothing).p,
				    rows[i].want);
	}
}

static void read_report(struct arena *a, const char *format,
			const struct report *r, struct json *doc)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 20);
	struct str text = arena_str(a, written(&out, format, r));
	struct error err = ERROR_INIT;
	struct yamldoc *y = yamldoc_open(a, text, NULL);

	if (yamldoc_next(y, a, doc, &err) != 1)
		fail_msg("%s: %s", format, err.msg);
	yamldoc_close(&y);
}

static void data_of_nothing_has_empty_lists(void **state)
{
	static const char *const formats[] = { "json", "yaml" };
	const struct report nothing = { .n_objects = 0 };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json doc;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		read_report(&a, formats[i], &nothing, &doc);
		assert_true(json_is(json_at(&doc, "objects"), JSON_ARRAY));
		assert_true(json_is(json_at(&doc, "problems"), JSON_ARRAY));
		assert_int_equal(json_len(json_at(&doc, "objects")), 0);
	}
	read_report(&a, "sarif", &nothing, &doc);
	doc = *json_item(json_at(&doc, "runs"), 0);
	assert_true(json_is(json_at(&doc, "results"), JSON_ARRAY));
	assert_true(json_len(json_at(&doc, "tool", "driver", "rules")) > 10);
}

/* Every text at its worst: not UTF-8, NULs, no names, no places. */
static void odd_data_is_still_a_report(void **state)
{
	static const struct finding found[] = {
		{ .action = ACTION_DENY,
		  .rule = "runtime.class",
		  .id = STR_INIT("\xff\n"),
		  .found = STR_INIT("\xf0\x9f\0"),
		  .who = STR_INIT("\x1b") },
		{ .action = ACTION_AUDIT,
		  .rule = "runtime.class",
		  .id = STR_INIT("runtime.class") },
	};
	static const struct report_object objects[] = {
		{ .path = STR_INIT("\xc3/%\n"),
		  .known = true,
		  .action = ACTION_DENY,
		  .findings = found,
		  .n_findings = 2 },
		{ .path = STR_INIT("other"), .kind = STR_INIT("ConfigMap") },
		{ .known = true, .governed = true },
	};
	static const struct input_problem problem = {
		.path = STR_INIT("-"), .msg = STR_INIT("\xe2\x80\n")
	};
	const struct report r = { .objects = objects,
				  .n_objects = ARRAY_LEN(objects),
				  .problems = &problem,
				  .n_problems = 1 };
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct json doc;

	(void)state;
	for (size_t i = 0; report_formats[i]; i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 20);
		struct str text = written(&out, report_formats[i]->name, &r);

		assert_true(json_utf8_valid(text, NULL));
		assert_int_equal(str_find(text, '\x1b'), text.n);
		assert_int_equal(str_find(text, '\0'), text.n);
	}
	read_report(&a, "json", &r, &doc);
	assert_int_equal(json_len(json_at(&doc, "objects")), 2);
	read_report(&a, "yaml", &r, &doc);
	assert_int_equal(json_len(json_at(&doc, "problems")), 1);
	read_report(&a, "sarif", &r, &doc);
}

static void verdicts_follow_the_strongest_finding(void **state)
{
	static const struct {
		enum action action;
		bool governed;
		const char *want;
	} rows[] = {
		{ ACTION_DENY, true, "deny" },
		{ ACTION_DENY, false, "deny" },
		{ ACTION_WARN, true, "warn" },
		{ ACTION_WARN, false, "warn" },
		{ ACTION_AUDIT, true, "pass" },
		{ ACTION_EXCEPTED, true, "pass" },
		{ ACTION_EXCEPTED, false, "no tier" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct report_object o = { .known = true,
					   .governed = rows[i].governed,
					   .action = rows[i].action };

		assert_string_equal(wording_fate_name(wording_fate(&o)),
				    rows[i].want);
	}
}

static void a_narrow_terminal_moves_what_is_wanted_below(void **state)
{
	static const struct finding f = { .action = ACTION_DENY,
					  .rule = "r",
					  .id = STR_INIT("r"),
					  .found = STR_INIT("is 1"),
					  .wanted = STR_INIT("at most 0") };
	static const struct report_object o = { .path = STR_INIT("a.yaml"),
						.known = true,
						.findings = &f,
						.n_findings = 1 };
	struct report r = { .objects = &o, .n_objects = 1, .width = 20 };
	CLEANUP(buf_release) struct buf out = BUF_INIT(1 << 16);
	struct str text;

	(void)state;
	text = written(&out, "table", &r);
	assert_true(str_find_str(text, STR("is 1\n      wanted at most 0\n")) <
		    text.n);
	buf_clear(&out);
	r.width = 0;
	text = written(&out, "table", &r);
	assert_true(str_find_str(text, STR("is 1, wanted at most 0\n")) <
		    text.n);
}

static void a_report_too_large_is_known_as_such(void **state)
{
	const struct report nothing = { .n_objects = 0 };

	(void)state;
	for (size_t i = 0; report_formats[i]; i++) {
		CLEANUP(buf_release) struct buf out = BUF_INIT(8);

		report_formats[i]->write(&out, &nothing);
		assert_true(buf_failed(&out));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xml_holds_any_text),
		cmocka_unit_test(github_messages_stay_one_command),
		cmocka_unit_test(github_properties_end_where_they_should),
		cmocka_unit_test(paths_become_uri_references),
		cmocka_unit_test(a_line_stays_a_line_without_colours),
		cmocka_unit_test(
			bad_bytes_are_replaced_and_good_text_is_not_copied),
		cmocka_unit_test(formats_are_found_by_name_alone),
		cmocka_unit_test(reports_of_nothing_are_whole),
		cmocka_unit_test(data_of_nothing_has_empty_lists),
		cmocka_unit_test(odd_data_is_still_a_report),
		cmocka_unit_test(verdicts_follow_the_strongest_finding),
		cmocka_unit_test(a_narrow_terminal_moves_what_is_wanted_below),
		cmocka_unit_test(a_report_too_large_is_known_as_such),
	};

	return cmocka_run_group_tests_name("cli/reports", tests, NULL, NULL)
		       ? 1
		       : 0;
}
