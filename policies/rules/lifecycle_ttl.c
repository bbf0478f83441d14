/*
 * lifecycle.ttl: every sandbox has an end. The time is filled in once, at
 * creation, and never moved by us afterwards.
 */
#include "lib/duration.h"
#include "lib/timestamp.h"
#include "policies/lifetime.h"
#include "policies/rules/all.h"
#include "policies/says.h"

/*
 * Our clock and the API server's differ: a time that was filled in as
 * now + max must still fit creationTimestamp + max.
 */
enum { SKEW_SECONDS = 60 };

/* The annotation that asks for another time to live than the tier's. */
struct wish {
	const struct json *value; /* of the annotation */
	bool set, valid;
	int64_t seconds;
	struct error err; /* when not valid */
};

static void read_wish(const struct target *t, struct wish *w)
{
	int64_t ns = 0;

	w->value =
		json_at(t->object, "metadata", "annotations", ANNOTATION_TTL);
	w->set = json_is_set(w->value);
	w->valid = false;
	w->seconds = 0;
	if (!w->set)
		return;
	if (!json_is(w->value, JSON_STRING)) {
		error_set(&w->err, ERR_INPUT, "is not a string");
		return;
	}
	if (duration_parse(json_str(w->value), &ns, &w->err) < 0)
		return;
	w->seconds = ns / DURATION_SECOND;
	w->valid = w->seconds > 0;
	if (!w->valid)
		error_set(&w->err, ERR_INPUT,
			  "is \"%.*s\", less than one second",
			  STR_ARG(json_str(w->value)));
}

static int64_t seconds(int64_t ns)
{
	return ns / DURATION_SECOND;
}

static int64_t max_of(const struct target *t)
{
	return seconds(t->tier->lifecycle.ttl_max);
}

/* metadata.creationTimestamp; now when the object is just being made. */
static int64_t created(const struct target *t)
{
	const struct subject *s = t->subject;
	const struct json *at =
		json_at(t->object, "metadata", "creationTimestamp");
	struct error err = ERROR_INIT;
	int64_t when;

	if (s->operation == OPERATION_CREATE)
		return t->now;
	if (!json_is_set(at))
		at = json_at(s->old_object, "metadata", "creationTimestamp");
	if (timestamp_parse(json_str(at), &when, &err) < 0)
		return t->now;
	return when < t->now ? when : t->now;
}

/* ---- fill ---- */

/* What stood there before, in the field or in its stamp; else counted anew. */
static struct json end_of(const struct target *t, const struct path *field,
			  int64_t ttl)
{
	const struct subject *s = t->subject;
	const struct json *old = path_get(s->old_object, field);

	if (lifetime_is_stamped(t) && !json_is(old, JSON_STRING))
		old = path_get(s->old_object, &lifetime_stamp);
	if (s->operation != OPERATION_CREATE && json_is(old, JSON_STRING))
		return *old;
	return json_make_string(timestamp_str(t->arena, created(t) + ttl));
}

static void fill(const struct fill *f)
{
	const struct target *t = f->target;
	int64_t ttl = seconds(t->tier->lifecycle.ttl_default);
	struct lifetime_field field;
	struct wish wish;
	struct json end;

	read_wish(t, &wish);
	if (wish.set)
		ttl = wish.valid ? wish.seconds : 0;
	/* A wish beyond the maximum is refused, not cut. */
	if (!ttl || (max_of(t) && ttl > max_of(t)) || !lifetime_is_own(t))
		return;
	lifetime_field(t, STR("shutdownTime"), &field);
	if (json_is_set(path_get(&f->edit->root, field.path)))
		return;
	end = end_of(t, field.path, ttl);
	fill_object(f, field.path, end);
	if (lifetime_is_stamped(t))
		fill_object(f, &lifetime_stamp, end);
}

/* ---- check ---- */

static struct str wanted_until(const struct target *t)
{
	if (!max_of(t))
		return STR("a time in RFC 3339, such as 2030-01-31T12:00:00Z");
	return arena_printf(
		t->arena, "a time no later than %.*s (%.*s after creation)",
		STR_ARG(timestamp_str(t->arena, created(t) + max_of(t))),
		STR_ARG(duration_short(t->arena, t->tier->lifecycle.ttl_max)));
}

/* False when the wish cannot be granted: told then. */
static bool check_wish(const struct check *c, const struct wish *w)
{
	const struct target *t = c->target;
	struct path metadata = PATH_KEY(NULL, "metadata");
	struct path annotations = PATH_KEY(&metadata, "annotations");
	struct path key = PATH_KEY(&annotations, ANNOTATION_TTL);
	struct says says = { .wanted = STR("a duration such as 90m") };
	struct str max;

	if (!w->set || (w->valid && (!max_of(t) || w->seconds <= max_of(t))))
		return true;
	says.found =
		w->valid ? says_is(t->arena, w->value) : str_of(w->err.msg);
	if (max_of(t)) {
		max = duration_short(t->arena, t->tier->lifecycle.ttl_max);
		says.wanted = arena_printf(
			t->arena, "a duration of at most %.*s", STR_ARG(max));
	}
	check_object(c, &key, says);
	return false;
}

static struct str fix_of(const struct target *t)
{
	if (t->tier->lifecycle.ttl_default)
		return STR("leave it out: it is filled in; for another time, "
			   "set the annotation " ANNOTATION_TTL);
	return STR("set a time, or the annotation " ANNOTATION_TTL
		   " to a duration");
}

/* What is wrong with a time that is set; p NULL when nothing is. */
static struct str judge(const struct target *t, const struct json *v)
{
	struct arena *a = t->arena;
	struct error err;
	int64_t when;

	if (!json_is(v, JSON_STRING))
		return says_is(a, v);
	if (timestamp_parse(json_str(v), &when, &err) < 0)
		return arena_str(a, str_of(err.msg));
	if (t->subject->operation == OPERATION_CREATE && when <= t->now)
		return arena_printf(a, "%.*s, which is past",
				    STR_ARG(says_is(a, v)));
	if (max_of(t) && when > created(t) + max_of(t) + SKEW_SECONDS)
		return says_is(a, v);
	return STR_NONE;
}

static void report(const struct check *c, const struct path *path,
		   struct str found)
{
	const struct target *t = c->target;

	if (found.p)
		check_object(c, path,
			     (struct says){ .found = found,
					    .wanted = wanted_until(t),
					    .fix = fix_of(t) });
}

static void check(const struct check *c)
{
	const struct target *t = c->target;
	const struct json *stamp = path_get(t->object, &lifetime_stamp);
	bool stamped = t->kind == SUBJECT_CLAIM && json_is_set(stamp);
	bool required =
		t->tier->lifecycle.ttl_default || t->tier->lifecycle.ttl_max;
	struct lifetime_field field;
	const struct json *v;
	struct wish wish;
	bool granted;

	read_wish(t, &wish);
	if ((!required && !wish.set) || !lifetime_is_own(t))
		return;
	granted = check_wish(c, &wish);
	lifetime_field(t, STR("shutdownTime"), &field);
	v = path_get(t->object, field.path);
	if (json_is_set(v))
		report(c, field.path, judge(t, v));
	/* A wish that is mended fills the time in. */
	else if (!stamped && granted)
		report(c, field.path, STR("is not set"));
	if (stamped)
		report(c, &lifetime_stamp, judge(t, stamp));
}

const struct rule rule_lifecycle_ttl = {
	.id = "lifecycle.ttl",
	.kinds = SUBJECT_SANDBOX | SUBJECT_CLAIM,
	.title = "Every sandbox has an end",
	.doc = "A Sandbox needs `spec.shutdownTime`, a SandboxClaim "
	       "`spec.lifecycle.shutdownTime`, no later than the tier's "
	       "`lifecycle.ttl.max` after creation: an agent that is forgotten "
	       "keeps its network, its secrets and its bill. Where it is unset "
	       "it is filled in at creation as now plus the tier's default, or "
	       "plus the duration in the annotation `bulkhead.dev/ttl` (`90m`, "
	       "`8h`). An update that leaves the time out keeps the time that "
	       "was there; to live longer, write a later time, up to the "
	       "maximum.\n\n"
	       "A SandboxClaim of `v1alpha1` gets the annotation "
	       "`bulkhead.dev/expires-at` beside the field: the first release "
	       "of the API has no field, and drops what is filled in there. "
	       "The annotation counts only where the field is not set, and "
	       "its time is held to the same maximum.\n\n"
	       "`ttlSecondsAfterFinished` is no substitute: an agent that "
	       "never "
	       "finishes never expires. Sandboxes of a claim or a warm pool "
	       "are left alone, because the claim's time governs them. Clocks "
	       "may differ by a minute.",
	.fields = "spec.shutdownTime (Sandbox)\n"
		  "spec.lifecycle.shutdownTime (SandboxClaim)\n"
		  "metadata.annotations[bulkhead.dev/ttl]\n"
		  "metadata.annotations[bulkhead.dev/expires-at]",
	.fill = fill,
	.check = check,
};
