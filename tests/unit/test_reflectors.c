/* kube/reflectors.c: what is said of several kinds, before a scripted server */
#include "tests/unit/reflector_script.h"

#include "kube/reflectors.h"

#define MINUTE INT64_C(60000000000)

enum { KINDS_MAX = 2 };

/* Of the script whatever is asked next waits for its answer. */
#define HELD                                                                   \
	{                                                                      \
		.expect = "GET ", .answer = HEAD, .hold_ms = 60000             \
	}
#define REFUSED TO("/apis/", STATUS("403", "Forbidden"))
#define ABSENT TO("/apis/", STATUS("404", "NotFound"))

struct row {
	const char *about;
	const struct fake_step *steps;
	size_t kinds; /* "sandboxes" and "others" */
	bool is_optional[KINDS_MAX];
	/* Waited for: so many answers, then this in what each kind says. */
	size_t answers;
	const char *until[KINDS_MAX];
	bool synced;
	const char *says; /* how it begins */
	/* A minute after the last good answer; NULL: nothing is behind. */
	const char *behind;
};

struct bench {
	struct fake_script *script;
	struct kube_stop *stop;
	struct inventory *inventory;
	struct kube_reflector_options options[KINDS_MAX];
	struct kube_reflectors *reflectors;
};

static int start(struct bench *b, const struct row *row, const char *server,
		 struct error *err)
{
	static const char *const versions[] = { "v1beta1", "v1alpha1", NULL };
	static const char *const names[] = { "sandboxes", "others" };
	static const char *const kinds[] = { "Sandbox", "Other" };
	struct kube_client_options client = { .user_agent = "test",
					      .field_manager = "test" };
	struct kube_config config = { .context = STR("test") };

	*b = (struct bench){ .script = fake_script_start(row->steps),
			     .stop = kube_stop_new(),
			     .inventory = inventory_new() };
	config.server = str_of(server ? server : fake_script_url(b->script));
	client.stop = b->stop;
	for (size_t i = 0; i < row->kinds; i++)
		b->options[i] = (struct kube_reflector_options){
			.name = str_of(names[i]),
			.group = GROUP,
			.kind = kinds[i],
			.versions = versions,
			.optional = row->is_optional[i],
			.inventory = b->inventory,
			/* So that nobody asks twice before the other. */
			.wait_divisor = row->kinds == 1 ? 20 : 1,
		};
	return kube_reflectors_start(&config, &client, b->options, row->kinds,
				     &b->reflectors, err);
}

static void finish(struct bench *b)
{
	kube_stop_set(b->stop);
	kube_reflectors_join(&b->reflectors);
	assert_null(b->reflectors);
	kube_reflectors_join(&b->reflectors);
	/* Whether a step that is held was asked for is a matter of chance. */
	(void)fake_script_stop(&b->script);
	kube_stop_free(&b->stop);
	inventory_free(&b->inventory);
}

/* The time of its last good answer. */
static int64_t wait_until(struct bench *b, size_t kind, const struct row *row)
{
	const int64_t until =
		clock_monotonic_ns() + WAIT_S * INT64_C(1000000000);

	for (;;) {
		const struct kube_reflector_state state =
			kube_reflectors_state(b->reflectors, kind);

		if (fake_script_done(b->script) >= row->answers &&
		    strstr(state.says, row->until[kind]))
			return state.contact_ns;
		if (clock_monotonic_ns() > until)
			fail_msg("%s: says %s", row->about, state.says);
		kube_stop_wait(b->stop, 2);
	}
}

static void check(struct bench *b, const struct row *row, int64_t contact)
{
	char says[512] = "", behind[512] = "";
	const bool synced =
		kube_reflectors_synced(b->reflectors, says, sizeof(says));
	size_t n;

	if (synced != row->synced ||
	    strncmp(says, row->says, strlen(row->says)) != 0)
		fail_msg("%s: %s: %s", row->about, synced ? "synced" : "not",
			 says);
	n = kube_reflectors_behind(b->reflectors, contact + MINUTE - 1, behind,
				   sizeof(behind));
	assert_int_equal(n, 0);
	assert_string_equal(behind, "");
	n = kube_reflectors_behind(b->reflectors, contact + MINUTE, behind,
				   sizeof(behind));
	if (n != (row->behind != NULL) ||
	    !strstr(behind, row->behind ? row->behind : ""))
		fail_msg("%s: %zu behind: %s", row->about, n, behind);
}

static const struct row rows[] = {
	{ .about = "watching",
	  .steps = STEPS(DISCOVER, FIRST_LIST, LAST("7", "")),
	  .kinds = 1,
	  .until = { "watching at v1beta1" },
	  .synced = true,
	  .says = "2 objects of 1 kinds" },
	{ .about = "nothing there",
	  .steps = STEPS(DISCOVER, LISTS(LIST("7", "", "")), LAST("7", "")),
	  .kinds = 1,
	  .until = { "watching at v1beta1" },
	  .synced = true,
	  .says = "0 objects of 1 kinds" },
	{ .about = "no answer yet",
	  .steps = STEPS(HELD),
	  .kinds = 1,
	  .until = { "starting" },
	  .says = "waiting for sandboxes: starting" },
	{ .about = "may not be listed",
	  .steps = STEPS(DISCOVER, LISTS(STATUS("403", "Forbidden")), HELD),
	  .kinds = 1,
	  .until = { "trying again in" },
	  .says = "waiting for sandboxes: list sandboxes: " },
	{ .about = "a watch that ended: what is known grows old",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 WATCH("7", STATUS("403", "Forbidden")), HELD),
	  .kinds = 1,
	  .until = { "trying again in" },
	  .synced = true,
	  .says = "2 objects of 1 kinds",
	  .behind = "sandboxes grow old: watch sandboxes: " },
	{ .about = "a list that fails after a watch",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 WATCH("7", HEAD ERROR_EVENT("410", "Expired")),
			 LISTS(STATUS("403", "Forbidden")), HELD),
	  .kinds = 1,
	  .until = { "list sandboxes: " },
	  .synced = true,
	  .says = "2 objects of 1 kinds",
	  .behind = "sandboxes grow old: list sandboxes: " },
	{ .about = "a watch that is back",
	  .steps = STEPS(DISCOVER, FIRST_LIST,
			 WATCH("7", HEAD ERROR_EVENT("410", "Expired")),
			 LISTS(STATUS("403", "Forbidden")),
			 LISTS(LIST("9", "", A("a", "9"))), LAST("9", "")),
	  .kinds = 1,
	  .answers = 6,
	  .until = { "watching at v1beta1" },
	  .synced = true,
	  .says = "1 objects of 1 kinds" },
	{ .about = "not served, and not wanted",
	  .steps = STEPS(NO_BETA, NO_ALPHA, HELD),
	  .kinds = 1,
	  .is_optional = { true },
	  .until = { "asking again every 15 s" },
	  .synced = true,
	  .says = "0 objects of 1 kinds" },
	{ .about = "not served",
	  .steps = STEPS(NO_BETA, NO_ALPHA, HELD),
	  .kinds = 1,
	  .until = { "install its CustomResourceDefinition" },
	  .says = "waiting for sandboxes: sandboxes: the API server serves "
		  "no Sandbox" },
	/* Of two that are asked for in any order. */
	{ .about = "both wait: the first is told",
	  .steps = STEPS(REFUSED, REFUSED, REFUSED, REFUSED, REFUSED, REFUSED,
			 HELD),
	  .kinds = 2,
	  .until = { "trying again in", "trying again in" },
	  .says = "waiting for sandboxes: " },
	{ .about = "the second waits",
	  .steps = STEPS(ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, HELD),
	  .kinds = 2,
	  .is_optional = { true, false },
	  .until = { "asking again", "install its" },
	  .says = "waiting for others: others: the API server serves no "
		  "Other" },
	{ .about = "neither is wanted",
	  .steps = STEPS(ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, HELD),
	  .kinds = 2,
	  .is_optional = { true, true },
	  .until = { "asking again", "asking again" },
	  .synced = true,
	  .says = "0 objects of 2 kinds" },
};

static void it_is_said_who_is_waited_for_and_what_grows_old(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = ERROR_INIT;
		int64_t contact = 0;
		struct bench b;

		if (start(&b, &rows[i], NULL, &err) < 0)
			fail_msg("%s: %s", rows[i].about, err.msg);
		for (size_t k = 0; k < rows[i].kinds; k++)
			contact = wait_until(&b, k, &rows[i]);
		check(&b, &rows[i], contact);
		finish(&b);
	}
}

/* Or what failed once would count as growing old for ever. */
static void to_hear_that_a_kind_is_absent_is_contact(void **state)
{
	const struct row row = {
		.about = "absent twice",
		.steps = STEPS(TO(BETA " HTTP", STATUS("403", "Forbidden")),
			       NO_BETA, NO_ALPHA, NO_BETA, NO_ALPHA, HELD),
		.kinds = 1,
		.is_optional = { true },
		.answers = 3,
		.until = { "asking again every 15 s" },
	};
	struct error err = ERROR_INIT;
	struct bench b;
	int64_t first;

	(void)state;
	assert_int_equal(start(&b, &row, NULL, &err), 0);
	first = wait_until(&b, 0, &row);
	for (int i = 0; i < WAIT_S * 500; i++) {
		if (wait_until(&b, 0, &row) > first)
			break;
		kube_stop_wait(b.stop, 2);
	}
	assert_true(wait_until(&b, 0, &row) > first);
	finish(&b);
}

static void what_does_not_fit_is_cut(void **state)
{
	const struct row *const row = &rows[2];
	struct error err = ERROR_INIT;
	char says[] = "................";
	struct bench b;

	(void)state;
	assert_int_equal(start(&b, row, NULL, &err), 0);
	(void)wait_until(&b, 0, row);
	assert_false(kube_reflectors_synced(b.reflectors, says, 8));
	assert_string_equal(says, "waiting");
	assert_int_equal(says[8], '.');
	finish(&b);
}

static void where_none_can_be_started_there_is_none_to_join(void **state)
{
	static const char *const servers[] = { "ftp://127.0.0.1", "http://",
					       "" };
	static const struct fake_step steps[] = { END };
	static const struct row row = { .steps = steps, .kinds = 2 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
		struct error err = ERROR_INIT;
		struct bench b;

		assert_int_equal(start(&b, &row, servers[i], &err), -1);
		assert_true(err.msg[0]);
		assert_non_null(b.reflectors);
		finish(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			it_is_said_who_is_waited_for_and_what_grows_old),
		cmocka_unit_test(to_hear_that_a_kind_is_absent_is_contact),
		cmocka_unit_test(what_does_not_fit_is_cut),
		cmocka_unit_test(
			where_none_can_be_started_there_is_none_to_join),
	};

	return cmocka_run_group_tests_name("kube/reflectors.c", tests, NULL,
					   NULL)
		       ? 1
		       : 0;
}
