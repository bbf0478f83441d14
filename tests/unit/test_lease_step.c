/* kube/lease_step.c and kube/lease_record.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kube/lease_record.h"
#include "kube/micro_time.h"
#include "lib/json_read.h"
#include "lib/json_write.h"

#define S INT64_C(1000000000)

static const struct kube_lease_options options = {
	.ns = STR_INIT("bulkhead"),
	.name = STR_INIT("controller"),
	.identity = STR_INIT("me"),
	.duration_seconds = 15,
	.deadline_seconds = 10,
	.retry_seconds = 2,
};

#define SEEN(who, seconds, at)                                                 \
	{                                                                      \
		true, STR_INIT(who), (seconds), STR_INIT("7"), (at)            \
	}
#define NONE                                                                   \
	{                                                                      \
		.exists = false                                                \
	}

static void who_may_lead(void **state)
{
	static const struct {
		const char *name;
		struct kube_lease_seen seen;
		int64_t renewed, now;
		enum kube_lease_action action;
	} rows[] = {
		/* following */
		{ "there is none", NONE, 0, 5 * S, LEASE_CREATE },
		{ "given back", SEEN("", 1, 5 * S), 0, 5 * S, LEASE_TAKE },
		{ "given back, no duration", SEEN("", 0, 5 * S), 0, 5 * S,
		  LEASE_TAKE },
		{ "just seen", SEEN("other", 15, 5 * S), 0, 5 * S, LEASE_WAIT },
		{ "almost over", SEEN("other", 15, 5 * S), 0, 20 * S - 1,
		  LEASE_WAIT },
		{ "over", SEEN("other", 15, 5 * S), 0, 20 * S, LEASE_TAKE },
		{ "a longer duration than ours", SEEN("other", 60, 5 * S), 0,
		  20 * S, LEASE_WAIT },
		{ "a shorter one", SEEN("other", 1, 5 * S), 0, 6 * S,
		  LEASE_TAKE },
		{ "no duration: ours is waited for", SEEN("other", 0, 5 * S), 0,
		  20 * S - 1, LEASE_WAIT },
		{ "no duration, over", SEEN("other", 0, 5 * S), 0, 20 * S,
		  LEASE_TAKE },
		{ "68 years", SEEN("other", INT32_MAX, 5 * S), 0, 3604 * S,
		  LEASE_WAIT },
		{ "68 years, an hour later", SEEN("other", INT32_MAX, 5 * S), 0,
		  3605 * S, LEASE_TAKE },
		{ "beyond any int32", SEEN("other", UINT32_MAX, 0), 0, 3600 * S,
		  LEASE_TAKE },
		{ "ours, the answer was lost", SEEN("me", 15, 5 * S), 0, 6 * S,
		  LEASE_RENEW },
		{ "ours and over", SEEN("me", 15, 5 * S), 0, 99 * S,
		  LEASE_RENEW },
		{ "a name that begins like ours", SEEN("me2", 15, 5 * S), 0,
		  6 * S, LEASE_WAIT },
		{ "our name in capitals", SEEN("ME", 15, 5 * S), 0, 6 * S,
		  LEASE_WAIT },
		{ "the clock jumped far ahead", SEEN("other", 15, 5 * S), 0,
		  INT64_MAX, LEASE_TAKE },
		{ "the clock went back", SEEN("other", 15, 500 * S), 0, 5 * S,
		  LEASE_WAIT },
		/* leading */
		{ "renewed just now", SEEN("me", 15, 5 * S), 5 * S, 5 * S,
		  LEASE_RENEW },
		{ "the last moment", SEEN("me", 15, 5 * S), 5 * S, 15 * S - 1,
		  LEASE_RENEW },
		{ "the deadline", SEEN("me", 15, 5 * S), 5 * S, 15 * S,
		  LEASE_LOST },
		{ "the clock jumped while we led", SEEN("me", 15, 5 * S), 5 * S,
		  INT64_MAX, LEASE_LOST },
		{ "another holds it", SEEN("other", 15, 5 * S), 5 * S, 6 * S,
		  LEASE_LOST },
		{ "another, and it is over", SEEN("other", 1, 1), 5 * S, 6 * S,
		  LEASE_LOST },
		{ "somebody emptied it", SEEN("", 1, 5 * S), 5 * S, 6 * S,
		  LEASE_LOST },
		{ "deleted under us", NONE, 5 * S, 6 * S, LEASE_CREATE },
		{ "deleted, beyond the deadline", NONE, 5 * S, 15 * S,
		  LEASE_LOST },
		{ "ours with another duration", SEEN("me", 0, 5 * S), 5 * S,
		  6 * S, LEASE_RENEW },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (kube_lease_step(&options, &rows[i].seen, rows[i].renewed,
				    rows[i].now) != rows[i].action)
			fail_msg("%s", rows[i].name);
}

/*
 * Two that see each other's writes at once, whose answers get lost and which
 * stand still at any time: never do both believe to lead.
 */
struct party {
	struct kube_lease_options options;
	struct kube_lease_seen seen;
	unsigned version; /* of what is seen */
	int64_t renewed;
};

struct server {
	bool exists;
	struct str holder;
	unsigned version;
};

static bool leads(const struct party *p, int64_t now)
{
	return p->renewed && now - p->renewed < 10 * S;
}

static void look(struct party *p, const struct server *server, int64_t now)
{
	if (p->seen.exists && server->exists && p->version == server->version)
		return;
	p->version = server->version;
	p->seen = (struct kube_lease_seen){
		.exists = server->exists,
		.holder = server->holder,
		.duration_seconds = 15,
		.resource_version = STR("x"),
		.changed_ns = now,
	};
}

/* A replace of another version than the server's, or a second create. */
static bool conflicts(const struct party *p, const struct server *server)
{
	if (!p->seen.exists)
		return server->exists;
	return !server->exists || p->version != server->version;
}

static void act(struct party *p, struct server *server, int64_t now,
		unsigned dice)
{
	enum kube_lease_action action;

	if (dice & 1)
		look(p, server, now);
	action = kube_lease_step(&p->options, &p->seen, p->renewed, now);
	if (action == LEASE_LOST)
		*p = (struct party){ .options = p->options };
	if (action == LEASE_LOST || action == LEASE_WAIT)
		return;
	if (conflicts(p, server)) {
		look(p, server, now);
		return;
	}
	if (dice & 2 && dice & 4)
		return; /* never arrived */
	*server = (struct server){ true, p->options.identity,
				   server->version + 1 };
	if (dice & 8 && dice & 16)
		return; /* the answer was lost */
	look(p, server, now);
	p->renewed = now;
}

static uint64_t draw(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return *seed >> 33;
}

static void two_never_lead_at_once(void **state)
{
	struct party parties[2] = { { .options = options },
				    { .options = options } };
	struct server server = { .exists = false };
	uint64_t seed = 1;
	int64_t now = S;
	size_t led = 0, turns = 0;
	const struct party *last = NULL;

	(void)state;
	parties[1].options.identity = STR("other");
	for (int i = 0; i < 300000; i++) {
		struct party *p = &parties[draw(&seed) % 2];

		now += (int64_t)(draw(&seed) % (draw(&seed) % 50 ? 2 : 30)) *
		       S / 2;
		act(p, &server, now, (unsigned)draw(&seed));
		if (leads(&parties[0], now) && leads(&parties[1], now))
			fail_msg("both lead at step %d", i);
		if (leads(p, now)) {
			led++;
			turns += last != p;
			last = p;
		}
	}
	/* Else the test has shown nothing. */
	assert_true(led > 1000);
	assert_true(turns > 100);
}

/* ---- the record ---- */

static struct json parse(struct arena *a, const char *text)
{
	struct error err = ERROR_INIT;
	struct json doc;

	if (json_read(a, str_of(text), 0, NULL, &doc, &err) < 0)
		fail_msg("%s: %s", text, err.msg);
	return doc;
}

#define META "{\"metadata\":{\"resourceVersion\":\"7\"}"

static void what_a_record_says(void **state)
{
	static const struct {
		const char *doc, *holder; /* NULL: no Lease */
		unsigned duration;
	} rows[] = {
		{ META ",\"spec\":{\"holderIdentity\":\"a\","
		       "\"leaseDurationSeconds\":15}}",
		  "a", 15 },
		{ META "}", "", 0 },
		{ META ",\"spec\":null}", "", 0 },
		{ META ",\"spec\":{\"holderIdentity\":null}}", "", 0 },
		{ META ",\"spec\":{\"leaseDurationSeconds\":-15}}", "", 0 },
		{ META ",\"spec\":{\"leaseDurationSeconds\":0}}", "", 0 },
		{ META ",\"spec\":{\"leaseDurationSeconds\":\"15\"}}", "", 0 },
		{ META ",\"spec\":{\"leaseDurationSeconds\":1.5}}", "", 0 },
		{ META ",\"spec\":{\"leaseDurationSeconds\":1e999}}", "", 0 },
		{ META ",\"spec\":{\"leaseDurationSeconds\":[15]}}", "", 0 },
		{ META ",\"spec\":{\"leaseDurationSeconds\":99999999999}}", "",
		  INT32_MAX },
		{ META ",\"spec\":{\"holderIdentity\":5}}", NULL, 0 },
		{ META ",\"spec\":{\"holderIdentity\":{}}}", NULL, 0 },
		{ META ",\"spec\":[]}", NULL, 0 },
		{ META ",\"spec\":\"x\"}", NULL, 0 },
		{ "{\"metadata\":{\"resourceVersion\":\"\"}}", NULL, 0 },
		{ "{\"metadata\":{\"resourceVersion\":7}}", NULL, 0 },
		{ "{\"metadata\":null}", NULL, 0 },
		{ "{}", NULL, 0 },
		{ "[]", NULL, 0 },
		{ "\"x\"", NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct json doc = parse(&a, rows[i].doc);
		struct error err = ERROR_INIT;
		struct kube_lease_seen seen;
		int r = kube_lease_record_read(&doc, &seen, &err);

		if (r != (rows[i].holder ? 0 : -1))
			fail_msg("%s: %d %s", rows[i].doc, r, err.msg);
		if (!rows[i].holder)
			continue;
		assert_true(seen.exists);
		assert_true(str_is(seen.holder, rows[i].holder));
		assert_true(str_is(seen.resource_version, "7"));
		assert_int_equal(seen.duration_seconds, rows[i].duration);
	}
}

#define NEW_META                                                               \
	"\"metadata\":{\"name\":\"controller\",\"namespace\":\"bulkhead\"}"
#define HEAD "{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\","
#define NOW "\"2026-11-21T06:00:00.000042Z\""

static void what_is_written(void **state)
{
	static const struct {
		const char *doc; /* NULL: none */
		struct kube_lease_record record;
		const char *body;
	} rows[] = {
		{ NULL,
		  { STR_INIT("me"), 15, true, 1795240800000042 },
		  HEAD NEW_META ",\"spec\":{\"holderIdentity\":\"me\","
				"\"leaseDurationSeconds\":15,"
				"\"acquireTime\":" NOW ",\"renewTime\":" NOW
				",\"leaseTransitions\":0}}" },
		{ "{\"metadata\":{\"name\":\"controller\",\"namespace\":"
		  "\"bulkhead\",\"resourceVersion\":\"7\",\"labels\":{\"a\":"
		  "\"b\"},\"managedFields\":[{\"manager\":\"x\"}]},\"spec\":{"
		  "\"holderIdentity\":\"me\",\"strategy\":\"x\","
		  "\"acquireTime\":\"2020-01-01T00:00:00.000000Z\","
		  "\"leaseTransitions\":4},\"status\":1}",
		  { STR_INIT("me"), 15, false, 1795240800000042 },
		  HEAD "\"metadata\":{\"name\":\"controller\",\"namespace\":"
		       "\"bulkhead\",\"resourceVersion\":\"7\",\"labels\":{"
		       "\"a\":\"b\"}},\"spec\":{\"strategy\":\"x\","
		       "\"holderIdentity\":\"me\",\"leaseDurationSeconds\":15,"
		       "\"acquireTime\":\"2020-01-01T00:00:00.000000Z\","
		       "\"renewTime\":" NOW ",\"leaseTransitions\":4}}" },
		{ META ",\"spec\":{\"holderIdentity\":\"other\","
		       "\"acquireTime\":5,\"leaseTransitions\":-1}}",
		  { STR_INIT("me"), 15, true, 1795240800000042 },
		  HEAD "\"metadata\":{\"resourceVersion\":\"7\",\"name\":"
		       "\"controller\",\"namespace\":\"bulkhead\"},\"spec\":{"
		       "\"holderIdentity\":\"me\",\"leaseDurationSeconds\":15,"
		       "\"acquireTime\":" NOW ",\"renewTime\":" NOW
		       ",\"leaseTransitions\":1}}" },
		{ META ",\"spec\":{\"leaseTransitions\":2147483647}}",
		  { STR_INIT(""), 1, true, 1795240800000042 },
		  HEAD "\"metadata\":{\"resourceVersion\":\"7\",\"name\":"
		       "\"controller\",\"namespace\":\"bulkhead\"},\"spec\":{"
		       "\"holderIdentity\":\"\",\"leaseDurationSeconds\":1,"
		       "\"acquireTime\":" NOW ",\"renewTime\":" NOW
		       ",\"leaseTransitions\":2147483647}}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;
		struct json doc =
			rows[i].doc ? parse(&a, rows[i].doc) : json_missing;
		struct json body = kube_lease_record_write(&a, &options, &doc,
							   &rows[i].record);

		assert_string_equal(json_to_str(&a, &body).p, rows[i].body);
	}
}

static void micro_time_has_six_digits(void **state)
{
	static const struct {
		int64_t us;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00.000000Z" },
		{ 1, "1970-01-01T00:00:00.000001Z" },
		{ 1795240800999999, "2026-11-21T06:00:00.999999Z" },
		{ -1, "1969-12-31T23:59:59.999999Z" },
		{ -1000000, "1969-12-31T23:59:59.000000Z" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT;

		assert_string_equal(kube_micro_time(&a, rows[i].us).p,
				    rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_may_lead),
		cmocka_unit_test(two_never_lead_at_once),
		cmocka_unit_test(what_a_record_says),
		cmocka_unit_test(what_is_written),
		cmocka_unit_test(micro_time_has_six_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
