/* From conditions to an apply of the status subresource. */
#include "controller/status_body.h"

#include "policies/kinds.h"

#define SECOND INT64_C(1000000000)

/* Those of ours; what else stands in the list is not ours to compare. */
static const char *const own_types[] = {
	"Ready",
	"Reconciling",
	"Stalled",
	"RuntimeClassAvailable",
	"EgressEnforceable",
	"Conflicted",
	"Expired",
};

bool status_open(struct status *s, const struct world *world,
		 const struct queue_key *key, const char *kind,
		 struct plan *plan)
{
	*s = (struct status){ .world = world, .plan = plan, .namespaces = -1 };
	s->object = inventory_get(world->inventory, STR(GROUP_BULKHEAD),
				  str_of(kind), STR(""), key->name);
	if (!s->object)
		return false;
	if (!json_is_set(
		    json_at(&s->object->doc, "metadata", "deletionTimestamp")))
		return true;
	status_close(s);
	return false;
}

void status_close(struct status *s)
{
	inventory_object_unref(&s->object);
}

/* ---- standing ---- */

/* "IsolationTier x: ..." is about x. */
static bool is_blamed(const struct status *s)
{
	struct str who = arena_printf(s->plan->arena,
				      "%.*s %.*s: ", STR_ARG(s->object->kind),
				      STR_ARG(s->object->name));

	return str_starts(s->world->refused, who);
}

void status_stand(struct status *s, const struct json *spec)
{
	if (s->world->refused.n)
		s->standing = is_blamed(s) ? STATUS_AT_FAULT : STATUS_WAITING;
	else if (!json_equal(spec, json_get(&s->object->doc, STR("spec"))))
		s->standing = STATUS_LOADING;
	else
		s->standing = STATUS_IN_USE;
}

/* ---- conditions ---- */

void status_add(struct status *s, const char *type, enum condition_status is,
		const char *reason, struct str message)
{
	if (s->n == STATUS_CONDITIONS_MAX)
		BUG("this many conditions");
	s->conditions[s->n++] = (struct condition){ type, is, reason, message };
}

static void add_refused(struct status *s)
{
	struct arena *a = s->plan->arena;
	struct str why = s->world->refused;

	if (s->standing == STATUS_AT_FAULT) {
		status_add(s, "Ready", CONDITION_FALSE, "InvalidSpec", why);
		status_add(s, "Stalled", CONDITION_TRUE, "InvalidSpec", why);
		return;
	}
	status_add(s, "Ready", CONDITION_FALSE, "SetRefused",
		   arena_printf(a,
				"waits until another object is mended, the set "
				"before it stays in use: %.*s",
				STR_ARG(why)));
}

void status_add_ready(struct status *s, bool pending, const char *reason,
		      struct str message)
{
	switch (s->standing) {
	case STATUS_IN_USE:
		status_add(s, "Ready",
			   pending ? CONDITION_FALSE : CONDITION_TRUE, reason,
			   message);
		if (pending)
			status_add(s, "Reconciling", CONDITION_TRUE, reason,
				   message);
		return;
	case STATUS_LOADING:
		status_add(s, "Ready", CONDITION_UNKNOWN, "Loading",
			   STR("it is being loaded"));
		status_add(s, "Reconciling", CONDITION_TRUE, "Loading",
			   STR("it is being loaded"));
		plan_again(s->plan, SECOND);
		return;
	case STATUS_AT_FAULT:
	case STATUS_WAITING:
		add_refused(s);
		return;
	}
}

/* ---- writing ---- */

static const struct json *find(const struct json *conditions, struct str type)
{
	json_each_item(c, conditions) {
		if (json_str_is(json_get(c, STR("type")), type))
			return c;
	}
	return &json_missing;
}

static const struct json *conditions_of(const struct status *s)
{
	return json_at(&s->object->doc, "status", "conditions");
}

const struct json *status_observed(const struct status *s, const char *type)
{
	return find(conditions_of(s), str_of(type));
}

static struct json make(const struct status *s)
{
	struct arena *a = s->plan->arena;
	const struct json *doc = &s->object->doc;
	struct json status = json_make_object();
	int64_t generation = 0;

	(void)json_int(json_at(doc, "metadata", "generation"), &generation);
	json_add(a, &status, STR("observedGeneration"),
		 json_make_int(a, generation));
	if (s->namespaces >= 0)
		json_add(a, &status, STR("matchedNamespaces"),
			 json_make_int(a, s->namespaces));
	json_add(a, &status, STR("conditions"),
		 conditions_make(a, s->conditions, s->n, conditions_of(s),
				 generation, world_seconds(s->world)));
	return status;
}

/* As a map by type: the server keeps its own order. */
static bool same_conditions(const struct json *wanted,
			    const struct json *observed)
{
	for (size_t i = 0; i < ARRAY_LEN(own_types); i++)
		if (!json_equal(find(wanted, str_of(own_types[i])),
				find(observed, str_of(own_types[i]))))
			return false;
	return true;
}

static bool is_there(const struct json *wanted, const struct json *observed)
{
	json_each_member(m, wanted) {
		const struct json *is = json_get(observed, m->key);

		if (str_is(m->key, "conditions")
			    ? !same_conditions(&m->value, is)
			    : !json_equal(&m->value, is))
			return false;
	}
	return true;
}

static void apply(struct status *s, struct json status)
{
	struct plan_action *action = plan_action(s->plan, ACTION_STATUS);
	struct arena *a = s->plan->arena;
	struct json metadata = json_make_object();

	action->resource = plan_resource(s->object);
	action->name = arena_str(a, s->object->name);
	json_add(a, &metadata, STR("name"), json_make_string(action->name));
	action->body = json_make_object();
	json_add(a, &action->body, STR("apiVersion"),
		 json_make_string(STR(GROUP_BULKHEAD "/v1alpha1")));
	json_add(a, &action->body, STR("kind"),
		 json_make_string(str_of(action->resource.kind)));
	json_add(a, &action->body, STR("metadata"), metadata);
	json_add(a, &action->body, STR("status"), status);
}

/*
 * What is being loaded is so for a moment only: who has a status already keeps
 * it, its observedGeneration says that it is of before.
 */
void status_write(struct status *s)
{
	struct json wanted;

	if (s->standing == STATUS_LOADING && json_len(conditions_of(s)))
		return;
	wanted = make(s);
	if (!is_there(&wanted, json_get(&s->object->doc, STR("status"))))
		apply(s, wanted);
}
