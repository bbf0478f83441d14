/* kube/events_body.c */
#include "tests/unit/event_notes.h"

#include "lib/json_build.h"
#include "lib/json_write.h"

static bool is_subdomain(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++) {
		bool inner = i > 0 && i + 1 < n && name[i - 1] != '.' &&
			     name[i + 1] != '.';

		if ((name[i] >= 'a' && name[i] <= 'z') ||
		    (name[i] >= '0' && name[i] <= '9') ||
		    (name[i] == '-' && inner) ||
		    (name[i] == '.' && inner && name[i - 1] != '-' &&
		     name[i + 1] != '-'))
			continue;
		return false;
	}
	return n > 0 && n <= EVENT_NAME_MAX;
}

static void names_are_dns_subdomains_that_differ(void **state)
{
	static const struct {
		const char *name, *begins;
	} rows[] = {
		{ "sandbox-1", "sandbox-1." },
		{ "a.b.c", "a.b.c." },
		{ "system:node", "system-node." },
		{ "UPPER_case", "upper-case." },
		{ "-a-", "a." },
		{ "a.-b", "a-b." },
		{ "a..b", "a-b." },
		{ "a/../../b", "a-b." },
		{ "\xc3\xa4", "" },
		{ "...", "" },
		{ "", "" },
	};
	struct event_entry e = { .key = STR_INIT("k") };
	char first[EVENT_NAME_MAX + 1], long_name[400];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		e.name = str_of(rows[i].name);
		event_name_make(&e, STR("pod-0"), NOON_US);
		if (!is_subdomain(e.event_name) ||
		    strncmp(e.event_name, rows[i].begins,
			    strlen(rows[i].begins)) != 0 ||
		    strlen(e.event_name) != strlen(rows[i].begins) + 16)
			fail_msg("%s: %s", rows[i].name, e.event_name);
	}
	for (size_t n = 0; n < sizeof(long_name); n++) {
		memset(long_name, n % 2 ? 'x' : '-', sizeof(long_name));
		long_name[n] = '.';
		e.name = (struct str){ long_name, n };
		event_name_make(&e, STR("pod-0"), NOON_US);
		assert_true(is_subdomain(e.event_name));
	}
	memcpy(first, e.event_name, sizeof(first));
	e.serial++;
	event_name_make(&e, STR("pod-0"), NOON_US);
	assert_string_not_equal(first, e.event_name);
	e.serial--;
	event_name_make(&e, STR("pod-1"), NOON_US);
	assert_string_not_equal(first, e.event_name);
	event_name_make(&e, STR("pod-0"), NOON_US + 1);
	assert_string_not_equal(first, e.event_name);
}

static void text_is_utf8_and_cut_between_characters(void **state)
{
	static const struct {
		struct str in;
		size_t max;
		const char *out;
	} rows[] = {
		{ STR_INIT("abc"), 10, "abc" },
		{ STR_INIT(""), 10, "" },
		{ STR_INIT("0123456789"), 10, "0123456789" },
		{ STR_INIT("0123456789a"), 10, "0123456..." },
		{ STR_INIT("012345\xc3\xa4\xc3\xa4\xc3\xa4"), 10, "012345..." },
		{ STR_INIT("01234\xc3\xa4\xc3\xa4\xc3\xa4"), 10,
		  "01234\xc3\xa4..." },
		{ STR_INIT("a\xff\xc3z\xe2\x82"), 10, "a??z??" },
		{ STR_INIT("\xed\xa0\x80"), 10, "???" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct str out = event_text(&a, rows[i].in, rows[i].max);

		assert_string_equal(out.p, rows[i].out);
		assert_true(json_utf8_valid(out, NULL));
	}
}

static void a_body_has_what_the_server_wants(void **state)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT;
	struct event_entry e = {
		.api_version = STR_INIT("bulkhead.dev/v1alpha1"),
		.kind = STR_INIT("IsolationTier"),
		.name = STR_INIT("gvisor"),
		.uid = STR_INIT("u1"),
		.reason = STR_INIT("Loaded"),
		.action = STR_INIT("Load"),
		.note = STR_INIT("said \"yes\""),
		.event_name = "gvisor.1",
		.first_ns = 8 * S,
	};
	struct event_pick pick = { &e, 9 * S, 1 };
	const struct event_wall wall = { 10 * S, NOON_US };
	struct json body = event_body(&a, &options, &pick, &wall);

	(void)state;
	assert_string_equal(
		json_to_str(&a, &body).p,
		"{\"apiVersion\":\"events.k8s.io/v1\",\"kind\":\"Event\","
		"\"metadata\":{\"name\":\"gvisor.1\",\"namespace\":"
		"\"default\"},\"eventTime\":\"2026-11-21T11:59:58.000000Z\","
		"\"reportingController\":\"bulkhead.dev/controller\","
		"\"reportingInstance\":\"pod-0\",\"action\":\"Load\","
		"\"reason\":\"Loaded\",\"regarding\":{\"apiVersion\":"
		"\"bulkhead.dev/v1alpha1\",\"kind\":\"IsolationTier\","
		"\"name\":\"gvisor\",\"uid\":\"u1\"},\"note\":"
		"\"said \\\"yes\\\"\",\"type\":\"Normal\"}");
	pick.count = 7;
	body = event_series_patch(&a, &pick, &wall);
	assert_string_equal(json_to_str(&a, &body).p,
			    "{\"series\":{\"count\":7,\"lastObservedTime\":"
			    "\"2026-11-21T11:59:59.000000Z\"}}");
	body = event_body(&a, &options, &pick, &wall);
	assert_true(json_exists(json_at(&body, "series", "count")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_dns_subdomains_that_differ),
		cmocka_unit_test(text_is_utf8_and_cut_between_characters),
		cmocka_unit_test(a_body_has_what_the_server_wants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
