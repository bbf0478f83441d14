/* label.reserved: keys under bulkhead.dev/ say what Bulkhead decided. */
#include "policies/lifetime.h"
#include "policies/metadata_keys.h"
#include "policies/requester.h"
#include "policies/rules/all.h"
#include "policies/says.h"

#include <strings.h>

/* bulkhead.dev/x and a.bulkhead.dev/x, in any case; not xbulkhead.dev/x. */
static bool is_reserved(struct str key)
{
	static const struct str domain = STR_INIT("bulkhead.dev");
	size_t slash = str_find(key, '/');

	if (slash == key.n || slash < domain.n ||
	    strncasecmp(key.p + slash - domain.n, domain.p, domain.n) != 0)
		return false;
	return slash == domain.n || key.p[slash - domain.n - 1] == '.';
}

static bool is_tier_label(const struct metadata_key *key)
{
	return key->map == METADATA_LABELS && str_is(key->key, LABEL_TIER);
}

/* What people may write: their wishes. */
static bool is_wish(const struct target *t, const struct metadata_key *key)
{
	if (key->place != METADATA_OBJECT)
		return false;
	if (is_tier_label(key))
		return t->kind & SUBJECT_AGENT;
	/* Filled in by lifecycle.ttl, and judged there whoever wrote it. */
	if (key->map == METADATA_ANNOTATIONS && lifetime_is_stamped(t) &&
	    str_is(key->key, ANNOTATION_EXPIRES_AT))
		return true;
	return key->map == METADATA_ANNOTATIONS &&
	       str_is(key->key, ANNOTATION_TTL) &&
	       (t->kind & (SUBJECT_SANDBOX | SUBJECT_CLAIM));
}

static struct str tell_fix(const struct metadata_key *key)
{
	if (str_is(key->key, LABEL_TIER))
		return STR("remove it; a tier is asked for by this label on "
			   "the Sandbox, SandboxTemplate, SandboxClaim or "
			   "SandboxWarmPool itself");
	if (str_is(key->key, ANNOTATION_TTL))
		return STR("remove it; a lifetime is asked for by this "
			   "annotation on the Sandbox or SandboxClaim itself");
	return STR("remove it");
}

static void judge(const struct check *c, const struct metadata_key *key)
{
	const struct target *t = c->target;
	enum requester who;

	if (!is_reserved(key->key) || is_wish(t, key))
		return;
	/* The stamp of a Pod has its own check. */
	if (t->kind == SUBJECT_POD && is_tier_label(key))
		return;
	who = requester_of(t->subject);
	if (who == REQUESTER_BULKHEAD || who == REQUESTER_NONE ||
	    metadata_unchanged(key))
		return;
	metadata_report(
		c, key,
		(struct says){ STR("is a key that only Bulkhead writes"),
			       STR("no such key"), tell_fix(key) });
}

static const struct path metadata_path = { NULL, STR_INIT("metadata"), 0 };
static const struct path labels_path = { &metadata_path, STR_INIT("labels"),
					 0 };
static const struct path tier_path = { &labels_path, STR_INIT(LABEL_TIER), 0 };

static bool is_created(const struct subject *s)
{
	return s->operation == OPERATION_CREATE && !s->subresource.n;
}

static void fill(const struct fill *f)
{
	const struct target *t = f->target;

	if (t->kind == SUBJECT_POD && is_created(t->subject) &&
	    t->selection->effective)
		fill_object(f, &tier_path,
			    json_make_string(t->selection->effective->name));
}

static struct str tell_stamp_fix(const struct subject *s, const struct json *v)
{
	if (!is_created(s))
		return STR("leave it as it was when the Pod was made");
	return json_is_set(v) ? STR("remove it, then it is filled in")
			      : STR("set it");
}

/*
 * The stamp decides which network policies select the Pod. It is what was
 * decided when the Pod was made, and stays so.
 */
static void check_stamp(const struct check *c)
{
	const struct target *t = c->target;
	const struct json *v = path_get(t->object, &tier_path);
	const struct json *old = path_get(t->subject->old_object, &tier_path);
	struct str wanted = t->selection->effective->name;

	if (is_created(t->subject)) {
		if (json_str_is(v, wanted))
			return;
	} else {
		if (t->subject->operation != OPERATION_UPDATE ||
		    json_equal(v, old) ||
		    requester_of(t->subject) == REQUESTER_BULKHEAD)
			return;
		if (json_exists(old))
			wanted = json_str(old);
		else if (json_str_is(v, wanted))
			return;
	}
	check_object(c, &tier_path,
		     (struct says){ says_is(t->arena, v), wanted,
				    tell_stamp_fix(t->subject, v) });
}

static void check(const struct check *c)
{
	const struct target *t = c->target;
	const struct tier *effective = t->selection->effective;

	/* The same for every tier that runs beside: said once. */
	if (effective && t->tier && t->tier != effective)
		return;
	metadata_each(c, METADATA_OBJECT | METADATA_POD | METADATA_ADDITIONAL,
		      METADATA_LABELS | METADATA_ANNOTATIONS, judge);
	if (t->kind == SUBJECT_POD && effective)
		check_stamp(c);
}

const struct rule rule_label_reserved = {
	.id = "label.reserved",
	.kinds = SUBJECT_ALL,
	.title = "Keys under bulkhead.dev/ are Bulkhead's own",
	.doc = "People write two keys: the label `bulkhead.dev/tier` on "
	       "Sandboxes, SandboxTemplates, SandboxClaims and "
	       "SandboxWarmPools, and the annotation `bulkhead.dev/ttl` on "
	       "Sandboxes and SandboxClaims. On SandboxClaims of `v1alpha1` "
	       "the annotation `bulkhead.dev/expires-at` is filled in. All "
	       "other labels and annotations "
	       "under `bulkhead.dev/` or a subdomain of it are refused: on "
	       "the object, in its Pod template and in a claim's "
	       "`additionalPodMetadata`. A key that an update leaves as it "
	       "was is not refused.\n\n"
	       "A Pod is stamped with `bulkhead.dev/tier` when it is created. "
	       "Network policies select Pods by this label, so another value, "
	       "a missing one and every later change are refused. There is no "
	       "good reason for an exception.",
	.fields = "metadata.labels\nmetadata.annotations\n"
		  "spec.podTemplate.metadata\nspec.additionalPodMetadata",
	.always = true,
	.fill = fill,
	.check = check,
};
