/* IsolationPolicy and IsolationException. */
#include "controller/statuses.h"

#include "controller/status_body.h"
#include "lib/timestamp.h"

#define SECOND INT64_C(1000000000)
#define AGAIN_MAX (3600 * SECOND)

/* ---- IsolationPolicy ---- */

static const struct json *policy_in_use(const struct world *world,
					struct str name)
{
	const struct snapshot *set = world->snapshot;

	for (size_t i = 0; set && i < set->n_policies; i++)
		if (str_eq(set->policies[i].name, name))
			return set->policies[i].spec;
	return &json_missing;
}

void statuses_plan_policy(const struct world *world,
			  const struct queue_key *key, struct plan *plan)
{
	struct status s;

	if (!status_open(&s, world, key, "IsolationPolicy", plan))
		return;
	status_stand(&s, policy_in_use(world, key->name));
	status_add_ready(&s, false, "InUse", STR("it is in use"));
	status_write(&s);
	status_close(&s);
}

/* ---- IsolationException ---- */

static const struct json *exception_in_use(const struct world *world,
					   struct str name)
{
	const struct snapshot *set = world->snapshot;

	for (size_t i = 0; set && i < set->n_exceptions; i++)
		if (str_eq(set->exceptions[i].name, name))
			return set->exceptions[i].spec;
	return &json_missing;
}

enum { DAY = 86400 };

/*
 * From so long before its end on, the last that has begun. The reason also
 * remembers what was told: an Event comes with the change of it.
 */
static const struct stage {
	int64_t before; /* seconds */
	const char *reason;
	const char *says; /* of the Event; NULL: nothing to tell */
} stages[] = {
	{ INT64_MAX, "InForce", NULL },
	{ INT64_C(7) * DAY, "ExpiresWithinWeek", "ends in less than 7 days" },
	{ DAY, "ExpiresWithinDay", "ends in less than 1 day" },
	{ 0, "Expired", "has ended" },
};

static bool has_begun(const struct world *world, const struct stage *stage,
		      int64_t at)
{
	return stage->before == INT64_MAX ||
	       at - stage->before <= world_seconds(world);
}

static const struct stage *stage_of(const struct world *world, int64_t at)
{
	size_t i = ARRAY_LEN(stages) - 1;

	while (!has_begun(world, &stages[i], at))
		i--;
	return &stages[i];
}

/* At the next stage, in an hour at the latest. */
static void wake(const struct status *s, const struct stage *stage, int64_t at)
{
	int64_t now = world_seconds(s->world), left;

	if (stage == &stages[ARRAY_LEN(stages) - 1])
		return;
	left = at - stage[1].before - now;
	if (left >= AGAIN_MAX / SECOND)
		plan_again(s->plan, AGAIN_MAX);
	else
		plan_again(s->plan, (now + left) * SECOND - s->world->now_ns);
}

static void tell(struct status *s, const struct stage *stage, int64_t at)
{
	struct arena *a = s->plan->arena;
	struct str ns = json_str(
		json_at(&s->object->doc, "spec", "target", "namespace"));

	if (!stage->says ||
	    json_str_is(json_get(status_observed(s, "Expired"), STR("reason")),
			str_of(stage->reason)))
		return;
	plan_event(s->plan, s->object, true, stage->reason, "CheckExpiry",
		   arena_printf(a,
				"%s (%.*s): mend what it excepts in namespace "
				"\"%.*s\", or set a later spec.expiresAt",
				stage->says, STR_ARG(timestamp_str(a, at)),
				STR_ARG(ns)));
}

/* Returns whether it is over. */
static bool add_expired(struct status *s)
{
	struct arena *a = s->plan->arena;
	struct error err = ERROR_INIT;
	const struct stage *stage;
	bool over;
	int64_t at;

	if (timestamp_parse(
		    json_str(json_at(&s->object->doc, "spec", "expiresAt")),
		    &at, &err) < 0) {
		status_add(s, "Expired", CONDITION_UNKNOWN, "InvalidSpec",
			   arena_printf(a, "spec.expiresAt: %s", err.msg));
		return false;
	}
	stage = stage_of(s->world, at);
	over = stage->before == 0;
	tell(s, stage, at);
	wake(s, stage, at);
	status_add(
		s, "Expired", over ? CONDITION_TRUE : CONDITION_FALSE,
		stage->reason,
		arena_printf(a, "%s %.*s",
			     over ? "it holds no more since" : "it holds until",
			     STR_ARG(timestamp_str(a, at))));
	return over;
}

/* One that is over is no fault of the set's: it is ready, and without effect.
 */
void statuses_plan_exception(const struct world *world,
			     const struct queue_key *key, struct plan *plan)
{
	struct status s;
	bool over;

	if (!status_open(&s, world, key, "IsolationException", plan))
		return;
	status_stand(&s, exception_in_use(world, key->name));
	over = add_expired(&s);
	status_add_ready(&s, false, over ? "Expired" : "InUse",
			 over ? STR("it is over, and covers nothing")
			      : STR("it is in use"));
	status_write(&s);
	status_close(&s);
}
