/* Finds the volume claims of an object, wherever its kind keeps them. */
#include "policies/volume_claims.h"

struct visit {
	bool (*fn)(const struct volume_claim *claim, void *context);
	void *context;
	const struct json *replaced_by; /* a list of claims, or missing */
};

static struct str name_of(const struct json *claim)
{
	return json_str(json_at(claim, "metadata", "name"));
}

static bool replaced(const struct visit *v, struct str name)
{
	json_each_item(claim, v->replaced_by) {
		if (name.n && str_eq(name_of(claim), name))
			return true;
	}
	return false;
}

static bool each_template(const struct visit *v,
			  enum volume_claim_source source,
			  const struct json *list)
{
	struct volume_claim claim = { .source = source, .json = list };

	if (json_is_set(list) && !json_is(list, JSON_ARRAY))
		return v->fn(&claim, v->context);
	json_each_item(item, list) {
		claim.json = item;
		claim.name = name_of(item);
		if (!replaced(v, claim.name) && !v->fn(&claim, v->context))
			return false;
		claim.index++;
	}
	return true;
}

static void each_volume(const struct visit *v, const struct json *volumes)
{
	struct volume_claim claim = { .source = VOLUME_CLAIM_POD };

	json_each_item(volume, volumes) {
		const struct json *ephemeral =
			json_get(volume, STR("ephemeral"));

		claim.json = json_get(ephemeral, STR("volumeClaimTemplate"));
		claim.name = json_str(json_get(volume, STR("name")));
		if (json_is_set(ephemeral) && !v->fn(&claim, v->context))
			return;
		claim.index++;
	}
}

void volume_claims_each(const struct target *t,
			bool (*fn)(const struct volume_claim *claim,
				   void *context),
			void *context)
{
	struct visit v = { fn, context, &json_missing };
	const struct json *own = json_get(t->spec, STR("volumeClaimTemplates"));

	if (!each_template(&v, VOLUME_CLAIM_OBJECT, own))
		return;
	if (t->kind & (SUBJECT_CLAIM | SUBJECT_POOL)) {
		v.replaced_by = own;
		if (!each_template(&v, VOLUME_CLAIM_TEMPLATE,
				   json_at(t->template, "spec",
					   "volumeClaimTemplates")))
			return;
	}
	each_volume(&v, json_get(t->pod_spec, STR("volumes")));
}
