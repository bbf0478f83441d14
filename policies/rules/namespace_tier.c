/* namespace.tier: the labels by which a namespace has a tier name tiers. */
#include "policies/rules/all.h"
#include "policies/says.h"

static const struct path metadata_at = { NULL, STR_INIT("metadata"), 0 };
static const struct path labels_at = { &metadata_at, STR_INIT("labels"), 0 };

static const struct str keys[] = {
	STR_INIT(LABEL_ENFORCE),
	STR_INIT(LABEL_WARN),
	STR_INIT(LABEL_AUDIT),
};

/* A label that was let in before is only told: the tier may be new. */
static void check_name(const struct check *c, struct str key)
{
	const struct target *t = c->target;
	struct path path = path_key(&labels_at, key);
	const struct json *v = path_get(t->object, &path);
	const struct json *old = path_get(t->subject->old_object, &path);
	bool stays = json_exists(old) && json_equal(v, old);
	struct str names;

	if (!json_exists(v) || snapshot_tier(t->snapshot, json_str(v)))
		return;
	names = snapshot_tier_names(t->arena, t->snapshot);
	check_object_as(
		c, stays ? ACTION_WARN : c->action, STR_NONE, &path,
		(struct says){ says_is(t->arena, v),
			       arena_printf(t->arena, "a tier: one of %.*s",
					    STR_ARG(names)),
			       snapshot_tier_fix(t->arena, t->snapshot,
						 json_str(v)) });
}

static void check_lowered(const struct check *c)
{
	const struct target *t = c->target;
	struct path path = PATH_KEY(&labels_at, LABEL_ENFORCE);
	const struct json *now = path_get(t->object, &path);
	const struct tier *before = snapshot_tier(
		t->snapshot, json_str(path_get(t->subject->old_object, &path)));
	const struct tier *after = snapshot_tier(t->snapshot, json_str(now));

	if (t->subject->operation != OPERATION_UPDATE || !before ||
	    (after && after->strength >= before->strength) ||
	    (!after && json_is_set(now)))
		return;
	check_object_as(
		c, ACTION_WARN, STR_NONE, &path,
		(struct says){
			arena_printf(t->arena, "%s, it was \"%.*s\"",
				     says_is(t->arena, now).p,
				     STR_ARG(before->name)),
			STR("the same tier or a stronger one"),
			STR("make sure that the namespace needs less") });
}

static bool is_known(struct str key)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (str_eq(key, keys[i]))
			return true;
	return !str_starts(key, STR(KEY_PREFIX));
}

/* "bulkhead.dev/enforec" looks like a floor and is none. */
static void check_keys(const struct check *c)
{
	const struct target *t = c->target;
	const struct json *labels = path_get(t->object, &labels_at);

	json_each_member(m, labels) {
		struct path path = path_key(&labels_at, m->key);
		bool stays =
			json_exists(path_get(t->subject->old_object, &path));

		if (is_known(m->key))
			continue;
		check_object_as(
			c, stays ? ACTION_WARN : c->action, STR_NONE, &path,
			(struct says){ STR("is no label that Bulkhead reads"),
				       STR(LABEL_ENFORCE ", " LABEL_WARN
							 " or " LABEL_AUDIT),
				       STR("correct the key, or remove the "
					   "label") });
	}
}

static void check_map(const struct check *c)
{
	const struct target *t = c->target;
	const struct json *labels = path_get(t->object, &labels_at);

	if (json_is_set(labels) && !json_is(labels, JSON_OBJECT))
		check_object(c, &labels_at,
			     (struct says){ says_is(t->arena, labels),
					    STR("a map"),
					    STR("write it as key: value "
						"pairs") });
}

static void check(const struct check *c)
{
	check_map(c);
	check_keys(c);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		check_name(c, keys[i]);
	check_lowered(c);
}

const struct rule rule_namespace_tier = {
	.id = "namespace.tier",
	.kinds = SUBJECT_NAMESPACE,
	.title = "The tier labels of a namespace name existing tiers",
	.doc = "The labels `bulkhead.dev/enforce`, `bulkhead.dev/warn` and "
	       "`bulkhead.dev/audit` of a Namespace must name tiers that "
	       "exist: with a name that is no tier, nothing in the namespace "
	       "would be admitted. Other labels under `bulkhead.dev/` are "
	       "refused: a misspelt one would look like a floor. A label that "
	       "an update leaves as it was is "
	       "only told.\n\n"
	       "An update that removes `enforce` or names a weaker tier there "
	       "is warned of, not refused: who may change a Namespace's "
	       "labels may change its tier. Give no tenant the verbs "
	       "`update` and `patch` on namespaces, or set floors by "
	       "namespace in an IsolationPolicy, which no label can lower.",
	.fields = "metadata.labels[" KEY_PREFIX "*]\n"
		  "metadata.labels[" LABEL_ENFORCE "]\n"
		  "metadata.labels[" LABEL_WARN "]\n"
		  "metadata.labels[" LABEL_AUDIT "]",
	.always = true,
	.check = check,
};
