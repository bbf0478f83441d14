/* When a request is sent again: what was seen of it against a table. */
#include "kube/retry.h"

#include <sys/random.h>

#include "lib/clock.h"

enum {
	TRIES_MAX = 5,
	FIRST_MS = 200,
	LAST_MS = 10000,
	UNSENT_LAST_MS = 500,
	RETRY_AFTER_MAX = 30, /* seconds */
	BACKOFF_FIRST_MS = 800,
	BACKOFF_LAST_MS = 30000,
	AWAY_MS = 400,
};

enum again { NEVER, WHEN_IDEMPOTENT, ALWAYS };

/*
 * 429 and 503 are said before anything is done. 502 is not in that company:
 * whoever stands in front of the API server says it also when the connection
 * behind it broke after the request had gone through.
 */
static enum again after_status(unsigned status)
{
	static const struct {
		unsigned status;
		enum again again;
	} rows[] = {
		{ 429, ALWAYS },	  { 503, ALWAYS },
		{ 500, WHEN_IDEMPOTENT }, { 502, WHEN_IDEMPOTENT },
		{ 504, WHEN_IDEMPOTENT },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].status == status)
			return rows[i].again;
	return NEVER;
}

static enum again after(const struct kube_attempt *attempt)
{
	switch (attempt->outcome) {
	case TRANSPORT_ANSWERED:
		return after_status(attempt->status);
	case TRANSPORT_NOT_SENT:
		return ALWAYS;
	case TRANSPORT_UNKNOWN:
		return WHEN_IDEMPOTENT;
	case TRANSPORT_REFUSED:
	case TRANSPORT_STOPPED:
		return NEVER;
	}
	BUG("an outcome that is none");
}

/* first, doubled with each step from 1 on, at most last. */
static int64_t doubled(int64_t first, int64_t last, unsigned step)
{
	int64_t ms = first;

	while (step-- > 1 && ms < last)
		ms *= 2;
	return ms < last ? ms : last;
}

static int64_t up_to(int64_t most, uint64_t chance)
{
	return (int64_t)(chance % ((uint64_t)most + 1));
}

int64_t kube_retry_wait(const struct kube_attempt *attempt, uint64_t chance)
{
	const bool unsent = attempt->outcome == TRANSPORT_NOT_SENT;
	enum again again = after(attempt);
	unsigned after_s = 0;
	int64_t ms;

	if (again == NEVER || attempt->tries >= TRIES_MAX ||
	    (again == WHEN_IDEMPOTENT && !attempt->idempotent))
		return -1;
	if (attempt->outcome == TRANSPORT_ANSWERED)
		after_s = attempt->retry_after;
	if (after_s > RETRY_AFTER_MAX)
		after_s = RETRY_AFTER_MAX;
	ms = after_s ? (int64_t)after_s * 1000
		     : doubled(FIRST_MS, unsent ? UNSENT_LAST_MS : LAST_MS,
			       attempt->tries);
	return ms + up_to(ms / 2, chance);
}

int64_t kube_backoff_wait(unsigned failures, uint64_t chance)
{
	int64_t ms = doubled(BACKOFF_FIRST_MS, BACKOFF_LAST_MS, failures);

	return ms + up_to(ms, chance);
}

int64_t kube_away_wait(uint64_t chance)
{
	return AWAY_MS + up_to(AWAY_MS, chance);
}

uint64_t kube_chance(void)
{
	uint64_t chance;

	/* Before the kernel has enough entropy the clock does. */
	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(chance))
		chance = (uint64_t)clock_monotonic_ns() *
			 UINT64_C(0x9e3779b97f4a7c15);
	return chance;
}
