/* kube/retry.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kube/retry.h"

enum { NO = -1 };

static void check(const char *what, int64_t got, int64_t want)
{
	if (got != want)
		fail_msg("%s: %lld ms, wanted %lld", what, (long long)got,
			 (long long)want);
}

static void answers_are_retried_by_status(void **state)
{
	static const struct {
		const char *what;
		unsigned status;
		int64_t idempotent, other;
	} rows[] = {
		{ "too many", 429, 200, 200 },
		{ "not available", 503, 200, 200 },
		{ "internal", 500, 200, NO },
		{ "bad gateway", 502, 200, NO },
		{ "gateway time-out", 504, 200, NO },
		{ "ok", 200, NO, NO },
		{ "created", 201, NO, NO },
		{ "redirect", 307, NO, NO },
		{ "bad request", 400, NO, NO },
		{ "unauthorized", 401, NO, NO },
		{ "forbidden", 403, NO, NO },
		{ "not found", 404, NO, NO },
		{ "request time-out", 408, NO, NO },
		{ "conflict", 409, NO, NO },
		{ "gone", 410, NO, NO },
		{ "invalid", 422, NO, NO },
		{ "not implemented", 501, NO, NO },
		{ "none", 0, NO, NO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kube_attempt attempt = {
			.tries = 1,
			.outcome = TRANSPORT_ANSWERED,
			.status = rows[i].status,
		};

		check(rows[i].what, kube_retry_wait(&attempt, 0),
		      rows[i].other);
		attempt.idempotent = true;
		check(rows[i].what, kube_retry_wait(&attempt, 0),
		      rows[i].idempotent);
	}
}

static void without_answer_only_what_was_not_sent_is_safe(void **state)
{
	static const struct {
		const char *what;
		enum kube_transport_outcome outcome;
		int64_t idempotent, other;
	} rows[] = {
		{ "not sent", TRANSPORT_NOT_SENT, 200, 200 },
		{ "unknown", TRANSPORT_UNKNOWN, 200, NO },
		{ "refused", TRANSPORT_REFUSED, NO, NO },
		{ "stopped", TRANSPORT_STOPPED, NO, NO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		/* A status and a Retry-After without answer mean nothing. */
		struct kube_attempt attempt = {
			.tries = 1,
			.outcome = rows[i].outcome,
			.status = 429,
			.retry_after = 7,
		};

		check(rows[i].what, kube_retry_wait(&attempt, 0),
		      rows[i].other);
		attempt.idempotent = true;
		check(rows[i].what, kube_retry_wait(&attempt, 0),
		      rows[i].idempotent);
	}
}

static void waits_double_and_end_after_five_tries(void **state)
{
	static const struct {
		unsigned tries, retry_after;
		int64_t want;
	} rows[] = {
		{ 1, 0, 200 },
		{ 2, 0, 400 },
		{ 3, 0, 800 },
		{ 4, 0, 1600 },
		{ 5, 0, NO },
		{ 6, 0, NO },
		{ 1, 1, 1000 },
		{ 4, 1, 1000 },
		{ 1, 30, 30000 },
		{ 1, 31, 30000 },
		{ 1, UINT32_MAX, 30000 },
		{ 5, 1, NO },
		{ UINT32_MAX, 0, NO },
		{ 0, 0, 200 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct kube_attempt attempt = {
			.tries = rows[i].tries,
			.outcome = TRANSPORT_ANSWERED,
			.status = 429,
			.retry_after = rows[i].retry_after,
		};

		check("429", kube_retry_wait(&attempt, 0), rows[i].want);
	}
}

static void chance_adds_up_to_half(void **state)
{
	const struct kube_attempt attempt = {
		.tries = 1,
		.outcome = TRANSPORT_ANSWERED,
		.status = 503,
		.retry_after = 2,
	};

	(void)state;
	check("least", kube_retry_wait(&attempt, 0), 2000);
	check("most", kube_retry_wait(&attempt, 1000), 3000);
	check("around", kube_retry_wait(&attempt, 1001), 2000);
	for (uint64_t i = 0; i < 1000; i++) {
		int64_t ms = kube_retry_wait(
			&attempt, UINT64_MAX / 1000 * i + UINT64_MAX % 1000);

		assert_true(ms >= 2000 && ms <= 3000);
	}
}

static void backoff_doubles_to_thirty_seconds(void **state)
{
	static const struct {
		unsigned failures;
		uint64_t chance;
		int64_t want;
	} rows[] = {
		{ 1, 0, 800 },	 { 1, 800, 1600 },	   { 1, 801, 800 },
		{ 2, 0, 1600 },	 { 3, 0, 3200 },	   { 6, 0, 25600 },
		{ 7, 0, 30000 }, { 8, 0, 30000 },	   { 7, 30000, 60000 },
		{ 0, 0, 800 },	 { UINT32_MAX, 0, 30000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check("backoff",
		      kube_backoff_wait(rows[i].failures, rows[i].chance),
		      rows[i].want);
}

static void who_is_away_is_asked_again_soon(void **state)
{
	static const struct {
		unsigned tries;
		int64_t want;
	} rows[] = {
		{ 1, 200 }, { 2, 400 }, { 3, 500 }, { 4, 500 }, { 5, NO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct kube_attempt attempt = {
			.tries = rows[i].tries,
			.outcome = TRANSPORT_NOT_SENT,
		};

		check("not sent", kube_retry_wait(&attempt, 0), rows[i].want);
	}
	check("away", kube_away_wait(0), 400);
	check("away", kube_away_wait(400), 800);
	check("away", kube_away_wait(401), 400);
}

static void chances_differ(void **state)
{
	(void)state;
	assert_true(kube_chance() != kube_chance());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_retried_by_status),
		cmocka_unit_test(without_answer_only_what_was_not_sent_is_safe),
		cmocka_unit_test(waits_double_and_end_after_five_tries),
		cmocka_unit_test(chance_adds_up_to_half),
		cmocka_unit_test(backoff_doubles_to_thirty_seconds),
		cmocka_unit_test(who_is_away_is_asked_again_soon),
		cmocka_unit_test(chances_differ),
	};

	return cmocka_run_group_tests_name("kube/retry.c", tests, NULL, NULL)
		       ? 1
		       : 0;
}
