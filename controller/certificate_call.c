/* Calls within what is left of the time. */
#include "controller/certificate_call.h"

#include "lib/clock.h"

#define MS INT64_C(1000000)

enum { RUN_MS = 20000 };

int certificate_call(const struct reconcile *r, struct kube_call *call,
		     struct error *err)
{
	int64_t spent_ms = (clock_monotonic_ns() - r->mono_ns) / MS;

	if (spent_ms >= RUN_MS)
		return error_set(err, ERR_IO,
				 "the API server took longer than %d s for the "
				 "certificates: they are planned anew",
				 RUN_MS / 1000);
	call->timeout_ms = RUN_MS - spent_ms;
	if (kube_do(r->client, r->arena, call, err) == 0)
		return 0;
	if (call->status == 404 && call->verb != KUBE_GET &&
	    call->verb != KUBE_CREATE)
		err->code = ERR_CONFLICT;
	return -1;
}

int certificate_get(const struct reconcile *r, struct kube_call *call,
		    struct error *err)
{
	struct error failure = ERROR_INIT;

	call->verb = KUBE_GET;
	if (certificate_call(r, call, &failure) == 0)
		return 0;
	if (call->status == 404)
		return 0;
	*err = failure;
	return -1;
}
