/*
 * kube/reflector_turn.c, kube/reflector_list.c: what a server says, step by
 * step, and what is told of it.
 */
#include "tests/unit/reflector_script.h"

/* Beyond the cap of depth, as a page may be beyond that of bytes. */
#define TEN(text) text text text text text text text text text text
#define HUNDREDS(s) TEN(TEN(s)) TEN(TEN(s)) TEN(TEN(s)) TEN(TEN(s))
#define DEEP HUNDREDS("[") HUNDREDS("]")

static const struct story {
	const char *name;
	const struct fake_step *steps;
	const char *told;
	unsigned failures;
	bool optional;
	const char *ns;
	int64_t idle_ms;
} stories[] = {
	{ .name = "three pages, then watch",
	  .steps = STEPS(DISCOVER, LISTS(LIST("7", "p+1", A("a", "1"))),
			 PAGE_AT("p%2B1", LIST("7", "p2", A("b", "2"))),
			 PAGE_AT("p2", LIST("7", "", A("c", "3"))),
			 LAST("7", EVENT("ADDED", A("d", "8"))
					   EVENT("MODIFIED", A("a", "9")) EVENT(
						   "DELETED", A("b", "10")))),
	  .told = "+a@1 +b@2 +c@3 = +d@8 +a@9 -b@10 " },
	{ .name = "an empty list",
	  .steps = STEPS(DISCOVER,
			 LISTS(HEAD "{\"metadata\":{\"resourceVersion\":\"7\"},"
				    "\"items\":null}"),
			 LAST("7", "")),
	  .told = "= " },
	{ .name = "cut in every place",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 { .expect = "GET " BETA "/sandboxes?watch",
			   .answer = HEAD EVENT("ADDED", A("\xe2\x82\xac", "8"))
				   EVENT("ADDED", A("\xf0\x9f\x98\x80", "9")),
			   .chunk = 1,
			   .linger = true }),
	  .told = TOLD_FIRST "+\xe2\x82\xac@8 +\xf0\x9f\x98\x80@9 " },
	{ .name = "one namespace",
	  .steps = STEPS(
		  DISCOVER,
		  TO(BETA "/namespaces/n/sandboxes?limit=500 HTTP",
		     LIST("7", "", A("a", "5"))),
		  { .expect = "GET " BETA "/namespaces/n/sandboxes?watch=true",
		    .answer = HEAD,
		    .linger = true }),
	  .told = "+a@5 = ",
	  .ns = "n" },
	{ .name = "cluster scope",
	  .steps = STEPS(TO(BETA " HTTP", RESOURCES("false")),
			 LISTS(LIST("7", "",
				    "{\"metadata\":{\"name\":\"x\","
				    "\"resourceVersion\":\"3\"}}")),
			 LAST("7", "")),
	  .told = "+x@3 = " },
	{ .name = "the token is too old: from the first page again",
	  .steps = STEPS(
		  DISCOVER, LISTS(LIST("7", "p1", A("x", "1") "," A("a", "2"))),
		  PAGE_AT("p1", STATUS("410", "Expired")),
		  LISTS(LIST("9", "p2", A("a", "2"))),
		  PAGE_AT("p2", LIST("9", "", A("b", "8"))), LAST("9", "")),
	  .told = "+x@1 +a@2 +b@8 -x@1 = " },
	{ .name = "tokens are too old for ever",
	  .steps = STEPS(DISCOVER, LISTS(LIST("7", "p1", A("a", "2"))),
			 PAGE_AT("p1", STATUS("410", "Expired")),
			 LISTS(LIST("8", "p2", A("a", "2"))),
			 PAGE_AT("p2", STATUS("410", "Expired")),
			 LISTS(LIST("9", "", A("a", "2"))), LAST("9", "")),
	  .told = "+a@2 = ",
	  .failures = 1 },
	{ .name = "410 when the watch is opened",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 WATCH("7", STATUS("410", "Expired")), NEXT_LIST,
			 LAST("20", "")),
	  .told = TOLD_FIRST TOLD_NEXT },
	{ .name = "410 as an event",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 WATCH("7", HEAD EVENT("ADDED", A("c", "8"))
					    ERROR_EVENT("410", "Expired")),
			 NEXT_LIST, LAST("20", "")),
	  .told = TOLD_FIRST "+c@8 +b@18 -c@8 = " },
	{ .name = "410 again and again is a failure",
	  .steps =
		  STEPS(DISCOVER, FIRST_LIST, WATCH("7", STATUS("410", "Gone")),
			NEXT_LIST, WATCH("20", STATUS("410", "Gone")),
			NEXT_LIST, LAST("20", "")),
	  .told = TOLD_FIRST TOLD_NEXT "= ",
	  .failures = 1 },
	{ .name = "a list that removes, changes and adds",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 WATCH("7", STATUS("410", "Expired")),
			 LISTS(LIST("30", "",
				    A("b", "19") "," A("c", "20") "," OBJECT(
					    "m", "a", "21", ""))),
			 LAST("30", "")),
	  .told = TOLD_FIRST "+b@19 +c@20 +a@21 -a@5 = " },
	{ .name = "a bookmark is where the next watch begins, at once",
	  .steps = STEPS(DISCOVER, FIRST_LIST, WATCH("7", HEAD BOOKMARK("15")),
			 WATCH("15", HEAD BOOKMARK("16")), LAST("16", "")),
	  .told = TOLD_FIRST },
	{ .name = "an event is where the next watch begins",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 WATCH("7", HEAD EVENT("DELETED", A("b", "11"))),
			 LAST("11", "")),
	  .told = TOLD_FIRST "-b@11 " },
	{ .name = "what is known already is not told",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 LAST("7", EVENT("ADDED", A("a", "5")) EVENT(
					   "DELETED", A("never-seen", "9"))
					   EVENT("MODIFIED", A("b", "10")))),
	  .told = TOLD_FIRST "+b@10 " },
	{ .name = "a watch that ends as it begins: once at once, then with a "
		  "pause",
	  .steps = STEPS(DISCOVER, FIRST_LIST, WATCH("7", HEAD),
			 WATCH("7", HEAD), LAST("7", "")),
	  .told = TOLD_FIRST,
	  .failures = 1 },
	{ .name = "500 as an event: from the same version",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 WATCH("7", HEAD ERROR_EVENT("500", "InternalError")),
			 LAST("7", "")),
	  .told = TOLD_FIRST,
	  .failures = 1 },
	{ .name = "429 as an event: from the version before it",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 WATCH("7", HEAD BOOKMARK("9") ERROR_EVENT(
					    "429", "TooManyRequests")),
			 LAST("9", "")),
	  .told = TOLD_FIRST,
	  .failures = 1 },
	{ .name = "503 when the watch is opened",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 WATCH("7", STATUS("503", "ServiceUnavailable")),
			 LAST("7", "")),
	  .told = TOLD_FIRST,
	  .failures = 1 },
	{ .name = "the watch is never answered",
	  .steps = STEPS(DISCOVER, FIRST_LIST, WATCH("7", NULL), LAST("7", "")),
	  .told = TOLD_FIRST,
	  .failures = 1 },
	{ .name = "the watch breaks inside an event",
	  .steps = STEPS(
		  DISCOVER, FIRST_LIST,
		  WATCH("7", HEAD EVENT("ADDED", A("c", "8")) "{\"type\":\"AD"),
		  LAST("8", EVENT("ADDED", A("d", "9")))),
	  .told = TOLD_FIRST "+c@8 +d@9 ",
	  .failures = 1 },
	{ .name = "silence is a failure",
	  .steps = STEPS(DISCOVER, FIRST_LIST, LAST("7", BOOKMARK("8")),
			 LAST("8", "")),
	  .told = TOLD_FIRST,
	  .failures = 1,
	  .idle_ms = 1500 },
	/* what may have hidden an event: list again */
	{ .name = "a line of garbage",
	  .steps = STEPS(DISCOVER, FIRST_LIST, WATCH("7", HEAD "garbage\n"),
			 NEXT_LIST, LAST("20", "")),
	  .told = TOLD_FIRST TOLD_NEXT,
	  .failures = 1 },
	{ .name = "a key twice",
	  .steps = STEPS(
		  DISCOVER, FIRST_LIST,
		  WATCH("7", HEAD EVENT("ADDED", OBJECT("n", "c", "8",
							",\"x\":1,\"x\":2"))),
		  NEXT_LIST, LAST("20", "")),
	  .told = TOLD_FIRST TOLD_NEXT,
	  .failures = 1 },
	{ .name = "an event without a name",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 WATCH("7", HEAD EVENT("DELETED", A("", "8"))),
			 NEXT_LIST, LAST("20", "")),
	  .told = TOLD_FIRST TOLD_NEXT,
	  .failures = 1 },
	{ .name = "an event without a namespace",
	  .steps = STEPS(
		  DISCOVER, FIRST_LIST,
		  WATCH("7", HEAD EVENT("ADDED", OBJECT("", "c", "8", ""))),
		  NEXT_LIST, LAST("20", "")),
	  .told = TOLD_FIRST TOLD_NEXT,
	  .failures = 1 },
	{ .name = "an event of another namespace",
	  .steps = STEPS(
		  DISCOVER,
		  TO(BETA "/namespaces/n/sandboxes?limit=500 HTTP",
		     LIST("7", "", A("a", "5"))),
		  TO(BETA "/namespaces/n/sandboxes?watch=true",
		     HEAD EVENT("ADDED", OBJECT("m", "c", "8", ""))),
		  TO(BETA "/namespaces/n/sandboxes?limit=500 HTTP",
		     LIST("7", "", "")),
		  { .expect = "GET " BETA "/namespaces/n/sandboxes?watch=true",
		    .answer = HEAD EVENT("ADDED", A("d", "9")),
		    .linger = true }),
	  .told = "+a@5 = -a@5 = +d@9 ",
	  .failures = 1,
	  .ns = "n" },
	/* lists that fail: what is known stays */
	{ .name = "forbidden, then allowed",
	  .steps = STEPS(DISCOVER, LISTS(STATUS("403", "Forbidden")),
			 LISTS(STATUS("403", "Forbidden")), FIRST_LIST,
			 WATCH("7", STATUS("403", "Forbidden")), LAST("7", "")),
	  .told = TOLD_FIRST,
	  .failures = 3 },
	{ .name = "an item without a name, an item without a version",
	  .steps = STEPS(DISCOVER,
			 LISTS(LIST("7", "", A("a", "5") "," A("", "6"))),
			 LISTS(LIST("7", "", A("a", "5") "," A("b", ""))),
			 FIRST_LIST, LAST("7", "")),
	  .told = TOLD_FIRST,
	  .failures = 2 },
	{ .name = "a list without a version",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 WATCH("7", STATUS("410", "Expired")),
			 LISTS(LIST("", "", "")), NEXT_LIST, LAST("20", "")),
	  .told = TOLD_FIRST TOLD_NEXT,
	  .failures = 1 },
	{ .name = "a list without items, a list that is none",
	  .steps = STEPS(
		  DISCOVER, FIRST_LIST, WATCH("7", STATUS("410", "Expired")),
		  LISTS(HEAD "{\"metadata\":{\"resourceVersion\":\"9\"}}"),
		  LISTS(HEAD "<html>"), NEXT_LIST, LAST("20", "")),
	  .told = TOLD_FIRST TOLD_NEXT,
	  .failures = 2 },
	{ .name = "pages that go round",
	  .steps = STEPS(DISCOVER, LISTS(LIST("7", "p1", A("a", "5"))),
			 PAGE_AT("p1", LIST("7", "p1", A("a", "5"))),
			 FIRST_LIST, LAST("7", "")),
	  .told = TOLD_FIRST,
	  .failures = 1 },
	{ .name = "a page that is too much is asked for in halves",
	  .steps = STEPS(
		  DISCOVER,
		  LISTS(LIST("7", "", OBJECT("n", "a", "5", ",\"x\":" DEEP))),
		  TO(BETA "/sandboxes?limit=250 HTTP",
		     LIST("7", "p1", A("a", "5"))),
		  { .expect = "GET " BETA "/sandboxes?limit=250&",
		    .holds = "continue=p1",
		    .answer = LIST("7", "", A("b", "6")),
		    .close = true },
		  WATCH("7", STATUS("410", "Expired")),
		  TO(BETA "/sandboxes?limit=250 HTTP",
		     LIST("8", "", A("a", "5") "," A("b", "6"))),
		  LAST("8", "")),
	  .told = TOLD_FIRST "= " },
	{ .name = "a list that breaks off removes nothing",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 WATCH("7", STATUS("410", "Expired")),
			 LISTS(LIST("9", "p1", A("c", "8"))),
			 PAGE_AT("p1", STATUS("403", "Forbidden")), NEXT_LIST,
			 LAST("20", "")),
	  .told = TOLD_FIRST "+c@8 +b@18 -c@8 = ",
	  .failures = 1 },
	/* kinds that come and go */
	{ .name = "optional and not served, then served",
	  .steps = STEPS(NO_BETA, NO_ALPHA, NO_BETA, NO_ALPHA, DISCOVER,
			 FIRST_LIST, LAST("7", "")),
	  .told = "= " TOLD_FIRST,
	  .optional = true },
	{ .name = "optional and served no longer: gone when it is said twice",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 WATCH("7", STATUS("404", "NotFound")), NO_BETA,
			 NO_ALPHA, NO_BETA, NO_ALPHA, DISCOVER,
			 LISTS(LIST("9", "", A("a", "8"))), LAST("9", "")),
	  .told = TOLD_FIRST "-a@5 -b@6 = +a@8 = ",
	  .optional = true },
	{ .name = "optional, and not served for a moment: nothing is lost",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 WATCH("7", STATUS("404", "NotFound")), NO_BETA,
			 NO_ALPHA, DISCOVER, NEXT_LIST, LAST("20", "")),
	  .told = TOLD_FIRST TOLD_NEXT,
	  .optional = true },
	{ .name = "wanted and not served: waited for, nothing is lost",
	  .steps = STEPS(NO_BETA, NO_ALPHA, DISCOVER, FIRST_LIST,
			 WATCH("7", STATUS("404", "NotFound")), NO_BETA,
			 NO_ALPHA, NO_BETA, NO_ALPHA, DISCOVER, NEXT_LIST,
			 LAST("20", "")),
	  .told = TOLD_FIRST TOLD_NEXT,
	  .failures = 3 },
	{ .name = "discovery fails",
	  .steps = STEPS(TO(BETA " HTTP", STATUS("403", "Forbidden")),
			 TO(BETA " HTTP", HEAD "{\"resources\":7}"), DISCOVER,
			 FIRST_LIST, LAST("7", "")),
	  .told = TOLD_FIRST,
	  .failures = 2,
	  .optional = true },
	{ .name = "the list says 404 although the kind is served",
	  .steps = STEPS(DISCOVER, LISTS(STATUS("404", "NotFound")), DISCOVER,
			 FIRST_LIST, LAST("7", "")),
	  .told = TOLD_FIRST,
	  .failures = 1,
	  .optional = true },
	{ .name = "another version is served: the same objects, written "
		  "otherwise",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 WATCH("7", STATUS("404", "NotFound")), NO_BETA,
			 TO(ALPHA " HTTP", RESOURCES("true")),
			 TO(ALPHA "/sandboxes?limit=500 HTTP",
			    LIST("9", "", A("a", "5"))),
			 { .expect = "GET " ALPHA "/sandboxes?watch=true",
			   .holds = "resourceVersion=9&",
			   .answer = HEAD,
			   .linger = true }),
	  .told = TOLD_FIRST "+a@5 -b@6 = " },
};

static void play(const struct story *story)
{
	const size_t n = count(story->steps);
	struct kube_reflector_state state;
	struct fixture f;
	const char *complaint;

	set_up(&f, story->steps,
	       (struct kube_reflector_options){
		       .optional = story->optional,
		       .ns = str_of(story->ns),
		       .idle_ms = story->idle_ms,
		       .wait_divisor = 50,
	       });
	wait_for(&f, story->name, n, story->told);
	state = kube_reflector_state(f.reflector);
	complaint = tear_down(&f);
	if (complaint)
		fail_msg("%s: %s", story->name, complaint);
	assert_true(state.synced);
	assert_true(state.contact_ns > 0);
	if (state.failures != story->failures)
		fail_msg("%s: %u failures, wanted %u: %s", story->name,
			 (unsigned)state.failures, story->failures, state.says);
}

static void stories_are_told_as_they_happen(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(stories); i++)
		play(&stories[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stories_are_told_as_they_happen),
	};

	return cmocka_run_group_tests_name("kube/reflector_turn.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
