/*
 * When an object ends and how: what its fields say, what its tier says, and who
 * would make it again.
 *
 * A time counts up to whole seconds, so that nothing ends within the second
 * that was named. The earliest of several counts; one that cannot be read could
 * only be earlier, so that the others hold.
 */
#include "controller/lifetime.h"

#include "lib/duration.h"
#include "lib/timestamp.h"
#include "policies/exception.h"
#include "policies/lifetime.h"
#include "policies/selection.h"

#define SECOND INT64_C(1000000000)
/* 9999-12-31T23:59:59Z: the last time that can be written. */
#define LAST INT64_C(253402300799)

/*
 * Admission lets an end be so much later than creation + ttl.max, because its
 * clock is not the one of creationTimestamp (lifecycle.ttl).
 */
enum { SKEW_SECONDS = 60 };

static const char stamp[] = "metadata.annotations[" ANNOTATION_EXPIRES_AT "]";

struct reading {
	struct arena *arena;
	const struct world *world;
	const struct inventory_object *object;
	struct subject subject;
	bool claim;
	struct lifetime *out;
};

/* ---- time ---- */

int64_t lifetime_ns(int64_t seconds)
{
	if (seconds > INT64_MAX / SECOND)
		return INT64_MAX;
	if (seconds < INT64_MIN / SECOND)
		return INT64_MIN;
	return seconds * SECOND;
}

bool lifetime_passed(const struct world *world, int64_t seconds)
{
	return seconds != LIFETIME_NEVER &&
	       lifetime_ns(seconds) <= world->now_ns;
}

/* ---- its own fields ---- */

static void tell_problem(struct reading *r, const char *field, const char *why)
{
	if (r->out->problem)
		return;
	r->out->problem = true;
	r->out->says =
		arena_printf(r->arena, "%s does not end it: %s", field, why);
}

static void take(struct reading *r, int64_t due, const char *field)
{
	if (due > LAST)
		due = LAST;
	if (due >= r->out->own)
		return;
	r->out->own = due;
	r->out->field = field;
}

/* timestamp_parse cuts fractions off. */
static bool has_fraction(struct str text)
{
	size_t i = str_find(text, '.');

	if (i == text.n)
		i = str_find(text, ',');
	for (i++; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++)
		if (text.p[i] != '0')
			return true;
	return false;
}

/* False when there is none, or, told, when it cannot be read. */
static bool is_text(struct reading *r, const struct json *v, const char *field)
{
	struct error why = ERROR_INIT;

	if (!json_is_set(v))
		return false;
	if (json_is(v, JSON_STRING))
		return true;
	error_set(&why, ERR_INPUT, "it is a %s, wanted a string",
		  json_type_name(json_type(v)));
	tell_problem(r, field, why.msg);
	return false;
}

static void read_time(struct reading *r, const struct json *v,
		      const char *field)
{
	struct error why = ERROR_INIT;
	int64_t due;

	if (!is_text(r, v, field))
		return;
	if (timestamp_parse(json_str(v), &due, &why) < 0)
		tell_problem(r, field, why.msg);
	else
		take(r, due + has_fraction(json_str(v)), field);
}

static void read_ttl(struct reading *r, const struct json *v, const char *field)
{
	struct error why = ERROR_INIT;
	int64_t ns;

	if (!is_text(r, v, field))
		return;
	if (duration_parse(json_str(v), &ns, &why) < 0)
		tell_problem(r, field, why.msg);
	else if (ns <= 0)
		tell_problem(r, field,
			     "it is no time at all, wanted a "
			     "duration such as 90m");
	else if (r->out->created == INT64_MIN)
		tell_problem(r, field,
			     "metadata.creationTimestamp cannot be read");
	else
		take(r,
		     r->out->created + ns / DURATION_SECOND +
			     (ns % DURATION_SECOND != 0),
		     field);
}

static void read_fields(struct reading *r)
{
	const struct json *doc = &r->object->doc;
	const struct json *nested =
		json_at(doc, "spec", "lifecycle", "shutdownTime");
	const struct json *inlined = json_at(doc, "spec", "shutdownTime");

	if (r->claim)
		read_time(r, nested, "spec.lifecycle.shutdownTime");
	read_time(r, inlined, "spec.shutdownTime");
	if (!json_is_set(inlined) && !(r->claim && json_is_set(nested)))
		read_time(r,
			  json_at(doc, "metadata", "annotations",
				  ANNOTATION_EXPIRES_AT),
			  stamp);
	read_ttl(r, json_at(doc, "spec", "ttl"), "spec.ttl");
}

static int64_t created(const struct json *doc)
{
	struct error err = ERROR_INIT;
	int64_t when;

	if (timestamp_parse(
		    json_str(json_at(doc, "metadata", "creationTimestamp")),
		    &when, &err) < 0)
		return INT64_MIN;
	return when;
}

/* ---- the tier ---- */

static const struct tier *tier_of(const struct reading *r)
{
	struct selection *selection;

	if (!r->world->snapshot)
		return NULL;
	selection = arena_new(r->arena, struct selection, 1);
	selection_make(r->arena, r->world->snapshot, r->world->inventory,
		       &r->subject, selection);
	return selection->effective;
}

static bool is_excepted(const struct reading *r)
{
	const struct exceptions list =
		exceptions_for(r->arena, r->world->snapshot, &r->subject,
			       world_seconds(r->world));

	return exceptions_find(&list, STR("lifecycle.ttl"),
			       STR("lifecycle.ttl")) != NULL;
}

static void read_limit(struct reading *r)
{
	struct lifetime *l = r->out;
	int64_t limit, max;

	l->tier = tier_of(r);
	if (!l->tier || !l->tier->lifecycle.ttl_max ||
	    l->created == INT64_MIN || is_excepted(r))
		return;
	max = l->tier->lifecycle.ttl_max;
	limit = l->created + max / DURATION_SECOND +
		(max % DURATION_SECOND != 0);
	/* Both are far from overflow: years 0 to 9999, and 292 years. */
	if (l->own == LIFETIME_NEVER || l->own > limit + SKEW_SECONDS)
		l->limit = limit < LAST ? limit : LAST;
}

/* ---- how ---- */

/* Upstream's default is Retain, and so is what it does with any other word. */
static enum shutdown_policy named(const struct json *v)
{
	if (json_str_is(v, STR("Delete")))
		return SHUTDOWN_DELETE;
	if (json_str_is(v, STR("DeleteForeground")))
		return SHUTDOWN_DELETE_FOREGROUND;
	return SHUTDOWN_RETAIN;
}

static const struct json *policy_field(const struct reading *r)
{
	const struct json *spec = json_get(&r->object->doc, STR("spec"));
	const struct json *v = &json_missing;

	if (r->claim)
		v = json_at(spec, "lifecycle", "shutdownPolicy");
	return json_is_set(v) ? v : json_get(spec, STR("shutdownPolicy"));
}

/*
 * Where the API has no field for the end it has none for the policy either. And
 * upstream, which does not see such an end, would make again what Retain takes
 * away.
 */
static enum shutdown_policy of_stamp(const struct reading *r)
{
	enum shutdown_policy wanted = SHUTDOWN_RETAIN;

	if (r->out->tier)
		wanted = lifetime_policy_wanted(r->out->tier, r->claim);
	return wanted == SHUTDOWN_RETAIN ? SHUTDOWN_DELETE : wanted;
}

/*
 * Who is older than the tier was never asked for a policy: what stands there
 * may be the API's default. It counts where the tier would accept it.
 */
static void read_policies(struct reading *r)
{
	struct lifetime *l = r->out;
	const struct json *v = policy_field(r);

	l->own_policy = l->field == stamp ? of_stamp(r) : named(v);
	l->limit_policy = named(v);
	if (l->tier &&
	    !lifetime_policy_is_accepted(l->tier, r->claim, l->limit_policy))
		l->limit_policy = lifetime_policy_wanted(l->tier, r->claim);
}

/* What these write on all they make, by which they find it again. */
static struct str tracker_of(const struct json *doc)
{
	static const struct {
		const char *map, *key, *value, *who;
	} rows[] = {
		{ "annotations", "argocd.argoproj.io/tracking-id", NULL,
		  "Argo CD" },
		{ "labels", "kustomize.toolkit.fluxcd.io/name", NULL, "Flux" },
		{ "labels", "helm.toolkit.fluxcd.io/name", NULL, "Flux" },
		{ "labels", "app.kubernetes.io/managed-by", "Helm", "Helm" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct json *v =
			json_at(doc, "metadata", rows[i].map, rows[i].key);

		if (rows[i].value ? json_str_is(v, str_of(rows[i].value))
				  : json_str(v).n > 0)
			return str_of(rows[i].who);
	}
	return STR("");
}

static void settle(struct reading *r)
{
	struct lifetime *l = r->out;

	if (l->own != LIFETIME_NEVER) {
		l->end = LIFETIME_BY_FIELD;
		l->due = l->own;
		l->policy = l->own_policy;
	}
	if (lifetime_passed(r->world, l->limit) &&
	    !lifetime_passed(r->world, l->own)) {
		l->end = LIFETIME_OVERDUE;
		l->due = l->limit;
		l->policy = l->limit_policy;
	}
}

void lifetime_of(struct arena *a, const struct world *world,
		 const struct inventory_object *object, struct lifetime *out)
{
	struct reading r = {
		.arena = a,
		.world = world,
		.object = object,
		.subject = { .group = object->group,
			     .kind = object->kind,
			     .ns = object->ns,
			     .name = object->name,
			     .object = &object->doc,
			     .old_object = &json_missing },
		.claim = str_is(object->kind, "SandboxClaim"),
		.out = out,
	};
	const struct target target = {
		.object = &object->doc,
		.kind = r.claim ? SUBJECT_CLAIM : SUBJECT_SANDBOX,
	};

	*out = (struct lifetime){
		.own = LIFETIME_NEVER,
		.limit = LIFETIME_NEVER,
		.created = created(&object->doc),
		.field = "",
	};
	out->tracked_by = tracker_of(&object->doc);
	out->tracked = out->tracked_by.n > 0;
	if (!lifetime_is_own(&target))
		return;
	read_fields(&r);
	read_limit(&r);
	read_policies(&r);
	settle(&r);
}
