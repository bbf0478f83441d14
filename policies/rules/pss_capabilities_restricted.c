/*
 * Pod Security Standards, Restricted, from v1.22 on: containers drop ALL and
 * add at most NET_BIND_SERVICE. Replaces pss.capabilities.
 */
#include "policies/rules/all.h"

#include "policies/pod_security.h"

static void fill(const struct fill *f)
{
	struct path context = PATH_KEY(NULL, "securityContext");
	struct path set = PATH_KEY(&context, "capabilities");
	struct path path = PATH_KEY(&set, "drop");
	const struct target *t = f->target;

	if (!pod_security_restricted(t, 22) || t->windows)
		return;
	target_each_container(k, t)
	{
		struct json drop = json_make_array();

		if (k->type == CONTAINER_EPHEMERAL ||
		    json_is_set(json_at(k->json, "securityContext",
					"capabilities", "drop")))
			continue;
		json_append(t->arena, &drop, json_make_string(STR("ALL")));
		fill_container(f, k, &path, drop);
	}
}

static void look_drop(const struct place *set)
{
	struct place drop = place_get(set, STR("drop"), JSON_ARRAY);

	if (drop.wrong)
		return;
	json_each_item(v, drop.json) {
		if (json_str_is(v, STR("ALL")))
			return;
	}
	place_report(&drop,
		     (struct says){
			     json_exists(drop.json) ? STR("is without ALL")
						    : STR("is not set"),
			     STR("ALL in it"),
			     STR("set it to [ALL]"),
		     });
}

static void look_add(const struct place *set)
{
	struct place add = place_get(set, STR("add"), JSON_ARRAY);

	for (size_t i = 0; i < json_len(add.json); i++) {
		struct place v = place_item(&add, i, JSON_STRING);

		if (!v.wrong && !json_str_is(v.json, STR("NET_BIND_SERVICE")))
			place_report_value(&v, STR("NET_BIND_SERVICE at most"),
					   STR("remove it from the list"));
	}
}

static void look(const struct place *container)
{
	struct place context =
		place_get(container, STR("securityContext"), JSON_OBJECT);
	struct place set =
		place_get(&context, STR("capabilities"), JSON_OBJECT);

	look_drop(&set);
	look_add(&set);
}

static void check(const struct check *c)
{
	const struct target *t = c->target;

	if (!pod_security_restricted(t, 22) || pod_security_is_windows(t))
		return;
	target_each_container(k, t)
	{
		struct place container = place_container(c, k);

		look(&container);
	}
}

const struct rule rule_pss_capabilities_restricted = {
	.id = "pss.capabilitiesRestricted",
	.kinds = SUBJECT_ALL,
	.title = "Containers drop all capabilities",
	.doc = "Capabilities are pieces of root's power. Every "
	       "container must "
	       "drop `ALL` and may add back `NET_BIND_SERVICE` only, "
	       "to "
	       "listen on a port below 1024. Names are in capitals, "
	       "without "
	       "`CAP_`.\n"
	       "\n"
	       "`drop: [ALL]` is filled in where nothing is dropped; a "
	       "list "
	       "that someone wrote stays as it is. Not demanded of "
	       "Windows "
	       "Pods from v1.25 on. Replaces `pss.capabilities` from "
	       "v1.22 on.",
	.fields = IN_EVERY_CONTAINER("securityContext.capabilities"),
	.fill = fill,
	.check = check,
};
