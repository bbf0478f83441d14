/* kube/lease.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <unistd.h>

#include "kube/lease.h"
#include "tests/fake/script.h"

#define LEASES "/apis/coordination.k8s.io/v1/namespaces/bulkhead/leases"
#define LEASE LEASES "/controller"
#define HEAD "\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
#define RECORD(who, seconds, version)                                          \
	"{\"metadata\":{\"name\":\"controller\",\"namespace\":\"bulkhead\","   \
	"\"resourceVersion\":\"" version "\"},\"spec\":{\"holderIdentity\":"   \
	"\"" who "\",\"leaseDurationSeconds\":" seconds "}}"
#define STATUS(code, reason)                                                   \
	"{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\","   \
	"\"message\":\"no\",\"reason\":\"" reason "\",\"code\":" code "}"

#define OK(who, version) "HTTP/1.1 200 OK" HEAD RECORD(who, "1", version)
#define NOT_FOUND "HTTP/1.1 404 Not Found" HEAD STATUS("404", "NotFound")
#define CONFLICT "HTTP/1.1 409 Conflict" HEAD STATUS("409", "Conflict")
#define EXISTS "HTTP/1.1 409 Conflict" HEAD STATUS("409", "AlreadyExists")
#define FORBIDDEN "HTTP/1.1 403 Forbidden" HEAD STATUS("403", "Forbidden")

#define GET(reply)                                                             \
	{                                                                      \
		.expect = "GET " LEASE " ", .answer = (reply), .close = true   \
	}
#define POST(reply)                                                            \
	{                                                                      \
		.expect = "POST " LEASES "?",                                  \
		.holds = "\"holderIdentity\":\"me\"", .answer = (reply),       \
		.close = true                                                  \
	}
#define PUT(body, reply)                                                       \
	{                                                                      \
		.expect = "PUT " LEASE "?", .holds = (body),                   \
		.answer = (reply), .close = true                               \
	}
#define VERSION(v) "\"resourceVersion\":\"" v "\""
#define GIVE_BACK "\"holderIdentity\":\"\",\"leaseDurationSeconds\":1"
#define HANG(request)                                                          \
	{                                                                      \
		.expect = (request), .answer = "HTTP/1.1 200 OK\r\n",          \
		.linger = true                                                 \
	}
#define END                                                                    \
	{                                                                      \
		.expect = NULL                                                 \
	}

struct run {
	struct kube_stop *stop;
	unsigned stop_at; /* that many requests, 0: never */
	_Atomic unsigned requests, led, lost;
};

static void lead(void *context)
{
	struct run *r = context;

	atomic_fetch_add(&r->led, 1);
}

static void lost(void *context)
{
	struct run *r = context;

	atomic_fetch_add(&r->lost, 1);
}

/* In the thread of the lease, so that what follows is no race. */
static void observe(void *context, const struct kube_call *call, int64_t ns)
{
	struct run *r = context;

	(void)call;
	(void)ns;
	if (atomic_fetch_add(&r->requests, 1) + 1 == r->stop_at)
		kube_stop_set(r->stop);
}

static struct kube_lease *start(struct run *r, const struct fake_script *script)
{
	const struct kube_config config = {
		.server = str_of(fake_script_url(script)),
		.ns = STR("default"),
		.source = STR("test"),
	};
	const struct kube_client_options client = {
		.user_agent = "test",
		.field_manager = "test",
		.stop = r->stop,
		.observe = observe,
		.context = r,
	};
	const struct kube_lease_options options = {
		.ns = STR("bulkhead"),
		.name = STR("controller"),
		.identity = STR("me"),
		.duration_seconds = 3,
		.deadline_seconds = 2,
		.retry_seconds = 1,
		.lead = lead,
		.lost = lost,
		.context = r,
	};
	struct error err = ERROR_INIT;
	struct kube_lease *lease;

	if (kube_lease_start(&config, &client, &options, &lease, &err) < 0)
		fail_msg("%s", err.msg);
	return lease;
}

static void wait_for(const _Atomic unsigned *n)
{
	while (!atomic_load(n))
		(void)usleep(2000);
}

static void sequences_of_answers(void **state)
{
	static const struct fake_step acquire[] = {
		GET(NOT_FOUND),
		POST(OK("me", "1")),
		PUT(VERSION("1"), OK("me", "2")),
		PUT(GIVE_BACK, OK("", "3")),
		END,
	};
	static const struct fake_step stop_at_once[] = {
		GET(OK("other", "1")),
		END,
	};
	/* Held by another that is gone; taken after its second. */
	static const struct fake_step take[] = {
		GET(OK("other", "6")),
		GET(OK("other", "6")),
		PUT("\"leaseTransitions\":1", OK("me", "7")),
		PUT(VERSION("7"), OK("me", "8")),
		PUT(GIVE_BACK, OK("", "9")),
		END,
	};
	/* It had only been slow. */
	static const struct fake_step beaten[] = {
		GET(OK("other", "6")),	     GET(OK("other", "6")),
		PUT(VERSION("6"), CONFLICT), GET(OK("other", "7")),
		GET(OK("other", "7")),	     END,
	};
	static const struct fake_step beaten_at_creating[] = {
		GET(NOT_FOUND),
		POST(EXISTS),
		GET(OK("other", "7")),
		END,
	};
	/* The create was done, its answer never came. */
	static const struct fake_step unanswered[] = {
		GET(NOT_FOUND),
		POST(NULL),
		GET(OK("me", "5")),
		PUT(VERSION("5"), OK("me", "6")),
		PUT(VERSION("6"), OK("me", "7")),
		PUT(GIVE_BACK, OK("", "8")),
		END,
	};
	/* The same, and stopped before it was known. */
	static const struct fake_step unanswered_stop[] = {
		GET(NOT_FOUND),
		POST(NULL),
		GET(OK("me", "5")),
		PUT(GIVE_BACK, OK("", "7")),
		END,
	};
	static const struct fake_step given_back[] = {
		GET(OK("", "3")),
		PUT(VERSION("3"), OK("me", "4")),
		PUT(VERSION("4"), OK("", "5")),
		END,
	};
	/* Somebody labels it: a new version, still ours. */
	static const struct fake_step touched[] = {
		GET(OK("", "3")),
		PUT(VERSION("3"), OK("me", "4")),
		PUT(VERSION("4"), CONFLICT),
		GET(OK("me", "5")),
		PUT(VERSION("5"), OK("me", "6")),
		PUT(GIVE_BACK, OK("", "7")),
		END,
	};
	static const struct fake_step deleted[] = {
		GET(OK("", "3")),
		PUT(VERSION("3"), OK("me", "4")),
		PUT(VERSION("4"), NOT_FOUND),
		GET(NOT_FOUND),
		POST(OK("me", "1")),
		PUT(GIVE_BACK, OK("", "2")),
		END,
	};
	static const struct fake_step given_back_at_a_conflict[] = {
		GET(NOT_FOUND),
		POST(OK("me", "1")),
		PUT(GIVE_BACK, CONFLICT),
		GET(OK("me", "2")),
		PUT(VERSION("2"), OK("", "3")),
		END,
	};
	static const struct fake_step nothing_to_give_back[] = {
		GET(NOT_FOUND),
		POST(OK("me", "1")),
		PUT(GIVE_BACK, CONFLICT),
		GET(OK("other", "2")),
		END,
	};
	static const struct fake_step written_for_another[] = {
		GET(OK("", "3")),
		PUT(VERSION("3"), OK("other", "4")),
		GET(OK("other", "4")),
		END,
	};
	static const struct fake_step no_lease[] = {
		GET("HTTP/1.1 200 OK" HEAD "{\"metadata\":{}}"),
		GET("HTTP/1.1 200 OK" HEAD "{\"metadata\":{\"resourceVersion\":"
		    "\"1\"},\"spec\":{\"holderIdentity\":5}}"),
		GET(FORBIDDEN),
		END,
	};
	static const struct {
		const char *name;
		const struct fake_step *steps;
		unsigned stop_at, led, requests;
	} rows[] = {
		{ "acquire, renew, give back", acquire, 3, 1, 4 },
		{ "stop while another leads", stop_at_once, 1, 0, 1 },
		{ "take over", take, 4, 1, 5 },
		{ "beaten while taking over", beaten, 5, 0, 5 },
		{ "beaten while creating", beaten_at_creating, 3, 0, 3 },
		{ "a lost answer", unanswered, 5, 1, 6 },
		{ "a lost answer, then stop", unanswered_stop, 2, 0, 4 },
		{ "stopped while acquiring", given_back, 2, 0, 3 },
		{ "touched by another", touched, 5, 1, 6 },
		{ "deleted under us", deleted, 5, 1, 6 },
		{ "a conflict at the end", given_back_at_a_conflict, 2, 0, 5 },
		{ "another's at the end", nothing_to_give_back, 2, 0, 4 },
		{ "an answer for another", written_for_another, 2, 0, 3 },
		{ "answers that are no Lease", no_lease, 3, 0, 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct run r = { .stop = kube_stop_new(),
				 .stop_at = rows[i].stop_at };
		struct fake_script *script = fake_script_start(rows[i].steps);
		struct kube_lease *lease = start(&r, script);
		const char *complaint;

		kube_lease_join(&lease);
		assert_null(lease);
		complaint = fake_script_stop(&script);
		if (complaint)
			fail_msg("%s: %s", rows[i].name, complaint);
		if (atomic_load(&r.led) != rows[i].led ||
		    atomic_load(&r.lost) ||
		    atomic_load(&r.requests) != rows[i].requests)
			fail_msg("%s: led %u, lost %u, %u requests",
				 rows[i].name, atomic_load(&r.led),
				 atomic_load(&r.lost),
				 atomic_load(&r.requests));
		kube_stop_free(&r.stop);
	}
}

/* Runs until it has led and lost. The script may not be used up. */
static void expect_lost(const struct fake_step *steps, const char *says)
{
	struct run r = { .stop = kube_stop_new() };
	struct fake_script *script = fake_script_start(steps);
	struct kube_lease *lease = start(&r, script);
	struct error err;

	wait_for(&r.led);
	wait_for(&r.lost);
	assert_false(kube_lease_leads(lease));
	err = kube_lease_says(lease);
	assert_non_null(strstr(err.msg, says));
	kube_stop_set(r.stop);
	kube_lease_join(&lease);
	(void)fake_script_stop(&script);
	assert_int_equal(atomic_load(&r.led), 1);
	assert_int_equal(atomic_load(&r.lost), 1);
	kube_stop_free(&r.stop);
}

static void it_is_lost_when_another_holds_it(void **state)
{
	static const struct fake_step steps[] = {
		GET(NOT_FOUND),
		POST(OK("me", "1")),
		PUT(VERSION("1"), CONFLICT),
		GET(OK("other", "2")),
		END,
	};

	(void)state;
	expect_lost(steps, "\"other\" leads");
}

static void it_is_lost_when_no_renewal_is_answered(void **state)
{
	static const struct fake_step steps[] = {
		GET(NOT_FOUND),
		POST(OK("me", "1")),
		HANG("PUT " LEASE),
		HANG("GET " LEASE),
		HANG("GET " LEASE),
		HANG("GET " LEASE),
		END,
	};

	(void)state;
	expect_lost(steps, "lease");
}

static void it_is_lost_when_every_renewal_is_refused(void **state)
{
	static const struct fake_step steps[] = {
		GET(NOT_FOUND),
		POST(OK("me", "1")),
		PUT(VERSION("1"), FORBIDDEN),
		GET(FORBIDDEN),
		GET(FORBIDDEN),
		GET(FORBIDDEN),
		END,
	};

	(void)state;
	expect_lost(steps, "forbidden");
}

static void it_tells_who_leads_and_what_is_wrong(void **state)
{
	static const struct fake_step steps[] = {
		GET(OK("other", "1")),
		END,
	};
	struct run r = { .stop = kube_stop_new() };
	struct fake_script *script = fake_script_start(steps);
	struct kube_lease *lease = start(&r, script);

	(void)state;
	while (!kube_lease_says(lease).msg[0])
		(void)usleep(2000);
	assert_string_equal(kube_lease_says(lease).msg, "\"other\" leads");
	assert_int_equal(kube_lease_says(lease).code, ERR_NONE);
	assert_false(kube_lease_leads(lease));
	kube_stop_set(r.stop);
	kube_lease_join(&lease);
	(void)fake_script_stop(&script);
	kube_stop_free(&r.stop);
}

static void options_that_cannot_work_are_refused(void **state)
{
	static const struct {
		const char *name, *identity;
		unsigned duration, deadline, retry;
	} rows[] = {
		{ "a", "me", 10, 10, 2 }, { "a", "me", 15, 2, 2 },
		{ "a", "me", 15, 10, 0 }, { "a", "me", 5, 10, 2 },
		{ "a", "", 15, 10, 2 },	  { "", "me", 15, 10, 2 },
		{ "a", "me", 0, 0, 0 },	  { "a", "me", UINT32_MAX, 10, 2 },
	};
	struct kube_stop *stop = kube_stop_new();
	const struct kube_config config = { .server =
						    STR("http://127.0.0.1:1") };
	const struct kube_client_options client = { .user_agent = "test",
						    .field_manager = "test",
						    .stop = stop };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct kube_lease_options options = {
			.ns = STR("bulkhead"),
			.name = str_of(rows[i].name),
			.identity = str_of(rows[i].identity),
			.duration_seconds = rows[i].duration,
			.deadline_seconds = rows[i].deadline,
			.retry_seconds = rows[i].retry,
			.lead = lead,
			.lost = lost,
		};
		struct error err = ERROR_INIT;
		struct kube_lease *lease;

		assert_int_equal(kube_lease_start(&config, &client, &options,
						  &lease, &err),
				 -1);
		assert_int_equal(err.code, ERR_CONFIG);
		assert_null(lease);
	}
	kube_stop_free(&stop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequences_of_answers),
		cmocka_unit_test(it_is_lost_when_another_holds_it),
		cmocka_unit_test(it_is_lost_when_no_renewal_is_answered),
		cmocka_unit_test(it_is_lost_when_every_renewal_is_refused),
		cmocka_unit_test(it_tells_who_leads_and_what_is_wrong),
		cmocka_unit_test(options_that_cannot_work_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
