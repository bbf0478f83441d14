/* The table. */
#include "controller/reconcilers.h"

#include "controller/audit.h"
#include "controller/certificates.h"
#include "controller/gate.h"
#include "controller/lifetime.h"
#include "controller/network.h"
#include "controller/statuses.h"

const struct reconciler reconcilers[RECONCILERS] = {
	[RECONCILE_NETWORK] = { .name = "network", .plan = network_plan },
	[RECONCILE_GATE] = { .name = "gate", .plan = gate_plan },
	[RECONCILE_CLAIM] = { .name = "claim", .plan = lifetime_plan },
	[RECONCILE_SANDBOX] = { .name = "sandbox", .plan = lifetime_plan },
	[RECONCILE_TIER] = { .name = "tier", .plan = statuses_plan_tier },
	[RECONCILE_POLICY] = { .name = "policy", .plan = statuses_plan_policy },
	[RECONCILE_EXCEPTION] = { .name = "exception",
				  .plan = statuses_plan_exception },
	[RECONCILE_AUDIT] = { .name = "audit",
			      .lane = LANE_BACKGROUND,
			      .run = audit_run },
	[RECONCILE_CERTIFICATES] = { .name = "certificates",
				     .run = certificates_run },
};
