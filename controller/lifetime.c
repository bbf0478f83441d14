/*
 * What is to be done about a lifetime: wait, warn, end, or tell why not.
 *
 * The texts of Events hold the time of the end and no countdown, so that the
 * same thing told again counts up one Event.
 */
#include "controller/lifetime.h"

#include "controller/reconcilers.h"
#include "lib/duration.h"
#include "lib/timestamp.h"
#include "policies/kinds.h"

#define SECOND INT64_C(1000000000)
#define AGAIN_MAX (3600 * SECOND)

struct ending {
	const struct world *world;
	struct plan *plan;
	const struct inventory_object *object;
	struct lifetime life;
	bool claim;
	/* The end that is carried out: its own, or the limit of the tier. */
	int64_t at;
	enum shutdown_policy policy; /* for that end */
};

/* A tier that is being tried out deletes nothing. */
static bool may_end(const struct tier *tier)
{
	return tier->enforcement == ENFORCEMENT_ENFORCE;
}

/* The limit of the tier, which no field of the object holds. */
static bool is_unwritten(const struct ending *e)
{
	return e->at != e->life.own;
}

/* ---- deleting ---- */

/*
 * What was over already when it was made could not end before: the lag counts
 * from then.
 */
static int64_t due_ns(const struct ending *e)
{
	return lifetime_ns(e->at > e->life.created ? e->at : e->life.created);
}

static void delete (const struct ending *e,
		    const struct inventory_object *object,
		    enum kube_propagation propagation)
{
	const struct json *metadata = json_get(&object->doc, STR("metadata"));
	struct arena *a = e->plan->arena;
	struct plan_action *action = plan_action(e->plan, ACTION_DELETE);

	action->resource = plan_resource(object);
	action->ns = arena_str(a, object->ns);
	action->name = arena_str(a, object->name);
	action->uid = arena_str(a, json_str(json_get(metadata, STR("uid"))));
	action->resource_version = arena_str(
		a, json_str(json_get(metadata, STR("resourceVersion"))));
	action->propagation = propagation;
	action->due_ns = due_ns(e);
}

/* By uid: one of the same name may be somebody else's, or of one before. */
static bool is_controlled_by(const struct inventory_object *child,
			     const struct inventory_object *owner)
{
	const struct json *owners =
		json_at(&child->doc, "metadata", "ownerReferences");
	struct str uid = json_str(json_at(&owner->doc, "metadata", "uid"));

	if (!uid.n)
		return false;
	json_each_item(o, owners) {
		if (json_is_true(json_get(o, STR("controller"))) &&
		    json_str_is(json_get(o, STR("kind")), owner->kind) &&
		    json_str_is(json_get(o, STR("uid")), uid))
			return true;
	}
	return false;
}

static bool is_going(const struct inventory_object *object)
{
	return json_is_set(
		json_at(&object->doc, "metadata", "deletionTimestamp"));
}

/* ---- children ---- */

/* With a reference for the caller; NULL unless it is the object's own. */
static const struct inventory_object *child(const struct ending *e,
					    const char *group, const char *kind,
					    struct str name)
{
	const struct inventory_object *object =
		inventory_get(e->world->inventory, str_of(group), str_of(kind),
			      e->object->ns, name);

	if (!object || is_controlled_by(object, e->object))
		return object;
	inventory_object_unref(&object);
	return NULL;
}

static struct str annotation(const struct inventory_object *object,
			     const char *key)
{
	return json_str(json_at(&object->doc, "metadata", "annotations", key));
}

/* By name, in the order in which upstream looks for it. */
static const struct inventory_object *sandbox_of(const struct ending *e)
{
	const struct str names[] = {
		json_str(json_at(&e->object->doc, "status", "sandbox", "name")),
		annotation(e->object, "agents.x-k8s.io/sandbox-name"),
		e->object->name,
	};
	const struct inventory_object *sandbox = NULL;

	for (size_t i = 0; !sandbox && i < ARRAY_LEN(names); i++)
		if (names[i].n)
			sandbox = child(e, GROUP_AGENTS, "Sandbox", names[i]);
	return sandbox;
}

struct pod_search {
	const struct inventory_object *owner, *found;
};

static bool is_the_pod(const struct inventory_object *pod, void *context)
{
	struct pod_search *s = context;

	if (is_going(pod) || !is_controlled_by(pod, s->owner))
		return true;
	s->found = inventory_object_ref(pod);
	return false;
}

/* Named as the Sandbox, unless an annotation says otherwise. */
static const struct inventory_object *pod_of(const struct ending *e)
{
	struct str name = annotation(e->object, "agents.x-k8s.io/pod-name");
	struct pod_search s = { .owner = e->object };

	if (name.n)
		s.found = child(e, "", "Pod", name);
	if (!s.found)
		s.found = child(e, "", "Pod", e->object->name);
	if (!s.found)
		inventory_each(e->world->inventory, STR(""), STR("Pod"),
			       e->object->ns, is_the_pod, &s);
	return s.found;
}

/* ---- telling ---- */

/* "its lifetime ended at 2026-11-21T06:00:00Z (spec.shutdownTime)" */
static struct str when(const struct ending *e, const char *verb)
{
	struct arena *a = e->plan->arena;
	const struct tier *tier = e->life.tier;

	if (!is_unwritten(e))
		return arena_printf(a, "its lifetime %s at %.*s (%s)", verb,
				    STR_ARG(timestamp_str(a, e->at)),
				    e->life.field);
	return arena_printf(
		a, "its lifetime %s at %.*s (ttl.max of tier \"%.*s\", %.*s)",
		verb, STR_ARG(timestamp_str(a, e->at)), STR_ARG(tier->name),
		STR_ARG(duration_short(a, tier->lifecycle.ttl_max)));
}

static void tell(const struct ending *e, bool warning, const char *reason,
		 const char *what, struct str note)
{
	plan_event(e->plan, e->object, warning, reason, what, note);
}

static const char *fate(const struct ending *e)
{
	if (e->policy != SHUTDOWN_RETAIN)
		return "it is deleted";
	return e->claim ? "its Sandbox is deleted, the claim stays"
			: "its Pod is deleted, the Sandbox stays";
}

/* ---- the end ---- */

static struct json nested(struct arena *a, struct str key, struct json value)
{
	struct json object = json_make_object();

	json_add(a, &object, key, value);
	return object;
}

/*
 * What upstream does not see would be undone by it: as a time of its own the
 * end comes back to us at once, and upstream keeps to it. Fields that the API
 * version does not have are dropped, the annotation stays.
 */
static struct json end_written(const struct ending *e)
{
	const struct json *doc = &e->object->doc;
	struct arena *a = e->plan->arena;
	struct json time = json_make_string(timestamp_str(a, e->at));
	struct json body = json_make_object(), spec = json_make_object();
	struct json metadata = json_make_object();

	json_add(a, &spec, STR("shutdownTime"), time);
	if (e->claim)
		spec = nested(a, STR("lifecycle"), spec);
	json_add(a, &metadata, STR("resourceVersion"),
		 json_copy(a, json_at(doc, "metadata", "resourceVersion")));
	if (e->claim && str_ends(json_str(json_get(doc, STR("apiVersion"))),
				 STR("/v1alpha1")))
		json_add(a, &metadata, STR("annotations"),
			 nested(a, STR(ANNOTATION_EXPIRES_AT), time));
	json_add(a, &body, STR("metadata"), metadata);
	json_add(a, &body, STR("spec"), spec);
	return body;
}

static void write_end(const struct ending *e)
{
	struct arena *a = e->plan->arena;
	struct plan_action *action = plan_action(e->plan, ACTION_PATCH);

	action->resource = plan_resource(e->object);
	action->ns = arena_str(a, e->object->ns);
	action->name = arena_str(a, e->object->name);
	action->body = end_written(e);
	action->lenient = true;
	tell(e, false, "EndWritten", "Expire",
	     arena_printf(a, "%.*s: shutdownTime is set to that time",
			  STR_ARG(when(e, "ended"))));
}

/* Retain: what stands for it goes; nothing left is nothing to do. */
static void end_child(const struct ending *e)
{
	const struct inventory_object *object =
		e->claim ? sandbox_of(e) : pod_of(e);

	if (!object)
		return;
	if (!is_going(object)) {
		delete (e, object, KUBE_BACKGROUND);
		tell(e, false, "Expired", "Expire",
		     arena_printf(e->plan->arena, "%.*s: %s",
				  STR_ARG(when(e, "ended")), fate(e)));
	}
	inventory_object_unref(&object);
}

static void end_itself(const struct ending *e)
{
	delete (e, e->object,
		e->policy == SHUTDOWN_DELETE_FOREGROUND ? KUBE_FOREGROUND
							: KUBE_BACKGROUND);
	tell(e, false, "Expired", "Expire",
	     arena_printf(e->plan->arena, "%.*s: %s", STR_ARG(when(e, "ended")),
			  fate(e)));
}

/* What is retained at its own time stays as Git has it. */
static bool is_kept(const struct ending *e)
{
	const struct tier *tier = e->life.tier;

	return e->life.tracked &&
	       (e->policy != SHUTDOWN_RETAIN || is_unwritten(e)) &&
	       !(tier && may_end(tier) &&
		 tier->lifecycle.tracked == TRACKED_END);
}

static void end(const struct ending *e)
{
	struct arena *a = e->plan->arena;

	if (is_kept(e))
		tell(e, true, "KeptThoughExpired", "Expire",
		     arena_printf(a,
				  "%.*s; it is kept, because %.*s would undo "
				  "that: remove it there, or set "
				  "lifecycle.tracked: End in its tier",
				  STR_ARG(when(e, "ended")),
				  STR_ARG(e->life.tracked_by)));
	else if (e->policy == SHUTDOWN_RETAIN && is_unwritten(e))
		write_end(e);
	else if (e->policy == SHUTDOWN_RETAIN)
		end_child(e);
	else
		end_itself(e);
}

/* ---- before the end ---- */

/* At that moment, a resync at the latest. */
static void wake_at(const struct ending *e, int64_t ns)
{
	int64_t left;

	if (ns <= e->world->now_ns)
		return;
	if (__builtin_sub_overflow(ns, e->world->now_ns, &left) ||
	    left > AGAIN_MAX)
		left = AGAIN_MAX;
	plan_again(e->plan, left);
}

/* Whoever was made with less to live knows it. */
static void warn(const struct ending *e)
{
	static const struct {
		int64_t before;
		const char *text;
	} rows[] = {
		{ 60, "less than a minute" },
		{ 600, "less than 10 minutes" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t from = e->at - rows[i].before;

		if (!lifetime_passed(e->world, from)) {
			wake_at(e, lifetime_ns(from));
		} else if (from >= e->life.created && !is_kept(e)) {
			tell(e, true, "ExpiresSoon", "Warn",
			     arena_printf(e->plan->arena,
					  "%.*s, in %s: then %s",
					  STR_ARG(when(e, "ends")),
					  rows[i].text, fate(e)));
			return;
		}
	}
}

static void tell_overdue(const struct ending *e)
{
	const struct lifetime *l = &e->life;
	struct arena *a = e->plan->arena;

	tell(e, true, "Overdue", "CheckLifetime",
	     arena_printf(
		     a,
		     "it should have ended at %.*s: tier \"%.*s\" lets "
		     "nothing live longer than %.*s (lifecycle.ttl.max); "
		     "set %s to an earlier time, or delete it",
		     STR_ARG(timestamp_str(a, l->limit)),
		     STR_ARG(l->tier->name),
		     STR_ARG(duration_short(a, l->tier->lifecycle.ttl_max)),
		     e->claim ? "spec.lifecycle.shutdownTime"
			      : "spec.shutdownTime"));
}

/* What only the tier wants ended is told, unless the tier says so. */
static void choose_end(struct ending *e)
{
	const struct lifetime *l = &e->life;

	e->at = l->own;
	e->policy = l->own_policy;
	if (!l->tier || l->limit == LIFETIME_NEVER)
		return;
	if (l->limit < l->own && may_end(l->tier) &&
	    l->tier->lifecycle.overdue == OVERDUE_END) {
		e->at = l->limit;
		e->policy = l->limit_policy;
	} else if (l->end == LIFETIME_OVERDUE) {
		tell_overdue(e);
	} else {
		wake_at(e, lifetime_ns(l->limit));
	}
}

static void decide(struct ending *e)
{
	if (e->life.problem)
		tell(e, true, "UnreadableLifetime", "CheckLifetime",
		     e->life.says);
	choose_end(e);
	if (e->at == LIFETIME_NEVER)
		return;
	if (lifetime_passed(e->world, e->at)) {
		end(e);
	} else {
		wake_at(e, lifetime_ns(e->at));
		warn(e);
	}
}

void lifetime_plan(const struct world *world, const struct queue_key *key,
		   struct plan *plan)
{
	struct ending e = {
		.world = world,
		.plan = plan,
		.claim = key->kind == RECONCILE_CLAIM,
	};

	e.object =
		inventory_get(world->inventory,
			      str_of(e.claim ? GROUP_EXTENSIONS : GROUP_AGENTS),
			      str_of(e.claim ? "SandboxClaim" : "Sandbox"),
			      key->ns, key->name);
	if (!e.object)
		return;
	lifetime_of(plan->arena, world, e.object, &e.life);
	decide(&e);
	inventory_object_unref(&e.object);
}
