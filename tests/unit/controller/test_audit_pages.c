/* controller/audit.c: lists in pages. */
#include "tests/unit/controller/audits.h"

static void all_pages_make_one_report(void **state)
{
	static const struct row row = {
		.about = "three pages",
		.cluster = TIERED,
		.steps = { NO_REPORT,
			   STEP(PODS "?limit=250 ",
				ANSWER("200",
				       "{\"metadata\":{\"continue\":\"t/1\"},"
				       "\"items\":[" POD_FINE "]}")),
			   STEP(PODS "?limit=250&continue=t%2F1 ",
				ANSWER("200",
				       "{\"metadata\":{\"continue\":\"t2\"},"
				       "\"items\":[" POD_X ",7,null]}")),
			   STEP(PODS "?limit=250&continue=t2 ",
				ANSWER("200", "{\"items\":[" POD_FINE "]}")),
			   { .expect = "PATCH " OPENREPORT APPLY " ",
			     .holds = "\"fail\":1",
			     .answer = ANSWER("201", "{}") } },
		.counted = "objects_total{result=\"pass\"} 2\n",
		.events = 1,
	};

	(void)state;
	run_row(&row);
}

/* Deeper than any object may be: a limit is hit, whatever the page holds. */
static const char *too_large(struct arena *a)
{
	struct buf text = BUF_INIT(8192);
	const char *answer;

	buf_puts(&text, HEAD "200 X\r\n" CLOSE "{\"items\":");
	buf_fill(&text, '[', 2000);
	buf_fill(&text, ']', 2000);
	buf_puts(&text, "}");
	answer = arena_str(a, buf_str(&text)).p;
	buf_release(&text);
	return answer;
}

static void a_page_that_is_too_large_is_asked_for_in_halves(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct row row = {
		.about = "halves",
		.cluster = TIERED,
		.steps = { NO_REPORT, STEP(PODS "?limit=250 ", NULL),
			   STEP(PODS "?limit=125 ", NULL),
			   STEP(PODS "?limit=62 ",
				ANSWER("200",
				       "{\"metadata\":{\"continue\":\"t\"},"
				       "\"items\":[" POD_FINE "]}")),
			   STEP(PODS "?limit=62&continue=t ", NULL),
			   STEP(PODS "?limit=31&continue=t ",
				ANSWER("200", "{\"items\":[" POD_FINE "]}")) },
		.counted = "objects_total{result=\"pass\"} 2\n",
	};

	(void)state;
	row.steps[1].answer = row.steps[2].answer = row.steps[4].answer =
		too_large(&a);
	run_row(&row);
}

static void an_object_that_cannot_be_read_at_all_is_a_failure(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct row row = {
		.about = "down to one",
		.cluster = TIERED,
		.steps = { NO_REPORT, STEP(PODS "?limit=250 ", NULL),
			   STEP(PODS "?limit=125 ", NULL),
			   STEP(PODS "?limit=62 ", NULL),
			   STEP(PODS "?limit=31 ", NULL),
			   STEP(PODS "?limit=15 ", NULL),
			   STEP(PODS "?limit=7 ", NULL),
			   STEP(PODS "?limit=3 ", NULL),
			   STEP(PODS "?limit=1 ", NULL) },
		.result = -1,
		.code = ERR_LIMIT,
	};

	(void)state;
	for (size_t i = 1; i < 9; i++)
		row.steps[i].answer = too_large(&a);
	run_row(&row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_pages_make_one_report),
		cmocka_unit_test(
			a_page_that_is_too_large_is_asked_for_in_halves),
		cmocka_unit_test(
			an_object_that_cannot_be_read_at_all_is_a_failure),
	};

	return cmocka_run_group_tests_name("controller/audit, pages", tests,
					   NULL, NULL)
		       ? 1
		       : 0;
}
