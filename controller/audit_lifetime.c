/* A claim or Sandbox that is still there although its time is over. */
#include "controller/audit_checks.h"
#include "controller/lifetime.h"
#include "lib/timestamp.h"

/* Whoever ends it is given so long, finalizers and a restart included. */
enum { PATIENCE_SECONDS = 300 };

static void tell(const struct audit_check *c, const struct lifetime *l,
		 struct str found, struct str fix)
{
	bool own = l->end == LIFETIME_BY_FIELD;

	audit_check_add(c, (struct finding){
				   .rule = "lifecycle.ttl",
				   .field = own ? str_of(l->field)
						: STR("metadata."
						      "creationTimestamp"),
				   .found = found,
				   .wanted = STR("an object that has ended"),
				   .fix = fix,
			   });
}

static void tell_overdue(const struct audit_check *c, const struct lifetime *l)
{
	struct str due = timestamp_str(c->arena, l->due);

	tell(c, l,
	     arena_printf(c->arena,
			  "is so long ago that lifecycle.ttl.max of the tier "
			  "passed at %.*s",
			  STR_ARG(due)),
	     STR("delete it, or write lifecycle.overdue: End into the tier, "
		 "which ends all such objects"));
}

static void tell_past(const struct audit_check *c, const struct lifetime *l)
{
	struct str due = timestamp_str(c->arena, l->due);

	if (l->tracked && c->tier->lifecycle.tracked == TRACKED_KEEP)
		tell(c, l,
		     arena_printf(c->arena,
				  "ended it at %.*s, and it is kept because "
				  "%.*s tracks it",
				  STR_ARG(due), STR_ARG(l->tracked_by)),
		     STR("take it out of Git, or write lifecycle.tracked: End "
			 "into the tier"));
	else
		tell(c, l,
		     arena_printf(c->arena,
				  "ended it at %.*s, and it is still there",
				  STR_ARG(due)),
		     STR("delete it; the log of bulkhead-controller tells "
			 "what it was refused"));
}

/*
 * What retains keeps the object itself, and a Retain that has been carried out
 * looks like one that has not. A time that cannot be read is the rule's.
 */
void audit_check_lifetime(const struct audit_check *c)
{
	const struct inventory_object object = {
		.group = c->subject->group,
		.kind = c->subject->kind,
		.ns = c->subject->ns,
		.name = c->subject->name,
		.doc = *c->doc,
	};
	const struct world *world = c->judge->world;
	struct lifetime l;

	lifetime_of(c->arena, world, &object, &l);
	if (l.end == LIFETIME_NONE ||
	    l.due > world_seconds(world) - PATIENCE_SECONDS)
		return;
	if (l.end == LIFETIME_OVERDUE)
		tell_overdue(c, &l);
	else if (l.policy != SHUTDOWN_RETAIN)
		tell_past(c, &l);
}
