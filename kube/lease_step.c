/* Who may lead: the decision alone, without requests or clocks. */
#include "kube/lease.h"

#define SECOND_NS INT64_C(1000000000)

/*
 * No holder renews less often than this. Without a bound, one bad record would
 * keep everybody from leading for years.
 */
enum { DURATION_MAX_SECONDS = 3600 };

static bool has_passed(int64_t since_ns, unsigned seconds, int64_t now_ns)
{
	return now_ns - since_ns >= (int64_t)seconds * SECOND_NS;
}

/* What the holder wants to be waited for; ours where it does not say. */
static unsigned duration_of(const struct kube_lease_options *options,
			    const struct kube_lease_seen *seen)
{
	if (!seen->duration_seconds)
		return options->duration_seconds;
	return seen->duration_seconds < DURATION_MAX_SECONDS
		       ? seen->duration_seconds
		       : DURATION_MAX_SECONDS;
}

static enum kube_lease_action
step_of_leader(const struct kube_lease_options *options,
	       const struct kube_lease_seen *seen, bool is_ours,
	       int64_t renewed_ns, int64_t now_ns)
{
	if (has_passed(renewed_ns, options->deadline_seconds, now_ns))
		return LEASE_LOST;
	/* Deleted under us: whoever creates it first leads. */
	if (!seen->exists)
		return LEASE_CREATE;
	return is_ours ? LEASE_RENEW : LEASE_LOST;
}

enum kube_lease_action kube_lease_step(const struct kube_lease_options *options,
				       const struct kube_lease_seen *seen,
				       int64_t renewed_ns, int64_t now_ns)
{
	bool is_ours = seen->exists && str_eq(seen->holder, options->identity);

	if (renewed_ns)
		return step_of_leader(options, seen, is_ours, renewed_ns,
				      now_ns);
	if (!seen->exists)
		return LEASE_CREATE;
	/* Written by us in a request whose answer was lost. */
	if (is_ours)
		return LEASE_RENEW;
	if (!seen->holder.n ||
	    has_passed(seen->changed_ns, duration_of(options, seen), now_ns))
		return LEASE_TAKE;
	return LEASE_WAIT;
}
